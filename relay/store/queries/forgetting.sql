-- Letting go of what is old, in small batches.

-- name: oldest_uplinks
SELECT id, callback_id, received_at_ms, unclaimed FROM uplinks WHERE id > :after ORDER BY id LIMIT :limit;

-- name: old_unclaimed
SELECT id FROM uplinks WHERE unclaimed = 1 AND received_at_ms < :before_ms LIMIT :limit;

-- name: forget_attempts_of_uplink
DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE uplink_id = :id);

-- name: go_on_after_forgotten
UPDATE endpoints SET draining = 1, drain_until_ms = NULL
WHERE ordered = 1 AND id IN (SELECT endpoint_id FROM deliveries WHERE uplink_id = :id AND state = 'waiting');

-- name: forget_deliveries_of_uplink
DELETE FROM deliveries WHERE uplink_id = :id;

-- name: forget_uplink
DELETE FROM uplinks WHERE id = :id;

-- name: forget_callbacks
DELETE FROM callbacks
WHERE id IN (SELECT id FROM callbacks ORDER BY id LIMIT :limit) AND received_at_ms < :before_ms
RETURNING id;

-- name: forget_attempts
DELETE FROM attempts
WHERE (delivery_id, number) IN (SELECT delivery_id, number FROM attempts ORDER BY delivery_id, number LIMIT :limit)
    AND at_ms < :before_ms
RETURNING delivery_id;
