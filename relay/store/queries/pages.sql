-- What the pages of a device read. All of it is bounded: nobody who looks may hold up a message.

-- name: recent_messages
SELECT id, time, received_at_ms FROM (
    SELECT id, time, received_at_ms, kind FROM uplinks WHERE device = :device
    ORDER BY time DESC, seq_number DESC, data DESC, kind DESC LIMIT :window
) AS newest
WHERE kind = 'data' ORDER BY time DESC, id DESC LIMIT :limit;

-- name: open_of_endpoint
SELECT state, COUNT(*) AS count, MIN(due_at_ms) AS next_at_ms FROM (
    SELECT state, due_at_ms FROM deliveries
    WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held') AND state <> 'delivered' LIMIT :limit
) AS open_ones GROUP BY state;
