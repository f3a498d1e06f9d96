-- What operators count and list; none of it is touched when a message is taken at its first try.

CREATE INDEX deliveries_held ON deliveries (id) WHERE state = 'held';
CREATE INDEX deliveries_dead ON deliveries (id) WHERE state = 'dead';
CREATE INDEX endpoints_by_state ON endpoints (state, id);
