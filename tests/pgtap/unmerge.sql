-- A mistaken merge that is taken back late leaves what one leaves that is taken back at once, and of whom is whom what
-- one leaves that never happened; whatever came in between.
BEGIN;
SELECT no_plan();
\ir common/attempt.sql
\ir common/sound.sql
SELECT cdp.create_space('late'), cdp.create_space('soon'), cdp.create_space('never') \g /dev/null

CREATE FUNCTION pg_temp.observed(random_seed integer, i integer) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('user_id', CASE WHEN h & 3 > 1 THEN 'u' || (h >> 4 & 7) END, 'email', CASE WHEN h & 12 > 3 THEN 'e' || (h >> 8 & 7) || '@example.com' END,
    'anonymous_id', 'a' || (h >> 12 & 15), 'device_id', CASE WHEN h & 224 = 0 THEN 'd' || (h >> 16 & 3) END))
  FROM hashint8(random_seed::bigint << 20 | i) AS h
$$;
CREATE FUNCTION pg_temp.observe(space text, random_seed integer, first integer, last integer) RETURNS void LANGUAGE sql AS $$
  SELECT count(cdp.identify(space, pg_temp.observed(random_seed, i), jsonb_build_object('n' || i % 4, i), 'default', timestamptz '2026-01-01Z' + i * interval '1 h'))
  FROM generate_series(first, last) AS i
$$;
-- Everything by names: customers with their golden records and what else they hold.
CREATE FUNCTION pg_temp.whole(space text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  EXECUTE format('SELECT string_agg(line, E''\n'' ORDER BY line) FROM (SELECT string_agg(i.type || i.value || i.hub, '','' ORDER BY i.type, i.value) || p.profile AS line
    FROM %1$I.profile AS p JOIN %1$I.identifier AS i USING (cluster_id) GROUP BY p.cluster_id) AS c', space) INTO result;
  RETURN result;
END $$;
CREATE FUNCTION pg_temp.trial(random_seed integer, OUT differs text, OUT merged boolean, OUT status text) LANGUAGE plpgsql AS $$
DECLARE
  mistake jsonb := format('{"user_id": "u%s", "email": "e%s@example.com"}', random_seed % 8, random_seed / 8 % 8);
  before bigint;
  changed bigint;
  space text;
BEGIN
  FOREACH space IN ARRAY '{late,soon,never}'::text[] LOOP
    EXECUTE format('TRUNCATE %1$I.identifier, %1$I.profile, %1$I.link, %1$I.part, %1$I.change, %1$I.change_link, %1$I.move, %1$I.rename, %1$I.decision, %1$I.decision_side, %1$I.decision_link RESTART IDENTITY', space);
    PERFORM pg_temp.observe(space, random_seed, 1, 8);
    -- Both are there before, each by itself.
    PERFORM cdp.identify(space, mistake - 'email', NULL, 'default', '2026-02-01Z'), cdp.identify(space, mistake - 'user_id', NULL, 'default', '2026-02-01Z');
    EXECUTE format('SELECT coalesce(max(change_id), 0) FROM %I.change', space) INTO before;
    IF space <> 'never' THEN
      PERFORM cdp.identify(space, mistake, '{"mistaken": true}', 'default', '2026-02-02Z');
    END IF;
    EXECUTE format('SELECT max(change_id) FROM %I.change WHERE change_id > $1', space) INTO changed USING before;
    merged := changed IS NOT NULL;
    EXIT WHEN NOT merged AND space = 'late';
    IF space = 'soon' THEN
      PERFORM cdp.unmerge(space, changed);
    END IF;
    PERFORM pg_temp.observe(space, random_seed, 9, 20);
    IF space = 'late' THEN
      SELECT u.status INTO status FROM cdp.unmerge(space, changed) AS u;
    END IF;
  END LOOP;
  merged := status IS NOT NULL;
  IF merged THEN
    differs := CASE WHEN pg_temp.whole('late') IS DISTINCT FROM pg_temp.whole('soon') THEN 'late and soon' WHEN pg_temp.customers('late') IS DISTINCT FROM pg_temp.customers('never')
      -- What was rejected stays so when it is seen again.
      AND NOT EXISTS (SELECT FROM generate_series(9, 20) AS i WHERE pg_temp.observed(random_seed, i) @> mistake) THEN 'late and never' END;
    differs := coalesce(differs, (SELECT string_agg(b, '; ') FROM pg_temp.broken('late') AS b));
  END IF;
END $$;
CREATE TEMPORARY TABLE trial AS SELECT s, t.* FROM generate_series(1, 100) AS s, pg_temp.trial(s) AS t;
SELECT is_empty('SELECT s, differs FROM trial WHERE differs IS NOT NULL', 'no history differs');
SELECT cmp_ok(count(*), '>', 30::bigint, 'merges were taken back') FROM trial WHERE merged;
SELECT cmp_ok(count(*), '>', 10::bigint, 'which parted the sides') FROM trial WHERE status = 'parted';
SELECT cmp_ok(count(*), '>', 2::bigint, 'or did not, for what came since') FROM trial WHERE status = 'still_together';

SELECT * FROM finish();
ROLLBACK;
