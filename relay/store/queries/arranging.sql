-- Arranging a device's endpoints.

-- name: read_arrangement
SELECT name, kinds, awaits_radio, ordered FROM endpoints WHERE id = :id;

-- name: arrange_endpoint
UPDATE endpoints
SET name = :name, kinds = :kinds, awaits_radio = :awaits_radio, options_sealed = :options_sealed,
    revision = revision + 1, changed_at_ms = :now_ms
WHERE id = :id RETURNING id;

-- What is under way ends, but changes nothing more.
-- name: bury_open
WITH chosen AS (
    SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held') AND state <> 'delivered'
    ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE */
)
UPDATE deliveries SET state = 'dead', cause = 'removed', leased_by = NULL, settled_at_ms = :now_ms
WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- name: delete_endpoint
DELETE FROM endpoints WHERE id = :id RETURNING device, position;

-- name: endpoints_behind
SELECT id, position FROM endpoints WHERE device = :device AND position > :position ORDER BY position;

-- name: set_position
UPDATE endpoints SET position = :position WHERE id = :id;
