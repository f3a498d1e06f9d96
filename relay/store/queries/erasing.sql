-- Erasing what an owner wants forgotten. What is not yet erased stands in the settings, so that a crash ends nothing.

-- name: begin_erasing
INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: unfinished_erasures
SELECT name, value FROM settings WHERE name LIKE 'erase:%' ORDER BY name LIMIT :limit;

-- name: end_erasing
DELETE FROM settings WHERE name = :name;

-- name: erase_owner
UPDATE devices SET order_email = '', contact_email = '', alert_email = '', name = '', fixed_latitude = NULL,
    fixed_longitude = NULL, fixed_label = ''
WHERE number = :device;

-- name: erase_endpoints
DELETE FROM endpoints WHERE device = :device;

-- name: erase_mails
DELETE FROM outbox WHERE device = :device;

-- name: erase_links
DELETE FROM links WHERE device = :device;

-- name: erase_sign_ins
DELETE FROM session_devices WHERE device = :device;

-- name: erase_activity
DELETE FROM activity WHERE device = :device;

-- name: erase_downlinks
DELETE FROM downlinks WHERE device = :device;

-- name: erase_events
DELETE FROM device_events WHERE device = :device;

-- name: erase_state
DELETE FROM device_states WHERE device = :device;

-- name: erase_statistics
DELETE FROM device_hours WHERE device = :device;

-- name: erase_replays
DELETE FROM replays WHERE device = :device;

-- name: uplinks_to_erase
SELECT id, callback_id FROM uplinks WHERE device = :device AND received_at_ms <= :until_ms LIMIT :limit;

-- name: erase_callback
DELETE FROM callbacks WHERE id = :callback_id;
