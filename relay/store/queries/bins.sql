-- Request bins.

-- name: insert_bin
INSERT INTO bins (id, name, created_at_ms, expires_at_ms)
SELECT :id, :name, :now_ms, :expires_at_ms WHERE (SELECT COUNT(*) FROM bins) < :most
ON CONFLICT (name) DO NOTHING RETURNING id;

-- name: find_bin
SELECT id, name, created_at_ms, expires_at_ms FROM bins WHERE name = :name AND expires_at_ms > :now_ms;

-- name: insert_bin_request
INSERT INTO bin_requests (id, bin_id, at_ms, method, query, headers, body, cut)
VALUES (:id, :bin_id, :at_ms, :method, :query, :headers, :body, :cut);

-- name: trim_bin
DELETE FROM bin_requests
WHERE bin_id = :bin_id AND id < (
    SELECT min(id) FROM (SELECT id FROM bin_requests WHERE bin_id = :bin_id ORDER BY id DESC LIMIT :kept) AS newest
);

-- name: requests_of_bin
SELECT id, at_ms, method, query, headers, body, cut FROM bin_requests WHERE bin_id = :bin_id ORDER BY id DESC LIMIT :limit;

-- name: newest_of_bin
SELECT max(id) AS id FROM bin_requests WHERE bin_id = :bin_id;

-- name: empty_bin
DELETE FROM bin_requests WHERE bin_id = (SELECT id FROM bins WHERE name = :name);

-- name: forget_bins
WITH chosen AS (
    SELECT id FROM bins WHERE expires_at_ms <= :now_ms ORDER BY expires_at_ms LIMIT :limit
    /* postgresql: FOR UPDATE SKIP LOCKED */
)
DELETE FROM bins WHERE id IN (SELECT id FROM chosen)
RETURNING id;
