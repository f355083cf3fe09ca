-- A statement as somebody else would run it: "ok", or the SQLSTATE and message of its error, and the hint. Who fails
-- has changed nothing.
CREATE FUNCTION pg_temp.attempt(role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  message text;
  hint text;
BEGIN
  IF role IS NOT NULL THEN
    EXECUTE pg_catalog.format('SET LOCAL ROLE %I', role);
  END IF;
  EXECUTE statement;
  RESET ROLE;
  RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
  RETURN pg_catalog.concat_ws(' | ', SQLSTATE || ' ' || message, nullif(hint, ''));
END $$;
