-- Every statement of the relay. Portable SQL; see statements.py for the two dialect marks.

-- On PostgreSQL a row of id_blocks would stay locked until the transaction ends; see 0003_ids_on_postgresql.sql.
-- name: take_ids
/* sqlite: UPDATE id_blocks SET next_id = next_id + :count WHERE name = 'id' RETURNING next_id - :count AS first_id */
/* postgresql: SELECT nextval('ids') AS first_id WHERE :count <= 10000 */;

-- What finds no open way is kept under share_ways, and who opens a way holds change_ways: so nothing is kept as
-- unclaimed or held just after the way's opener looked for it. SQLite has one writer at a time anyway.
-- name: share_ways
SELECT 1 AS one /* postgresql: FROM pg_advisory_xact_lock_shared(5190002) */;

-- name: change_ways
SELECT 1 AS one /* postgresql: FROM pg_advisory_xact_lock(5190002) */;

-- Where messages go in order, nobody may look whether one is under way while another changes that. Whoever needs it
-- takes it before anything else, so that two nodes never wait for one another.
-- name: keep_order
SELECT 1 AS one /* postgresql: FROM pg_advisory_xact_lock(5190003) */;


-- Accepting

-- name: routes_of_device
SELECT d.number AS device, d.downlink_template, e.id AS endpoint_id, e.state, e.failures, e.ordered, e.revision,
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

-- name: open_in_order
SELECT endpoint_id FROM deliveries WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held') LIMIT 1;


-- Delivering

-- The attempt is counted before it is made, so one that kills the process cannot go on for ever: whoever finds
-- a lease that ran out counts a crash. Those that were ever in a crash are claimed apart, a few at a time.
-- name: claim_due
UPDATE deliveries
SET attempts = attempts + 1, tries = tries + 1, due_at_ms = :lease_until_ms, leased_by = :node,
    crashes = crashes + CASE WHEN leased_by IS NULL THEN 0 ELSE 1 END
WHERE id IN (
    SELECT id FROM deliveries WHERE state = 'waiting' AND due_at_ms <= :now_ms AND crashes = 0
    ORDER BY due_at_ms, id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
RETURNING id;

-- name: claim_suspects
UPDATE deliveries
SET attempts = attempts + 1, tries = tries + 1, due_at_ms = :lease_until_ms, leased_by = :node,
    crashes = crashes + CASE WHEN leased_by IS NULL THEN 0 ELSE 1 END
WHERE id IN (
    SELECT id FROM deliveries WHERE state = 'waiting' AND due_at_ms <= :now_ms AND crashes BETWEEN :least AND :most
    ORDER BY due_at_ms, id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
RETURNING id;

-- name: read_delivery
SELECT d.id, d.webhook_id, d.endpoint_id, d.attempts, d.tries, d.due_at_ms, d.crashes, e.revision, e.url_sealed,
    e.secret_sealed, e.previous_secret_sealed, e.previous_secret_until_ms, e.state, e.failures, e.ordered,
    e.probe_delivery_id, u.device_text, u.time, u.data, u.snr, u.rssi, u.received_at_ms
FROM deliveries AS d
JOIN uplinks AS u ON u.id = d.uplink_id
JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE d.id = :id;

-- name: hold_claimed
UPDATE deliveries SET state = 'held', attempts = attempts - 1, tries = tries - 1, due_at_ms = :now_ms, leased_by = NULL
WHERE id = :id AND leased_by = :node;

-- name: bury_crashed
UPDATE deliveries
SET state = 'dead', cause = 'crashed', attempts = attempts - 1, tries = tries - 1, leased_by = NULL,
    settled_at_ms = :now_ms
WHERE id = :id AND leased_by = :node;

-- A node whose lease ran out finds the attempt number changed, and changes nothing.
-- name: settle_delivery
UPDATE deliveries
SET state = :state, due_at_ms = :due_at_ms, cause = :cause, settled_at_ms = :settled_at_ms, leased_by = NULL,
    crashes = 0
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
UPDATE deliveries SET due_at_ms = :now_ms, leased_by = NULL, crashes = crashes + 1
WHERE state = 'waiting' AND leased_by IS NOT NULL;


-- How endpoints fare

-- name: read_health
SELECT id, state, failures, failing_since_ms, probes, probe_at_ms, cause FROM endpoints WHERE id = :id
/* postgresql: FOR UPDATE */;

-- name: write_health
UPDATE endpoints
SET state = :state, failures = :failures, failing_since_ms = :failing_since_ms, probes = :probes,
    probe_at_ms = :probe_at_ms, probe_delivery_id = NULL, cause = :cause,
    draining = CASE WHEN :opened = 1 THEN 1 ELSE draining END,
    drain_until_ms = CASE WHEN :opened = 1 THEN NULL ELSE drain_until_ms END
WHERE id = :id;

-- name: endpoints_to_probe
SELECT id, ordered FROM endpoints WHERE probe_at_ms <= :now_ms ORDER BY probe_at_ms LIMIT :limit
/* postgresql: FOR UPDATE SKIP LOCKED */;

-- The oldest of those whose next try is due, else the one whose next try is due first.
-- name: next_held_with_tries
SELECT id, due_at_ms FROM (
    SELECT id, due_at_ms FROM deliveries
    WHERE endpoint_id = :endpoint_id AND state = 'held' AND tries < :most_tries ORDER BY id LIMIT 100
) AS oldest
ORDER BY CASE WHEN due_at_ms <= :now_ms THEN 0 ELSE due_at_ms END, id LIMIT 1;

-- name: oldest_held
SELECT id, due_at_ms FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' ORDER BY id LIMIT 1;

-- name: start_probe
UPDATE endpoints SET probe_delivery_id = :delivery_id, probe_at_ms = :probe_at_ms WHERE id = :id;

-- name: make_due
UPDATE deliveries
SET state = 'waiting', due_at_ms = :now_ms, tries = CASE WHEN tries < :most_tries THEN tries ELSE 0 END
WHERE id = :id AND state = 'held';

-- An ordered endpoint whose message waits for a later try has to wait for it as well.
-- name: endpoints_to_drain
SELECT id, ordered FROM endpoints
WHERE draining = 1 AND state = 'active' AND (ordered = 0 OR NOT EXISTS (
    SELECT 1 FROM deliveries WHERE endpoint_id = endpoints.id AND deliveries.state = 'waiting'
))
ORDER BY CASE WHEN drain_until_ms IS NULL THEN 0 ELSE 1 END, id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: waiting_of_endpoint
SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'waiting' LIMIT :limit;

-- name: due_at_endpoint
SELECT id FROM deliveries
WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND (leased_by IS NOT NULL OR due_at_ms <= :now_ms) LIMIT :limit;

-- A new round: the endpoint was closed when the old tries were spent.
-- name: release_held
UPDATE deliveries SET state = 'waiting', due_at_ms = :now_ms, tries = 0
WHERE id IN (
    SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' ORDER BY id LIMIT :limit
    /* postgresql: FOR UPDATE */
)
RETURNING id;

-- The first time that nothing is left, the end is set; until then it is looked for what another node held late.
-- name: drained
UPDATE endpoints
SET draining = CASE WHEN drain_until_ms <= :now_ms THEN 0 ELSE 1 END,
    drain_until_ms = CASE WHEN drain_until_ms <= :now_ms THEN NULL ELSE COALESCE(drain_until_ms, :until_ms) END
WHERE id = :id;

-- name: set_endpoint_state
UPDATE endpoints
SET state = :state, failures = 0, failing_since_ms = NULL, probes = 0, probe_at_ms = NULL, probe_delivery_id = NULL,
    cause = NULL, told = 0, told_since_ms = NULL, draining = :draining,
    drain_until_ms = NULL
WHERE id = :id;

-- name: set_ordered
UPDATE endpoints SET ordered = :ordered, draining = 1, drain_until_ms = NULL WHERE id = :id RETURNING id;

-- Where one ended without a word, the next one must not wait for it.
-- name: go_on_in_order
UPDATE endpoints SET draining = 1, drain_until_ms = NULL WHERE id = :endpoint_id AND ordered = 1;

-- name: endpoints_to_announce
SELECT id, device, host, state, failures, failing_since_ms, probes, probe_at_ms, cause, told, told_since_ms
FROM endpoints
WHERE (failing_since_ms IS NOT NULL OR told > 0) AND (
    (told < 1 AND failing_since_ms <= :hour_ago_ms) OR (told < 2 AND failing_since_ms <= :day_ago_ms)
    OR (told < 3 AND state = 'suspended') OR (told > 0 AND failing_since_ms IS NULL AND state = 'active')
)
ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: set_told
UPDATE endpoints SET told = :told, told_since_ms = :told_since_ms WHERE id = :id;

-- name: count_late
SELECT COUNT(*) AS count FROM (
    SELECT 1 AS one FROM deliveries WHERE endpoint_id = :endpoint_id AND state IN ('waiting', 'held') LIMIT :limit
) AS open_ones;

-- name: newest_held
SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' ORDER BY id DESC LIMIT 1;

-- name: discard_held
UPDATE deliveries SET state = 'dead', cause = 'discarded', settled_at_ms = :now_ms
WHERE id IN (
    SELECT id FROM deliveries WHERE endpoint_id = :endpoint_id AND state = 'held' AND id < :before
    ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE */
)
RETURNING id;

-- name: list_endpoints
SELECT e.id, e.device, d.label, e.host, e.state, e.failures, e.failing_since_ms, e.probes, e.probe_at_ms, e.cause,
    CASE WHEN e.drain_until_ms IS NULL THEN e.draining ELSE 0 END AS draining, e.ordered
FROM endpoints AS e JOIN devices AS d ON d.number = e.device
WHERE e.id > :after ORDER BY e.id LIMIT :limit;

-- name: list_endpoints_in_state
SELECT e.id, e.device, d.label, e.host, e.state, e.failures, e.failing_since_ms, e.probes, e.probe_at_ms, e.cause,
    CASE WHEN e.drain_until_ms IS NULL THEN e.draining ELSE 0 END AS draining, e.ordered
FROM endpoints AS e JOIN devices AS d ON d.number = e.device
WHERE e.state = :state AND e.id > :after ORDER BY e.id LIMIT :limit;

-- name: endpoints_of_device
SELECT e.id, e.device, d.label, e.host, e.state, e.failures, e.failing_since_ms, e.probes, e.probe_at_ms, e.cause,
    CASE WHEN e.drain_until_ms IS NULL THEN e.draining ELSE 0 END AS draining, e.ordered
FROM endpoints AS e JOIN devices AS d ON d.number = e.device
WHERE e.device = :device ORDER BY e.position;

-- Ids grow with time, so the lowest is the oldest.
-- name: open_deliveries_of_endpoint
SELECT o.state, o.count, d.created_at_ms AS oldest_at_ms
FROM (
    SELECT state, COUNT(*) AS count, MIN(id) AS oldest_id FROM deliveries
    WHERE endpoint_id = :endpoint_id AND state <> 'delivered' GROUP BY state
) AS o JOIN deliveries AS d ON d.id = o.oldest_id
ORDER BY o.state;


-- Sending again

-- Where messages go in order, it waits for its turn.
-- name: replay_delivery
UPDATE deliveries
SET due_at_ms = :now_ms, tries = 0, crashes = 0, state = CASE
    WHEN EXISTS (SELECT 1 FROM endpoints WHERE id = deliveries.endpoint_id AND ordered = 1) THEN 'held' ELSE 'waiting'
END
WHERE id = :id AND leased_by IS NULL
RETURNING id, endpoint_id;

-- name: count_to_replay
SELECT COUNT(*) AS count
FROM uplinks AS u JOIN deliveries AS d ON d.uplink_id = u.id
WHERE u.device = :device AND d.created_at_ms BETWEEN :since_ms AND :until_ms
    AND (:states = 'all' OR d.state = :states) AND d.state <> 'waiting';

-- name: insert_replay
INSERT INTO replays (id, device, states, since_ms, until_ms, cursor_id, total, done, state, created_at_ms)
VALUES (:id, :device, :states, :since_ms, :until_ms, 0, :total, 0, 'running', :now_ms);

-- name: running_replays
SELECT id, device, states, since_ms, until_ms, cursor_id, total, done FROM replays WHERE state = 'running'
ORDER BY id LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */;

-- name: next_to_replay
SELECT d.id
FROM uplinks AS u JOIN deliveries AS d ON d.uplink_id = u.id
WHERE u.device = :device AND d.id > :cursor_id AND d.created_at_ms BETWEEN :since_ms AND :until_ms
    AND (:states = 'all' OR d.state = :states) AND d.state <> 'waiting'
ORDER BY d.id LIMIT :limit;

-- name: advance_replay
UPDATE replays SET cursor_id = :cursor_id, done = done + :count, state = :state
WHERE id = :id AND state = 'running';

-- name: list_replays
SELECT id, device, states, since_ms, until_ms, total, done, state, created_at_ms FROM replays
ORDER BY id DESC LIMIT :limit;

-- name: cancel_replay
UPDATE replays SET state = 'cancelled' WHERE id = :id AND state = 'running' RETURNING id;


-- Looking at deliveries

-- name: find_delivery
SELECT d.id, d.webhook_id, d.uplink_id, d.endpoint_id, d.state, d.attempts, d.tries, d.due_at_ms, d.leased_by, d.cause,
    d.created_at_ms, d.settled_at_ms, u.device_text, u.time, u.data, e.host
FROM deliveries AS d JOIN uplinks AS u ON u.id = d.uplink_id LEFT JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE d.id = :id;

-- Looks no further than a window, so that what is rare does not keep others from the database for long.
-- name: list_deliveries
SELECT d.id, d.webhook_id, d.uplink_id, d.endpoint_id, d.state, d.attempts, d.tries, d.due_at_ms, d.leased_by, d.cause,
    d.created_at_ms, d.settled_at_ms, u.device_text, u.time, u.data, e.host
FROM (SELECT * FROM deliveries WHERE id < :before ORDER BY id DESC LIMIT :window) AS d
JOIN uplinks AS u ON u.id = d.uplink_id LEFT JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE :state = '' OR d.state = :state
ORDER BY d.id DESC LIMIT :limit;

-- name: end_of_window
SELECT COUNT(*) AS count, MIN(id) AS first_id
FROM (SELECT id FROM deliveries WHERE id < :before ORDER BY id DESC LIMIT :window) AS looked_at;

-- name: list_deliveries_of_device
SELECT d.id, d.webhook_id, d.uplink_id, d.endpoint_id, d.state, d.attempts, d.tries, d.due_at_ms, d.leased_by, d.cause,
    d.created_at_ms, d.settled_at_ms, u.device_text, u.time, u.data, e.host
FROM uplinks AS u JOIN deliveries AS d ON d.uplink_id = u.id LEFT JOIN endpoints AS e ON e.id = d.endpoint_id
WHERE u.device = :device AND d.id < :before AND (:state = '' OR d.state = :state)
ORDER BY d.id DESC LIMIT :limit;

-- name: next_open_endpoint
SELECT o.endpoint_id, e.host
FROM (
    SELECT endpoint_id FROM deliveries WHERE state <> 'delivered' AND endpoint_id > :after ORDER BY endpoint_id LIMIT 1
) AS o LEFT JOIN endpoints AS e ON e.id = o.endpoint_id;

-- name: count_open
SELECT 'waiting' AS state, COUNT(*) AS count
FROM (SELECT 1 AS one FROM deliveries WHERE state = 'waiting' LIMIT :most) AS waiting
UNION ALL
SELECT 'held' AS state, COUNT(*) AS count FROM (SELECT 1 AS one FROM deliveries WHERE state = 'held' LIMIT :most) AS held
UNION ALL
SELECT 'dead' AS state, COUNT(*) AS count FROM (SELECT 1 AS one FROM deliveries WHERE state = 'dead' LIMIT :most) AS dead;

-- The most are active; that name comes last, so what matters more is counted before the limit.
-- name: count_endpoints
SELECT state, COUNT(*) AS count FROM (SELECT state FROM endpoints ORDER BY state DESC LIMIT :most) AS counted GROUP BY state;

-- name: oldest_due
SELECT due_at_ms FROM deliveries WHERE state = 'waiting' ORDER BY due_at_ms LIMIT 1;


-- Letting go of what is old, in small batches

-- name: oldest_uplinks
SELECT id, callback_id, received_at_ms, unclaimed FROM uplinks WHERE id > :after ORDER BY id LIMIT :limit;

-- name: forget_attempts_of_uplink
DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE uplink_id = :id);

-- name: go_on_after_forgotten
UPDATE endpoints SET draining = 1, drain_until_ms = NULL
WHERE ordered = 1 AND id IN (SELECT endpoint_id FROM deliveries WHERE uplink_id = :id AND state = 'waiting');

-- name: forget_deliveries_of_uplink
DELETE FROM deliveries WHERE uplink_id = :id;

-- name: forget_uplink
DELETE FROM uplinks WHERE id = :id;

-- name: forget_callbacks
DELETE FROM callbacks
WHERE id IN (SELECT id FROM callbacks ORDER BY id LIMIT :limit) AND received_at_ms < :before_ms
RETURNING id;

-- name: forget_attempts
DELETE FROM attempts
WHERE (delivery_id, number) IN (SELECT delivery_id, number FROM attempts ORDER BY delivery_id, number LIMIT :limit)
    AND at_ms < :before_ms
RETURNING delivery_id;


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
SELECT id, device, url_sealed, secret_sealed, previous_secret_sealed, previous_secret_until_ms, host, state, revision
FROM endpoints WHERE id = :id;

-- name: first_endpoint_of_device
SELECT id, device, url_sealed, secret_sealed, previous_secret_sealed, previous_secret_until_ms, host, state, revision
FROM endpoints WHERE device = :device AND position = 1;

-- name: insert_endpoint
INSERT INTO endpoints (
    id, device, position, url_sealed, secret_sealed, host, state, revision, failures, failing_since_ms,
    created_at_ms, changed_at_ms
) VALUES (
    :id, :device, 1, :url_sealed, :secret_sealed, :host, 'active', 1, 0, NULL, :now_ms, :now_ms
);

-- The operator of the old host knows the old secrets.
-- name: change_endpoint
UPDATE endpoints
SET url_sealed = :url_sealed, secret_sealed = :secret_sealed, host = :host, revision = revision + 1,
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
WHERE endpoint_id = :endpoint_id AND state = 'waiting' AND leased_by IS NULL AND due_at_ms > :now_ms;


-- Looking

-- name: uplinks_of_device
SELECT id, kind, device, device_text, time, seq_number, data, rssi, snr, station, ack, received_at_ms, unclaimed,
    repeats, downlink
FROM uplinks WHERE device = :device AND id < :before ORDER BY id DESC LIMIT :limit;

-- name: deliveries_of_uplink
SELECT id, endpoint_id, webhook_id, state, attempts, tries, due_at_ms, leased_by, cause, created_at_ms, settled_at_ms
FROM deliveries WHERE uplink_id = :uplink_id ORDER BY id;

-- name: attempts_of_delivery
SELECT number, at_ms, duration_ms, status, cause, detail, answer
FROM attempts WHERE delivery_id = :delivery_id ORDER BY number;

-- name: ping
SELECT 1 AS one;


-- Strangers

-- name: read_wrong_tries
SELECT counter, tries, ends_at_ms FROM wrong_tries WHERE counter = :counter;

-- A window begins with the first wrong try; when it has ended, the next one begins another.
-- name: count_wrong_try
INSERT INTO wrong_tries (counter, tries, ends_at_ms) VALUES (:counter, 1, :ends_at_ms)
ON CONFLICT (counter) DO UPDATE
SET tries = CASE WHEN wrong_tries.ends_at_ms <= :now_ms THEN 1 ELSE wrong_tries.tries + 1 END,
    ends_at_ms = CASE WHEN wrong_tries.ends_at_ms <= :now_ms THEN excluded.ends_at_ms ELSE wrong_tries.ends_at_ms END
RETURNING counter, tries, ends_at_ms;

-- name: forget_wrong_try
UPDATE wrong_tries SET tries = tries - 1 WHERE counter = :counter AND ends_at_ms = :ends_at_ms AND tries > 0;

-- name: sweep_wrong_tries
DELETE FROM wrong_tries WHERE counter IN (
    SELECT counter FROM wrong_tries WHERE ends_at_ms <= :now_ms
    ORDER BY ends_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
);

-- name: insert_refused
INSERT INTO refused_callbacks (id, at_ms, known, address, status, reason, request_line, headers, body)
VALUES (:id, :at_ms, :known, :address, :status, :reason, :request_line, :headers, :body);

-- name: trim_refused
DELETE FROM refused_callbacks
WHERE known = :known AND id < (
    SELECT min(id) FROM (SELECT id FROM refused_callbacks WHERE known = :known ORDER BY id DESC LIMIT :kept) AS newest
);

-- name: count_refused
INSERT INTO refusal_counts (status, reason, refusals, last_at_ms) VALUES (:status, :reason, :refusals, :at_ms)
ON CONFLICT (status, reason) DO UPDATE
SET refusals = refusal_counts.refusals + excluded.refusals, last_at_ms = excluded.last_at_ms;

-- name: list_refused
SELECT id, at_ms, known, address, status, reason, request_line, headers, body
FROM refused_callbacks ORDER BY id DESC LIMIT :limit;

-- name: read_refused
SELECT id, at_ms, known, address, status, reason, request_line, headers, body FROM refused_callbacks WHERE id = :id;

-- name: refusal_counts
SELECT status, reason, refusals, last_at_ms FROM refusal_counts ORDER BY refusals DESC, reason LIMIT :limit;


-- Keys

-- What has {table} in it is there once for each place that holds something sealed (sealed.py).

-- name: read_sealed
SELECT {key} AS row_key, {column} AS sealed FROM {table}
WHERE {column} IS NOT NULL AND {key} > :after ORDER BY {key} LIMIT :limit;

-- name: reseal
UPDATE {table} SET {column} = :resealed WHERE {key} = :row_key AND {column} = :sealed;

-- name: sealed_by_key
SELECT substr({column}, 1, 4) AS key_name, count(*) AS values_held FROM {table}
WHERE {column} IS NOT NULL GROUP BY substr({column}, 1, 4);

-- name: add_key
INSERT INTO keyring (name, key_sealed) VALUES (:name, :key_sealed) ON CONFLICT (name) DO NOTHING;

-- name: read_keyring
SELECT name, key_sealed FROM keyring ORDER BY name;

-- name: drop_key
DELETE FROM keyring WHERE name = :name;

-- name: digests_by_pepper
SELECT substr(token_digest, 1, 4) AS pepper, count(*) AS devices FROM devices GROUP BY substr(token_digest, 1, 4);

-- name: renew_token_digest
UPDATE devices SET token_digest = :renewed WHERE number = :number AND token_digest = :token_digest;

-- The old secret signs beside the new one for a while.
-- name: rotate_endpoint_secret
UPDATE endpoints
SET previous_secret_sealed = secret_sealed, previous_secret_until_ms = :until_ms, secret_sealed = :secret_sealed,
    revision = revision + 1, changed_at_ms = :now_ms
WHERE id = :id RETURNING revision;

-- name: forget_previous_secrets
UPDATE endpoints SET previous_secret_sealed = NULL, previous_secret_until_ms = NULL
WHERE previous_secret_until_ms <= :now_ms;


-- Mail

-- name: mails_of_device_since
SELECT id, recipient_sealed,
    CASE WHEN EXISTS (
        SELECT 1 FROM links AS l
        WHERE l.mail_id = m.id AND l.purpose = 'undo_change' AND l.used_at_ms IS NULL AND l.expires_at_ms > :now_ms
    ) THEN 1 ELSE 0 END AS can_undo
FROM outbox AS m WHERE device = :device AND created_at_ms > :since_ms;

-- name: insert_mail
INSERT INTO outbox (
    id, device, kind, recipient_sealed, contents_sealed, language, created_at_ms, due_at_ms, attempts, state, error
) VALUES (
    :id, :device, :kind, :recipient_sealed, :contents_sealed, :language, :now_ms, :now_ms, 0, :state, :error
);

-- name: claim_mails
UPDATE outbox SET attempts = attempts + 1, due_at_ms = :lease_until_ms
WHERE id IN (
    SELECT id FROM outbox WHERE state = 'waiting' AND due_at_ms <= :now_ms
    ORDER BY due_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
RETURNING id;

-- name: read_mail
SELECT m.id, m.device, m.kind, m.recipient_sealed, m.contents_sealed, m.language, m.created_at_ms, m.attempts, d.label
FROM outbox AS m JOIN devices AS d ON d.number = m.device WHERE m.id = :id;

-- name: settle_mail
UPDATE outbox SET state = :state, due_at_ms = :due_at_ms, error = :error
WHERE id = :id AND attempts = :attempt AND state = 'waiting';

-- name: empty_mail
UPDATE outbox SET contents_sealed = NULL WHERE id = :id AND state = 'sent';

-- name: mails_of_device
SELECT id, device, kind, created_at_ms, due_at_ms, attempts, state, error
FROM outbox WHERE device = :device ORDER BY created_at_ms DESC, id DESC LIMIT :limit;

-- name: mails_in_state
SELECT id, device, kind, created_at_ms, due_at_ms, attempts, state, error
FROM outbox WHERE state = :state ORDER BY created_at_ms DESC, id DESC LIMIT :limit;

-- name: forget_mails
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE created_at_ms < :before_ms
    ORDER BY created_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
)
RETURNING id;

-- name: insert_link
INSERT INTO links (id, device, mail_id, purpose, token_digest, target_sealed, created_at_ms, expires_at_ms)
VALUES (:id, :device, :mail_id, :purpose, :token_digest, :target_sealed, :created_at_ms, :expires_at_ms);

-- name: find_link
SELECT l.id, l.device, l.purpose, l.target_sealed, l.created_at_ms, d.label
FROM links AS l JOIN devices AS d ON d.number = l.device
WHERE l.token_digest = :token_digest AND l.used_at_ms IS NULL AND l.expires_at_ms > :now_ms
/* postgresql: FOR UPDATE OF l */;

-- name: spend_link
UPDATE links SET used_at_ms = :now_ms WHERE id = :id;

-- name: void_later_undos
UPDATE links SET used_at_ms = :now_ms
WHERE device = :device AND purpose = 'undo_change' AND created_at_ms >= :since_ms AND used_at_ms IS NULL;

-- name: forget_links
DELETE FROM links WHERE id IN (
    SELECT id FROM links WHERE expires_at_ms < :before_ms
    ORDER BY expires_at_ms LIMIT :limit /* postgresql: FOR UPDATE SKIP LOCKED */
);


-- Nodes

-- name: put_node
INSERT INTO nodes (name, started_at_ms, seen_at_ms, version) VALUES (:name, :started_at_ms, :seen_at_ms, :version)
ON CONFLICT (name) DO UPDATE SET seen_at_ms = excluded.seen_at_ms;

-- name: forget_nodes
DELETE FROM nodes WHERE name IN (
    SELECT name FROM nodes WHERE seen_at_ms < :before_ms /* postgresql: FOR UPDATE SKIP LOCKED */
);

-- name: drop_node
DELETE FROM nodes WHERE name = :name;

-- name: list_nodes
SELECT name, started_at_ms, seen_at_ms, version FROM nodes ORDER BY started_at_ms, name;
