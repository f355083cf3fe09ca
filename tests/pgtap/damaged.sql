-- Stored values that can't be read any more, by a caller who goes on after the error.
BEGIN;
SELECT no_plan();
SELECT cdp.create_space('s') \g /dev/null
CREATE TABLE pg_temp.log (line text);
CREATE TABLE pg_temp.given (document jsonb);
ALTER TABLE pg_temp.given ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE TABLE pg_temp.empty (LIKE pg_temp.given INCLUDING STORAGE);
INSERT INTO pg_temp.given VALUES (jsonb_build_object('a', repeat('x', 20000)));
-- The chunks are looked for in another index, where none is.
UPDATE pg_class SET relfilenode = (SELECT i.relfilenode FROM pg_class AS t JOIN pg_index AS x ON x.indrelid = t.reltoastrelid JOIN pg_class AS i ON i.oid = x.indexrelid WHERE t.oid = 'pg_temp.empty'::regclass)
WHERE oid = (SELECT x.indexrelid FROM pg_class AS t JOIN pg_index AS x ON x.indrelid = t.reltoastrelid WHERE t.oid = 'pg_temp.given'::regclass);

-- What the statement raised; what it and the caller did before is taken back.
CREATE FUNCTION pg_temp.raised(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pg_temp.log VALUES (statement);
  EXECUTE statement;
  RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
  RETURN sqlstate;
END $$;
CREATE FUNCTION pg_temp.kept() RETURNS text LANGUAGE sql AS $$
  SELECT format('%s lines, %s identifiers, %s parts', (SELECT count(*) FROM pg_temp.log), (SELECT count(*) FROM s.identifier), (SELECT count(*) FROM s.part)) $$;

SELECT is(pg_temp.raised('SELECT length(document::text) FROM pg_temp.given'), 'XX001', 'it can''t be read');
SELECT is(pg_temp.raised($$SELECT cdp.identify('s', '{"email": "a@example.com"}', document) FROM pg_temp.given$$), 'XX001', 'identify somebody new');
SELECT is(pg_temp.kept(), '0 lines, 0 identifiers, 0 parts', 'nothing is left of it');
SELECT is(pg_temp.raised($$SELECT cdp.identify_many('s', '{"{\"email\": \"a@example.com\"}"}', ARRAY[document]) FROM pg_temp.given$$), 'XX001', 'identify many');
SELECT is(pg_temp.raised($$SELECT cdp.ingest('s', document) FROM pg_temp.given$$), 'XX001', 'ingest');
SELECT is(pg_temp.kept(), '0 lines, 0 identifiers, 0 parts', 'nothing is left of these');
SELECT is(cdp.identify('s', '{"email": "a@example.com", "user_id": "1"}', '{"a": 1}'), 1::bigint, 'the session goes on');
SELECT is(pg_temp.raised($$SELECT cdp.identify('s', '{"email": "a@example.com"}', document) FROM pg_temp.given$$), 'XX001', 'identify somebody known');
SELECT is(pg_temp.kept(), '0 lines, 2 identifiers, 1 parts', 'nothing is left of it, either');

SELECT * FROM finish();
ROLLBACK;
