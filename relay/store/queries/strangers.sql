-- Strangers.

-- name: read_wrong_tries
SELECT counter, tries, ends_at_ms FROM wrong_tries WHERE counter = :counter;

-- A window begins with the first wrong try; when it has ended, the next one begins another.
-- name: count_wrong_try
INSERT INTO wrong_tries (counter, tries, ends_at_ms) VALUES (:counter, 1, :ends_at_ms)
ON CONFLICT (counter) DO UPDATE
SET tries = CASE WHEN wrong_tries.ends_at_ms <= :now_ms THEN 1 ELSE wrong_tries.tries + 1 END,
    ends_at_ms = CASE WHEN wrong_tries.ends_at_ms <= :now_ms THEN excluded.ends_at_ms ELSE wrong_tries.ends_at_ms END
RETURNING counter, tries, ends_at_ms;

-- name: forget_wrong_try
UPDATE wrong_tries SET tries = tries - 1 WHERE counter = :counter AND ends_at_ms = :ends_at_ms AND tries > 0;

-- name: sweep_wrong_tries
WITH chosen AS (
    SELECT counter FROM wrong_tries WHERE ends_at_ms <= :now_ms
    ORDER BY ends_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
DELETE FROM wrong_tries WHERE counter IN (SELECT counter FROM chosen)
RETURNING counter;

-- name: insert_refused
INSERT INTO refused_callbacks (id, at_ms, known, address, status, reason, request_line, headers, body)
VALUES (:id, :at_ms, :known, :address, :status, :reason, :request_line, :headers, :body);

-- name: trim_refused
DELETE FROM refused_callbacks
WHERE known = :known AND id < (
    SELECT min(id) FROM (SELECT id FROM refused_callbacks WHERE known = :known ORDER BY id DESC LIMIT :kept) AS newest
);

-- name: count_refused
INSERT INTO refusal_counts (status, reason, refusals, last_at_ms) VALUES (:status, :reason, :refusals, :at_ms)
ON CONFLICT (status, reason) DO UPDATE
SET refusals = refusal_counts.refusals + excluded.refusals, last_at_ms = excluded.last_at_ms;

-- name: list_refused
SELECT id, at_ms, known, address, status, reason, request_line, headers, body
FROM refused_callbacks ORDER BY id DESC LIMIT :limit;

-- name: read_refused
SELECT id, at_ms, known, address, status, reason, request_line, headers, body FROM refused_callbacks WHERE id = :id;

-- name: refusal_counts
SELECT status, reason, refusals, last_at_ms FROM refusal_counts ORDER BY refusals DESC, reason LIMIT :limit;
