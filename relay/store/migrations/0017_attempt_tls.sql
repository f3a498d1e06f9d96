-- When the server accepted the connection, before TLS (milliseconds after the attempt's start); unknown without TLS.
ALTER TABLE attempts ADD COLUMN reached_ms BIGINT;
