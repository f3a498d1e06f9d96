-- Each downlink that was queued or handed over: who chose it, and what became of it.
CREATE TABLE downlinks (
    id BIGINT PRIMARY KEY,
    device BIGINT NOT NULL REFERENCES devices (number) ON DELETE CASCADE,
    source TEXT NOT NULL,
    data TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT,
    tries INTEGER NOT NULL DEFAULT 0,
    most_tries INTEGER NOT NULL DEFAULT 1,
    uplink_id BIGINT,
    sent_at_ms BIGINT,
    ended_at_ms BIGINT,
    info_code BIGINT,
    info_message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX downlinks_of_device ON downlinks (device, id);
CREATE INDEX downlinks_open ON downlinks (device, state, created_at_ms, id) WHERE state IN ('pending', 'sent');
CREATE INDEX downlinks_to_expire ON downlinks (expires_at_ms) WHERE state = 'pending' AND expires_at_ms IS NOT NULL;
CREATE INDEX downlinks_unheard ON downlinks (sent_at_ms) WHERE state = 'sent';

-- How many downlinks a device got on a day (days since 1970 in UTC). Whoever chooses one for it holds this row.
CREATE TABLE downlink_days (
    device BIGINT PRIMARY KEY REFERENCES devices (number) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    sent INTEGER NOT NULL
);

-- Why a callback that listened got no downlink, or none from the first ways of its chain: words with commas between.
ALTER TABLE uplinks ADD COLUMN downlink_reason TEXT NOT NULL DEFAULT '';
-- Until when a node is asking the owner's server for a downlink; NULL when nobody is.
ALTER TABLE uplinks ADD COLUMN asking_until_ms BIGINT;
CREATE INDEX uplinks_asking ON uplinks (id) WHERE asking_until_ms IS NOT NULL;
