-- How endpoints fare.

-- Queries of one endpoint's open deliveries say `state <> 'delivered'` as well: only then SQLite takes the index that
-- has these alone, by endpoint.

-- name: read_health
SELECT id, state, failures, failing_since_ms, probes, probe_at_ms, cause FROM endpoints WHERE id = :id
/* postgresql: FOR UPDATE */;

-- name: write_health
UPDATE endpoints
SET state = :state, failures = :failures, failing_since_ms = :failing_since_ms, probes = :probes,
    probe_at_ms = :probe_at_ms, probe_delivery_id = NULL, cause = :cause,
    draining = CASE WHEN :opened = 1 THEN 1 ELSE draining END,
    drain_until_ms = CASE WHEN :opened = 1 THEN NULL ELSE drain_until_ms END
WHERE id = :id;

-- name: endpoints_to_probe
SELECT id, device, ordered FROM endpoints WHERE probe_at_ms <= :now_ms ORDER BY probe_at_ms LIMIT :limit
/* postgresql: FOR UPDATE SKIP LOCKED */;

-- The oldest of those whose next try is due, else the one whose next try is due first.
-- name: next_held_with_tries
SELECT id, due_at_ms FROM (
    SELECT id, due_at_ms FROM deliveries
    WHERE endpoint_id = :endpoint_id AND state = 'held' AND state <> 'delivered' AND tries < :most_tries ORDER BY id LIMIT 100
) AS oldest
ORDER BY CASE WHEN due_at_ms <= :now_ms THEN 0 ELSE due_at_ms END, id LIMIT 1;

-- name: oldest_held
SELECT id, due_at_ms FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' AND state <> 'delivered'
ORDER BY id LIMIT 1;

-- name: start_probe
UPDATE endpoints SET probe_delivery_id = :delivery_id, probe_at_ms = :probe_at_ms WHERE id = :id;

-- name: make_due
UPDATE deliveries
SET state = 'waiting', due_at_ms = :now_ms, tries = CASE WHEN tries < :most_tries THEN tries ELSE 0 END
WHERE id = :id AND state = 'held';

-- Each turn brings them in another order, as 997 is a prime number.
-- An ordered endpoint whose message waits for a later try has to wait for it as well. Few endpoints drain and most are
-- active: COALESCE keeps SQLite from the index by state.
-- name: endpoints_to_drain
SELECT id, device, ordered FROM endpoints
WHERE draining = 1 AND COALESCE(state, '') = 'active' AND (ordered = 0 OR NOT EXISTS (
    SELECT 1 FROM deliveries
    WHERE endpoint_id = endpoints.id AND deliveries.state = 'waiting' AND deliveries.state <> 'delivered'
))
ORDER BY CASE WHEN drain_until_ms IS NULL THEN 0 ELSE 1 END, (id % 997) * :turn % 997 LIMIT :limit
/* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: waiting_of_endpoint
SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND state <> 'delivered' LIMIT :limit;

-- name: due_at_endpoint
SELECT id FROM deliveries
WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND state <> 'delivered'
    AND (leased_by IS NOT NULL OR due_at_ms <= :now_ms)
LIMIT :limit;

-- A new round: the endpoint was closed when the old tries were spent. What was never tried may wait for the radio
-- details still.
-- name: release_held
WITH chosen AS (
    SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' AND state <> 'delivered'
    ORDER BY id LIMIT :limit
    /* postgresql: FOR UPDATE */
)
UPDATE deliveries
SET state = 'waiting', tries = 0,
    due_at_ms = CASE WHEN attempts = 0 AND due_at_ms > :now_ms THEN due_at_ms ELSE :now_ms END
WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- The first time that nothing is left, the end is set; until then it is looked for what another node held late.
-- name: drained
UPDATE endpoints
SET draining = CASE WHEN drain_until_ms <= :now_ms THEN 0 ELSE 1 END,
    drain_until_ms = CASE WHEN drain_until_ms <= :now_ms THEN NULL ELSE COALESCE(drain_until_ms, :until_ms) END
WHERE id = :id;

-- name: set_endpoint_state
UPDATE endpoints
SET state = :state, failures = 0, failing_since_ms = NULL, probes = 0, probe_at_ms = NULL, probe_delivery_id = NULL,
    cause = NULL, told = 0, told_since_ms = NULL, draining = :draining,
    drain_until_ms = NULL
WHERE id = :id RETURNING device;

-- name: set_ordered
UPDATE endpoints SET ordered = :ordered, draining = 1, drain_until_ms = NULL WHERE id = :id RETURNING device;

-- Where one ended without a word, the next one must not wait for it.
-- name: go_on_in_order
UPDATE endpoints SET draining = 1, drain_until_ms = NULL WHERE id = :endpoint_id AND ordered = 1;

-- name: endpoints_to_announce
SELECT id, device, host, state, failures, failing_since_ms, probes, probe_at_ms, cause, told, told_since_ms
FROM endpoints
WHERE (failing_since_ms IS NOT NULL OR told > 0) AND (
    (told < 1 AND failing_since_ms <= :hour_ago_ms) OR (told < 2 AND failing_since_ms <= :day_ago_ms)
    OR (told < 3 AND state = 'suspended') OR (told > 0 AND failing_since_ms IS NULL AND state = 'active')
)
ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: set_told
UPDATE endpoints SET told = :told, told_since_ms = :told_since_ms WHERE id = :id;

-- name: count_late
SELECT COUNT(*) AS count FROM (
    SELECT 1 AS one FROM deliveries WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held')
        AND state <> 'delivered' LIMIT :limit
) AS open_ones;

-- name: newest_held
SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' AND state <> 'delivered'
ORDER BY id DESC LIMIT 1;

-- name: discard_held
WITH chosen AS (
    SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' AND state <> 'delivered' AND id < :before
    ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE */
)
UPDATE deliveries SET state = 'dead', cause = 'discarded', settled_at_ms = :now_ms
WHERE id IN (SELECT id FROM chosen)
RETURNING id, (SELECT device FROM endpoints WHERE endpoints.id = endpoint_id) AS device;

-- name: list_endpoints
SELECT e.id, e.device, d.label, e.name, e.host, e.state, e.failures, e.failing_since_ms, e.probes, e.probe_at_ms,
    e.cause, CASE WHEN e.drain_until_ms IS NULL THEN e.draining ELSE 0 END AS draining, e.ordered
FROM endpoints AS e JOIN devices AS d ON d.number = e.device
WHERE e.id > :after ORDER BY e.id LIMIT :limit;

-- name: list_endpoints_in_state
SELECT e.id, e.device, d.label, e.name, e.host, e.state, e.failures, e.failing_since_ms, e.probes, e.probe_at_ms,
    e.cause, CASE WHEN e.drain_until_ms IS NULL THEN e.draining ELSE 0 END AS draining, e.ordered
FROM endpoints AS e JOIN devices AS d ON d.number = e.device
WHERE e.state = :state AND e.id > :after ORDER BY e.id LIMIT :limit;

-- name: endpoints_of_device
SELECT e.id, e.device, d.label, e.name, e.host, e.state, e.failures, e.failing_since_ms, e.probes, e.probe_at_ms,
    e.cause, CASE WHEN e.drain_until_ms IS NULL THEN e.draining ELSE 0 END AS draining, e.ordered,
    e.changed_at_ms
FROM endpoints AS e JOIN devices AS d ON d.number = e.device
WHERE e.device = :device ORDER BY e.position;

-- Ids grow with time, so the lowest is the oldest.
-- name: open_deliveries_of_endpoint
SELECT o.state, o.count, d.created_at_ms AS oldest_at_ms
FROM (
    SELECT state, COUNT(*) AS count, MIN(id) AS oldest_id FROM deliveries
    WHERE endpoint_id = :endpoint_id AND state <> 'delivered' GROUP BY state
) AS o JOIN deliveries AS d ON d.id = o.oldest_id
ORDER BY o.state;
