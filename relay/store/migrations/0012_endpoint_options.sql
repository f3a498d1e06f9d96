-- How an endpoint wants its messages (JSON, sealed: headers hold secrets); NULL for the classic five fields.
ALTER TABLE endpoints ADD COLUMN options_sealed BYTEA;
ALTER TABLE endpoints ADD COLUMN name TEXT NOT NULL DEFAULT '';
-- Which kinds it gets, with commas between; and whether a message waits for its DATA_ADVANCED.
ALTER TABLE endpoints ADD COLUMN kinds TEXT NOT NULL DEFAULT 'data';
ALTER TABLE endpoints ADD COLUMN awaits_radio INTEGER NOT NULL DEFAULT 0;

-- What of the answer the pages show beside its body.
ALTER TABLE attempts ADD COLUMN note TEXT NOT NULL DEFAULT '';
