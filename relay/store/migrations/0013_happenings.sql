-- Uplinks that were not counted yet are found here.
ALTER TABLE uplinks ADD COLUMN tallied INTEGER NOT NULL DEFAULT 0;
CREATE INDEX uplinks_fresh ON uplinks (id) WHERE tallied = 0;

-- What is known of a device from its last messages.
CREATE TABLE device_states (
    device BIGINT PRIMARY KEY,
    first_at_ms BIGINT NOT NULL,
    last_uplink_id BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    last_seq_number BIGINT,
    rhythm_seconds DOUBLE PRECISION,
    silent_after_ms BIGINT,
    silent_since_ms BIGINT,
    battery DOUBLE PRECISION,
    temperature DOUBLE PRECISION,
    battery_low INTEGER NOT NULL DEFAULT 0,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    radius DOUBLE PRECISION,
    place_source TEXT NOT NULL DEFAULT '',
    place_at_ms BIGINT
);
CREATE INDEX device_states_silent ON device_states (silent_after_ms) WHERE silent_since_ms IS NULL;

-- What happened to a device, as the Sigfox back-end's events.
CREATE TABLE device_events (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    facts TEXT NOT NULL,
    uplink_id BIGINT,
    mailed INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX device_events_of_device ON device_events (device, id);
CREATE INDEX device_events_by_age ON device_events (at_ms);

-- Statistics by the hour: `starts_at` is in Unix seconds. Means are sums divided by counts.
CREATE TABLE device_hours (
    device BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    messages BIGINT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    missed BIGINT NOT NULL DEFAULT 0,
    snr_sum DOUBLE PRECISION NOT NULL DEFAULT 0,
    snr_count BIGINT NOT NULL DEFAULT 0,
    rssi_sum DOUBLE PRECISION NOT NULL DEFAULT 0,
    rssi_count BIGINT NOT NULL DEFAULT 0,
    temperature_sum DOUBLE PRECISION NOT NULL DEFAULT 0,
    temperature_count BIGINT NOT NULL DEFAULT 0,
    voltage_sum DOUBLE PRECISION NOT NULL DEFAULT 0,
    voltage_count BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (device, starts_at)
);
