-- Choosing a downlink. Locks are taken in this order: uplinks, days, downlinks.

-- name: downlink_settings
SELECT d.number AS device, COALESCE(NULLIF(d.downlink_chain, ''), t.downlink_chain, '') AS chain,
    COALESCE(NULLIF(d.downlink_template, ''), t.downlink_template, '') AS template,
    COALESCE(t.downlinks_a_day, :downlinks_a_day) AS downlinks_a_day
FROM devices AS d LEFT JOIN device_types AS t ON t.id = d.type_id
WHERE d.number = :device;

-- name: open_downlink_day
INSERT INTO downlink_days (device, day, sent) VALUES (:device, :day, 0)
ON CONFLICT (device) DO UPDATE
SET sent = CASE WHEN downlink_days.day = excluded.day THEN downlink_days.sent ELSE 0 END, day = excluded.day
RETURNING device, sent;

-- name: count_downlink
UPDATE downlink_days SET sent = sent + 1 WHERE device = :device;

-- name: next_in_queue
SELECT id, data FROM downlinks
WHERE device = :device AND state = 'pending' AND (expires_at_ms IS NULL OR expires_at_ms > :now_ms)
ORDER BY created_at_ms, id LIMIT 1 /* postgresql: FOR UPDATE */;

-- name: send_queued
UPDATE downlinks
SET state = 'sent', tries = tries + 1, uplink_id = :uplink_id, sent_at_ms = :now_ms, info_code = NULL, info_message = ''
WHERE id = :id;

-- name: insert_downlink
INSERT INTO downlinks (
    id, device, source, data, label, state, created_at_ms, expires_at_ms, tries, most_tries, uplink_id, sent_at_ms
) VALUES (
    :id, :device, :source, :data, :label, :state, :created_at_ms, :expires_at_ms, :tries, :most_tries, :uplink_id,
    :sent_at_ms
);

-- name: write_choice
UPDATE uplinks SET downlink = :downlink, downlink_reason = :reasons, asking_until_ms = :asking_until_ms WHERE id = :id;

-- name: active_delivery_of_uplink
SELECT d.id, d.state FROM deliveries AS d JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE d.uplink_id = :uplink_id AND e.state = 'active'
ORDER BY e.position LIMIT 1;

-- name: choice_for_uplink
SELECT id, downlink, downlink_reason FROM uplinks WHERE id = :id /* postgresql: FOR UPDATE */;

-- name: choice_of_uplink
SELECT downlink, downlink_reason FROM uplinks WHERE id = :id;

-- name: free_questions
UPDATE uplinks SET asking_until_ms = NULL WHERE asking_until_ms IS NOT NULL;

-- What becomes of it.

-- The youngest that was sent before; the time of a callback may be the relay's own, and a little late.
-- name: downlink_to_acknowledge
SELECT d.id, d.source, d.tries, d.most_tries FROM downlinks AS d LEFT JOIN uplinks AS u ON u.id = d.uplink_id
WHERE d.device = :device AND d.state = 'sent'
ORDER BY CASE WHEN u.time > :time THEN 1 ELSE 0 END, d.sent_at_ms DESC, d.id DESC
LIMIT 1 /* postgresql: FOR UPDATE OF d */;

-- name: acknowledge_downlink
UPDATE downlinks
SET state = :state, info_code = :info_code, info_message = :info_message, ended_at_ms = :ended_at_ms
WHERE id = :id;

-- name: expire_pending
WITH chosen AS (
    SELECT id FROM downlinks WHERE state = 'pending' AND expires_at_ms <= :now_ms
    ORDER BY expires_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
UPDATE downlinks SET state = 'expired', ended_at_ms = :now_ms
WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- What was queued goes back to the queue while it has tries left.
-- name: give_up_unheard
WITH chosen AS (
    SELECT id FROM downlinks WHERE state = 'sent' AND sent_at_ms <= :sent_before_ms
    ORDER BY sent_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
UPDATE downlinks
SET state = CASE WHEN source = 'queue' AND tries < most_tries THEN 'pending' ELSE 'expired' END,
    ended_at_ms = CASE WHEN source = 'queue' AND tries < most_tries THEN NULL ELSE CAST(:now_ms AS BIGINT) END
WHERE id IN (SELECT id FROM chosen)
RETURNING id;

-- name: forget_downlinks
DELETE FROM downlinks
WHERE id IN (SELECT id FROM downlinks ORDER BY id LIMIT :limit) AND state NOT IN ('pending', 'sent')
    AND created_at_ms < :before_ms
RETURNING id;

-- The queue, and what was.

-- name: lock_downlink_day
INSERT INTO downlink_days (device, day, sent) SELECT number, 0, 0 FROM devices WHERE number = :device
ON CONFLICT (device) DO UPDATE SET day = downlink_days.day
RETURNING device;

-- name: downlinks_pending
SELECT id, device, source, data, label, state, created_at_ms, expires_at_ms, tries, most_tries, uplink_id, sent_at_ms,
    ended_at_ms, info_code, info_message
FROM downlinks WHERE device = :device AND state = 'pending' ORDER BY created_at_ms, id;

-- name: downlinks_past
SELECT id, device, source, data, label, state, created_at_ms, expires_at_ms, tries, most_tries, uplink_id, sent_at_ms,
    ended_at_ms, info_code, info_message
FROM downlinks WHERE device = :device AND id < :before AND state <> 'pending' ORDER BY id DESC LIMIT :limit;

-- name: read_downlink
SELECT id, device, source, data, label, state, created_at_ms, expires_at_ms, tries, most_tries, uplink_id, sent_at_ms,
    ended_at_ms, info_code, info_message
FROM downlinks WHERE id = :id;

-- name: cancel_downlink
UPDATE downlinks SET state = 'cancelled', ended_at_ms = :now_ms
WHERE id = :id AND device = :device AND state = 'pending' RETURNING id;

-- name: clear_queue
UPDATE downlinks SET state = 'cancelled', ended_at_ms = :now_ms
WHERE device = :device AND state = 'pending' RETURNING id;

-- name: downlink_day
SELECT day, sent FROM downlink_days WHERE device = :device;
