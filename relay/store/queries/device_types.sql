-- Device types.

-- name: read_device_type
SELECT id, name, description, display, grammar, latitude_field, longitude_field, downlink_chain, downlink_template,
    downlinks_a_day, keep_alive_seconds, alert_email, alerts, alert_window_seconds, low_battery, created_at_ms
FROM device_types WHERE id = :id;

-- name: list_device_types
SELECT id, name, description, display, grammar, latitude_field, longitude_field, downlink_chain, downlink_template,
    downlinks_a_day, keep_alive_seconds, alert_email, alerts, alert_window_seconds, low_battery, created_at_ms
FROM device_types ORDER BY name, id;

-- name: count_devices_by_type
SELECT type_id, COUNT(*) AS devices FROM devices GROUP BY type_id;

-- name: device_type_named
SELECT id FROM device_types WHERE name = :name;

-- name: put_device_type
INSERT INTO device_types (
    id, name, description, display, grammar, latitude_field, longitude_field, downlink_chain, downlink_template,
    downlinks_a_day, keep_alive_seconds, alert_email, alerts, alert_window_seconds, low_battery, created_at_ms
) VALUES (
    :id, :name, :description, :display, :grammar, :latitude_field, :longitude_field, :downlink_chain,
    :downlink_template, :downlinks_a_day, :keep_alive_seconds, :alert_email, :alerts, :alert_window_seconds, :low_battery,
    :created_at_ms
) ON CONFLICT (id) DO UPDATE
SET name = excluded.name, description = excluded.description, display = excluded.display, grammar = excluded.grammar,
    latitude_field = excluded.latitude_field, longitude_field = excluded.longitude_field,
    downlink_chain = excluded.downlink_chain, downlink_template = excluded.downlink_template,
    downlinks_a_day = excluded.downlinks_a_day, keep_alive_seconds = excluded.keep_alive_seconds,
    alert_email = excluded.alert_email, alerts = excluded.alerts,
    alert_window_seconds = excluded.alert_window_seconds, low_battery = excluded.low_battery;

-- name: remove_device_type
DELETE FROM device_types
WHERE id = :id AND NOT EXISTS (SELECT 1 FROM devices WHERE type_id = :id) RETURNING id;
