-- Declares the functions of cdp_wall.so, and two that trap errors as an application does.
DROP SCHEMA IF EXISTS wall CASCADE;
CREATE SCHEMA wall;
SET search_path = wall;

CREATE FUNCTION fail(kind text) RETURNS void LANGUAGE c STRICT AS '$libdir/cdp_wall', 'wall_fail';
CREATE FUNCTION live() RETURNS int LANGUAGE c AS '$libdir/cdp_wall', 'wall_live';
CREATE FUNCTION spin(seconds int) RETURNS void LANGUAGE c STRICT AS '$libdir/cdp_wall', 'wall_spin';
CREATE FUNCTION construct() RETURNS int LANGUAGE c AS '$libdir/cdp_wall', 'wall_construct';
CREATE FUNCTION construct_and_reset() RETURNS int LANGUAGE c AS '$libdir/cdp_wall', 'wall_construct_and_reset';

CREATE TYPE soft;
CREATE FUNCTION soft_in(cstring) RETURNS soft LANGUAGE c STRICT AS '$libdir/cdp_wall', 'wall_soft_in';
CREATE FUNCTION soft_out(soft) RETURNS cstring LANGUAGE c STRICT AS '$libdir/cdp_wall', 'wall_soft_out';
CREATE TYPE soft (INPUT = soft_in, OUTPUT = soft_out, LIKE = cstring);

CREATE FUNCTION trap(kind text, OUT state text, OUT message text, OUT detail text, OUT hint text, OUT context text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM wall.fail(kind);
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
    hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
END
$$;

CREATE FUNCTION storm(kind text, times int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  trapped int := 0;
BEGIN
  FOR i IN 1 .. times LOOP
    BEGIN
      PERFORM wall.fail(kind);
    EXCEPTION WHEN OTHERS THEN
      trapped := trapped + 1;
    END;
  END LOOP;
  RETURN trapped;
END
$$;
