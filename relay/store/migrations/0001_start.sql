-- The types are PostgreSQL's; on SQLite "BIGINT PRIMARY KEY" becomes "INTEGER PRIMARY KEY" (the row id).
-- Times end in _ms: Unix milliseconds. uplinks.time is Unix seconds, as Sigfox sends it.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Ids are handed out in blocks, so that the writer knows them before it inserts.
CREATE TABLE id_blocks (
    name TEXT PRIMARY KEY,
    next_id BIGINT NOT NULL
);
INSERT INTO id_blocks (name, next_id) VALUES ('id', 1);

CREATE TABLE devices (
    number BIGINT PRIMARY KEY,
    label TEXT NOT NULL,
    token_digest BYTEA NOT NULL,
    order_email TEXT NOT NULL,
    contact_email TEXT NOT NULL,
    language TEXT NOT NULL,
    downlink_template TEXT NOT NULL,
    grammar TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE endpoints (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL REFERENCES devices (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    url_sealed BYTEA NOT NULL,
    secret_sealed BYTEA NOT NULL,
    host TEXT NOT NULL,
    state TEXT NOT NULL,
    revision BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    failing_since_ms BIGINT,
    created_at_ms BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL,
    UNIQUE (device, position)
);

CREATE TABLE callbacks (
    id BIGINT PRIMARY KEY,
    received_at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL,
    method TEXT NOT NULL,
    query TEXT NOT NULL,
    content_type TEXT NOT NULL,
    body TEXT NOT NULL
);

-- seq_number is -1 when the callback had none: NULLs would not conflict.
CREATE TABLE uplinks (
    id BIGINT PRIMARY KEY,
    callback_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    device BIGINT NOT NULL,
    device_text TEXT NOT NULL,
    time BIGINT NOT NULL,
    time_given INTEGER NOT NULL,
    seq_number BIGINT NOT NULL,
    data TEXT NOT NULL,
    rssi DOUBLE PRECISION,
    snr DOUBLE PRECISION,
    station TEXT,
    ack INTEGER NOT NULL,
    more TEXT NOT NULL,
    received_at_ms BIGINT NOT NULL,
    unclaimed INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    downlink TEXT NOT NULL,
    UNIQUE (device, time, seq_number, data, kind)
);
CREATE INDEX uplinks_unclaimed ON uplinks (device, received_at_ms) WHERE unclaimed = 1;

-- While a delivery is leased, leased_by names the node and due_at_ms is the lease's end.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    uplink_id BIGINT NOT NULL,
    endpoint_id BIGINT NOT NULL,
    webhook_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    due_at_ms BIGINT NOT NULL,
    leased_by TEXT,
    cause TEXT,
    created_at_ms BIGINT NOT NULL,
    settled_at_ms BIGINT
);
CREATE INDEX deliveries_due ON deliveries (due_at_ms) WHERE state = 'waiting';
CREATE INDEX deliveries_of_uplink ON deliveries (uplink_id);
CREATE INDEX deliveries_not_delivered ON deliveries (endpoint_id, id) WHERE state <> 'delivered';

CREATE TABLE attempts (
    delivery_id BIGINT NOT NULL,
    number INTEGER NOT NULL,
    at_ms BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status INTEGER,
    cause TEXT,
    detail TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) /* sqlite: WITHOUT ROWID */;
