-- What is mailed to owners, and the links in it.

-- `contents_sealed` holds facts and link tokens until the mail is sent.
CREATE TABLE outbox (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL REFERENCES devices (number) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    recipient_sealed BYTEA NOT NULL,
    contents_sealed BYTEA,
    language TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    state TEXT NOT NULL,
    error TEXT
);
CREATE INDEX outbox_due ON outbox (due_at_ms) WHERE state = 'waiting';
CREATE INDEX outbox_of_device ON outbox (device, created_at_ms);
CREATE INDEX outbox_by_age ON outbox (created_at_ms);

-- The token itself stands only in the mail; 32 random bytes need no pepper.
CREATE TABLE links (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL REFERENCES devices (number) ON DELETE CASCADE,
    mail_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    token_digest BYTEA NOT NULL UNIQUE,
    target_sealed BYTEA NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT
);
CREATE INDEX links_of_device ON links (device, created_at_ms);
CREATE INDEX links_of_mail ON links (mail_id);
CREATE INDEX links_expired ON links (expires_at_ms);
