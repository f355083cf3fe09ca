-- What the specs share, where no "}" can stand. Identifiers are named by one letter, or digit: those are of type
-- user_id, and a customer has one.
CREATE FUNCTION make_space() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cdp.create_space('s'), cdp.set_rules('s', '{"types": {"letter": {}}}');
END $$;
CREATE FUNCTION drop_space() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM cdp.drop_space(space) FROM cdp.spaces WHERE space = 's';
END $$;

CREATE FUNCTION type(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT CASE WHEN name ~ '\d' THEN 'user_id' ELSE 'letter' END$$;
CREATE FUNCTION ids(names text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(t, names) FROM (SELECT type(n) AS t, jsonb_agg(n) AS names FROM regexp_split_to_table(names, '') AS n GROUP BY 1) AS g$$;
CREATE FUNCTION id(name text) RETURNS bigint LANGUAGE sql STABLE AS $$SELECT cdp.identifier_id('s', type(name), name)$$;
CREATE FUNCTION day(number integer) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$SELECT '2026-01-01Z'::timestamptz + number * interval '24 h'$$;
CREATE FUNCTION event(message_id text, who text, what text DEFAULT 'seen') RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('type', 'track', 'messageId', message_id, 'userId', who, 'event', what, 'timestamp', '2026-01-01T00:00:00Z')$$;

-- The customer's identifiers.
CREATE FUNCTION who(customer bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(i.value, '' ORDER BY i.value) FROM s.profile AS p JOIN s.identifier AS i ON i.cluster_id = p.cluster_id WHERE p.profile_id = customer);
END $$;
-- Everybody, and what is wrong.
CREATE FUNCTION state(OUT customers text, OUT waiting bigint, OUT wrong text) LANGUAGE plpgsql AS $$
BEGIN
  customers := (SELECT string_agg(who(p.profile_id), ' ' ORDER BY who(p.profile_id)) FROM s.profile AS p);
  waiting := (SELECT count(*) FROM s.dirty) + (SELECT count(*) FROM s.inbox);
  wrong := (SELECT string_agg(b, '; ') FROM broken('s') AS b);
END $$;

-- Without its counts, which aren't what the specs are about.
CREATE PROCEDURE resolve(scope text DEFAULT 'dirty', batch integer DEFAULT 10000) LANGUAGE plpgsql AS $$
DECLARE
  result jsonb;
BEGIN
  CALL cdp.resolve('s', scope, batch => batch, result => result);
END $$;

-- The links of these pairs.
CREATE FUNCTION rejected(VARIADIC pairs text[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT cdp.reject('s', array_agg(a), array_agg(b), array_agg(source_id), array_agg(rule)) > 0
    FROM unnest(pairs) AS pair JOIN s.link ON a = least(id(left(pair, 1)), id(right(pair, 1))) AND b = greatest(id(left(pair, 1)), id(right(pair, 1))));
END $$;
