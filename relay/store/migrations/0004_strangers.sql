-- What keeps strangers out, and what is sealed.

-- Wrong tries at the form within a window; `counter` names what is counted, see relay/domain/tries.py.
CREATE TABLE wrong_tries (
    counter TEXT PRIMARY KEY,
    tries BIGINT NOT NULL,
    ends_at_ms BIGINT NOT NULL
);
CREATE INDEX wrong_tries_ended ON wrong_tries (ends_at_ms);

-- A bounded sample of callbacks that were not taken. `known` is 1 when the sender had the secret.
CREATE TABLE refused_callbacks (
    id BIGINT PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    known INTEGER NOT NULL,
    address TEXT NOT NULL,
    status INTEGER NOT NULL,
    reason TEXT NOT NULL,
    request_line TEXT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE refusal_counts (
    status INTEGER NOT NULL,
    reason TEXT NOT NULL,
    refusals BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    PRIMARY KEY (status, reason)
);

-- The relay's own keys, made by itself: the installation's signing key, and peppers of retired secret keys.
CREATE TABLE keyring (
    name TEXT PRIMARY KEY,
    key_sealed BYTEA NOT NULL
);

-- While a signing secret changes, webhooks carry the old one's signature as well.
ALTER TABLE endpoints ADD COLUMN previous_secret_sealed BYTEA;
ALTER TABLE endpoints ADD COLUMN previous_secret_until_ms BIGINT;
