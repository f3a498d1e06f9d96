-- Who is signed in.

-- name: insert_session
INSERT INTO sessions (digest, created_at_ms, seen_at_ms, expires_at_ms)
VALUES (:digest, :now_ms, :now_ms, :expires_at_ms);

-- name: add_session_device
INSERT INTO session_devices (digest, device, added_at_ms) VALUES (:digest, :device, :now_ms)
ON CONFLICT (digest, device) DO NOTHING;

-- The devices of a session that is over stay behind.
-- name: carry_session_devices
INSERT INTO session_devices (digest, device, added_at_ms)
SELECT :digest, d.device, d.added_at_ms FROM session_devices AS d JOIN sessions AS s ON s.digest = d.digest
WHERE d.digest = :old_digest AND s.expires_at_ms > :now_ms
ON CONFLICT (digest, device) DO NOTHING;

-- name: drop_session
DELETE FROM sessions WHERE digest = :digest;

-- name: drop_sessions_of_device
DELETE FROM sessions WHERE digest IN (SELECT digest FROM session_devices WHERE device = :device);

-- name: read_session
SELECT s.digest, s.created_at_ms, s.seen_at_ms, s.expires_at_ms, d.number, d.label, d.name
FROM sessions AS s
    JOIN session_devices AS sd ON sd.digest = s.digest
    JOIN devices AS d ON d.number = sd.device
WHERE s.digest = :digest AND s.expires_at_ms > :now_ms
ORDER BY d.label;

-- name: renew_session
UPDATE sessions SET seen_at_ms = :now_ms, expires_at_ms = :expires_at_ms WHERE digest = :digest;

-- name: forget_sessions
WITH chosen AS (
    SELECT digest FROM sessions WHERE expires_at_ms <= :now_ms
    ORDER BY expires_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
DELETE FROM sessions WHERE digest IN (SELECT digest FROM chosen)
RETURNING digest;
