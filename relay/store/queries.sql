-- Every statement of the relay. Portable SQL; see statements.py for the two dialect marks.

-- name: take_ids
UPDATE id_blocks SET next_id = next_id + :count WHERE name = 'id' RETURNING next_id - :count AS first_id;

-- name: read_setting
SELECT value FROM settings WHERE name = :name;

-- name: write_setting
INSERT INTO settings (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;


-- Accepting

-- name: routes_of_device
SELECT d.number AS device, d.downlink_template, e.id AS endpoint_id, e.state, e.revision, e.url_sealed,
    e.secret_sealed
FROM devices AS d LEFT JOIN endpoints AS e ON e.device = d.number
WHERE d.number = :device;

-- name: recent_without_time
SELECT time FROM uplinks
WHERE device = :device AND time >= :since AND seq_number = :seq_number AND data = :data AND kind = :kind
    AND time_given = 0
ORDER BY time DESC LIMIT 1;

-- name: insert_uplink
INSERT INTO uplinks (
    id, callback_id, kind, device, device_text, time, time_given, seq_number, data, rssi, snr, station, ack, more,
    received_at_ms, unclaimed, repeats, downlink
) VALUES (
    :id, :id, :kind, :device, :device_text, :time, :time_given, :seq_number, :data, :rssi, :snr, :station, :ack,
    :more, :received_at_ms, :unclaimed, 0, :downlink
) ON CONFLICT (device, time, seq_number, data, kind) DO NOTHING
RETURNING id;

-- The first downlink stays: each repeat of the callback gets the same bytes.
-- name: repeat_uplink
UPDATE uplinks SET repeats = repeats + 1, downlink = CASE WHEN downlink = '' THEN :downlink ELSE downlink END
WHERE device = :device AND time = :time AND seq_number = :seq_number AND data = :data AND kind = :kind
RETURNING id, downlink;

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


-- Delivering

-- The attempt is counted before it is made, so one that kills the process cannot go on for ever.
-- name: claim_due
UPDATE deliveries
SET attempts = attempts + 1, tries = tries + 1, due_at_ms = :lease_until_ms, leased_by = :node
WHERE id IN (
    SELECT id FROM deliveries WHERE state = 'waiting' AND due_at_ms <= :now_ms
    ORDER BY due_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
RETURNING id;

-- name: read_delivery
SELECT d.id, d.webhook_id, d.endpoint_id, d.attempts, d.tries, d.due_at_ms, e.revision, e.url_sealed,
    e.secret_sealed, u.device_text, u.time, u.data, u.snr, u.rssi, u.received_at_ms
FROM deliveries AS d
JOIN uplinks AS u ON u.id = d.uplink_id
JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE d.id = :id;

-- A node whose lease ran out finds the attempt number changed, and changes nothing.
-- name: settle_delivery
UPDATE deliveries
SET state = :state, due_at_ms = :due_at_ms, cause = :cause, settled_at_ms = :settled_at_ms, leased_by = NULL
WHERE id = :id AND attempts = :attempt AND leased_by = :node;

-- name: insert_attempt
INSERT INTO attempts (delivery_id, number, at_ms, duration_ms, status, cause, detail, answer)
VALUES (:delivery_id, :number, :at_ms, :duration_ms, :status, :cause, :detail, :answer)
ON CONFLICT (delivery_id, number) DO NOTHING;

-- name: give_back
UPDATE deliveries
SET attempts = attempts - 1, tries = tries - 1, due_at_ms = :now_ms, leased_by = NULL
WHERE id = :id AND attempts = :attempt AND leased_by = :node AND state = 'waiting';

-- name: free_leases
UPDATE deliveries SET due_at_ms = :now_ms, leased_by = NULL
WHERE state = 'waiting' AND leased_by IS NOT NULL;

-- name: next_due
SELECT MIN(due_at_ms) AS due_at_ms FROM deliveries WHERE state = 'waiting';


-- Devices and endpoints

-- name: read_device
SELECT number, label, order_email, contact_email, language, downlink_template, grammar, created_at_ms, token_digest
FROM devices WHERE number = :number;

-- name: list_devices
SELECT d.number, d.label, d.order_email, d.contact_email, d.language, d.downlink_template, d.grammar,
    d.created_at_ms, e.host
FROM devices AS d LEFT JOIN endpoints AS e ON e.device = d.number AND e.position = 1
WHERE d.number > :after
ORDER BY d.number LIMIT :limit;

-- name: put_device
INSERT INTO devices (
    number, label, token_digest, order_email, contact_email, language, downlink_template, grammar, created_at_ms
) VALUES (:number, :label, :token_digest, :order_email, '', :language, '', '', :created_at_ms)
ON CONFLICT (number) DO UPDATE
SET label = excluded.label, token_digest = excluded.token_digest, order_email = excluded.order_email;

-- name: set_contact
UPDATE devices SET contact_email = :contact_email, language = :language WHERE number = :number;

-- name: set_downlink_template
UPDATE devices SET downlink_template = :downlink_template WHERE number = :number RETURNING number;

-- name: set_grammar
UPDATE devices SET grammar = :grammar WHERE number = :number RETURNING number;

-- name: read_endpoint
SELECT id, device, url_sealed, secret_sealed, host, state, revision FROM endpoints WHERE id = :id;

-- name: first_endpoint_of_device
SELECT id, device, url_sealed, secret_sealed, host, state, revision FROM endpoints
WHERE device = :device AND position = 1;

-- name: insert_endpoint
INSERT INTO endpoints (
    id, device, position, url_sealed, secret_sealed, host, state, revision, failures, failing_since_ms,
    created_at_ms, changed_at_ms
) VALUES (
    :id, :device, 1, :url_sealed, :secret_sealed, :host, 'active', 1, 0, NULL, :now_ms, :now_ms
);

-- name: change_endpoint
UPDATE endpoints
SET url_sealed = :url_sealed, secret_sealed = :secret_sealed, host = :host, revision = revision + 1,
    failures = 0, failing_since_ms = NULL, changed_at_ms = :now_ms
WHERE id = :id RETURNING revision;

-- name: unclaimed_uplinks
SELECT id FROM uplinks WHERE device = :device AND unclaimed = 1 AND received_at_ms >= :since_ms
ORDER BY received_at_ms LIMIT :limit;

-- name: claim_uplink
UPDATE uplinks SET unclaimed = 0 WHERE id = :id;

-- name: endpoint_waiting_now
UPDATE deliveries SET due_at_ms = :now_ms
WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND leased_by IS NULL AND due_at_ms > :now_ms;


-- Looking

-- name: uplinks_of_device
SELECT id, kind, device_text, time, seq_number, data, rssi, snr, station, ack, received_at_ms, unclaimed, repeats,
    downlink
FROM uplinks WHERE device = :device AND id < :before ORDER BY id DESC LIMIT :limit;

-- name: deliveries_of_uplink
SELECT id, endpoint_id, webhook_id, state, attempts, tries, due_at_ms, leased_by, cause, created_at_ms, settled_at_ms
FROM deliveries WHERE uplink_id = :uplink_id ORDER BY id;

-- name: attempts_of_delivery
SELECT number, at_ms, duration_ms, status, cause, detail, answer
FROM attempts WHERE delivery_id = :delivery_id ORDER BY number;

-- name: ping
SELECT 1 AS one;
