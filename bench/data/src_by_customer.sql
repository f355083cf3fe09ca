-- The rows of src, those of a customer together.
CREATE UNLOGGED TABLE src_by_customer AS SELECT * FROM src ORDER BY uid;
CREATE INDEX ON src_by_customer (uid);
VACUUM ANALYZE src_by_customer;
