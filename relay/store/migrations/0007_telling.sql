-- How far the owner was told that an endpoint fails: 0 not at all, then after an hour, a day, when suspended.

ALTER TABLE endpoints ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN told_since_ms BIGINT;
CREATE INDEX endpoints_troubled ON endpoints (id) WHERE failing_since_ms IS NOT NULL OR told > 0;
