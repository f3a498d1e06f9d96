-- Whoever takes ids from id_blocks locks its row until the transaction ends, and PostgreSQL has other writers who
-- would wait. There each value of a sequence stands for the block of ids that begins with it.
/* postgresql: CREATE SEQUENCE ids INCREMENT BY 10000; */
/* postgresql: DROP TABLE id_blocks; */
