-- Accepting.

-- Of all devices at once: their numbers with commas between.
-- name: routes_of_devices
SELECT d.number AS device, e.id AS endpoint_id, e.state, e.failures, e.ordered, e.kinds, e.awaits_radio, e.revision,
    e.url_sealed, e.secret_sealed, e.previous_secret_sealed, e.previous_secret_until_ms, e.options_sealed
FROM devices AS d LEFT JOIN endpoints AS e ON e.device = d.number
WHERE d.number
    /* sqlite: IN (SELECT value FROM json_each('[' || :devices || ']')) */
    /* postgresql: = ANY (CAST(string_to_array(:devices, ',') AS BIGINT[])) */;

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

-- What was chosen first stays: each repeat of the callback gets the same bytes. What only the repeat has is added: it
-- may come from another template.
-- name: repeat_uplink
UPDATE uplinks
SET repeats = repeats + :repeats,
    rssi = COALESCE(rssi, :rssi), snr = COALESCE(snr, :snr), station = COALESCE(station, :station),
    ack = CASE WHEN ack = 0 THEN :ack ELSE ack END, more = CASE WHEN more = '' THEN :more ELSE more END
WHERE device = :device AND time = :time AND seq_number = :seq_number AND data = :data AND kind = :kind
RETURNING id, downlink, downlink_reason, asking_until_ms, radio;

-- The same time tells, unless one of the two callbacks had none; so does the same sequence number.
-- name: message_of_advanced
SELECT time, time_given, seq_number, data FROM uplinks
WHERE device = :device AND time BETWEEN :since AND :until AND kind = 'data'
    AND (data = :data OR (time = :time AND :data = ''))
    AND (seq_number IN (-1, :seq_number) OR :seq_number = -1)
    AND (time = :time OR time_given = 0)
ORDER BY CASE WHEN time = :time THEN 0 ELSE 1 END, CASE WHEN data = :data THEN 0 ELSE 1 END,
    CASE WHEN seq_number = :seq_number THEN 0 ELSE 1 END, time DESC
LIMIT 1;

-- The time that its message has may be any: a callback may bring it late, or a device's test an old one.
-- name: message_of_timeless_advanced
SELECT time, time_given, seq_number, data FROM uplinks
WHERE id IN (SELECT id FROM uplinks WHERE device = :device ORDER BY time DESC LIMIT 50)
    AND received_at_ms >= :received_since_ms AND data = :data AND kind = 'data'
    AND (seq_number IN (-1, :seq_number) OR :seq_number = -1)
ORDER BY CASE WHEN seq_number = :seq_number THEN 0 ELSE 1 END, received_at_ms DESC, id DESC
LIMIT 1;

-- name: set_radio
UPDATE uplinks SET radio = :radio WHERE id = :id;

-- Only what was never tried waits for the radio details.
-- name: radio_came
UPDATE deliveries SET due_at_ms = :now_ms
WHERE uplink_id = :uplink_id AND state IN ('waiting', 'held') AND leased_by IS NULL AND attempts = 0
    AND due_at_ms > :now_ms
RETURNING id;

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
SELECT endpoint_id FROM deliveries
WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held') AND state <> 'delivered' LIMIT 1;
