-- Every statement of the relay stands in this folder. Portable SQL; see statements.py for the two dialect marks.

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
