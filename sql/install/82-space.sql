-- Spaces: schemas with an identity graph and the customers that it makes.

CREATE VIEW cdp.spaces AS
SELECT n.nspname::pg_catalog.text AS space, pg_catalog.pg_get_userbyid(n.nspowner)::pg_catalog.text AS owner,
  (SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(c.oid))::pg_catalog.int8 FROM pg_catalog.pg_class AS c
   WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid AND c.relkind OPERATOR(pg_catalog.=) 'r') AS bytes
FROM pg_catalog.pg_namespace AS n
WHERE NOT EXISTS (
  SELECT FROM (VALUES
      ('space'::pg_catalog.name, 'only_row'::pg_catalog.name, 'pg_catalog.bool'::pg_catalog.regtype),
      ('identifier', 'cluster_id', 'pg_catalog.int8'), ('link', 'confidence', 'pg_catalog.float8'),
      ('part', 'profile', 'cdp.profile'), ('profile', 'timeline', 'cdp.timeline')) AS v (relname, attname, type)
  WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid
    WHERE c.relnamespace OPERATOR(pg_catalog.=) n.oid AND c.relname OPERATOR(pg_catalog.=) v.relname
      AND c.relkind OPERATOR(pg_catalog.=) 'r' AND a.attname OPERATOR(pg_catalog.=) v.attname
      AND a.atttypid OPERATOR(pg_catalog.=) v.type));
COMMENT ON VIEW cdp.spaces IS 'The spaces of this database.';
COMMENT ON COLUMN cdp.spaces.space IS 'Name of the space: of its schema.';
COMMENT ON COLUMN cdp.spaces.owner IS 'Who owns it.';
COMMENT ON COLUMN cdp.spaces.bytes IS 'Size of its tables with their indexes.';
GRANT SELECT ON cdp.spaces TO PUBLIC;

CREATE FUNCTION cdp.require_space(space pg_catalog.text) RETURNS pg_catalog.text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known text;
BEGIN
  IF space IS NULL THEN
    RAISE EXCEPTION 'space must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF NOT EXISTS (SELECT FROM cdp.spaces AS s WHERE s.space = require_space.space COLLATE "C") THEN
    SELECT string_agg(quote_literal(s.space), ', ' ORDER BY s.space) INTO known FROM cdp.spaces AS s;
    RAISE EXCEPTION 'space "%" does not exist', left(space, 80) USING ERRCODE = 'invalid_schema_name',
      HINT = coalesce('There are: ' || known || '.', 'Create one: SELECT cdp.create_space(''c360'');');
  END IF;
  RETURN quote_ident(space);
END $$;
COMMENT ON FUNCTION cdp.require_space(pg_catalog.text) IS
  'The name of the space as in SQL, quoted where need be. Errors: 22004 for NULL, 3F000 when there is no such space.';

CREATE FUNCTION cdp.create_space(space pg_catalog.text) RETURNS pg_catalog.void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF space IS NULL THEN
    RAISE EXCEPTION 'space must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF space = '' OR octet_length(space) > 63 THEN
    RAISE EXCEPTION 'invalid name of a space: "%"', left(space, 100) USING ERRCODE = 'invalid_name',
      DETAIL = 'A space is a schema; its name has 1 to 63 bytes.';
  END IF;
  EXECUTE format('CREATE SCHEMA %I', space);
  EXECUTE format('COMMENT ON SCHEMA %I IS %L', space, 'Customers, kept by the extension cdp.');
  EXECUTE cdp.space_tables(quote_ident(space));
  EXECUTE cdp.space_views(quote_ident(space));
END $$;
COMMENT ON FUNCTION cdp.create_space(pg_catalog.text) IS
  'Creates a schema with the tables and views of a space, all owned by the caller. Errors: 22004 for NULL, 42602 for an impossible name, 42P06 when the schema exists, 42501 without CREATE on the database.';

CREATE FUNCTION cdp.drop_space(space pg_catalog.text) RETURNS pg_catalog.void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
  views text;
  tables text;
  others text;
  given text := current_setting('lock_timeout');
  began timestamptz := clock_timestamp();
BEGIN
  -- Views may be gone: whoever reworks a table drops those on it first.
  SELECT string_agg(format('%s.%I', quoted, c.relname), ', ') INTO views
  FROM regexp_matches(cdp.space_views('space'), 'CREATE VIEW space\.([a-z_]+)', 'g') AS m
  JOIN pg_class AS c ON c.relname = m[1] AND c.relkind = 'v' AND c.relnamespace = to_regnamespace(quoted);
  SELECT string_agg(format('%s.%I', quoted, m[1]), ', ') INTO tables
  FROM regexp_matches(cdp.space_tables('space'), 'CREATE TABLE space\.([a-z_]+)', 'g') AS m;
  -- Others lock tables in orders of their own: who waits too long here lets go of all, before anybody calls it a deadlock.
  LOOP
    BEGIN
      PERFORM set_config('lock_timeout', greatest(1, extract(epoch FROM current_setting('deadlock_timeout')::interval) * 50)::integer::text, true);
      EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', concat_ws(', ', tables, views));
      PERFORM set_config('lock_timeout', given, true);
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF given <> '0' AND clock_timestamp() - began >= given::interval THEN
        RAISE;
      END IF;
      PERFORM pg_sleep(random() * 0.02);
    END;
  END LOOP;
  BEGIN
    IF views IS NOT NULL THEN
      EXECUTE 'DROP VIEW ' || views;
    END IF;
    EXECUTE 'DROP TABLE ' || tables;
    EXECUTE 'DROP SCHEMA ' || quoted;
  EXCEPTION WHEN dependent_objects_still_exist THEN
    -- The server's hint is CASCADE, which isn't ours to give.
    GET STACKED DIAGNOSTICS others = PG_EXCEPTION_DETAIL;
    RAISE EXCEPTION 'cannot drop space "%" because other objects depend on it', space
      USING ERRCODE = 'dependent_objects_still_exist', DETAIL = others, HINT = 'Drop these first: they are not of the space.';
  END;
END $$;
COMMENT ON FUNCTION cdp.drop_space(pg_catalog.text) IS
  'Drops the space with all that is in it, as soon as nobody is using it. Errors: 22004 for NULL, 3F000 when there is no such space, 42501 for others than its owner, 2BP01 when something else stands in its schema or depends on its tables, naming it.';

CREATE FUNCTION cdp.grant_space(space pg_catalog.text, role pg_catalog.name, level pg_catalog.text DEFAULT 'read') RETURNS pg_catalog.void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
  levels text[] := '{read,write,steward}';
  own text[] := ARRAY(
    SELECT m[1] FROM regexp_matches(cdp.space_tables('space'), 'CREATE TABLE space\.([a-z_]+)', 'g') AS m
    UNION ALL SELECT c.relname FROM regexp_matches(cdp.space_views('space'), 'CREATE VIEW space\.([a-z_]+)', 'g') AS m
      JOIN pg_class AS c ON c.relname = m[1] AND c.relkind = 'v' AND c.relnamespace = to_regnamespace(quoted));
  privileges text;
  tables text;
BEGIN
  IF role IS NULL OR level IS NULL THEN
    RAISE EXCEPTION 'role and level must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF level <> ALL (levels) THEN
    RAISE EXCEPTION 'unknown level of access: "%"', left(level, 100) USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The levels are "read", "write" and "steward".';
  END IF;
  -- The server would only warn, once for each table.
  IF NOT (SELECT pg_has_role(n.nspowner, 'USAGE') FROM pg_namespace AS n WHERE n.oid = to_regnamespace(quoted)) THEN
    RAISE EXCEPTION 'must be owner of space "%"', space USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA %s TO %I', quoted, role);
  FOR privileges, tables IN
    SELECT g.privileges, string_agg(format('%s.%I', quoted, t), ', ')
    FROM (VALUES ('read', 'SELECT', own),
                 ('write', 'INSERT, UPDATE', '{identifier}'),
                 ('write', 'INSERT, UPDATE, DELETE', '{profile,link,part}'),
                 ('write', 'INSERT', '{change,change_link,move,rename,dirty,event,message,rejected}'),
                 ('write', 'INSERT, UPDATE, DELETE', '{inbox}'),
                 ('write', 'DELETE', '{rejected}'),
                 ('write', 'DELETE', '{dirty}'),
                 ('write', 'INSERT, UPDATE', '{run}'),
                 ('steward', 'INSERT, UPDATE', '{decision}'),
                 ('steward', 'INSERT', '{decision_side,decision_link}')) AS g (level, privileges, tables), unnest(g.tables) AS t
    WHERE array_position(levels, g.level) <= array_position(levels, grant_space.level)
    GROUP BY g.level, g.privileges
  LOOP
    EXECUTE format('GRANT %s ON %s TO %I', privileges, tables, role);
  END LOOP;
  IF level <> 'read' THEN
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', pg_get_serial_sequence(quoted || '.profile', 'cluster_id'), role);
  END IF;
END $$;
COMMENT ON FUNCTION cdp.grant_space(pg_catalog.text, pg_catalog.name, pg_catalog.text) IS
  'Lets a role into a space. "read": query it; "write": bring in observations, too; "steward": decide about links, too. Errors: 22004 for NULL, 3F000 when there is no such space, 22023 for another level, 42704 for an unknown role, 42501 for others than the owner.';
