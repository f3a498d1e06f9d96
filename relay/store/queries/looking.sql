-- Looking.

-- What DATA_ADVANCED told stands with its message.
-- name: uplinks_of_device
SELECT id, kind, device, device_text, time, seq_number, data, rssi, snr, station, ack, received_at_ms, unclaimed,
    repeats, downlink, downlink_reason, radio, more
FROM uplinks WHERE device = :device AND id < :before AND kind <> 'data-advanced' ORDER BY id DESC LIMIT :limit;

-- name: deliveries_of_uplink
SELECT id, endpoint_id, webhook_id, state, attempts, tries, due_at_ms, leased_by, cause, created_at_ms, settled_at_ms
FROM deliveries WHERE uplink_id = :uplink_id ORDER BY id;

-- name: attempts_of_delivery
SELECT number, at_ms, duration_ms, status, cause, detail, answer, note, address, looked_up_ms, reached_ms, connected_ms,
    answered_ms, answer_headers
FROM attempts WHERE delivery_id = :delivery_id ORDER BY number;

-- name: ping
SELECT 1 AS one;
