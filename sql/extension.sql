-- How the extension is created, refused, found and dropped. Everything is rolled back.
\set VERBOSITY terse
\set regression :DBNAME
SET client_min_messages = error;

-- Only a superuser can create it: it runs C++ over bytes from outside.
CREATE ROLE regress_cdp_eve NOSUPERUSER;
BEGIN;
DROP EXTENSION cdp CASCADE;
GRANT CREATE ON DATABASE :"regression" TO regress_cdp_eve;
SET LOCAL ROLE regress_cdp_eve;
CREATE EXTENSION cdp;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- A schema that somebody else made is refused, not adopted.
BEGIN;
DROP EXTENSION cdp CASCADE;
CREATE SCHEMA cdp AUTHORIZATION regress_cdp_eve;
CREATE EXTENSION cdp;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- So are a schema of choice, and one that is moved to later.
BEGIN;
DROP EXTENSION cdp CASCADE;
CREATE SCHEMA elsewhere;
CREATE EXTENSION cdp SCHEMA elsewhere;
ROLLBACK;
ALTER EXTENSION cdp SET SCHEMA public;

-- Created where another owner prepared names that hide those of pg_catalog, it still uses pg_catalog's.
BEGIN;
DROP EXTENSION cdp CASCADE;
CREATE SCHEMA trap;
CREATE TYPE trap.text AS (captured int);
CREATE FUNCTION trap.captured(pg_catalog.text, pg_catalog.text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'captured'; END $$;
CREATE OPERATOR trap.<> (LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text, FUNCTION = trap.captured);
CREATE OPERATOR trap.= (LEFTARG = pg_catalog.text, RIGHTARG = pg_catalog.text, FUNCTION = trap.captured);
SET LOCAL search_path = trap, pg_catalog;
CREATE EXTENSION cdp;
SET LOCAL search_path = pg_catalog;
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS captured
FROM pg_depend e JOIN pg_depend d USING (classid, objid)
WHERE e.deptype = 'e' AND e.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'cdp')
  AND (pg_identify_object(d.refclassid, d.refobjid, 0)).schema = 'trap';
ROLLBACK;

-- A framework's reset does not take it away.
BEGIN;
DROP SCHEMA public CASCADE;
SELECT library IS NOT NULL AS works FROM cdp.version();
SELECT count(*) AS lost FROM pg_extension WHERE extname = 'cdp' HAVING count(*) <> 1;
ROLLBACK;

-- It works without any search_path, for everybody, operators included.
BEGIN;
SET LOCAL search_path = '';
SET LOCAL ROLE regress_cdp_eve;
SELECT library OPERATOR(pg_catalog.<>) '' AS works FROM cdp.version();
SELECT o.oid::pg_catalog.regoperator AS invisible_operator
FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_depend d ON d.objid = o.oid AND d.deptype = 'e'
JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'cdp'
WHERE NOT pg_catalog.pg_operator_is_visible(o.oid);
ROLLBACK;

-- Dropped, it leaves nothing: the catalogs are as they were before it came.
BEGIN;
DROP EXTENSION cdp CASCADE;
CREATE TEMPORARY TABLE before_it AS
SELECT classid, objid FROM pg_depend UNION SELECT classoid, objoid FROM pg_description
UNION SELECT 'pg_proc'::regclass, oid FROM pg_proc UNION SELECT 'pg_type'::regclass, oid FROM pg_type
UNION SELECT 'pg_operator'::regclass, oid FROM pg_operator UNION SELECT 'pg_cast'::regclass, oid FROM pg_cast
UNION SELECT 'pg_namespace'::regclass, oid FROM pg_namespace UNION SELECT 'pg_class'::regclass, oid FROM pg_class;
CREATE EXTENSION cdp;
DROP EXTENSION cdp;
SELECT count(*) AS left_over FROM (
  SELECT classid, objid FROM pg_depend UNION SELECT classoid, objoid FROM pg_description
  UNION SELECT 'pg_proc'::regclass, oid FROM pg_proc UNION SELECT 'pg_type'::regclass, oid FROM pg_type
  UNION SELECT 'pg_operator'::regclass, oid FROM pg_operator UNION SELECT 'pg_cast'::regclass, oid FROM pg_cast
  UNION SELECT 'pg_namespace'::regclass, oid FROM pg_namespace UNION SELECT 'pg_class'::regclass, oid FROM pg_class
  EXCEPT TABLE before_it) AS now
WHERE objid NOT IN ('before_it'::regclass, (SELECT reltype FROM pg_class WHERE oid = 'before_it'::regclass),
                    (SELECT typarray FROM pg_type WHERE typrelid = 'before_it'::regclass));
ROLLBACK;

-- Values hold UTF-8 text: a database of another encoding is refused.
CREATE DATABASE regress_cdp_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_cdp_latin1
\set VERBOSITY default
CREATE EXTENSION cdp;
\echo :LAST_ERROR_SQLSTATE
\c :regression
DROP DATABASE regress_cdp_latin1;
DROP ROLE regress_cdp_eve;
