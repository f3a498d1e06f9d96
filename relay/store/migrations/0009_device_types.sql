-- Groups of devices with common settings. What a device leaves open (empty or NULL) its type decides. Id 0 is the default
-- type, whose row is made when somebody changes it.
CREATE TABLE device_types (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL DEFAULT '',
    display TEXT NOT NULL DEFAULT 'none',
    grammar TEXT NOT NULL DEFAULT '',
    latitude_field TEXT NOT NULL DEFAULT '',
    longitude_field TEXT NOT NULL DEFAULT '',
    downlink_chain TEXT NOT NULL DEFAULT '',
    downlink_template TEXT NOT NULL DEFAULT '',
    downlinks_a_day INTEGER NOT NULL DEFAULT 4,
    keep_alive_seconds BIGINT NOT NULL DEFAULT 0,
    alert_email TEXT NOT NULL DEFAULT '',
    alerts TEXT NOT NULL DEFAULT '',
    alert_window_seconds BIGINT NOT NULL DEFAULT 3600,
    low_battery TEXT NOT NULL DEFAULT '',
    created_at_ms BIGINT NOT NULL
);

ALTER TABLE devices ADD COLUMN type_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN display TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN latitude_field TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN longitude_field TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN fixed_latitude DOUBLE PRECISION;
ALTER TABLE devices ADD COLUMN fixed_longitude DOUBLE PRECISION;
ALTER TABLE devices ADD COLUMN fixed_label TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN downlink_chain TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN keep_alive_seconds BIGINT;
ALTER TABLE devices ADD COLUMN sequence_modulo INTEGER NOT NULL DEFAULT 4096;
ALTER TABLE devices ADD COLUMN alert_email TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN alerts TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN alert_window_seconds BIGINT;
ALTER TABLE devices ADD COLUMN low_battery TEXT NOT NULL DEFAULT '';
CREATE INDEX devices_of_type ON devices (type_id, number);

-- Until now a template alone meant a direct downlink, and a grammar alone that it is shown by it.
UPDATE devices SET downlink_chain = 'direct' WHERE downlink_template <> '';
UPDATE devices SET display = 'custom' WHERE grammar <> '';
