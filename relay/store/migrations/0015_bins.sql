-- Private addresses that keep what is sent to them, for a while.
CREATE TABLE bins (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX bins_ended ON bins (expires_at_ms);

CREATE TABLE bin_requests (
    id BIGINT PRIMARY KEY,
    bin_id BIGINT NOT NULL REFERENCES bins (id) ON DELETE CASCADE,
    at_ms BIGINT NOT NULL,
    method TEXT NOT NULL,
    query TEXT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    cut INTEGER NOT NULL
);
CREATE INDEX bin_requests_of_bin ON bin_requests (bin_id, id);
