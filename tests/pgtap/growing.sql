-- Values that grow in variables of PL/pgSQL: what || and | make of them is, byte for byte, what they make in a query,
-- errors come where they are made, and no memory is left behind.

-- Commits and rollbacks, which a test in a transaction can't have.
CREATE TABLE survived (what text, profile cdp.profile);
DO $$
DECLARE p cdp.profile := '{}';
BEGIN
  FOR i IN 1 .. 300 LOOP
    p := p || cdp.observe(jsonb_build_object('n', i), 's', '2026-01-01'::timestamptz + i * interval '1 second');
    IF i % 100 = 50 THEN COMMIT; END IF;
    IF i % 100 = 70 THEN ROLLBACK; END IF;
  END LOOP;
  INSERT INTO survived VALUES ('loop', p);
  INSERT INTO survived SELECT 'query', cdp.profile_agg(jsonb_build_object('n', i), 's', '2026-01-01'::timestamptz + i * interval '1 second')
  FROM generate_series(1, 300) AS i;
END $$;

BEGIN;
SELECT plan(37);

SELECT ok((SELECT a *= b FROM (SELECT profile FROM survived WHERE what = 'loop') AS a, (SELECT profile FROM survived WHERE what = 'query') AS b),
          'a variable survives COMMIT and ROLLBACK');

CREATE FUNCTION pg_temp.at(i int) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
  $$SELECT '2026-01-01 00:00+00'::timestamptz + i * interval '1 second'$$;
CREATE FUNCTION pg_temp.seen(i int) RETURNS cdp.profile LANGUAGE sql IMMUTABLE AS
  $$SELECT cdp.observe(jsonb_build_object('n', i * 31 % 97, 'country', (ARRAY['TR', 'RS'])[1 + i % 2], 'name', repeat('x', i % 40)), 's' || i % 7, pg_temp.at(i * 7 % 1000))$$;
CREATE FUNCTION pg_temp.done(i int) RETURNS cdp.timeline LANGUAGE sql IMMUTABLE AS
  $$SELECT cdp.event('e' || i % 3, pg_temp.at(i / 5 * 5 + i * 7919 % 5), jsonb_build_object('amount', i / 100.0), 'm' || i % 3)$$;
CREATE FUNCTION pg_temp.who(i int) RETURNS cdp.audience LANGUAGE sql IMMUTABLE AS
  $$SELECT cdp.audience(ARRAY[i * 7919::bigint % 100003, i / 3])$$;
-- A value that has not grown, whatever it was.
CREATE FUNCTION pg_temp.flat(p cdp.profile) RETURNS cdp.profile LANGUAGE sql AS $$SELECT $1::text::cdp.profile$$;
CREATE FUNCTION pg_temp.logs() RETURNS bigint LANGUAGE sql VOLATILE AS
  $$SELECT count(*) FROM pg_backend_memory_contexts WHERE name IN ('cdp log', 'cdp value')$$;

-- Loops, against the aggregates.
CREATE TABLE grown (profile cdp.profile, timeline cdp.timeline, audience cdp.audience, logs bigint);
DO $$
DECLARE p cdp.profile := '{}'; t cdp.timeline := '{}'; a cdp.audience := '{}'; n bigint;
BEGIN
  FOR i IN 1 .. 5000 LOOP
    p := p || pg_temp.seen(i);
    t := t || pg_temp.done(i);
    a := a | pg_temp.who(i);
  END LOOP;
  n := pg_temp.logs();
  INSERT INTO grown VALUES (p, t, a, n);
END $$;
SELECT is((SELECT logs FROM grown), 6::bigint, 'three variables, three logs');
SELECT is(pg_temp.logs(), 0::bigint, 'which end with the variables');
SELECT ok((SELECT record_image_eq(ROW(g.profile), ROW(p)) FROM grown AS g, (SELECT cdp.rollup(pg_temp.seen(i)) FROM generate_series(1, 5000) AS i) AS x(p)),
          'a loop of profile || profile');
SELECT ok((SELECT record_image_eq(ROW(g.timeline), ROW(t)) FROM grown AS g, (SELECT cdp.rollup(pg_temp.done(i)) FROM generate_series(1, 5000) AS i) AS x(t)),
          'a loop of timeline || timeline');
SELECT ok((SELECT record_image_eq(ROW(g.audience), ROW(a)) FROM grown AS g, (SELECT cdp.union(pg_temp.who(i)) FROM generate_series(1, 5000) AS i) AS x(a)),
          'a loop of audience | audience');

-- Three variables that share what they have in common, and part; beside each the same value, made in no variable.
CREATE FUNCTION pg_temp.mix(seed int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  p cdp.profile := '{}'; q cdp.profile := '{}'; r cdp.profile := '{}'; x cdp.profile;
  fp cdp.profile := '{}'; fq cdp.profile := '{}'; fr cdp.profile := '{}'; what int;
BEGIN
  FOR i IN 1 .. 400 LOOP
    x := pg_temp.seen(i);
    what := (hashtextextended(seed || ' ' || i, 0) & 1048575) % 20;
    IF what < 10 THEN
      p := p || x; fp := pg_temp.flat(fp) || x;
    ELSIF what < 12 THEN
      q := p; fq := fp;
    ELSIF what < 14 THEN
      q := p || x; fq := pg_temp.flat(fp) || x;
    ELSIF what = 14 THEN
      p := q || p; fp := pg_temp.flat(fq) || fp;
    ELSIF what = 15 THEN
      r := q || x || r || p; fr := pg_temp.flat(fq) || x || fr || fp;
    ELSIF what = 16 THEN
      BEGIN
        p := p || x; fp := pg_temp.flat(fp) || x;
        q := q || x || (i / 0)::text::cdp.profile;
      EXCEPTION WHEN division_by_zero THEN NULL;
      END;
      IF what > 15 AND i % 3 = 0 THEN
        q := cdp.without(q, source => 's3'); fq := cdp.without(pg_temp.flat(fq), source => 's3');
      END IF;
    ELSIF what = 17 THEN
      IF p ->> 'name' IS DISTINCT FROM fp ->> 'name' THEN RETURN 'wrong name after ' || i; END IF;
    ELSIF what = 18 THEN
      r := q; q := p; fr := fq; fq := fp;
    ELSE
      q := q || x; fq := pg_temp.flat(fq) || x;
    END IF;
    IF i % 13 = 0 AND NOT record_image_eq(ROW(p, q, r), ROW(fp, fq, fr)) THEN RETURN 'differs after ' || i; END IF;
  END LOOP;
  RETURN CASE WHEN record_image_eq(ROW(p, q, r), ROW(fp, fq, fr)) THEN 'same' ELSE 'differs' END;
END $$;
SELECT results_eq('SELECT DISTINCT pg_temp.mix(i) FROM generate_series(1, 30) AS i', ARRAY['same'], 'variables that part');
SELECT is(pg_temp.logs(), 0::bigint, 'and leave nothing behind');

-- A sum that nobody keeps leaves the log as it was, with most of what was added.
CREATE FUNCTION pg_temp.grown_with_trials() RETURNS text LANGUAGE plpgsql AS $$
DECLARE p cdp.profile := '{}'; bytes bigint;
BEGIN
  FOR i IN 1 .. 200 LOOP
    IF (p || pg_temp.seen(-i)) ->> 'n' IS NULL THEN RETURN 'nothing after ' || i; END IF;
    p := p || pg_temp.seen(i);
  END LOOP;
  bytes := (SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name = 'cdp log');
  RETURN CASE WHEN bytes > 20000 THEN 'one log, ' END
         || CASE WHEN record_image_eq(ROW(p), ROW((SELECT cdp.rollup(pg_temp.seen(i)) FROM generate_series(1, 200) AS i))) THEN 'same' END;
END $$;
SELECT is(pg_temp.grown_with_trials(), 'one log, same', 'sums that are not kept');

CREATE FUNCTION pg_temp.grow(rounds int) RETURNS cdp.profile LANGUAGE plpgsql AS $$
DECLARE p cdp.profile := '{}';
BEGIN
  FOR i IN 1 .. rounds LOOP p := p || pg_temp.seen(i); END LOOP;
  RETURN p;
END $$;
CREATE FUNCTION pg_temp.expected(rounds int) RETURNS cdp.profile LANGUAGE sql AS
  $$SELECT cdp.rollup(pg_temp.seen(i)) FROM generate_series(1, rounds) AS i$$;
SELECT ok((SELECT bool_and(record_image_eq(ROW(pg_temp.grow(i)), ROW(pg_temp.expected(i)))) FROM generate_series(2, 40) AS i), 'returned');
SELECT ok((SELECT record_image_eq(ROW(cdp.rollup(pg_temp.grow(i))), ROW(cdp.rollup(pg_temp.expected(i)))) FROM generate_series(2, 20) AS i), 'aggregated');
SELECT ok((SELECT bool_and(record_image_eq(ROW(pg_temp.grow(i) || pg_temp.seen(0)), ROW(pg_temp.expected(i) || pg_temp.seen(0)))) FROM generate_series(2, 20) AS i),
          'an operand in a query');
SELECT is((SELECT string_agg(pg_temp.grow(i) ->> 'country', ' ') FROM generate_series(2, 5) AS i),
          (SELECT string_agg(pg_temp.expected(i) ->> 'country', ' ') FROM generate_series(2, 5) AS i), 'read in a query');
SELECT is((SELECT array_agg(p::text ORDER BY i) FROM (SELECT i, pg_temp.grow(i) AS p FROM generate_series(2, 9) AS i ORDER BY 2::text) AS s),
          (SELECT array_agg(pg_temp.expected(i)::text ORDER BY i) FROM generate_series(2, 9) AS i), 'sorted');
SELECT is(pg_temp.logs(), 0::bigint, 'queries leave nothing behind');

-- Where a value can go from a variable. Each function must see the value as it was.
CREATE DOMAIN customer_profile AS cdp.profile CHECK (VALUE ->> 'country' <> 'XX');
CREATE TABLE kept (id int, p cdp.profile, CHECK (p ->> 'country' <> 'XX'));
CREATE FUNCTION pg_temp.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 5 LOOP NEW.p := NEW.p || pg_temp.seen(-i); END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER stamp BEFORE INSERT ON kept FOR EACH ROW WHEN (NEW.id < 0) EXECUTE FUNCTION pg_temp.stamp();
CREATE FUNCTION pg_temp.add_inside(p cdp.profile) RETURNS cdp.profile LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 21 .. 25 LOOP p := p || pg_temp.seen(i); END LOOP;
  RETURN p;
END $$;
CREATE FUNCTION pg_temp.add_in_sql(p cdp.profile, q cdp.profile) RETURNS cdp.profile LANGUAGE sql VOLATILE AS $$SELECT p || q$$;
CREATE FUNCTION pg_temp.add_out(INOUT p cdp.profile, OUT n bigint) LANGUAGE plpgsql AS $$
BEGIN p := p || pg_temp.seen(21); n := length(p::text); END $$;
CREATE TABLE fates (what text, p cdp.profile, expected cdp.profile);
CREATE FUNCTION pg_temp.go_places() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  p cdp.profile := '{}'; q cdp.profile; many cdp.profile[] := '{}'; pair record; row_of kept; d customer_profile := '{}';
  at_twenty CONSTANT cdp.profile := pg_temp.expected(20);
  at_21 CONSTANT cdp.profile := pg_temp.expected(21);
  twenty refcursor; seen_name text; n bigint;
BEGIN
  FOR i IN 1 .. 20 LOOP
    p := p || pg_temp.seen(i);
    d := d || pg_temp.seen(i);
    many := many || p;
    IF i = 10 THEN many[20] := p; END IF;
  END LOOP;
  OPEN twenty FOR SELECT p AS p FROM generate_series(1, 2);
  INSERT INTO kept VALUES (1, p), (-1, p);
  q := p || cdp.profile '{}';
  UPDATE kept SET p = kept.p || q WHERE id = 1;
  pair := ROW(1, p);
  row_of := ROW(2, p);
  INSERT INTO fates VALUES ('function', pg_temp.add_inside(p), pg_temp.expected(25)), ('function twice', pg_temp.add_inside(p), pg_temp.expected(25)),
    ('SQL', pg_temp.add_in_sql(p, pg_temp.seen(21)), at_21), ('not changed', p, at_twenty), ('domain', d, at_twenty);
  q := p || pg_temp.seen(21);
  p := p || pg_temp.seen(22);
  INSERT INTO fates VALUES ('one of two', q, at_21), ('other of two', p, at_twenty || pg_temp.seen(22)),
    ('array', many[20], pg_temp.expected(10)), ('row', row_of.p, at_twenty),
    ('table', (SELECT k.p FROM kept AS k WHERE id = 1), at_twenty || at_twenty),
    ('trigger', (SELECT k.p FROM kept AS k WHERE id = -1), (SELECT at_twenty || cdp.rollup(pg_temp.seen(-i)) FROM generate_series(1, 5) AS i));
  FETCH twenty INTO q;
  CLOSE twenty;
  INSERT INTO fates VALUES ('cursor', q, at_twenty);
  row_of.p := row_of.p || pg_temp.seen(21);
  row_of.p := row_of.p || pg_temp.seen(21);
  INSERT INTO fates VALUES ('field', row_of.p, at_21 || pg_temp.seen(21));
  q := pg_temp.expected(10);
  FOR i IN 11 .. 20 LOOP EXECUTE 'SELECT $1 || $2' INTO q USING q, pg_temp.seen(i); END LOOP;
  INSERT INTO fates VALUES ('EXECUTE', q, at_twenty);
  q := pg_temp.expected(10);
  FOR i IN 11 .. 20 LOOP SELECT q || pg_temp.seen(i) INTO q; END LOOP;
  INSERT INTO fates VALUES ('SELECT INTO', q, at_twenty);
  q := pg_temp.expected(10);
  FOR i IN 11 .. 20 LOOP q := CASE WHEN i % 2 = 0 THEN q || pg_temp.seen(i) ELSE coalesce(NULL, q || pg_temp.seen(i)) END; END LOOP;
  INSERT INTO fates SELECT 'CASE', q, at_twenty UNION ALL SELECT 'sub-select', (SELECT q), at_twenty
    UNION ALL SELECT 'distinct array', (ARRAY[q, q])[2], at_twenty;
  SELECT * INTO q, n FROM pg_temp.add_out(q);
  INSERT INTO fates VALUES ('INOUT', q, at_21);
  FOR q IN SELECT x FROM unnest(many[1:3]) AS x LOOP
    q := q || pg_temp.seen(1);
    q := q || pg_temp.seen(1);
  END LOOP;
  INSERT INTO fates VALUES ('loop variable', q, pg_temp.expected(3) || pg_temp.seen(1) || pg_temp.seen(1));
  q := at_twenty;
  FOR i IN 1 .. 5 LOOP q := q || q; END LOOP;
  INSERT INTO fates VALUES ('with itself', q, (SELECT cdp.rollup(at_twenty) FROM generate_series(1, 32)));
  BEGIN
    FOR i IN 1 .. 5 LOOP q := q || pg_temp.seen(i); END LOOP;
    d := d || cdp.observe('{"country": "XX"}', 's', 'infinity');
    INSERT INTO fates VALUES ('unreachable');
  EXCEPTION WHEN check_violation THEN INSERT INTO fates VALUES ('refused domain', d, at_twenty);
  END;
  q := q || NULL;
  INSERT INTO fates VALUES ('NULL', q, NULL);
END $$;
SELECT lives_ok('SELECT pg_temp.go_places()', 'values go places');
SELECT is((SELECT count(*) FROM fates), 23::bigint, 'all of them');
SELECT results_eq('SELECT what FROM fates WHERE NOT record_image_eq(ROW(p), ROW(expected))', ARRAY[]::text[], 'and arrive as they are');
SELECT is(pg_temp.logs(), 0::bigint, 'and leave nothing behind');

-- What else a profile holds.
CREATE FUNCTION pg_temp.told(i int) RETURNS cdp.profile LANGUAGE sql IMMUTABLE AS $$
  SELECT (ARRAY[cdp.observe(jsonb_build_object('n', i % 50, 'k', i % 9, 'country', 'c' || i % 30), 's' || i % 4, pg_temp.at(i * 7 % 100), 'n sum; k collect; default frequent'),
                cdp.identifier('email', 'a' || i % 700, 's' || i % 3, pg_temp.at(i)), cdp.consent('marketing', i % 3 = 0, 's' || i % 2, pg_temp.at(i * 11 % 500)),
                cdp.profile '{}', cdp.erase('n', 's1', pg_temp.at(i))])[1 + i % 5] $$;
CREATE FUNCTION pg_temp.tell(p cdp.profile, rounds int) RETURNS cdp.profile LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. rounds LOOP p := p || pg_temp.told(i); END LOOP;
  RETURN p;
END $$;
SELECT ok((SELECT record_image_eq(ROW(pg_temp.tell('{}', 4000)), ROW(cdp.rollup(pg_temp.told(i)))) FROM generate_series(1, 4000) AS i),
          'policy, identifiers, consents');
SELECT results_eq($$SELECT record_image_eq(ROW(pg_temp.tell(start, 500)), ROW(start || all_told))
             FROM (SELECT cdp.rollup(pg_temp.told(i)) AS all_told FROM generate_series(1, 500) AS i) AS t, unnest(ARRAY[cdp.profile '{}' || cdp.event('e', pg_temp.at(1)), cdp.detach(cdp.profile '{}' || cdp.event('e', pg_temp.at(1))),
                          cdp.profile '{}' || cdp.event('f', pg_temp.at(2)) || cdp.identifier('email', 'x', 's', pg_temp.at(1))]) AS start$$,
          ARRAY[true, true, true], 'on top of events, kept or not');
CREATE FUNCTION pg_temp.attach(rounds int) RETURNS cdp.profile LANGUAGE plpgsql AS $$
DECLARE p cdp.profile := '{}'; o cdp.profile := '{}';
BEGIN
  FOR i IN 1 .. rounds LOOP
    p := p || pg_temp.seen(i) || pg_temp.done(i);
    p := p || pg_temp.seen(i + 1);
    o := o || p;
  END LOOP;
  RETURN o || pg_temp.seen(0);
END $$;
SELECT ok((SELECT record_image_eq(ROW(pg_temp.attach(100)),
    ROW((SELECT cdp.rollup(p) FROM (SELECT cdp.rollup(pg_temp.seen(i)) AS p FROM generate_series(1, 100) AS n, generate_series(1, n) AS i
                                    UNION ALL SELECT cdp.rollup(pg_temp.seen(i + 1)) FROM generate_series(1, 100) AS n, generate_series(1, n) AS i
                                    UNION ALL SELECT pg_temp.seen(0)) AS s) || (SELECT cdp.rollup(pg_temp.done(i)) FROM generate_series(1, 100) AS i)))),
          'profiles with events');

-- Timelines that fold, that keep less, and events that come again: a folded one then counts twice, and only that.
CREATE FUNCTION pg_temp.happen(start cdp.timeline, rounds int, step int, again int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE t cdp.timeline := start; f cdp.timeline := start; x cdp.timeline;
BEGIN
  FOR i IN 1 .. rounds LOOP
    x := cdp.event('e' || i % 2, pg_temp.at(i * step % 7919), jsonb_build_object('amount', i % 7));
    t := t || x;
    f := f::text::cdp.timeline || x;
    IF i % again = 0 THEN
      x := cdp.event('e' || (i - again / 2) % 2, pg_temp.at((i - again / 2) * step % 7919), jsonb_build_object('amount', (i - again / 2) % 7));
      t := t || x;
      f := f::text::cdp.timeline || x;
    END IF;
    IF i % 211 = 0 THEN
      t := t || cdp.cut(cdp.event('e1', pg_temp.at(i)), pg_temp.at(i - 20));
      f := f::text::cdp.timeline || cdp.cut(cdp.event('e1', pg_temp.at(i)), pg_temp.at(i - 20));
    END IF;
  END LOOP;
  RETURN CASE WHEN record_image_eq(ROW(t), ROW(f)) THEN 'same' ELSE 'differs' END;
END $$;
SELECT is((SELECT string_agg(pg_temp.happen(start, 400, step, again), ' ')
           FROM unnest(ARRAY['{}', cdp.keep('{}', 5), cdp.keep('{}', 100), cdp.cut('{}', pg_temp.at(200))]) AS start,
                (VALUES (1, 1000), (1, 3), (1, 20), (1, 300), (7000, 1000), (7000, 4)) AS v(step, again)),
          rtrim(repeat('same ', 24)), 'timelines that fold');
CREATE FUNCTION pg_temp.happen(t cdp.timeline, rounds int) RETURNS cdp.timeline LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. rounds LOOP t := t || pg_temp.done(i); END LOOP;
  RETURN t;
END $$;
SELECT ok((SELECT record_image_eq(ROW(pg_temp.happen('{}', 4500)), ROW(cdp.rollup(pg_temp.done(i)))) FROM generate_series(1, 4500) AS i),
          'more events than are kept');

-- Errors come with the statement that makes them, and leave a value that can be read.
-- A new function each time: after an error in an expression, PL/pgSQL evaluates that one in another way until the
-- transaction ends.
CREATE FUNCTION pg_temp.refused(p cdp.profile, query text, rounds int) RETURNS text LANGUAGE plpgsql AS $outer$
BEGIN
  EXECUTE $body$
    CREATE OR REPLACE FUNCTION pg_temp.attempt(p cdp.profile, query text, rounds int) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE x cdp.profile; y cdp.profile := '{}'; n int := 0;
    BEGIN
      FOR i IN 1 .. 150 LOOP y := y || cdp.profile '{}'; END LOOP;  -- variables are known to grow
      FOR i IN 1 .. 3 LOOP p := p || cdp.profile '{}'; END LOOP;
      FOR i IN 1 .. rounds LOOP
        EXECUTE query INTO x USING i;
        n := i;
        p := p || x;
      END LOOP;
      RETURN 'not refused';
    EXCEPTION WHEN OTHERS THEN
      RETURN SQLSTATE || ' at ' || n || CASE WHEN p::text <> '' THEN '' END;
    END $$;
  $body$;
  RETURN pg_temp.attempt(p, query, rounds);
END $outer$;
SELECT is(pg_temp.refused('{}', $$SELECT cdp.observe('{"a": 1}', 's' || $1, pg_temp.at($1))$$, 300), '54000 at 256', 'too many sources');
SELECT is(pg_temp.refused((SELECT cdp.observe(jsonb_object_agg('a' || i, 1), 's', pg_temp.at(1)) FROM generate_series(1, 65530) AS i),
                          $$SELECT cdp.observe(jsonb_build_object('b' || $1, 1), 's', pg_temp.at(1))$$, 10), '54000 at 6', 'too many attributes');
SELECT is(pg_temp.refused((SELECT cdp.rollup(cdp.identifier('email', 'x', 's' || i, pg_temp.at(1))) FROM generate_series(1, 65530) AS i),
                          $$SELECT cdp.identifier('email', 'x', 't' || $1, pg_temp.at(1))$$, 10), '54000 at 6', 'too many identifiers');
SELECT is(pg_temp.refused('{}', $$SELECT CASE WHEN $1 = 2 THEN (SELECT cdp.rollup(cdp.consent('p' || i, true, 's', pg_temp.at(1))) FROM generate_series(1, 65535) AS i)
                                         ELSE cdp.consent('q' || $1, true, 's', pg_temp.at(1)) END$$, 10), '54000 at 2', 'too many consents');
SELECT is(pg_temp.refused('{}', $$SELECT cdp.observe('{"a": 1, "b": 2}', 's', pg_temp.at($1), CASE WHEN $1 < 40 THEN 'group g(a, b) recent' ELSE 'group g(a, c) recent' END)$$, 50),
          '22023 at 40', 'other field groups');
SELECT is(pg_temp.refused('{}', $$SELECT CASE WHEN $1 < 40 THEN cdp.observe('{"a": 1, "b": 2}', 's', pg_temp.at($1)) ELSE cdp.observe('{"a": 1, "b": 2}', 's', pg_temp.at($1), 'group g(a, b) recent') END$$, 50),
          '22023 at 40', 'field groups after none');
SELECT is(pg_temp.refused('{}', $$SELECT cdp.observe(jsonb_build_object('a', CASE WHEN $1 < 20 THEN 1 ELSE 6e131071 END), 's' || $1, pg_temp.at($1), 'a sum')$$, 50),
          '22003 at 21', 'a sum out of range');
CREATE FUNCTION pg_temp.refused_timeline(t cdp.timeline, rounds int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n int := 0;
BEGIN
  FOR i IN 1 .. rounds LOOP
    n := i;
    t := t || cdp.event('e', pg_temp.at(i), jsonb_build_object('a', CASE WHEN i < 20 THEN 1 ELSE 6e131071 END));
  END LOOP;
  RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' at ' || n;
END $$;
SELECT is(pg_temp.refused_timeline(cdp.keep('{}', 1), 30), '22003 at 22', 'a folded sum out of range');
SELECT is(pg_temp.logs(), 0::bigint, 'errors leave nothing behind');

-- Memory.
CREATE FUNCTION pg_temp.fail(nothing int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE p cdp.profile := '{}';
BEGIN
  FOR i IN 1 .. 200 LOOP p := p || pg_temp.seen(i); END LOOP;
  PERFORM pg_temp.grow(200) || (1 / nothing)::text::cdp.profile;
EXCEPTION WHEN division_by_zero THEN RETURN SQLSTATE;
END $$;
CREATE TEMP TABLE first_attempts AS SELECT pg_temp.fail(0) FROM generate_series(1, 5);
CREATE TEMP TABLE memory AS SELECT sum(total_bytes) AS bytes FROM pg_backend_memory_contexts;
CREATE TEMP TABLE attempts AS SELECT pg_temp.fail(0) AS code FROM generate_series(1, 50);
SELECT is((SELECT count(*) FROM attempts WHERE code = '22012'), 50::bigint, 'the same error fifty times');
SELECT cmp_ok((SELECT sum(total_bytes) FROM pg_backend_memory_contexts), '<', (SELECT bytes + 1000000 FROM memory), 'fifty errors leave no memory behind');
CREATE FUNCTION pg_temp.most_memory(rounds int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE p cdp.profile := '{}'; t cdp.timeline := '{}'; a cdp.audience := '{}'; most bigint := 0; now_is bigint;
BEGIN
  FOR i IN 1 .. rounds LOOP
    p := p || pg_temp.seen(i);
    t := t || pg_temp.done(i);
    a := a | pg_temp.who(i);
    IF i % 97 = 0 THEN
      now_is := (SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name IN ('cdp log', 'cdp value'));
      most := greatest(most, now_is);
    END IF;
  END LOOP;
  RETURN most;
END $$;
SELECT cmp_ok(pg_temp.most_memory(20000), '<', 1000000::bigint, 'a loop takes a few times the memory of the values');

-- Readers between the steps.
CREATE FUNCTION pg_temp.readers() RETURNS text LANGUAGE plpgsql AS $$
DECLARE p cdp.profile := '{}'; t cdp.timeline := '{}'; a cdp.audience := '{}'; b cdp.audience := '{}';
BEGIN
  FOR i IN 1 .. 200 LOOP
    p := p || cdp.observe(jsonb_build_object('n', i), 's', pg_temp.at(i));
    t := t || cdp.event('e', pg_temp.at(i));
    a := a | cdp.audience(ARRAY[i]);
    b := a | cdp.audience(ARRAY[-i]);
    IF i % 3 = 0 THEN
      IF cdp.number(p, 'n') <> i OR p -> 'n' <> to_jsonb(i) OR NOT cdp.matches(p, ('n = ' || i)::cdp.segment, pg_temp.at(0)) THEN RETURN 'profile at ' || i; END IF;
      IF cdp.count(t, 'e') <> i OR (SELECT count(*) FROM cdp.events(t)) <> i THEN RETURN 'timeline at ' || i; END IF;
      IF cdp.cardinality(a) <> i OR NOT a @> i::bigint OR a = b OR cdp.max_id(a) <> i OR (SELECT count(*) FROM cdp.to_ids(a)) <> i
         OR a & b <> a OR b - a <> cdp.audience(ARRAY[-i]) OR (cdp.to_array(b))[1] <> -i THEN RETURN 'audience at ' || i; END IF;
    END IF;
    IF i % 7 = 0 AND pg_column_size(p) <> (SELECT pg_column_size(x) FROM (SELECT pg_temp.flat(p) AS x OFFSET 0) AS s) THEN RETURN 'size at ' || i; END IF;
  END LOOP;
  RETURN 'right';
END $$;
SELECT is(pg_temp.readers(), 'right', 'readers between the steps');
SELECT * FROM finish();
ROLLBACK;
DROP TABLE survived;
