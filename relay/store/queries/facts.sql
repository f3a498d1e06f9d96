-- All that is known of one message.

-- name: uplink_of_delivery
SELECT uplink_id FROM deliveries WHERE id = :id;

-- name: facts_of_uplink
SELECT u.kind, u.device, u.device_text, u.time, u.seq_number, u.data, u.rssi, u.snr, u.station, u.ack, u.more, u.radio,
    u.received_at_ms, u.downlink
FROM uplinks AS u WHERE u.id = :id;

-- name: type_of_device
SELECT t.name FROM devices AS d JOIN device_types AS t ON t.id = d.type_id WHERE d.number = :number;
