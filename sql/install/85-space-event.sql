-- Events: taken in by call, or out of the inbox.

CREATE FUNCTION cdp.ingest(
  space pg_catalog.text, events pg_catalog.jsonb, source pg_catalog.text DEFAULT 'default',
  received_at pg_catalog.timestamptz DEFAULT pg_catalog.clock_timestamp(),
  OUT "position" pg_catalog.int4, OUT message_id pg_catalog.text, OUT status pg_catalog.text,
  OUT reason pg_catalog.text, OUT detail pg_catalog.text, OUT hint pg_catalog.text, OUT profile_id pg_catalog.int8)
RETURNS SETOF pg_catalog.record
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 AS 'MODULE_PATHNAME', 'cdp_space_ingest';
COMMENT ON FUNCTION cdp.ingest(pg_catalog.text, pg_catalog.jsonb, pg_catalog.text, pg_catalog.timestamptz) IS
  'Takes in events of the Segment spec (identify, track, page, screen, group, alias) or CloudEvents 1.0: one, an array, or {"batch": [...]}. A row for each: stored (reason ignored_identifier: but identifiers that the normaliser of their type can''t read, or of types that the space doesn''t have, were not used; the detail names them); duplicate (its message id, or content, is known; reason different_content: it now says something else, and the first stays); unattributed (stored, but it identifies nobody); rejected, with reason, detail and hint. One event never costs another: what the data is refused for, by the server (reason invalid_content) or by constraints and triggers of the owner''s (refused_ and the SQLSTATE), is rejected alone. Errors: 22004 for NULL, 3F000 for an unknown space, 42704 for an unknown source, 40001 under REPEATABLE READ when others were faster.';

CREATE FUNCTION cdp.drain_batch(
  space pg_catalog.text, most pg_catalog.int8, after pg_catalog.int8 DEFAULT 0,
  OUT rows pg_catalog.int8, OUT stored pg_catalog.int8, OUT duplicates pg_catalog.int8,
  OUT unattributed pg_catalog.int8, OUT rejected pg_catalog.int8, OUT last pg_catalog.int8)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'cdp_space_drain_batch';
COMMENT ON FUNCTION cdp.drain_batch(pg_catalog.text, pg_catalog.int8, pg_catalog.int8) IS
  'Takes in the oldest rows of the inbox that nobody else is taking in, at most so many, in the caller''s transaction. What is refused goes to the table rejected. Returns how many rows it took, how many events they held of each kind, and the inbox_id of the last of them; who calls it again and again, and names that as `after`, needn''t pass by the rows that are gone, which remain while a snapshot may see them. Rows with a lower number may come later, of who began earlier and commits later. Errors: 22004, 22023 for less than one row, 3F000.';

-- A procedure that commits can't have a search_path of its own: every name in it is qualified.
CREATE PROCEDURE cdp.drain(
  space pg_catalog.text, time_limit pg_catalog.interval DEFAULT NULL, batch pg_catalog.int4 DEFAULT 1000)
LANGUAGE plpgsql AS $$
DECLARE
  began pg_catalog.timestamptz := pg_catalog.clock_timestamp();
  told pg_catalog.timestamptz := began;
  one pg_catalog.record;
  after pg_catalog.int8 := 0;
  once_more pg_catalog.bool := true;
  rows pg_catalog.int8 := 0;
  stored pg_catalog.int8 := 0;
  duplicates pg_catalog.int8 := 0;
  unattributed pg_catalog.int8 := 0;
  rejected pg_catalog.int8 := 0;
BEGIN
  LOOP
    SELECT * INTO one FROM cdp.drain_batch(space, batch, after);
    rows := rows OPERATOR(pg_catalog.+) one.rows;
    stored := stored OPERATOR(pg_catalog.+) one.stored;
    duplicates := duplicates OPERATOR(pg_catalog.+) one.duplicates;
    unattributed := unattributed OPERATOR(pg_catalog.+) one.unattributed;
    rejected := rejected OPERATOR(pg_catalog.+) one.rejected;
    COMMIT;
    IF one.rows OPERATOR(pg_catalog.=) 0 THEN
      -- From the beginning: rows that were committed late.
      EXIT WHEN NOT once_more OR after OPERATOR(pg_catalog.=) 0;
      once_more := false;
    END IF;
    after := COALESCE(one.last, 0);
    EXIT WHEN pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) began OPERATOR(pg_catalog.>=) time_limit;
    IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) told OPERATOR(pg_catalog.>=) '5 s'::pg_catalog.interval THEN
      told := pg_catalog.clock_timestamp();
      RAISE NOTICE 'drain: % rows, % events stored, % rejected so far', rows, stored, rejected;
    END IF;
  END LOOP;
  IF rows OPERATOR(pg_catalog.>) 0 THEN
    RAISE NOTICE 'drain: % rows: % events stored, % duplicates, % unattributed, % rejected', rows, stored, duplicates, unattributed, rejected;
  END IF;
END $$;
COMMENT ON PROCEDURE cdp.drain(pg_catalog.text, pg_catalog.interval, pg_catalog.int4) IS
  'Takes in the inbox of a space, the oldest rows first, and commits after each batch of rows; what isn''t committed when the server stops is still in the inbox. Several may run at once. Ends when the inbox is empty but for what came after it looked there, or after the first batch that ends beyond the time limit (NULL: none). Errors: as cdp.ingest; 2D000 inside a transaction block.';

CREATE FUNCTION cdp.add_event_partitions(
  space pg_catalog.text, since pg_catalog.timestamptz DEFAULT pg_catalog.now(), months pg_catalog.int4 DEFAULT 3)
RETURNS pg_catalog.int4
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  quoted text := cdp.require_space(space);
  first_month timestamptz;
  last_month timestamptz;
  added integer := 0;
BEGIN
  IF since IS NULL OR months IS NULL THEN
    RAISE EXCEPTION 'since and months must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF months NOT BETWEEN 1 AND 1200 OR NOT isfinite(since) OR since NOT BETWEEN '0001-01-01' AND '9000-01-01' THEN
    RAISE EXCEPTION 'since or months is out of range' USING ERRCODE = 'invalid_parameter_value',
      DETAIL = 'Partitions are made for 1 to 1200 months from the years 1 to 9000.';
  END IF;
  FOR i IN 0 .. months - 1 LOOP
    first_month := date_trunc('month', since) + make_interval(months => i);
    last_month := first_month + interval '1 month';
    CONTINUE WHEN to_regclass(format('%s.%I', quoted, to_char(first_month, '"event_"YYYY"_"MM'))) IS NOT NULL;
    -- Rows of that month that came before stand in the default partition.
    EXECUTE format('CREATE TABLE %1$s.%2$I (LIKE %1$s.event INCLUDING DEFAULTS INCLUDING COMMENTS INCLUDING STORAGE)',
      quoted, to_char(first_month, '"event_"YYYY"_"MM'));
    EXECUTE format('COMMENT ON TABLE %s.%I IS %L', quoted, to_char(first_month, '"event_"YYYY"_"MM'),
      'Events of ' || to_char(first_month, 'YYYY-MM') || ', UTC.');
    EXECUTE format('LOCK TABLE %s.event IN SHARE ROW EXCLUSIVE MODE', quoted);
    EXECUTE format('WITH moved AS (DELETE FROM %1$s.event_default WHERE at >= %3$L AND at < %4$L RETURNING *)
      INSERT INTO %1$s.%2$I SELECT * FROM moved', quoted, to_char(first_month, '"event_"YYYY"_"MM'), first_month, last_month);
    EXECUTE format('ALTER TABLE %1$s.event ATTACH PARTITION %1$s.%2$I FOR VALUES FROM (%3$L) TO (%4$L)',
      quoted, to_char(first_month, '"event_"YYYY"_"MM'), first_month, last_month);
    added := added + 1;
  END LOOP;
  RETURN added;
END $$;
COMMENT ON FUNCTION cdp.add_event_partitions(pg_catalog.text, pg_catalog.timestamptz, pg_catalog.int4) IS
  'Makes partitions of the table event for so many months (UTC), from that of `since` on, where there are none; events of those months move there. Meanwhile no events are stored. Returns how many it made. For the owner of the space. Errors: 22004, 22023, 3F000, 42501.';

CREATE FUNCTION cdp.forget_messages(space pg_catalog.text, older_than pg_catalog.interval DEFAULT '30 days')
RETURNS pg_catalog.int8
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  quoted text := cdp.require_space(space);
  forgotten bigint;
BEGIN
  IF older_than IS NULL THEN
    RAISE EXCEPTION 'older_than must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF now() - older_than > now() THEN
    RAISE EXCEPTION 'older_than must not be negative' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  EXECUTE format('DELETE FROM %s.message WHERE received_at < now() - $1', quoted) USING older_than;
  GET DIAGNOSTICS forgotten = ROW_COUNT;
  RETURN forgotten;
END $$;
COMMENT ON FUNCTION cdp.forget_messages(pg_catalog.text, pg_catalog.interval) IS
  'Forgets the ids of messages that arrived so long ago that nobody sends them again; they would be stored again. Returns how many. Errors: 22004, 22023 for a negative interval, 3F000, 42501 for others than the owner.';
