-- Payloads for charts. All of it is read from the unique index of uplinks but the few that a thinned look picks.

-- name: payloads_of_device
SELECT u.time, u.data, u.radio FROM (
    SELECT id, time, seq_number, data, kind FROM uplinks WHERE device = :device AND time >= :since AND time < :until
    ORDER BY time, seq_number, data, kind LIMIT :window
) AS w JOIN uplinks AS u ON u.id = w.id
WHERE w.kind = 'data' ORDER BY w.time, w.seq_number, w.data LIMIT :limit;

-- name: thinned_payloads_of_device
WITH RECURSIVE steps (starts_at) AS (
    SELECT CAST(:since AS BIGINT) UNION ALL SELECT starts_at + :step FROM steps WHERE starts_at + :step < :until
)
SELECT u.time, u.data, u.radio FROM (
    SELECT (
        SELECT id FROM uplinks WHERE device = :device AND time >= starts_at AND time < starts_at + :step AND kind = 'data'
        ORDER BY time, seq_number, data LIMIT 1
    ) AS id FROM steps
) AS w JOIN uplinks AS u ON u.id = w.id
ORDER BY u.time;

-- The attempts at the same messages, of which there are few.
-- name: attempts_of_payloads
SELECT d.endpoint_id, a.at_ms, a.duration_ms, a.status, a.cause FROM (
    SELECT id, time, seq_number, data, kind FROM uplinks WHERE device = :device AND time >= :since AND time < :until
    ORDER BY time, seq_number, data, kind LIMIT :window
) AS w JOIN deliveries AS d ON d.uplink_id = w.id JOIN attempts AS a ON a.delivery_id = d.id
WHERE w.kind = 'data' LIMIT :limit;

-- name: thinned_attempts_of_payloads
WITH RECURSIVE steps (starts_at) AS (
    SELECT CAST(:since AS BIGINT) UNION ALL SELECT starts_at + :step FROM steps WHERE starts_at + :step < :until
)
SELECT d.endpoint_id, a.at_ms, a.duration_ms, a.status, a.cause FROM (
    SELECT (
        SELECT id FROM uplinks WHERE device = :device AND time >= starts_at AND time < starts_at + :step AND kind = 'data'
        ORDER BY time, seq_number, data LIMIT 1
    ) AS id FROM steps
) AS w JOIN deliveries AS d ON d.uplink_id = w.id JOIN attempts AS a ON a.delivery_id = d.id
LIMIT :limit;
