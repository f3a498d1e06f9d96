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
    info_code INTEGER,
    info_message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX downlinks_of_device ON downlinks (device, id);
CREATE INDEX downlinks_open ON downlinks (device, id) WHERE state IN ('pending', 'sent');

-- Why a callback that listened got no downlink; '' when it got one, or nothing was decided yet.
ALTER TABLE uplinks ADD COLUMN downlink_reason TEXT NOT NULL DEFAULT '';
