-- The whole error of what is to become a rule, text or JSON, as a client sees it.
CREATE FUNCTION pg_temp.complaint(given anyelement) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; hint text;
BEGIN
  PERFORM given::cdp.segment;
  RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
  RETURN pg_catalog.concat_ws(' | ', state, message, detail, nullif(hint, ''));
END $$;
