-- Delivering.

-- PostgreSQL may run a subquery that stands in an IN anew for each row that it changes: one that locks and has a LIMIT
-- then finds more each time. What is taken by `WITH` is taken once.

-- The attempt is counted before it is made, so one that kills the process cannot go on for ever: whoever finds
-- a lease that ran out counts a crash. Those that were ever in a crash are claimed apart, a few at a time.
-- name: claim_due
WITH chosen AS (
    SELECT id FROM deliveries WHERE state = 'waiting' AND due_at_ms <= :now_ms AND crashes = 0
    ORDER BY due_at_ms, id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
UPDATE deliveries
SET attempts = attempts + 1, tries = tries + 1, due_at_ms = :lease_until_ms, leased_by = :node,
    crashes = crashes + CASE WHEN leased_by IS NULL THEN 0 ELSE 1 END
WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- name: claim_suspects
WITH chosen AS (
    SELECT id FROM deliveries WHERE state = 'waiting' AND crashes > 0 AND crashes BETWEEN :least AND :most
        AND due_at_ms <= :now_ms
    ORDER BY due_at_ms, id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
UPDATE deliveries
SET attempts = attempts + 1, tries = tries + 1, due_at_ms = :lease_until_ms, leased_by = :node,
    crashes = crashes + CASE WHEN leased_by IS NULL THEN 0 ELSE 1 END
WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- name: read_delivery
SELECT d.id, d.webhook_id, d.endpoint_id, d.attempts, d.tries, d.due_at_ms, d.crashes, e.revision, e.url_sealed,
    e.secret_sealed, e.previous_secret_sealed, e.previous_secret_until_ms, e.options_sealed, e.state, e.failures,
    e.ordered, e.probe_delivery_id, u.kind, u.device_text, u.time, u.data, u.snr, u.rssi, u.received_at_ms
FROM deliveries AS d
JOIN uplinks AS u ON u.id = d.uplink_id
JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE d.id = :id;

-- name: hold_claimed
UPDATE deliveries SET state = 'held', attempts = attempts - 1, tries = tries - 1, due_at_ms = :now_ms, leased_by = NULL
WHERE id = :id AND leased_by = :node;

-- name: bury_crashed
UPDATE deliveries
SET state = 'dead', cause = 'crashed', attempts = attempts - 1, tries = tries - 1, leased_by = NULL,
    settled_at_ms = :now_ms
WHERE id = :id AND leased_by = :node;

-- name: bury_orphan
UPDATE deliveries
SET state = 'dead', cause = 'removed', attempts = attempts - 1, tries = tries - 1, leased_by = NULL,
    settled_at_ms = :now_ms
WHERE id = :id AND leased_by = :node;

-- A node whose lease ran out finds the attempt number changed, and changes nothing.
-- name: settle_delivery
UPDATE deliveries
SET state = :state, due_at_ms = :due_at_ms, cause = :cause, settled_at_ms = :settled_at_ms, leased_by = NULL,
    crashes = 0
WHERE id = :id AND attempts = :attempt AND leased_by = :node;

-- name: insert_attempt
INSERT INTO attempts (
    delivery_id, number, at_ms, duration_ms, status, cause, detail, answer, note, address, looked_up_ms, reached_ms,
    connected_ms, answered_ms, answer_headers
) VALUES (
    :delivery_id, :number, :at_ms, :duration_ms, :status, :cause, :detail, :answer, :note, :address, :looked_up_ms,
    :reached_ms, :connected_ms, :answered_ms, :answer_headers
)
ON CONFLICT (delivery_id, number) DO NOTHING;

-- name: give_back
UPDATE deliveries
SET attempts = attempts - 1, tries = tries - 1, due_at_ms = :now_ms, leased_by = NULL
WHERE id = :id AND attempts = :attempt AND leased_by = :node AND state = 'waiting';

-- A lease that ran out already needs no freeing; none reaches beyond :until_ms.
-- name: free_leases
UPDATE deliveries SET due_at_ms = :now_ms, leased_by = NULL, crashes = crashes + 1
WHERE state = 'waiting' AND due_at_ms BETWEEN :now_ms AND :until_ms AND leased_by IS NOT NULL;
