-- What operators count and list; none of it is touched when a message is taken at its first try. SQLite counts in
-- an index alone only where the state stands in it.

CREATE INDEX deliveries_held ON deliveries (state, id) WHERE state = 'held';
CREATE INDEX deliveries_dead ON deliveries (state, id) WHERE state = 'dead';
CREATE INDEX endpoints_by_state ON endpoints (state, id);
