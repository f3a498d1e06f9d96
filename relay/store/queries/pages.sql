-- What the pages of a device read. All of it is bounded: nobody who looks may hold up a message. Messages are ordered
-- by the unique index of uplinks, and looked for within a window of it.

-- name: newest_message
SELECT id, time, received_at_ms FROM (
    SELECT id, time, seq_number, data, kind, received_at_ms FROM uplinks WHERE device = :device
    ORDER BY time DESC, seq_number DESC, data DESC, kind DESC LIMIT :window
) AS newest
WHERE kind = 'data' ORDER BY time DESC, seq_number DESC, data DESC LIMIT 1;

-- name: open_of_endpoint
SELECT state, COUNT(*) AS count, MIN(CASE WHEN leased_by IS NULL THEN due_at_ms END) AS next_at_ms FROM (
    SELECT state, due_at_ms, leased_by FROM deliveries
    WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held') AND state <> 'delivered' LIMIT :limit
) AS open_ones GROUP BY state;

-- name: older_messages
SELECT u.id, u.time, u.seq_number, u.data, u.kind, u.rssi, u.snr, u.station, u.ack, u.repeats, u.downlink,
    u.downlink_reason, u.radio, u.received_at_ms
FROM (
    SELECT id, time, seq_number, data, kind FROM uplinks
    WHERE device = :device AND time >= :since AND (time, seq_number, data, kind) < (:time, :seq_number, :data, :kind)
    ORDER BY time DESC, seq_number DESC, data DESC, kind DESC LIMIT :window
) AS w JOIN uplinks AS u ON u.id = w.id
WHERE w.kind = 'data' AND (:text = '' OR w.data LIKE '%' || :text || '%') AND (:downlink = 0 OR u.ack = 1) AND CASE
    WHEN :state = 'not_sent' THEN NOT EXISTS (SELECT 1 FROM deliveries WHERE uplink_id = w.id)
    WHEN :state = '' AND :cause = '' AND :status_to = 0 THEN 1 = 1
    ELSE EXISTS (
        SELECT 1 FROM deliveries AS d
        WHERE d.uplink_id = w.id AND (:state = '' OR d.state = :state) AND (:cause = '' OR d.cause = :cause)
            AND (:status_to = 0 OR EXISTS (
                SELECT 1 FROM attempts WHERE delivery_id = d.id AND status BETWEEN :status_from AND :status_to
                    AND number = (SELECT MAX(number) FROM attempts WHERE delivery_id = d.id)
            ))
    )
END
ORDER BY w.time DESC, w.seq_number DESC, w.data DESC LIMIT :limit;

-- name: end_of_older
SELECT time, seq_number, data, kind FROM uplinks
WHERE device = :device AND time >= :since AND (time, seq_number, data, kind) < (:time, :seq_number, :data, :kind)
ORDER BY time DESC, seq_number DESC, data DESC, kind DESC LIMIT 1 OFFSET :window;

-- name: newer_messages
SELECT u.id, u.time, u.seq_number, u.data, u.kind, u.rssi, u.snr, u.station, u.ack, u.repeats, u.downlink,
    u.downlink_reason, u.radio, u.received_at_ms
FROM (
    SELECT id, time, seq_number, data, kind FROM uplinks
    WHERE device = :device AND time < :until AND (time, seq_number, data, kind) > (:time, :seq_number, :data, :kind)
    ORDER BY time, seq_number, data, kind LIMIT :window
) AS w JOIN uplinks AS u ON u.id = w.id
WHERE w.kind = 'data' AND (:text = '' OR w.data LIKE '%' || :text || '%') AND (:downlink = 0 OR u.ack = 1) AND CASE
    WHEN :state = 'not_sent' THEN NOT EXISTS (SELECT 1 FROM deliveries WHERE uplink_id = w.id)
    WHEN :state = '' AND :cause = '' AND :status_to = 0 THEN 1 = 1
    ELSE EXISTS (
        SELECT 1 FROM deliveries AS d
        WHERE d.uplink_id = w.id AND (:state = '' OR d.state = :state) AND (:cause = '' OR d.cause = :cause)
            AND (:status_to = 0 OR EXISTS (
                SELECT 1 FROM attempts WHERE delivery_id = d.id AND status BETWEEN :status_from AND :status_to
                    AND number = (SELECT MAX(number) FROM attempts WHERE delivery_id = d.id)
            ))
    )
END
ORDER BY w.time, w.seq_number, w.data LIMIT :limit;

-- name: end_of_newer
SELECT time, seq_number, data, kind FROM uplinks
WHERE device = :device AND time < :until AND (time, seq_number, data, kind) > (:time, :seq_number, :data, :kind)
ORDER BY time, seq_number, data, kind LIMIT 1 OFFSET :window;

-- What is not delivered is found by its index; where there is too much of it, in the order of messages as above.
-- name: count_open_messages
SELECT COUNT(*) AS count FROM (
    SELECT 1 AS one FROM endpoints AS e JOIN deliveries AS d ON d.endpoint_id = e.id
    WHERE e.device = :device AND d.state <> 'delivered' AND d.state BETWEEN :first_state AND :last_state LIMIT :window
) AS open_ones;

-- name: older_open_messages
SELECT DISTINCT u.id, u.time, u.seq_number, u.data, u.kind, u.rssi, u.snr, u.station, u.ack, u.repeats, u.downlink,
    u.downlink_reason, u.radio, u.received_at_ms
FROM (
    SELECT d.uplink_id FROM endpoints AS e JOIN deliveries AS d ON d.endpoint_id = e.id
    WHERE e.device = :device AND d.state <> 'delivered' AND d.state BETWEEN :first_state AND :last_state
        AND (:cause = '' OR d.cause = :cause)
        AND (:status_to = 0 OR EXISTS (
            SELECT 1 FROM attempts WHERE delivery_id = d.id AND status BETWEEN :status_from AND :status_to
                AND number = (SELECT MAX(number) FROM attempts WHERE delivery_id = d.id)
        ))
    LIMIT :window
) AS o JOIN uplinks AS u ON u.id = o.uplink_id
WHERE u.kind = 'data' AND u.time >= :since AND (u.time, u.seq_number, u.data, u.kind) < (:time, :seq_number, :data, :kind)
    AND (:text = '' OR u.data LIKE '%' || :text || '%') AND (:downlink = 0 OR u.ack = 1)
ORDER BY u.time DESC, u.seq_number DESC, u.data DESC LIMIT :limit;

-- name: newer_open_messages
SELECT DISTINCT u.id, u.time, u.seq_number, u.data, u.kind, u.rssi, u.snr, u.station, u.ack, u.repeats, u.downlink,
    u.downlink_reason, u.radio, u.received_at_ms
FROM (
    SELECT d.uplink_id FROM endpoints AS e JOIN deliveries AS d ON d.endpoint_id = e.id
    WHERE e.device = :device AND d.state <> 'delivered' AND d.state BETWEEN :first_state AND :last_state
        AND (:cause = '' OR d.cause = :cause)
        AND (:status_to = 0 OR EXISTS (
            SELECT 1 FROM attempts WHERE delivery_id = d.id AND status BETWEEN :status_from AND :status_to
                AND number = (SELECT MAX(number) FROM attempts WHERE delivery_id = d.id)
        ))
    LIMIT :window
) AS o JOIN uplinks AS u ON u.id = o.uplink_id
WHERE u.kind = 'data' AND u.time < :until AND (u.time, u.seq_number, u.data, u.kind) > (:time, :seq_number, :data, :kind)
    AND (:text = '' OR u.data LIKE '%' || :text || '%') AND (:downlink = 0 OR u.ack = 1)
ORDER BY u.time, u.seq_number, u.data LIMIT :limit;

-- name: count_newer_messages
SELECT COUNT(*) AS count FROM (
    SELECT kind FROM uplinks
    WHERE device = :device AND (time, seq_number, data, kind) > (:time, :seq_number, :data, :kind)
    ORDER BY time, seq_number, data, kind LIMIT :limit
) AS newer WHERE kind = 'data';

-- name: deliveries_of_message
SELECT uplink_id, id, endpoint_id, webhook_id, state, attempts, due_at_ms, leased_by, cause
FROM deliveries WHERE uplink_id = :uplink_id ORDER BY id;

-- name: message_of_device
SELECT u.id, u.time, u.seq_number, u.data, u.kind, u.rssi, u.snr, u.station, u.ack, u.repeats, u.downlink,
    u.downlink_reason, u.radio, u.received_at_ms, u.device_text, u.more, u.time_given, c.method, c.query, c.content_type,
    c.body
FROM uplinks AS u LEFT JOIN callbacks AS c ON c.id = u.callback_id
WHERE u.id = :id AND u.device = :device;

-- name: attempts_of_deliveries
SELECT delivery_id, number, at_ms, duration_ms, status, cause FROM attempts WHERE delivery_id = :delivery_id
ORDER BY number DESC LIMIT :limit;

-- name: recent_downlinks
SELECT uplink_id, state, info_code FROM downlinks WHERE device = :device ORDER BY id DESC LIMIT :limit;
