-- Deciding in batch: what is dirty, or everything.

CREATE FUNCTION cdp.take_run_lock(run pg_catalog.regclass, for_session pg_catalog.bool) RETURNS pg_catalog.bool
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'cdp_space_take_run_lock';
COMMENT ON FUNCTION cdp.take_run_lock(pg_catalog.regclass, pg_catalog.bool) IS
  'A step of cdp.lock_run: takes the lock of runs, by their table, for the session (or until an error) or for the transaction; false if another session has it. Errors: 42501 for who may not write to that table.';

CREATE FUNCTION cdp.release_run_lock() RETURNS pg_catalog.void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'cdp_space_release_run_lock';
COMMENT ON FUNCTION cdp.release_run_lock() IS 'Lets go of what cdp.take_run_lock has taken, if it has.';

CREATE FUNCTION cdp.lock_run(space pg_catalog.text, job pg_catalog.text, commits pg_catalog.bool) RETURNS pg_catalog.void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  run regclass := to_regclass(cdp.require_space(space) || '.run');
  other integer;
BEGIN
  IF job IS NULL OR commits IS NULL THEN
    RAISE EXCEPTION 'job and commits must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF cdp.take_run_lock(run, commits) THEN
    RETURN;
  END IF;
  SELECT l.pid INTO other FROM pg_locks AS l
  WHERE l.locktype = 'advisory' AND l.classid = 1667524706 AND l.objid = run AND l.objsubid = 3 AND l.granted
    AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database());
  RAISE EXCEPTION '% of space "%" is running already', job, space USING ERRCODE = 'object_in_use',
    DETAIL = CASE WHEN other IS NOT NULL THEN format('Process %s runs it.', other) END,
    HINT = 'Wait for it, see cdp.progress, or stop it with pg_cancel_backend.';
END $$;
COMMENT ON FUNCTION cdp.lock_run(pg_catalog.text, pg_catalog.text, pg_catalog.bool) IS
  'Makes sure that nobody else runs a job on this space: until the transaction ends, or, if the job commits in between, until cdp.end_run or an error. Errors: 22004 for NULL, 3F000, 55006 when somebody does, naming the process.';

CREATE FUNCTION cdp.resolve_batch(
  space pg_catalog.text, after pg_catalog.int8, last pg_catalog.int8, batch pg_catalog.int8, flips pg_catalog.bool,
  run_id pg_catalog.int8,
  OUT reached pg_catalog.int8, OUT rows pg_catalog.int8, OUT identifiers pg_catalog.int8, OUT decided pg_catalog.int8,
  OUT moved pg_catalog.int8, OUT hubs pg_catalog.int8, OUT parked pg_catalog.int8, OUT refused pg_catalog.int8)
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'cdp_space_resolve_batch';
COMMENT ON FUNCTION cdp.resolve_batch(pg_catalog.text, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8, pg_catalog.bool, pg_catalog.int8) IS
  'A step of cdp.resolve: works off so many rows of dirty, the oldest first, of those after the one number up to the other. reached: the last of them; rows: how many; identifiers: whom they name; decided: who was decided anew with them; moved: who was given to another customer; hubs: became hubs or ceased to be; parked: such changes that wait for a steward; refused: rows that cannot be decided, such as when the customer would be beyond a limit, and wait in dirty for the next run, with the reason; a WARNING tells of them. Errors: 3F000.';

CREATE FUNCTION cdp.resolve_whole(
  space pg_catalog.text, flips pg_catalog.bool, dry_run pg_catalog.bool, run_id pg_catalog.int8, few pg_catalog.int8,
  OUT identifiers pg_catalog.int8, OUT links pg_catalog.int8, OUT customers pg_catalog.int8, OUT differing pg_catalog.int8,
  OUT merged pg_catalog.int8, OUT split pg_catalog.int8, OUT hubs pg_catalog.int8, OUT parked pg_catalog.int8,
  OUT moved pg_catalog.int8, OUT rewritten pg_catalog.bool)
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'cdp_space_resolve_whole';
COMMENT ON FUNCTION cdp.resolve_whole(pg_catalog.text, pg_catalog.bool, pg_catalog.bool, pg_catalog.int8, pg_catalog.int8) IS
  'A step of cdp.resolve: decides everything. Where little differs from what is stored, that becomes dirty, in place of what was dirty before (if there is a moment without writers within a few seconds); where much does, a few and a twentieth of all, the tables are written anew at once, if the caller owns them and nobody subscribes to them (rewritten), and unless a customer cannot be made. customers: how many there are then; differing: identifiers whose customer is another or has others; merged: customers that become part of others; split: customers that are parted. Errors: 3F000.';

CREATE FUNCTION cdp.begin_run(
  space pg_catalog.text, scope pg_catalog.text, flips pg_catalog.bool, dry_run pg_catalog.bool, batch pg_catalog.int4,
  commits pg_catalog.bool, OUT run_id pg_catalog.int8, OUT last pg_catalog.int8)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
BEGIN
  IF scope IS NULL OR flips IS NULL OR dry_run IS NULL OR batch IS NULL THEN
    RAISE EXCEPTION 'scope, flips, dry_run and batch must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF scope NOT IN ('dirty', 'all') THEN
    RAISE EXCEPTION 'unknown scope: "%"', left(scope, 100) USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The scopes are "dirty" and "all".';
  END IF;
  IF batch < 1 THEN
    RAISE EXCEPTION 'batch must be positive' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM cdp.lock_run(space, 'resolve', commits);
  EXECUTE format('UPDATE %s.run AS r SET finished_at = clock_timestamp(), outcome = ''broken off'' WHERE r.outcome IS NULL', quoted);
  EXECUTE format('INSERT INTO %s.run (job) VALUES (''resolve'') RETURNING run_id', quoted) INTO run_id;
  IF flips AND NOT dry_run THEN
    EXECUTE format('INSERT INTO %1$s.dirty (identifier_id, cause) SELECT i.id, ''parked'' FROM %1$s.identifier AS i WHERE i.flip_parked', quoted);
  END IF;
  EXECUTE format('SELECT coalesce(max(d.dirty_id), 0) FROM %s.dirty AS d', quoted) INTO last;
END $$;
COMMENT ON FUNCTION cdp.begin_run(pg_catalog.text, pg_catalog.text, pg_catalog.bool, pg_catalog.bool, pg_catalog.int4, pg_catalog.bool) IS
  'Begins a run of cdp.resolve: its number, and the last row of dirty that it is about. commits: it goes on in other transactions. Of runs that an error or a crash has ended it notes so. Errors: as cdp.resolve.';

CREATE FUNCTION cdp.resolve_step(
  space pg_catalog.text, run_id pg_catalog.int8, after pg_catalog.int8, last pg_catalog.int8, batch pg_catalog.int4,
  flips pg_catalog.bool, OUT reached pg_catalog.int8, OUT counts pg_catalog.jsonb)
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
  began timestamptz := clock_timestamp();
  before bigint;
  remaining bigint;
  done record;
BEGIN
  EXECUTE format('SELECT coalesce((r.counts ->> ''rows'')::bigint, 0), (SELECT count(*) FROM %1$s.dirty AS d WHERE d.dirty_id > $2 AND d.dirty_id <= $3)
    FROM %1$s.run AS r WHERE r.run_id = $1', quoted) INTO before, remaining USING run_id, after, last;
  PERFORM cdp.report_progress('resolve', space, 'rows of dirty', coalesce(before, 0), coalesce(before + remaining, 0));
  SELECT * INTO done FROM cdp.resolve_batch(space, after, last, batch, flips, run_id);
  reached := CASE WHEN done.rows > 0 THEN done.reached END;
  counts := to_jsonb(done) - 'reached';
  EXECUTE format($q$
    UPDATE %s.run AS r SET counts = r.counts || (
        SELECT jsonb_object_agg(n.key, n.value::bigint + coalesce((r.counts ->> n.key)::bigint, 0)) FROM jsonb_each_text($2) AS n),
      seconds = r.seconds || jsonb_build_object('batches', round(coalesce((r.seconds ->> 'batches')::numeric, 0)
        + extract(epoch FROM clock_timestamp() - $3)::numeric, 3))
    WHERE r.run_id = $1 RETURNING r.counts $q$, quoted) INTO counts USING run_id, counts, began;
END $$;
COMMENT ON FUNCTION cdp.resolve_step(pg_catalog.text, pg_catalog.int8, pg_catalog.int8, pg_catalog.int8, pg_catalog.int4, pg_catalog.bool) IS
  'A batch of a run of cdp.resolve. reached: NULL if nothing is left; counts: of the whole run so far. Errors: as cdp.resolve.';

CREATE FUNCTION cdp.end_run(space pg_catalog.text, run_id pg_catalog.int8, outcome pg_catalog.text)
RETURNS pg_catalog.jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  result jsonb;
BEGIN
  EXECUTE format($q$
    UPDATE %s.run AS r SET finished_at = clock_timestamp(), outcome = $2 WHERE r.run_id = $1
    RETURNING jsonb_build_object('run_id', r.run_id, 'outcome', r.outcome) || r.counts $q$, cdp.require_space(space))
    INTO result USING run_id, outcome;
  PERFORM cdp.report_progress(NULL, NULL, NULL, NULL, NULL), cdp.release_run_lock();
  RETURN result;
END $$;
COMMENT ON FUNCTION cdp.end_run(pg_catalog.text, pg_catalog.int8, pg_catalog.text) IS
  'Ends a run, and tells what it has done. Errors: 3F000, 23514 for an outcome that there isn''t.';

CREATE FUNCTION cdp.resolve_everything(
  space pg_catalog.text, run_id pg_catalog.int8, scope pg_catalog.text, flips pg_catalog.bool, dry_run pg_catalog.bool,
  last pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
  began timestamptz := clock_timestamp();
  whole boolean := dry_run OR scope = 'all';
  found record;
BEGIN
  IF NOT whole THEN
    EXECUTE format('SELECT count(*) > 10000 + (SELECT greatest(c.reltuples, 0)::bigint / 10 FROM pg_class AS c WHERE c.oid = $1)
      FROM (SELECT FROM %s.dirty LIMIT 10000 + (SELECT greatest(c.reltuples, 0)::bigint / 10 FROM pg_class AS c WHERE c.oid = $1) + 1) AS d', quoted)
      INTO whole USING (quoted || '.identifier')::regclass::oid;
  END IF;
  IF NOT whole THEN
    RETURN last;
  END IF;
  SELECT * INTO found FROM cdp.resolve_whole(space, flips, dry_run, run_id, 10000);
  EXECUTE format($q$UPDATE %s.run AS r SET counts = r.counts || $2,
    seconds = r.seconds || jsonb_build_object('everything', round(extract(epoch FROM clock_timestamp() - $3), 3)) WHERE r.run_id = $1$q$, quoted)
    USING run_id, jsonb_build_object('everything', to_jsonb(found)), began;
  EXECUTE format('SELECT coalesce(max(d.dirty_id), 0) FROM %s.dirty AS d', quoted) INTO last;
  RETURN last;
END $$;
COMMENT ON FUNCTION cdp.resolve_everything(pg_catalog.text, pg_catalog.int8, pg_catalog.text, pg_catalog.bool, pg_catalog.bool, pg_catalog.int8) IS
  'A step of cdp.resolve: cdp.resolve_whole where it is asked for, or so much is dirty that it is faster. Returns the last row of dirty that is left to do. Errors: as cdp.resolve.';

-- A procedure that commits can't have a search_path of its own: every name in it is qualified.
CREATE PROCEDURE cdp.resolve(
  space pg_catalog.text, scope pg_catalog.text DEFAULT 'dirty', dry_run pg_catalog.bool DEFAULT false,
  time_limit pg_catalog.interval DEFAULT NULL, batch pg_catalog.int4 DEFAULT 10000, flips pg_catalog.bool DEFAULT false,
  INOUT result pg_catalog.jsonb DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
  began pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  outcome pg_catalog.text := 'finished';
  run pg_catalog.record;
  step pg_catalog.record;
  position pg_catalog.int8 := 0;
BEGIN
  SELECT * INTO run FROM cdp.begin_run(space, scope, flips, dry_run, batch, true);
  COMMIT;
  run.last := cdp.resolve_everything(space, run.run_id, scope, flips, dry_run, run.last);
  COMMIT;
  IF dry_run THEN
    outcome := 'dry run';
  END IF;
  WHILE NOT dry_run LOOP
    SELECT * INTO step FROM cdp.resolve_step(space, run.run_id, position, run.last, batch, flips);
    COMMIT;
    EXIT WHEN step.reached IS NULL;
    position := step.reached;
    IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) began OPERATOR(pg_catalog.>=) time_limit THEN
      outcome := 'time limit';
      EXIT;
    END IF;
  END LOOP;
  result := cdp.end_run(space, run.run_id, outcome);
END $$;
COMMENT ON PROCEDURE cdp.resolve(pg_catalog.text, pg_catalog.text, pg_catalog.bool, pg_catalog.interval, pg_catalog.int4, pg_catalog.bool, pg_catalog.jsonb) IS
  'Decides who is who about what is dirty (evidence of cdp.add_links, what was parked, changed rules), or about everything (scope "all"); without a bound to what is decided at a time. Commits after each batch of rows of dirty; after a crash what isn''t committed is still dirty, and so is what cannot be decided, such as a customer beyond a limit, with the reason: see the view parked. Where so much is dirty or differs that it is faster, and the caller owns the tables and nobody subscribes to them, identifier and profile are written anew at once: meanwhile nobody reads them, snapshots from before find them empty, and customers of one identifier about whom nothing was said are not logged when they are merged. dry_run: only counts what it would do, in all of the space. time_limit: ends after the first batch that ends beyond it; call it again to go on. flips: also makes hubs, or ceases to, in customers beyond hub_alarm. result: what was done, as in the table run. Errors: 22004, 22023, 3F000, 55006 when another run is at it, naming the process; 2D000 inside a transaction block: see cdp.resolve_now.';

CREATE FUNCTION cdp.resolve_now(
  space pg_catalog.text, scope pg_catalog.text DEFAULT 'dirty', flips pg_catalog.bool DEFAULT false)
RETURNS pg_catalog.jsonb
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  run record;
  step record;
  position bigint := 0;
BEGIN
  SELECT * INTO run FROM cdp.begin_run(space, scope, flips, false, 10000, false);
  run.last := cdp.resolve_everything(space, run.run_id, scope, flips, false, run.last);
  LOOP
    SELECT * INTO step FROM cdp.resolve_step(space, run.run_id, position, run.last, 10000, flips);
    EXIT WHEN step.reached IS NULL;
    position := step.reached;
  END LOOP;
  RETURN cdp.end_run(space, run.run_id, 'finished');
END $$;
COMMENT ON FUNCTION cdp.resolve_now(pg_catalog.text, pg_catalog.text, pg_catalog.bool) IS
  'The same as cdp.resolve, in the caller''s transaction: all of it or nothing. Errors: as cdp.resolve; 40P01 or 55P03 are possible when the transaction has locked customers before.';

CREATE FUNCTION cdp.add_links(
  space pg_catalog.text, query pg_catalog.text, source pg_catalog.text DEFAULT 'default',
  OUT rows pg_catalog.int8, OUT skipped pg_catalog.int8, OUT identifiers pg_catalog.int8, OUT links pg_catalog.int8)
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_add_links';
COMMENT ON FUNCTION cdp.add_links(pg_catalog.text, pg_catalog.text, pg_catalog.text) IS
  'Takes in evidence in bulk, which cdp.resolve then decides about. The query, run with the rights and the search_path of the caller, returns type and value of one identifier, type and value of another who is the same person, and, if wanted, confidence (1), first_seen (now) and last_seen (first_seen). Identifiers that aren''t there are made, normalised as in cdp.identify; what is new becomes dirty. Others may write to the space meanwhile, but whoever names an identifier that it has made, or sees a pair of its again, waits until its transaction ends: beside live traffic load in several calls, each in a transaction of its own. All rows are held in memory, about 100 bytes each and as much for each identifier. rows: that the query returned; skipped: those with a NULL, or of an identifier with itself; identifiers: that are new; links: that are new or have new values. Errors: 22004, 22023 for a query that returns something else, or a confidence beyond 0 to 1, 3F000, 42704 for an unknown source or type of identifiers, 54000 for values that are too long; those of the query.';

CREATE FUNCTION cdp.report_progress(
  job pg_catalog.text, space pg_catalog.text, phase pg_catalog.text, done pg_catalog.int8, total pg_catalog.int8)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_report_progress';
COMMENT ON FUNCTION cdp.report_progress(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.int8, pg_catalog.int8) IS
  'Tells the view cdp.progress what a job is at; NULL as job: it has ended. Every few seconds it raises a NOTICE, too. Errors: 22004 for NULL in the others.';

CREATE VIEW cdp.progress AS
SELECT a.pid, a.usename::pg_catalog.text AS actor, p.parts[1] AS job, p.parts[2] AS space, p.parts[3] AS phase,
  p.parts[4]::pg_catalog.int8 AS done, nullif(p.parts[5]::pg_catalog.int8, 0) AS total, a.query_start AS started_at
FROM pg_catalog.pg_stat_activity AS a, LATERAL (
  SELECT pg_catalog.regexp_match(a.query, '^cdp: ([a-z_]+) of (.*): ([a-z ]+): ([0-9]{1,18}) of ([0-9]{1,18})$') AS parts) AS p
WHERE a.state OPERATOR(pg_catalog.=) 'active' AND p.parts IS NOT NULL AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database();
COMMENT ON VIEW cdp.progress IS 'What jobs are at now, before they commit: those of roles whose statements one may see. (It needs track_activities.)';
COMMENT ON COLUMN cdp.progress.pid IS 'The server process; pg_cancel_backend stops it.';
COMMENT ON COLUMN cdp.progress.actor IS 'Who runs it.';
COMMENT ON COLUMN cdp.progress.job IS 'What runs, such as resolve.';
COMMENT ON COLUMN cdp.progress.space IS 'On which space.';
COMMENT ON COLUMN cdp.progress.phase IS 'The step.';
COMMENT ON COLUMN cdp.progress.done IS 'How much of it is done.';
COMMENT ON COLUMN cdp.progress.total IS 'Of how much; NULL where nobody knows.';
COMMENT ON COLUMN cdp.progress.started_at IS 'When the statement began that runs it.';
GRANT SELECT ON cdp.progress TO PUBLIC;
