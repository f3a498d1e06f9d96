-- Looking at deliveries.

-- name: find_delivery
SELECT d.id, d.webhook_id, d.uplink_id, d.endpoint_id, d.state, d.attempts, d.tries, d.due_at_ms, d.leased_by, d.cause,
    d.created_at_ms, d.settled_at_ms, u.device_text, u.time, u.data, e.host
FROM deliveries AS d JOIN uplinks AS u ON u.id = d.uplink_id LEFT JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE d.id = :id;

-- Looks no further than a window, so that what is rare does not keep others from the database for long.
-- name: list_deliveries
SELECT d.id, d.webhook_id, d.uplink_id, d.endpoint_id, d.state, d.attempts, d.tries, d.due_at_ms, d.leased_by, d.cause,
    d.created_at_ms, d.settled_at_ms, u.device_text, u.time, u.data, e.host
FROM (SELECT * FROM deliveries WHERE id < :before ORDER BY id DESC LIMIT :window) AS d
JOIN uplinks AS u ON u.id = d.uplink_id LEFT JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE :state = '' OR d.state = :state
ORDER BY d.id DESC LIMIT :limit;

-- name: end_of_window
SELECT COUNT(*) AS count, MIN(id) AS first_id
FROM (SELECT id FROM deliveries WHERE id < :before ORDER BY id DESC LIMIT :window) AS looked_at;

-- name: list_deliveries_of_device
SELECT d.id, d.webhook_id, d.uplink_id, d.endpoint_id, d.state, d.attempts, d.tries, d.due_at_ms, d.leased_by, d.cause,
    d.created_at_ms, d.settled_at_ms, u.device_text, u.time, u.data, e.host
FROM uplinks AS u JOIN deliveries AS d ON d.uplink_id = u.id LEFT JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE u.device = :device AND d.id < :before AND (:state = '' OR d.state = :state)
ORDER BY d.id DESC LIMIT :limit;

-- name: next_open_endpoint
SELECT o.endpoint_id, e.host
FROM (
    SELECT endpoint_id FROM deliveries WHERE state <> 'delivered' AND endpoint_id > :after ORDER BY endpoint_id LIMIT 1
) AS o LEFT JOIN endpoints AS e ON e.id = o.endpoint_id;

-- name: count_open
SELECT 'waiting' AS state, COUNT(*) AS count
FROM (SELECT 1 AS one FROM deliveries WHERE state = 'waiting' LIMIT :most) AS waiting
UNION ALL
SELECT 'held' AS state, COUNT(*) AS count FROM (SELECT 1 AS one FROM deliveries WHERE state = 'held' LIMIT :most) AS held
UNION ALL
SELECT 'dead' AS state, COUNT(*) AS count FROM (SELECT 1 AS one FROM deliveries WHERE state = 'dead' LIMIT :most) AS dead;

-- The most are active; that name comes last, so what matters more is counted before the limit.
-- name: count_endpoints
SELECT state, COUNT(*) AS count FROM (SELECT state FROM endpoints ORDER BY state DESC LIMIT :most) AS counted GROUP BY state;

-- name: oldest_due
SELECT due_at_ms FROM deliveries WHERE state = 'waiting' ORDER BY due_at_ms LIMIT 1;
