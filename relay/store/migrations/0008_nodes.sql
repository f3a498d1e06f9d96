-- What several nodes need to know of each other.

CREATE TABLE nodes (
    name TEXT PRIMARY KEY,
    started_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    version TEXT NOT NULL
);
CREATE INDEX nodes_by_age ON nodes (seen_at_ms);

-- Until when held messages are looked for after the last was sent: another node may still hold some, as it looked before.
ALTER TABLE endpoints ADD COLUMN drain_until_ms BIGINT;
