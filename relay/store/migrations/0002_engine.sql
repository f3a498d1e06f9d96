-- What the engine knows of an endpoint, and what it was asked to send again.

ALTER TABLE endpoints ADD COLUMN probes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN probe_at_ms BIGINT;
ALTER TABLE endpoints ADD COLUMN probe_delivery_id BIGINT;
ALTER TABLE endpoints ADD COLUMN cause TEXT;
ALTER TABLE endpoints ADD COLUMN draining INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN ordered INTEGER NOT NULL DEFAULT 0;
CREATE INDEX endpoints_to_probe ON endpoints (probe_at_ms) WHERE probe_at_ms IS NOT NULL;
CREATE INDEX endpoints_to_drain ON endpoints (id) WHERE draining = 1;

-- How often the process ended while it held the delivery; see delivering.py.
ALTER TABLE deliveries ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX deliveries_suspect ON deliveries (due_at_ms) WHERE state = 'waiting' AND crashes > 0;
DROP INDEX deliveries_not_delivered;
CREATE INDEX deliveries_open ON deliveries (endpoint_id, state, id) WHERE state <> 'delivered';

-- An order to send a range again: works from cursor_id up to last_id, a few a second.
CREATE TABLE replays (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL,
    states TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    cursor_id BIGINT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX replays_running ON replays (id) WHERE state = 'running';
