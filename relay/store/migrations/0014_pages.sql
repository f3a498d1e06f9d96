-- Who is signed in, and to which devices. The key is a digest of what the cookie holds.
CREATE TABLE sessions (
    digest BYTEA PRIMARY KEY,
    created_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX sessions_ended ON sessions (expires_at_ms);

CREATE TABLE session_devices (
    digest BYTEA NOT NULL REFERENCES sessions (digest) ON DELETE CASCADE,
    device BIGINT NOT NULL REFERENCES devices (number) ON DELETE CASCADE,
    added_at_ms BIGINT NOT NULL,
    PRIMARY KEY (digest, device)
);
CREATE INDEX session_devices_of_device ON session_devices (device);

-- What was done to a device, and by whom.
CREATE TABLE activity (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL REFERENCES devices (number) ON DELETE CASCADE,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    facts TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX activity_of_device ON activity (device, id);
CREATE INDEX activity_by_age ON activity (at_ms);
