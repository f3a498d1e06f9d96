-- Sending again.

-- Where messages go in order, it waits for its turn; at a closed endpoint until that opens.
-- name: replay_delivery
UPDATE deliveries
SET due_at_ms = :now_ms, tries = 0, crashes = 0, state = CASE
    WHEN EXISTS (SELECT 1 FROM endpoints WHERE id = deliveries.endpoint_id AND (ordered = 1 OR state <> 'active')) THEN 'held' ELSE 'waiting'
END
WHERE id = :id AND leased_by IS NULL
RETURNING id, endpoint_id, (SELECT device FROM endpoints WHERE endpoints.id = endpoint_id) AS device;

-- name: deliveries_to_resend
SELECT d.id, d.uplink_id, d.leased_by, e.host, e.state AS endpoint_state
FROM uplinks AS u JOIN deliveries AS d ON d.uplink_id = u.id JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE u.id = :uplink_id AND u.device = :device;

-- name: delivery_to_resend
SELECT d.id, d.uplink_id, d.leased_by, e.host, e.state AS endpoint_state
FROM deliveries AS d JOIN uplinks AS u ON u.id = d.uplink_id JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE d.id = :id AND u.device = :device;

-- name: count_to_replay
SELECT COUNT(*) AS count
FROM uplinks AS u JOIN deliveries AS d ON d.uplink_id = u.id
WHERE u.device = :device AND d.created_at_ms BETWEEN :since_ms AND :until_ms
    AND (:states = 'all' OR d.state = :states) AND d.state <> 'waiting';

-- name: count_open_to_replay
SELECT COUNT(*) AS count FROM (
    SELECT 1 AS one FROM endpoints AS e JOIN deliveries AS d ON d.endpoint_id = e.id
    WHERE e.device = :device AND d.state <> 'delivered' AND d.state = :states
        AND d.created_at_ms BETWEEN :since_ms AND :until_ms LIMIT :most
) AS open_ones;

-- name: next_open_to_replay
SELECT d.id FROM endpoints AS e JOIN deliveries AS d ON d.endpoint_id = e.id
WHERE e.device = :device AND d.state <> 'delivered' AND d.state = :states AND d.id > :cursor_id
    AND d.created_at_ms BETWEEN :since_ms AND :until_ms
ORDER BY d.id LIMIT :limit;

-- name: replays_of_device
SELECT id, device, states, since_ms, until_ms, total, done, state, created_at_ms FROM replays
WHERE device = :device ORDER BY id DESC LIMIT :limit;

-- name: insert_replay
INSERT INTO replays (id, device, states, since_ms, until_ms, cursor_id, total, done, state, created_at_ms)
VALUES (:id, :device, :states, :since_ms, :until_ms, 0, :total, 0, 'running', :now_ms);

-- name: running_replays
SELECT id, device, states, since_ms, until_ms, cursor_id, total, done FROM replays WHERE state = 'running'
ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: next_to_replay
SELECT d.id
FROM uplinks AS u JOIN deliveries AS d ON d.uplink_id = u.id
WHERE u.device = :device AND d.id > :cursor_id AND d.created_at_ms BETWEEN :since_ms AND :until_ms
    AND (:states = 'all' OR d.state = :states) AND d.state <> 'waiting'
ORDER BY d.id LIMIT :limit;

-- name: advance_replay
UPDATE replays SET cursor_id = :cursor_id, done = done + :count, state = :state
WHERE id = :id AND state = 'running';

-- name: list_replays
SELECT id, device, states, since_ms, until_ms, total, done, state, created_at_ms FROM replays
ORDER BY id DESC LIMIT :limit;

-- name: cancel_replay
UPDATE replays SET state = 'cancelled' WHERE id = :id AND state = 'running' RETURNING id, device;
