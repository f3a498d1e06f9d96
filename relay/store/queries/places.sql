-- Where a device was: its newest callbacks that may tell. Bounded by the index's order, whatever there is.

-- name: telling_of_device
SELECT u.time, u.kind, u.data, u.more, u.radio FROM (
    SELECT id, time, seq_number, data, kind FROM uplinks WHERE device = :device
    ORDER BY time DESC, seq_number DESC, data DESC, kind DESC LIMIT :window
) AS w JOIN uplinks AS u ON u.id = w.id
WHERE w.kind IN ('data', 'geoloc') ORDER BY w.time DESC, w.seq_number DESC, w.data DESC, w.kind DESC;
