-- How an attempt went: when its parts were done (milliseconds after its start), to which address, and the answer's head.
ALTER TABLE attempts ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN looked_up_ms BIGINT;
ALTER TABLE attempts ADD COLUMN connected_ms BIGINT;
ALTER TABLE attempts ADD COLUMN answered_ms BIGINT;
ALTER TABLE attempts ADD COLUMN answer_headers TEXT NOT NULL DEFAULT '';
