\echo Use "CREATE EXTENSION cdp" to load this file. \quit

-- A schema that somebody made before is refused, not adopted: its owner could replace what is put into it.
CREATE SCHEMA cdp;
GRANT USAGE ON SCHEMA cdp TO PUBLIC;
COMMENT ON SCHEMA cdp IS 'Customer data platform: identity resolution, golden records, segments.';

-- Values hold UTF-8 text; in a database of another encoding every value would have to be converted twice.
DO LANGUAGE plpgsql $$
BEGIN
  IF pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.<>) 'UTF8' THEN
    RAISE EXCEPTION 'extension "cdp" needs a database with encoding UTF8'
      USING ERRCODE = 'feature_not_supported',
            DETAIL = pg_catalog.format('The encoding of this database is %s.', pg_catalog.current_setting('server_encoding')),
            HINT = 'Create the database with ENCODING ''UTF8'' TEMPLATE template0.';
  END IF;
END
$$;

CREATE FUNCTION cdp.version(OUT library pg_catalog.text, OUT postgres pg_catalog.text, OUT icu pg_catalog.text)
LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cdp_version';
COMMENT ON FUNCTION cdp.version() IS
  'Versions of the cdp library in use, and of the PostgreSQL and ICU it was built with.';
