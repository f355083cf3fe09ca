-- Random customers around an instant, and random rules about them, one kind of predicate after the other.

-- JSON, or nothing once in `rarely` times.
CREATE FUNCTION pg_temp.maybe(seed text, rarely int, VARIADIC choices text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
  $$SELECT CASE WHEN pg_temp.dice('?' || seed, rarely) > 0 THEN pg_temp.pick(seed, VARIADIC choices)::jsonb END$$;

CREATE FUNCTION pg_temp.moment(seed text, base timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT CASE pg_temp.dice('#' || seed, 12)
    WHEN 0 THEN base WHEN 1 THEN date_trunc('day', base, 'UTC') WHEN 2 THEN (date_trunc('day', base AT TIME ZONE 'UTC') + (pg_temp.dice('M' || seed, 7) - 3) * interval '1 month' + pg_temp.dice('D' || seed, 2) * interval '1 day') AT TIME ZONE 'UTC'
    WHEN 3 THEN timestamptz '2024-02-29 12:00+00' - pg_temp.dice('l' || seed, 7) * interval '4 years'
    WHEN 4 THEN base + (pg_temp.dice('y' || seed, 12000) - 11000) * interval '24 hours'
    WHEN 5 THEN (ARRAY['infinity', '-infinity', '0044-03-15 00:00+00 BC', '9999-12-31 23:59:59.999999+00'])[1 + pg_temp.dice('e' || seed, 4)]::timestamptz
    WHEN 6 THEN base - interval '24 hours' * pg_temp.dice('d' || seed, 40)
    ELSE base + (pg_temp.dice('h' || seed, 200) - 150) * interval '7 hours' END$$;

-- As profiles read it.
CREATE FUNCTION pg_temp.instant_text(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN NOT isfinite(at) THEN at::text WHEN at < '0001-01-01' THEN '-0043-03-15T00:00:00Z'
              ELSE to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END$$;

-- Attributes: missing, withdrawn, nested, shadowed by dots, of unlike types. JSON null says nothing at the top.
CREATE FUNCTION pg_temp.record(i text, base timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object(
    'country', pg_temp.maybe('c' || i, 4, '"TR"', '"TR"', '"RS"', '"Iğdır"', '"ID"', '"k"', '5', '["TR"]'),
    'age', pg_temp.maybe('a' || i, 5, '18', '17', '30', '30.0', '30.5', '-1', '"30"', '1e20', 'true'),
    'score', pg_temp.maybe('s' || i, 3, '-1e400', '-2.5', '0', '1e-9', '2.5', '2.50000001', '1e40'),
    'vip', pg_temp.maybe('v' || i, 3, 'true', 'false', 'false', '"true"'),
    'name', pg_temp.maybe('n' || i, 3, '"Ayşe"', '"KEMAL ŞİMŞEK"', '"a%b_c"', '"a\\b''c\"d"', '""', '"ſtraße"', '"\u001f\n"', '"K"', '"Σίσυφος"'),
    'birthday', CASE WHEN pg_temp.dice('b?' || i, 4) > 0 THEN pg_temp.instant_text(pg_temp.moment('b' || i, base)) END,
    'signed_up', CASE WHEN pg_temp.dice('u?' || i, 4) > 0 THEN pg_temp.instant_text(pg_temp.moment('u' || i, base)) END,
    'seen', CASE WHEN pg_temp.dice('z?' || i, 3) > 0 THEN pg_temp.instant_text(pg_temp.moment('z' || i, base)) END,
    'tags', CASE WHEN pg_temp.dice('t?' || i, 3) > 0 THEN (SELECT COALESCE(jsonb_agg(pg_temp.pick('t' || n || i, '"a"', '"a"', '"b"', '"c"', '"b"', '1', 'null', 'true', '{"a": 1}')::jsonb), '[]') FROM generate_series(1, pg_temp.dice('t#' || i, 4)) AS n) END,
    'numbers', pg_temp.maybe('m' || i, 3, '[]', '[1]', '[1, 2]', '[2.0, 3]', '[1, 2, 3, 4]', '7'))
    || jsonb_build_object('address', pg_temp.maybe('d' || i, 5, '"somewhere"', '{"city": "Ankara", "geo": {"lat": 3}}', '{"city": "Niš", "geo.lat": 2, "geo": {"lat": 5, "lon": 1}}', '{"city": null, "geo": null}', '{"geo": {"lat": null, "lon": "x"}}', '{}'),
    'address.city', pg_temp.maybe('D' || i, 2, NULL, '"Niš"', '"Ankara"'), 'address.geo', pg_temp.maybe('G' || i, 2, NULL, NULL, '{"lat": 3}'),
    E'it''s \\ "odd"; --', pg_temp.maybe('O' || i, 2, '1', E'"it''s \\\\ odd"')))$$;

CREATE FUNCTION pg_temp.properties(i text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('amount', pg_temp.maybe('a' || i, 4, '50', '50.5', '100', '-3', '"50"', '1e30'),
    'category', pg_temp.maybe('c' || i, 4, '"shoes"', '"shoes"', '"hats"', '"Hats"', '50'),
    'ok', pg_temp.maybe('o' || i, 3, 'true', 'false'), 'tags', pg_temp.maybe('t' || i, 3, '["a", "b"]', '[]', '["a", 1]', '["b"]')))
    || jsonb_strip_nulls(jsonb_build_object('item.price', pg_temp.maybe('p' || i, 2, NULL, '7')))
    || COALESCE(jsonb_build_object('item', pg_temp.maybe('i' || i, 2, '{"price": 7}', '{"price": 7.25, "name": null}', '{"price": null}', '"none"')), '{}')$$;

-- Few names and times, so that events tie.
CREATE FUNCTION pg_temp.timeline(i text, base timestamptz) RETURNS cdp.timeline LANGUAGE sql STABLE AS $$
  SELECT cdp.timeline_agg(chr(97 + pg_temp.dice('n' || n || i, 2 + pg_temp.dice('N' || i, 3))),
           CASE WHEN pg_temp.dice('?' || n || i, 12) = 0 THEN pg_temp.moment(n || i, base)
                ELSE base + (pg_temp.dice('t' || n || i, 40) - 34) * CASE pg_temp.dice('g' || i, 3) WHEN 0 THEN interval '1 hour' WHEN 1 THEN interval '12 hours' ELSE interval '72 hours' END END,
           pg_temp.properties(n || i), pg_temp.dice('m' || n || i, 3)::text)
  FROM generate_series(1, pg_temp.dice('#' || i, 14)) AS n$$;

CREATE FUNCTION pg_temp.customer(i text, base timestamptz) RETURNS cdp.profile LANGUAGE sql STABLE AS $$
  SELECT (CASE WHEN pg_temp.dice('nobody' || i, 15) = 0 THEN '{}' ELSE
      cdp.observe(pg_temp.record('x' || i, base), 'crm', base - pg_temp.dice('f' || i, 90) * interval '12 hours', policy)
      || CASE WHEN pg_temp.dice('2' || i, 3) > 0 THEN cdp.observe(pg_temp.record('y' || i, base), 'web', base - pg_temp.dice('g' || i, 90) * interval '12 hours', policy) ELSE '{}' END
      || CASE WHEN pg_temp.dice('3' || i, 3) = 0 THEN cdp.observe(pg_temp.record('z' || i, base), 'crm', base - pg_temp.dice('h' || i, 90) * interval '12 hours', policy) ELSE '{}' END
      || CASE WHEN pg_temp.dice('4' || i, 4) = 0 THEN cdp.erase(pg_temp.pick('e' || i, 'country', 'age', 'address', 'address.city', 'tags', 'never'), pg_temp.pick('E' || i, 'crm', 'web'), base) ELSE '{}' END
      || CASE WHEN pg_temp.dice('5' || i, 2) = 0 THEN cdp.identifier('email', 'e' || i, 'crm', base) || cdp.identifier('email', 'e' || i, 'web', base) ELSE '{}' END
      || CASE WHEN pg_temp.dice('6' || i, 3) = 0 THEN cdp.identifier('device', 'd1', 'app', base) || cdp.identifier('device', 'd2', 'app', base) ELSE '{}' END
      || (SELECT COALESCE(cdp.rollup(cdp.consent(pg_temp.pick('p' || n || i, 'marketing', 'profiling'), pg_temp.dice('g' || n || i, 2) = 0, 'web', base + (pg_temp.dice('w' || n || i, 9) - 6) * interval '24 hours')), '{}')
          FROM generate_series(1, pg_temp.dice('C' || i, 5)) AS n) END)
    || COALESCE(pg_temp.timeline(i, base), '{}')
  FROM (VALUES ('birthday as timestamp; signed_up as timestamp; seen collect as timestamp; tags collect; score sum')) AS v (policy)$$;

CREATE FUNCTION pg_temp.written(i text, base timestamptz) RETURNS text LANGUAGE sql STABLE AS
  $$SELECT to_char((base + (pg_temp.dice('h' || i, 90) - 70) * interval '12 hours') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')$$;
CREATE FUNCTION pg_temp.when(i text, base timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE pg_temp.dice('w' || i, 8)
    WHEN 0 THEN format('since timestamp "%s"', pg_temp.written('a' || i, base))
    WHEN 1 THEN format('between timestamp "%s" and timestamp "%s"', pg_temp.written('a' || i, base), pg_temp.written('b' || i, base))
    WHEN 2 THEN format('last %s %s', pg_temp.pick('n' || i, '1', '2', '3', '12', '9999'), pg_temp.pick('u' || i, 'months', 'years'))
    ELSE format('last %s %s', 1 + pg_temp.dice('n' || i, 40), pg_temp.pick('u' || i, 'minutes', 'hours', 'hours', 'days', 'days', 'weeks')) END$$;
-- The window of a function, or none.
CREATE FUNCTION pg_temp.window(i text, base timestamptz) RETURNS text LANGUAGE sql STABLE AS
  $$SELECT CASE WHEN pg_temp.dice('W' || i, 3) > 0 THEN ', ' || pg_temp.when(i, base) ELSE '' END$$;
CREATE FUNCTION pg_temp.compares(i text, VARIADIC numbers text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN o LIKE '%between' THEN format('%s %s and %s', o, pg_temp.pick('1' || i, VARIADIC numbers), pg_temp.pick('2' || i, VARIADIC numbers))
              ELSE o || ' ' || pg_temp.pick('1' || i, VARIADIC numbers) END
  FROM pg_temp.pick('o' || i, '=', '!=', '<', '<=', '>', '>=', '>=', 'between', 'not between') AS o$$;

CREATE FUNCTION pg_temp.condition(i text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE pg_temp.dice('k' || i, 8)
    WHEN 0 THEN 'in (' || pg_temp.pick('1' || i, '50', '"shoes"', 'true') || pg_temp.pick('2' || i, ')', ', 100)', ', "hats")')
    WHEN 1 THEN pg_temp.pick('1' || i, 'like "%s"', 'ilike "hat_"', 'not like "sh%"', 'starts with "h"', 'not ilike "HATS"')
    WHEN 2 THEN pg_temp.pick('1' || i, 'contains "a"', 'contains any ("b", 1)', 'contains all ("a", "b")')
    WHEN 3 THEN pg_temp.pick('1' || i, 'is known', 'is unknown')
    ELSE pg_temp.compares(i, '50', '50', '7', '7.25', '"shoes"', '"hats"', 'true', 'timestamp "2026-01-01T00:00:00Z"') END$$;
CREATE FUNCTION pg_temp.property(i text) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$SELECT pg_temp.pick(i, 'amount', 'amount', 'category', 'ok', 'tags', 'item.price', 'item.price', 'none')$$;
-- An event, mostly with a filter; `property` comes after its name.
CREATE FUNCTION pg_temp.event(i text, property text DEFAULT '') RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT format('"%s"%s%s', pg_temp.pick('e' || i, 'a', 'a', 'b', 'b', 'c', 'x'), property,
    CASE pg_temp.dice('f' || i, 5) WHEN 0 THEN format(' where %s %s', pg_temp.property('p' || i), pg_temp.condition('1' || i))
      WHEN 1 THEN format(' where %s(%s %s %s %s %s)', pg_temp.pick('n' || i, '', 'not '), pg_temp.property('q' || i), pg_temp.condition('2' || i), pg_temp.pick('a' || i, 'and', 'or'), pg_temp.property('r' || i), pg_temp.condition('3' || i))
      ELSE '' END)$$;

CREATE FUNCTION pg_temp.kinds() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT '{compare,compare across types,between,in,not in,like,ilike,starts with,contains,contains any,contains all,contains timestamp,known,nested,nested known,odd name,timestamp,any,any known,from,from known,freshness,within last,within next,within months,within stated,anniversary,identifier,identifiers,consent,did,count,sum,avg,min,max,distinct,most_frequent,first,last,moment known,first property,last property,days_active,days of any,sequence,absence,funnel}'::text[]$$;
CREATE FUNCTION pg_temp.predicate(kind text, i text, base timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE kind
    WHEN 'compare' THEN pg_temp.pick('1' || i, 'age', 'age', 'score') || ' ' || pg_temp.compares(i, '18', '30', '30.5', '-1', '0', '2.5', '1e-9', '1e40', '1e20')
    WHEN 'compare across types' THEN pg_temp.pick('1' || i, 'country', 'age', 'vip', 'name', 'signed_up', 'tags', 'never') || ' ' || pg_temp.compares(i, '"TR"', '30', '"30"', 'true', 'false', '""', 'date "2026-01-01"')
    WHEN 'between' THEN format('%s %sbetween %s and %s', pg_temp.pick('1' || i, 'age', 'country', 'signed_up'), pg_temp.pick('2' || i, '', 'not '), pg_temp.pick('3' || i, '17', '"ID"', '"a"', 'date "2020-01-01"'), pg_temp.pick('4' || i, '30', '"TR"', 'true', 'date "2026-03-01"'))
    WHEN 'in' THEN format('%s in (%s)', pg_temp.pick('1' || i, 'country', 'age', 'vip', 'signed_up'), pg_temp.pick('2' || i, '"TR", "RS"', '"TR", 5', '18, 30', '30, true', 'true', 'date "2026-01-01", "TR"'))
    WHEN 'not in' THEN format('%s not in (%s)', pg_temp.pick('1' || i, 'country', 'age', 'vip'), pg_temp.pick('2' || i, '"TR", "RS"', '"TR", 5', '18, 30', '30, true', 'false'))
    WHEN 'like' THEN format('%s %s "%s"', pg_temp.pick('1' || i, 'name', 'country'), pg_temp.pick('2' || i, 'like', 'not like'), pg_temp.pick('3' || i, 'T%', '%', '_', 'a\\%b\\_c', '%''c\"%', 'a\\\\\\\\b%', '%ş%', 'Ay_e', '__'))
    WHEN 'ilike' THEN format('%s %s "%s"', pg_temp.pick('1' || i, 'name', 'name', 'country'), pg_temp.pick('2' || i, 'ilike', 'not ilike'), pg_temp.pick('3' || i, 'tr', 'K', 'k', '%ŞİMŞEK', '%şimşek', 'STRAßE', 'straße', 'σίσυφοσ', 'A\\%B\\_c', 'AYŞ_', '%\\\\'))
    WHEN 'starts with' THEN format('%s starts with "%s"', pg_temp.pick('1' || i, 'name', 'country'), pg_temp.pick('3' || i, 'T', '', 'a%', 'a\\b', 'Ay'))
    WHEN 'contains' THEN format('%s contains %s', pg_temp.pick('1' || i, 'tags', 'numbers', 'country'), pg_temp.pick('2' || i, '"a"', '"TR"', '1', '2', '3.0', 'true', 'date "2026-01-01"'))
    WHEN 'contains any' THEN format('%s contains any (%s)', pg_temp.pick('1' || i, 'tags', 'numbers', 'seen'), pg_temp.pick('2' || i, '"a", "c"', '1, 3', '"b", 1', 'true', 'date "2026-03-01", 4'))
    WHEN 'contains all' THEN format('%s contains all (%s)', pg_temp.pick('1' || i, 'tags', 'numbers', 'seen'), pg_temp.pick('2' || i, '"a", "b"', '1, 2', '"b", 1', 'true'))
    WHEN 'contains timestamp' THEN format('%s contains %s', pg_temp.pick('1' || i, 'seen', 'seen', 'seen', 'tags'), CASE WHEN pg_temp.dice('2' || i, 2) = 0 THEN format('timestamp "%s"', b) ELSE format('%s (timestamp "%s"%s)', pg_temp.pick('3' || i, 'any', 'any', 'all'), b, pg_temp.pick('4' || i, '', ', timestamp "2024-02-29T12:00:00Z"', ', "a"')) END)
    WHEN 'known' THEN format('%s is %s', pg_temp.pick('1' || i, 'country', 'age', 'signed_up', 'tags', 'never', 'seen'), pg_temp.pick('2' || i, 'known', 'unknown'))
    WHEN 'nested' THEN pg_temp.pick('1' || i, 'address.city', 'address.city', 'address.geo.lat', 'address.geo.lat', 'address.geo.lon') || ' ' || pg_temp.compares(i, '"Ankara"', '"Niš"', '3', '3', '2', '5', '"x"')
    WHEN 'nested known' THEN format('%s is %s', pg_temp.pick('1' || i, 'address.city', 'address.geo.lat', 'address.geo', 'address.geo.lon', 'any(address.geo.lat)', 'address.city from "crm"'), pg_temp.pick('2' || i, 'known', 'unknown'))
    WHEN 'odd name' THEN 'attr("it''s \\ \"odd\"; --") ' || pg_temp.pick('1' || i, '= 1', '= "it''s \\ odd"', 'like "%''%"', 'is known', '!= "''; DROP TABLE customer; --"', 'in ("\\", "''", 1)')
    WHEN 'timestamp' THEN pg_temp.pick('1' || i, 'signed_up ', 'birthday ') || pg_temp.compares(i, format('timestamp "%s"', b), 'date "2024-02-29"', 'timestamp "2020-02-29T12:00:00Z"', 'timestamp "-0043-03-15T00:00:00Z"')
    WHEN 'any' THEN format('any(%s', pg_temp.pick('1' || i, 'country) = "RS"', 'country) != "TR"', 'country) in ("TR", 5)', 'age) > 18', 'address.city) = "Ankara"', 'address.geo.lat) = 3', 'tags) contains "b"', 'signed_up) < date "2026-01-01"', 'seen) within last 20 days', 'birthday) anniversary within next 200 days', 'name) ilike "k"'))
    WHEN 'any known' THEN format('any(%s) is %s', pg_temp.pick('1' || i, 'country', 'address.city', 'address.geo', 'tags', 'signed_up', 'never'), pg_temp.pick('2' || i, 'known', 'unknown'))
    WHEN 'from' THEN format('%s from "%s" %s', pg_temp.pick('1' || i, 'country', 'age', 'address.city', 'signed_up'), pg_temp.pick('2' || i, 'crm', 'crm', 'web', 'none'), pg_temp.compares(i, '"TR"', '"Niš"', '30', 'date "2026-01-01"'))
    WHEN 'from known' THEN format('%s from "%s" is %s', pg_temp.pick('1' || i, 'country', 'age', 'tags', 'address.geo'), pg_temp.pick('2' || i, 'crm', 'web', 'none'), pg_temp.pick('3' || i, 'known', 'unknown'))
    WHEN 'freshness' THEN format('freshness(%s) %s', pg_temp.pick('1' || i, 'country', 'age', 'tags', 'address.city', 'address.geo.lat'), pg_temp.compares(i, '10 days', '240 hours', '20 days', '3 weeks', '90 minutes', '3000000 days'))
    WHEN 'within last' THEN format('%s within last %s %s', pg_temp.pick('1' || i, 'signed_up', 'birthday', 'country'), 1 + pg_temp.dice('2' || i, 60), pg_temp.pick('3' || i, 'minutes', 'hours', 'days', 'days', 'weeks'))
    WHEN 'within next' THEN format('%s within next %s %s', pg_temp.pick('1' || i, 'signed_up', 'birthday'), pg_temp.pick('2' || i, '1', '2', '3', '3', '30', '60'), pg_temp.pick('3' || i, 'hours', 'days', 'weeks', 'months', 'months', 'years'))
    WHEN 'within months' THEN format('%s within last %s %s', pg_temp.pick('1' || i, 'signed_up', 'birthday'), pg_temp.pick('2' || i, '1', '2', '3', '5', '9999'), pg_temp.pick('3' || i, 'months', 'years'))
    WHEN 'within stated' THEN format('%s within %s', pg_temp.pick('1' || i, 'signed_up', 'birthday'), pg_temp.pick('2' || i, format('since timestamp "%s"', t), format('between date "2024-02-29" and timestamp "%s"', t)))
    WHEN 'anniversary' THEN format('birthday anniversary within %s', pg_temp.pick('1' || i, 'last 5 days', 'last 100 days', 'next 20 weeks', 'next 3 months', 'last 2 years', 'next 200 days', 'last 9999 years', 'since date "2025-02-28"', 'between date "2024-02-28" and date "2024-02-29"', format('since timestamp "%s"', t)))
    WHEN 'identifier' THEN format('has identifier("%s")', pg_temp.pick('1' || i, 'email', 'device', 'none'))
    WHEN 'identifiers' THEN format('identifiers("%s") %s', pg_temp.pick('1' || i, 'email', 'device'), pg_temp.compares(i, '0', '1', '2', '1.5'))
    WHEN 'consent' THEN format('consent("%s")', pg_temp.pick('1' || i, 'marketing', 'profiling', 'none'))
    WHEN 'did' THEN format('did(%s%s)', pg_temp.event(i), w)
    WHEN 'count' THEN format('count(%s%s) %s', pg_temp.event(i), w, pg_temp.compares(i, '0', '1', '2', '3', '1.5', '-1'))
    WHEN 'sum' THEN format('sum(%s%s) %s', e, w, pg_temp.compares(i, '0', '50', '100', '100.5', '7', '1e30'))
    WHEN 'avg' THEN format('avg(%s%s) %s', e, w, pg_temp.compares(i, '50', '50', '100', '75', '7.125', '33.5'))
    WHEN 'min' THEN format('min(%s%s) %s', e, w, pg_temp.compares(i, '50', '50', '-3', '7'))
    WHEN 'max' THEN format('max(%s%s) %s', e, w, pg_temp.compares(i, '50', '100', '7.25', '1e30'))
    WHEN 'distinct' THEN format('distinct(%s%s) %s', e, w, pg_temp.compares(i, '0', '1', '2', '3'))
    WHEN 'most_frequent' THEN format('most_frequent(%s%s) %s', e, w, pg_temp.pick('c' || i, '= 50', '= "shoes"', '!= "hats"', '> 7', 'in (50, "shoes")', 'is known', 'is unknown', '= true', '= false', 'like "s%"'))
    WHEN 'first' THEN format('first(%s%s) %s', pg_temp.event(i), w, pg_temp.pick('c' || i, 'within ' || pg_temp.when('v' || i, base), pg_temp.compares(i, format('timestamp "%s"', t), 'date "2026-02-28"')))
    WHEN 'last' THEN format('last(%s%s) %s', pg_temp.event(i), w, pg_temp.pick('c' || i, 'within ' || pg_temp.when('v' || i, base), pg_temp.compares(i, format('timestamp "%s"', t), 'date "2026-02-28"')))
    WHEN 'moment known' THEN format('%s(%s%s) is %s', pg_temp.pick('1' || i, 'first', 'last'), pg_temp.event(i), w, pg_temp.pick('2' || i, 'known', 'unknown'))
    WHEN 'first property' THEN format('first(%s%s).%s', pg_temp.event(i), w, pg_temp.pick('C' || i, 'amount ' || pg_temp.compares(i, '50', '100'), 'category ' || pg_temp.pick('3' || i, '= "shoes"', 'ilike "h%"'), pg_temp.property('3' || i) || ' ' || pg_temp.condition(i)))
    WHEN 'last property' THEN format('last(%s%s).%s', pg_temp.event(i), w, pg_temp.pick('C' || i, 'amount ' || pg_temp.compares(i, '50', '100'), 'category ' || pg_temp.pick('3' || i, '= "shoes"', 'ilike "h%"'), pg_temp.property('3' || i) || ' ' || pg_temp.condition(i)))
    WHEN 'days_active' THEN format('days_active(%s%s) %s', pg_temp.event(i), w, pg_temp.compares(i, '0', '1', '2', '3'))
    WHEN 'days of any' THEN format('days_active(%s) %s', pg_temp.when(i, base), pg_temp.compares(i, '0', '1', '2', '3', '5'))
    WHEN 'sequence' THEN format('sequence(%s then %s%s%s%s)', pg_temp.event('1' || i), pg_temp.event('2' || i), pg_temp.pick('3' || i, '', ' within 12 hours', ' within 4 days'), pg_temp.pick('4' || i, '', ' then ' || pg_temp.event('5' || i) || ' within 2 weeks', ' then "a" then "a"'), w)
    WHEN 'absence' THEN format('sequence(%s%s then not %s%s%s%s)', pg_temp.event('1' || i), pg_temp.pick('9' || i, '', ' then "a" within 1 week'), pg_temp.event('2' || i), pg_temp.pick('3' || i, '', ' within 12 hours', ' within 4 days'), pg_temp.pick('4' || i, '', ' then ' || pg_temp.event('5' || i), ' then not "b" within 1 day then "a" within 2 weeks then not "c"'), w)
    WHEN 'funnel' THEN format('funnel(%s, within %s%s) %s', pg_temp.pick('1' || i, '"a"', '"a", "b"', '"a", "a"', '"a", "b", "c"', '"b", "a", "b"'), pg_temp.pick('2' || i, '0 minutes', '12 hours', '4 days', '9 weeks'), w, pg_temp.compares(i, '0', '1', '2', '2', '3', '1.5'))
  END
  FROM (SELECT pg_temp.written('T' || i, base) AS t, pg_temp.pick('B' || i, pg_temp.instant_text(base), pg_temp.instant_text(date_trunc('day', base, 'UTC')), '2024-02-29T12:00:00Z') AS b, pg_temp.window(i, base) AS w, pg_temp.event(i, '.' || pg_temp.property('P' || i)) AS e) AS parts$$;

-- Several of them, joined and negated.
CREATE FUNCTION pg_temp.rule(i text, depth int, base timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN CASE WHEN pg_temp.dice('n' || depth || i, 5) = 0 THEN 'not ' ELSE '' END
    || CASE WHEN depth = 0 OR pg_temp.dice('d' || depth || i, 4) = 0 THEN pg_temp.predicate(pg_temp.pick('k' || i, VARIADIC pg_temp.kinds()), i, base)
            ELSE format('(%s %s %s)', pg_temp.rule(i || 'l', depth - 1, base), pg_temp.pick('o' || i, 'and', 'or'), pg_temp.rule(i || 'r', depth - 1, base)) END;
END $$;
