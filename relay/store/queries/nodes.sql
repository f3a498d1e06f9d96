-- Nodes.

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
