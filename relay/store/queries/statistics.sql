-- Reading statistics, and what happened.

-- name: hours_of_device
SELECT starts_at, messages, bytes, missed, snr_sum, snr_count, rssi_sum, rssi_count, temperature_sum, temperature_count,
    voltage_sum, voltage_count
FROM device_hours WHERE device = :device AND starts_at >= :since AND starts_at < :until ORDER BY starts_at;

-- name: hours_of_type
SELECT starts_at, messages, bytes, missed, snr_sum, snr_count, rssi_sum, rssi_count, temperature_sum, temperature_count,
    voltage_sum, voltage_count
FROM type_hours WHERE type_id = :type_id AND starts_at >= :since AND starts_at < :until ORDER BY starts_at;

-- name: hours_of_all_types
SELECT starts_at, messages, bytes, missed, snr_sum, snr_count, rssi_sum, rssi_count, temperature_sum, temperature_count,
    voltage_sum, voltage_count
FROM type_hours WHERE starts_at >= :since AND starts_at < :until ORDER BY starts_at;

-- Sums by the days of a zone that is `offset` seconds ahead of UTC; an hour belongs to the day in which it begins.

-- name: days_of_device
SELECT (starts_at + :offset) / 86400 AS day,
    CAST(SUM(messages) AS BIGINT) AS messages, CAST(SUM(bytes) AS BIGINT) AS bytes, CAST(SUM(missed) AS BIGINT) AS missed,
    SUM(snr_sum) AS snr_sum, CAST(SUM(snr_count) AS BIGINT) AS snr_count, SUM(rssi_sum) AS rssi_sum,
    CAST(SUM(rssi_count) AS BIGINT) AS rssi_count, SUM(temperature_sum) AS temperature_sum,
    CAST(SUM(temperature_count) AS BIGINT) AS temperature_count, SUM(voltage_sum) AS voltage_sum,
    CAST(SUM(voltage_count) AS BIGINT) AS voltage_count
FROM device_hours WHERE device = :device AND starts_at >= :since AND starts_at < :until
GROUP BY (starts_at + :offset) / 86400 ORDER BY day;

-- name: days_of_type
SELECT (starts_at + :offset) / 86400 AS day,
    CAST(SUM(messages) AS BIGINT) AS messages, CAST(SUM(bytes) AS BIGINT) AS bytes, CAST(SUM(missed) AS BIGINT) AS missed,
    SUM(snr_sum) AS snr_sum, CAST(SUM(snr_count) AS BIGINT) AS snr_count, SUM(rssi_sum) AS rssi_sum,
    CAST(SUM(rssi_count) AS BIGINT) AS rssi_count, SUM(temperature_sum) AS temperature_sum,
    CAST(SUM(temperature_count) AS BIGINT) AS temperature_count, SUM(voltage_sum) AS voltage_sum,
    CAST(SUM(voltage_count) AS BIGINT) AS voltage_count
FROM type_hours WHERE type_id = :type_id AND starts_at >= :since AND starts_at < :until
GROUP BY (starts_at + :offset) / 86400 ORDER BY day;

-- name: days_of_all_types
SELECT (starts_at + :offset) / 86400 AS day,
    CAST(SUM(messages) AS BIGINT) AS messages, CAST(SUM(bytes) AS BIGINT) AS bytes, CAST(SUM(missed) AS BIGINT) AS missed,
    SUM(snr_sum) AS snr_sum, CAST(SUM(snr_count) AS BIGINT) AS snr_count, SUM(rssi_sum) AS rssi_sum,
    CAST(SUM(rssi_count) AS BIGINT) AS rssi_count, SUM(temperature_sum) AS temperature_sum,
    CAST(SUM(temperature_count) AS BIGINT) AS temperature_count, SUM(voltage_sum) AS voltage_sum,
    CAST(SUM(voltage_count) AS BIGINT) AS voltage_count
FROM type_hours WHERE starts_at >= :since AND starts_at < :until
GROUP BY (starts_at + :offset) / 86400 ORDER BY day;

-- name: events_of_device
SELECT id, device, kind, severity, at_ms, facts, uplink_id FROM device_events
WHERE device = :device AND id < :before ORDER BY id DESC LIMIT :limit;

-- name: latest_events
SELECT id, device, kind, severity, at_ms, facts, uplink_id FROM device_events
WHERE id < :before ORDER BY id DESC LIMIT :limit;

-- name: forget_events
DELETE FROM device_events
WHERE id IN (SELECT id FROM device_events WHERE at_ms < :before_ms ORDER BY at_ms LIMIT :limit)
RETURNING id;

-- name: forget_device_hours
DELETE FROM device_hours WHERE (device, starts_at) IN (
    SELECT device, starts_at FROM device_hours WHERE starts_at < :before ORDER BY starts_at LIMIT :limit
)
RETURNING starts_at;

-- name: forget_type_hours
DELETE FROM type_hours WHERE (type_id, starts_at) IN (
    SELECT type_id, starts_at FROM type_hours WHERE starts_at < :before ORDER BY starts_at LIMIT :limit
)
RETURNING starts_at;
