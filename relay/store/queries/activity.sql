-- What people did to a device.

-- name: insert_activity
INSERT INTO activity (id, device, at_ms, actor, action, facts, address)
VALUES (:id, :device, :at_ms, :actor, :action, :facts, :address);

-- name: activity_of_device
SELECT id, at_ms, actor, action, facts, address FROM activity WHERE device = :device AND id < :before
ORDER BY id DESC LIMIT :limit;

-- Where its messages went.
-- name: address_changes_of_device
SELECT id, at_ms, actor, action, facts, address FROM activity WHERE device = :device
    AND action IN ('registered', 'url_changed', 'webhook_added', 'webhook_removed', 'change_undone')
ORDER BY id DESC LIMIT :limit;

-- name: forget_activity
WITH chosen AS (
    SELECT id FROM activity WHERE at_ms < :before_ms
    ORDER BY at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
DELETE FROM activity WHERE id IN (SELECT id FROM chosen)
RETURNING id;
