-- Payloads for charts. All of it is read from the unique index of uplinks but the few that a thinned look picks.

-- name: payloads_of_device
SELECT time, data FROM (
    SELECT time, seq_number, data, kind FROM uplinks WHERE device = :device AND time >= :since AND time < :until
    ORDER BY time, seq_number, data, kind LIMIT :window
) AS w WHERE kind = 'data' ORDER BY time, seq_number, data LIMIT :limit;

-- name: thinned_payloads_of_device
WITH RECURSIVE steps (starts_at) AS (
    SELECT CAST(:since AS BIGINT) UNION ALL SELECT starts_at + :step FROM steps WHERE starts_at + :step < :until
)
SELECT u.time, u.data FROM (
    SELECT (
        SELECT id FROM uplinks WHERE device = :device AND time >= starts_at AND time < starts_at + :step AND kind = 'data'
        ORDER BY time, seq_number, data LIMIT 1
    ) AS id FROM steps
) AS w JOIN uplinks AS u ON u.id = w.id
ORDER BY u.time;
