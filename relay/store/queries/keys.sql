-- Keys.

-- What has {table} in it is there once for each place that holds something sealed (sealed.py).

-- name: read_sealed
SELECT {key} AS row_key, {column} AS sealed FROM {table}
WHERE {column} IS NOT NULL AND {key} > :after ORDER BY {key} LIMIT :limit;

-- name: reseal
UPDATE {table} SET {column} = :resealed WHERE {key} = :row_key AND {column} = :sealed;

-- name: sealed_by_key
SELECT substr({column}, 1, 4) AS key_name, count(*) AS values_held FROM {table}
WHERE {column} IS NOT NULL GROUP BY substr({column}, 1, 4);

-- name: add_key
INSERT INTO keyring (name, key_sealed) VALUES (:name, :key_sealed) ON CONFLICT (name) DO NOTHING;

-- name: read_keyring
SELECT name, key_sealed FROM keyring ORDER BY name;

-- name: drop_key
DELETE FROM keyring WHERE name = :name;

-- name: digests_by_pepper
SELECT substr(token_digest, 1, 4) AS pepper, count(*) AS devices FROM devices GROUP BY substr(token_digest, 1, 4);

-- name: renew_token_digest
UPDATE devices SET token_digest = :renewed WHERE number = :number AND token_digest = :token_digest;

-- The old secret signs beside the new one for a while.
-- name: rotate_endpoint_secret
UPDATE endpoints
SET previous_secret_sealed = secret_sealed, previous_secret_until_ms = :until_ms, secret_sealed = :secret_sealed,
    revision = revision + 1, changed_at_ms = :now_ms
WHERE id = :id RETURNING revision;

-- name: forget_previous_secrets
UPDATE endpoints SET previous_secret_sealed = NULL, previous_secret_until_ms = NULL
WHERE previous_secret_until_ms <= :now_ms;
