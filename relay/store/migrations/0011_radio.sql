-- What a DATA_ADVANCED callback said later of a message, as JSON; '' when none came.
ALTER TABLE uplinks ADD COLUMN radio TEXT NOT NULL DEFAULT '';
