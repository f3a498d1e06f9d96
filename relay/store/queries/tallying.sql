-- Counting, and what happens to devices.

-- Whoever changes device_states holds this: one node at a time; the others have nothing to do meanwhile.
-- name: try_to_tally
SELECT 1 AS one /* postgresql: WHERE pg_try_advisory_xact_lock(5190004) */;

-- A row that a repeated callback counts just now is left for the next time.
-- name: fresh_uplinks
SELECT id, kind, device, device_text, time, time_given, seq_number, data, rssi, snr,
    CASE WHEN kind = 'data' THEN '' ELSE more END AS more, received_at_ms
FROM uplinks WHERE tallied = 0 ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: oldest_fresh
SELECT received_at_ms FROM uplinks WHERE tallied = 0 ORDER BY id LIMIT 1;

-- name: mark_tallied
UPDATE uplinks SET tallied = 1 WHERE id = :id;

-- name: reading_rules
SELECT d.number AS device, d.sequence_modulo, d.type_id,
    COALESCE(NULLIF(d.display, ''), t.display, '') AS display,
    COALESCE(NULLIF(d.grammar, ''), t.grammar, '') AS grammar,
    COALESCE(NULLIF(d.latitude_field, ''), t.latitude_field, '') AS latitude_field,
    COALESCE(NULLIF(d.longitude_field, ''), t.longitude_field, '') AS longitude_field,
    COALESCE(NULLIF(d.low_battery, ''), t.low_battery, '') AS low_battery
FROM devices AS d LEFT JOIN device_types AS t ON t.id = d.type_id
WHERE d.number = :device;

-- name: read_state
SELECT device, first_at_ms, last_at_ms, last_time, last_uplink_id, last_seq_number, seq_time, gaps, gaps_until_ms,
    pause_seconds, pauses, silent_since_ms, battery, best_battery, battery_low, temperature, latitude, longitude, radius,
    place_source, place_time, alerted_at_ms
FROM device_states WHERE device = :device;

-- name: put_state
INSERT INTO device_states (
    device, first_at_ms, last_at_ms, last_time, last_uplink_id, last_seq_number, seq_time, gaps, gaps_until_ms,
    pause_seconds, pauses, silent_since_ms, battery, best_battery, battery_low, temperature, latitude, longitude, radius,
    place_source, place_time
) VALUES (
    :device, :first_at_ms, :last_at_ms, :last_time, :last_uplink_id, :last_seq_number, :seq_time, :gaps, :gaps_until_ms,
    :pause_seconds, :pauses, :silent_since_ms, :battery, :best_battery, :battery_low, :temperature, :latitude,
    :longitude, :radius, :place_source, :place_time
) ON CONFLICT (device) DO UPDATE
SET first_at_ms = excluded.first_at_ms, last_at_ms = excluded.last_at_ms, last_time = excluded.last_time,
    last_uplink_id = excluded.last_uplink_id, last_seq_number = excluded.last_seq_number, seq_time = excluded.seq_time,
    gaps = excluded.gaps, gaps_until_ms = excluded.gaps_until_ms, pause_seconds = excluded.pause_seconds,
    pauses = excluded.pauses, silent_since_ms = excluded.silent_since_ms, battery = excluded.battery,
    best_battery = excluded.best_battery, battery_low = excluded.battery_low, temperature = excluded.temperature,
    latitude = excluded.latitude, longitude = excluded.longitude, radius = excluded.radius,
    place_source = excluded.place_source, place_time = excluded.place_time;

-- When the relay began to listen, and until when it did.
-- name: read_listening
SELECT value FROM settings WHERE name = 'listening' /* postgresql: FOR UPDATE */;

-- name: write_listening
INSERT INTO settings (name, value) VALUES ('listening', :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: states_with_gaps
SELECT device FROM device_states WHERE gaps_until_ms <= :now_ms ORDER BY gaps_until_ms LIMIT :limit;

-- name: watched_states
SELECT s.device, s.last_at_ms, s.pause_seconds, s.pauses, s.silent_since_ms,
    COALESCE(d.keep_alive_seconds, t.keep_alive_seconds, 0) AS keep_alive_seconds
FROM (
    SELECT device, last_at_ms, pause_seconds, pauses, silent_since_ms
    FROM device_states WHERE device > :after ORDER BY device LIMIT :limit
) AS s
    LEFT JOIN devices AS d ON d.number = s.device
    LEFT JOIN device_types AS t ON t.id = d.type_id
ORDER BY s.device;

-- name: add_to_device_hour
INSERT INTO device_hours (
    device, starts_at, messages, bytes, missed, snr_sum, snr_count, rssi_sum, rssi_count, temperature_sum,
    temperature_count, voltage_sum, voltage_count
) VALUES (
    :key, :starts_at, :messages, :bytes, :missed, :snr_sum, :snr_count, :rssi_sum, :rssi_count, :temperature_sum,
    :temperature_count, :voltage_sum, :voltage_count
) ON CONFLICT (device, starts_at) DO UPDATE
SET messages = device_hours.messages + excluded.messages, bytes = device_hours.bytes + excluded.bytes,
    missed = device_hours.missed + excluded.missed, snr_sum = device_hours.snr_sum + excluded.snr_sum,
    snr_count = device_hours.snr_count + excluded.snr_count, rssi_sum = device_hours.rssi_sum + excluded.rssi_sum,
    rssi_count = device_hours.rssi_count + excluded.rssi_count,
    temperature_sum = device_hours.temperature_sum + excluded.temperature_sum,
    temperature_count = device_hours.temperature_count + excluded.temperature_count,
    voltage_sum = device_hours.voltage_sum + excluded.voltage_sum,
    voltage_count = device_hours.voltage_count + excluded.voltage_count;

-- name: add_to_type_hour
INSERT INTO type_hours (
    type_id, starts_at, messages, bytes, missed, snr_sum, snr_count, rssi_sum, rssi_count, temperature_sum,
    temperature_count, voltage_sum, voltage_count
) VALUES (
    :key, :starts_at, :messages, :bytes, :missed, :snr_sum, :snr_count, :rssi_sum, :rssi_count, :temperature_sum,
    :temperature_count, :voltage_sum, :voltage_count
) ON CONFLICT (type_id, starts_at) DO UPDATE
SET messages = type_hours.messages + excluded.messages, bytes = type_hours.bytes + excluded.bytes,
    missed = type_hours.missed + excluded.missed, snr_sum = type_hours.snr_sum + excluded.snr_sum,
    snr_count = type_hours.snr_count + excluded.snr_count, rssi_sum = type_hours.rssi_sum + excluded.rssi_sum,
    rssi_count = type_hours.rssi_count + excluded.rssi_count,
    temperature_sum = type_hours.temperature_sum + excluded.temperature_sum,
    temperature_count = type_hours.temperature_count + excluded.temperature_count,
    voltage_sum = type_hours.voltage_sum + excluded.voltage_sum,
    voltage_count = type_hours.voltage_count + excluded.voltage_count;

-- name: insert_device_event
INSERT INTO device_events (id, device, kind, severity, at_ms, facts, uplink_id, mailed, noticed)
VALUES (:id, :device, :kind, :severity, :at_ms, :facts, :uplink_id, :mailed, :noticed);

-- name: devices_to_alert
SELECT DISTINCT e.device FROM device_events AS e
    LEFT JOIN device_states AS s ON s.device = e.device
    LEFT JOIN devices AS d ON d.number = e.device
    LEFT JOIN device_types AS t ON t.id = d.type_id
WHERE e.mailed = 0
    AND COALESCE(s.alerted_at_ms, 0) + 1000 * COALESCE(d.alert_window_seconds, t.alert_window_seconds, :usual_seconds)
        <= :now_ms
ORDER BY e.device LIMIT :limit;

-- name: events_to_mail
SELECT id, kind, at_ms, facts FROM device_events WHERE device = :device AND mailed = 0 ORDER BY id LIMIT :limit;

-- name: alert_rules
SELECT d.number AS device, d.language,
    COALESCE(NULLIF(d.alert_email, ''), NULLIF(t.alert_email, ''), NULLIF(d.contact_email, ''), d.order_email)
        AS recipient,
    COALESCE(NULLIF(d.alerts, ''), t.alerts, '') AS alerts,
    COALESCE(d.alert_window_seconds, t.alert_window_seconds, :usual_seconds) AS alert_window_seconds
FROM devices AS d LEFT JOIN device_types AS t ON t.id = d.type_id
WHERE d.number = :device;

-- name: set_alerted
UPDATE device_states SET alerted_at_ms = :now_ms WHERE device = :device;

-- name: mark_mailed
UPDATE device_events SET mailed = 1 WHERE id = :id;

-- name: events_to_notice
SELECT id, device, kind, at_ms, facts FROM device_events WHERE noticed = 0 ORDER BY id LIMIT :limit
/* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: kinds_wanted
SELECT d.label, e.host, e.kinds FROM endpoints AS e JOIN devices AS d ON d.number = e.device
WHERE e.device = :device AND e.kinds <> 'data' ORDER BY e.position;

-- name: mark_noticed
UPDATE device_events SET noticed = 1 WHERE id = :id;
