-- Mail.

-- name: mails_of_device_since
SELECT id, recipient_sealed,
    CASE WHEN EXISTS (
        SELECT 1 FROM links AS l
        WHERE l.mail_id = m.id AND l.purpose = 'undo_change' AND l.used_at_ms IS NULL AND l.expires_at_ms > :now_ms
    ) THEN 1 ELSE 0 END AS can_undo
FROM outbox AS m WHERE device = :device AND created_at_ms > :since_ms;

-- name: insert_mail
INSERT INTO outbox (
    id, device, kind, recipient_sealed, contents_sealed, language, created_at_ms, due_at_ms, attempts, state, error
) VALUES (
    :id, :device, :kind, :recipient_sealed, :contents_sealed, :language, :now_ms, :now_ms, 0, :state, :error
);

-- name: claim_mails
WITH chosen AS (
    SELECT id FROM outbox WHERE state = 'waiting' AND due_at_ms <= :now_ms
    ORDER BY due_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
UPDATE outbox SET attempts = attempts + 1, due_at_ms = :lease_until_ms
WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- name: read_mail
SELECT m.id, m.device, m.kind, m.recipient_sealed, m.contents_sealed, m.language, m.created_at_ms, m.attempts, d.label
FROM outbox AS m JOIN devices AS d ON d.number = m.device WHERE m.id = :id;

-- name: settle_mail
UPDATE outbox SET state = :state, due_at_ms = :due_at_ms, error = :error
WHERE id = :id AND attempts = :attempt AND state = 'waiting';

-- name: empty_mail
UPDATE outbox SET contents_sealed = NULL WHERE id = :id AND state = 'sent';

-- name: mails_of_device
SELECT id, device, kind, created_at_ms, due_at_ms, attempts, state, error
FROM outbox WHERE device = :device ORDER BY created_at_ms DESC, id DESC LIMIT :limit;

-- name: mails_in_state
SELECT id, device, kind, created_at_ms, due_at_ms, attempts, state, error
FROM outbox WHERE state = :state ORDER BY created_at_ms DESC, id DESC LIMIT :limit;

-- name: forget_mails
WITH chosen AS (
    SELECT id FROM outbox WHERE created_at_ms < :before_ms
    ORDER BY created_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
DELETE FROM outbox WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- name: insert_link
INSERT INTO links (id, device, mail_id, purpose, token_digest, target_sealed, created_at_ms, expires_at_ms)
VALUES (:id, :device, :mail_id, :purpose, :token_digest, :target_sealed, :created_at_ms, :expires_at_ms);

-- name: find_link
SELECT l.id, l.device, l.purpose, l.target_sealed, l.created_at_ms, d.label
FROM links AS l JOIN devices AS d ON d.number = l.device
WHERE l.token_digest = :token_digest AND l.used_at_ms IS NULL AND l.expires_at_ms > :now_ms
/* postgresql: FOR UPDATE OF l */;

-- name: spend_link
UPDATE links SET used_at_ms = :now_ms WHERE id = :id;

-- name: void_later_undos
UPDATE links SET used_at_ms = :now_ms
WHERE device = :device AND purpose = 'undo_change' AND created_at_ms >= :since_ms AND used_at_ms IS NULL;

-- name: open_email_asks
SELECT id, target_sealed, expires_at_ms FROM links
WHERE device = :device AND purpose = 'confirm_email' AND used_at_ms IS NULL AND expires_at_ms > :now_ms
ORDER BY id DESC LIMIT 1;

-- name: void_email_asks
UPDATE links SET used_at_ms = :now_ms
WHERE device = :device AND purpose = 'confirm_email' AND used_at_ms IS NULL AND expires_at_ms > :now_ms
RETURNING id;

-- name: forget_links
WITH chosen AS (
    SELECT id FROM links WHERE expires_at_ms < :before_ms
    ORDER BY expires_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
DELETE FROM links WHERE id IN (SELECT id FROM chosen)
RETURNING id;
