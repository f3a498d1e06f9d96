-- Uplinks that were not counted yet are found here.
ALTER TABLE uplinks ADD COLUMN tallied INTEGER NOT NULL DEFAULT 0;
CREATE INDEX uplinks_fresh ON uplinks (id) WHERE tallied = 0;

-- What is known of a device from its last messages. `gaps` is JSON: numbers that are missing, but may still come
-- until `gaps_until_ms`.
CREATE TABLE device_states (
    device BIGINT PRIMARY KEY,
    first_at_ms BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    last_time BIGINT NOT NULL,
    last_uplink_id BIGINT NOT NULL,
    last_seq_number BIGINT,
    seq_time BIGINT NOT NULL DEFAULT 0,
    gaps TEXT NOT NULL DEFAULT '',
    gaps_until_ms BIGINT,
    pause_seconds DOUBLE PRECISION NOT NULL DEFAULT 0,
    pauses BIGINT NOT NULL DEFAULT 0,
    silent_since_ms BIGINT,
    battery DOUBLE PRECISION,
    best_battery DOUBLE PRECISION,
    battery_low INTEGER NOT NULL DEFAULT 0,
    temperature DOUBLE PRECISION,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    radius DOUBLE PRECISION,
    place_source TEXT NOT NULL DEFAULT '',
    place_time BIGINT,
    alerted_at_ms BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX device_states_gaps ON device_states (gaps_until_ms) WHERE gaps_until_ms IS NOT NULL;

-- What happened to a device, as the Sigfox back-end's events. `mailed` and `noticed` are 0 until its owner's mail and
-- its endpoints' notices were looked after.
CREATE TABLE device_events (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    facts TEXT NOT NULL,
    uplink_id BIGINT,
    mailed INTEGER NOT NULL,
    noticed INTEGER NOT NULL
);
CREATE INDEX device_events_of_device ON device_events (device, id);
CREATE INDEX device_events_by_age ON device_events (at_ms);
CREATE INDEX device_events_to_mail ON device_events (device, id) WHERE mailed = 0;
CREATE INDEX device_events_to_notice ON device_events (id) WHERE noticed = 0;

-- Statistics by the hour: `starts_at` is in Unix seconds. Means are sums divided by counts.
CREATE TABLE device_hours (
    device BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    missed BIGINT NOT NULL,
    snr_sum DOUBLE PRECISION NOT NULL,
    snr_count BIGINT NOT NULL,
    rssi_sum DOUBLE PRECISION NOT NULL,
    rssi_count BIGINT NOT NULL,
    temperature_sum DOUBLE PRECISION NOT NULL,
    temperature_count BIGINT NOT NULL,
    voltage_sum DOUBLE PRECISION NOT NULL,
    voltage_count BIGINT NOT NULL,
    PRIMARY KEY (device, starts_at)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX device_hours_by_age ON device_hours (starts_at);

-- The same of all devices that were of a type when they sent; -1 is for devices that nobody provisioned.
CREATE TABLE type_hours (
    type_id BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    missed BIGINT NOT NULL,
    snr_sum DOUBLE PRECISION NOT NULL,
    snr_count BIGINT NOT NULL,
    rssi_sum DOUBLE PRECISION NOT NULL,
    rssi_count BIGINT NOT NULL,
    temperature_sum DOUBLE PRECISION NOT NULL,
    temperature_count BIGINT NOT NULL,
    voltage_sum DOUBLE PRECISION NOT NULL,
    voltage_count BIGINT NOT NULL,
    PRIMARY KEY (type_id, starts_at)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX type_hours_by_age ON type_hours (starts_at);
