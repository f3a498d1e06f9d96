-- Accepting.

-- name: routes_of_device
SELECT d.number AS device, e.id AS endpoint_id, e.state, e.failures, e.ordered, e.revision,
    e.url_sealed, e.secret_sealed, e.previous_secret_sealed, e.previous_secret_until_ms
FROM devices AS d LEFT JOIN endpoints AS e ON e.device = d.number
WHERE d.number = :device;

-- name: recent_without_time
SELECT time FROM uplinks
WHERE device = :device AND time BETWEEN :since AND :until AND seq_number = :seq_number AND data = :data AND kind = :kind
    AND time_given = 0
ORDER BY time DESC LIMIT 1;

-- name: insert_uplink
INSERT INTO uplinks (
    id, callback_id, kind, device, device_text, time, time_given, seq_number, data, rssi, snr, station, ack, more,
    received_at_ms, unclaimed, repeats, downlink
) VALUES (
    :id, :callback_id, :kind, :device, :device_text, :time, :time_given, :seq_number, :data, :rssi, :snr, :station, :ack,
    :more, :received_at_ms, :unclaimed, 0, ''
) ON CONFLICT (device, time, seq_number, data, kind) DO NOTHING
RETURNING id;

-- What was chosen first stays: each repeat of the callback gets the same bytes.
-- name: repeat_uplink
UPDATE uplinks SET repeats = repeats + 1
WHERE device = :device AND time = :time AND seq_number = :seq_number AND data = :data AND kind = :kind
RETURNING id, downlink, downlink_reason, asking_until_ms;

-- name: insert_callback
INSERT INTO callbacks (id, received_at_ms, kind, method, query, content_type, body)
VALUES (:id, :received_at_ms, :kind, :method, :query, :content_type, :body);

-- name: insert_delivery
INSERT INTO deliveries (
    id, uplink_id, endpoint_id, webhook_id, state, attempts, tries, due_at_ms, leased_by, created_at_ms
) VALUES (
    :id, :uplink_id, :endpoint_id, :webhook_id, :state, :attempts, :attempts, :due_at_ms, :leased_by,
    :created_at_ms
);

-- name: open_in_order
SELECT endpoint_id FROM deliveries WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held') LIMIT 1;
