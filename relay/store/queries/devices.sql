-- Devices and endpoints.

-- name: read_device
SELECT number, label, order_email, contact_email, language, created_at_ms, type_id, name, time_zone, fixed_latitude,
    fixed_longitude, fixed_label, sequence_modulo, display, grammar, latitude_field, longitude_field, downlink_chain,
    downlink_template, keep_alive_seconds, alert_email, alerts, alert_window_seconds, low_battery, token_digest
FROM devices WHERE number = :number;

-- name: list_devices
SELECT d.number, d.label, d.order_email, d.contact_email, d.language, d.created_at_ms, d.type_id, d.name, d.time_zone,
    d.fixed_latitude, d.fixed_longitude, d.fixed_label, d.sequence_modulo, d.display, d.grammar, d.latitude_field,
    d.longitude_field, d.downlink_chain, d.downlink_template, d.keep_alive_seconds, d.alert_email, d.alerts, d.alert_window_seconds,
    d.low_battery, e.host, COALESCE(t.name, 'default') AS type_name
FROM devices AS d
    LEFT JOIN device_types AS t ON t.id = d.type_id
    LEFT JOIN endpoints AS e ON e.device = d.number AND e.position = 1
WHERE d.number > :after AND (CAST(:type_id AS BIGINT) IS NULL OR d.type_id = :type_id)
ORDER BY d.number LIMIT :limit;

-- name: put_device
INSERT INTO devices (
    number, label, token_digest, order_email, contact_email, language, downlink_template, grammar, created_at_ms, type_id
) VALUES (:number, :label, :token_digest, :order_email, '', :language, '', '', :created_at_ms, :type_id)
ON CONFLICT (number) DO UPDATE
SET label = excluded.label, token_digest = excluded.token_digest, order_email = excluded.order_email,
    type_id = excluded.type_id;

-- name: put_device_settings
UPDATE devices
SET type_id = :type_id, name = :name, time_zone = :time_zone, fixed_latitude = :fixed_latitude,
    fixed_longitude = :fixed_longitude, fixed_label = :fixed_label, sequence_modulo = :sequence_modulo, display = :display, grammar = :grammar,
    latitude_field = :latitude_field, longitude_field = :longitude_field, downlink_chain = :downlink_chain,
    downlink_template = :downlink_template, keep_alive_seconds = :keep_alive_seconds, alert_email = :alert_email,
    alerts = :alerts, alert_window_seconds = :alert_window_seconds, low_battery = :low_battery
WHERE number = :number;

-- name: set_contact
UPDATE devices SET contact_email = :contact_email, language = :language WHERE number = :number;

-- name: read_endpoint
SELECT id, device, url_sealed, secret_sealed, previous_secret_sealed, previous_secret_until_ms, host, state, revision,
    options_sealed
FROM endpoints WHERE id = :id;

-- name: first_endpoint_of_device
SELECT id, device, url_sealed, secret_sealed, previous_secret_sealed, previous_secret_until_ms, host, state, revision,
    options_sealed
FROM endpoints WHERE device = :device AND position = 1;

-- name: insert_endpoint
INSERT INTO endpoints (
    id, device, position, url_sealed, secret_sealed, host, state, revision, failures, failing_since_ms,
    created_at_ms, changed_at_ms
) VALUES (
    :id, :device, :position, :url_sealed, :secret_sealed, :host, 'active', 1, 0, NULL, :now_ms, :now_ms
);

-- The operator of the old host knows the old secrets.
-- name: change_endpoint
UPDATE endpoints
SET url_sealed = :url_sealed, secret_sealed = :secret_sealed, options_sealed = :options_sealed, host = :host,
    revision = revision + 1,
    previous_secret_sealed = CASE WHEN host = :host THEN previous_secret_sealed END,
    state = CASE WHEN state = 'paused' THEN state ELSE 'active' END, failures = 0, failing_since_ms = NULL,
    probes = 0, probe_at_ms = NULL, probe_delivery_id = NULL, cause = NULL, told = 0, told_since_ms = NULL,
    draining = 1, drain_until_ms = NULL, changed_at_ms = :now_ms
WHERE id = :id RETURNING revision, state;

-- name: unclaimed_uplinks
SELECT id FROM uplinks WHERE device = :device AND unclaimed = 1 AND received_at_ms >= :since_ms
ORDER BY received_at_ms LIMIT :limit;

-- name: claim_uplink
UPDATE uplinks SET unclaimed = 0 WHERE id = :id;

-- name: endpoint_waiting_now
UPDATE deliveries SET due_at_ms = :now_ms
WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND state <> 'delivered' AND leased_by IS NULL
    AND due_at_ms > :now_ms;
