-- Customers, rules, and what finds one by the other: the data of tests/recovery.
CREATE EXTENSION cdp;
CREATE TABLE customer (id int PRIMARY KEY, p cdp.profile);
CREATE TABLE rule (id int PRIMARY KEY, s cdp.segment);

CREATE FUNCTION made(i int, version int) RETURNS cdp.profile LANGUAGE sql IMMUTABLE AS $$
  SELECT cdp.observe(jsonb_build_object('country', 'C' || (i + version) % 40, 'age', (i * 7 + version) % 90, 'tags', jsonb_build_array('t' || i % 11, 'v' || version % 5)), 'crm', '2026-01-01')
    || CASE WHEN (i + version) % 3 = 0 THEN cdp.identifier('email', 'e' || i, 'crm', '2026-01-01') ELSE '{}' END
    || CASE WHEN (i + version) % 4 = 0 THEN cdp.event('e' || version % 6, '2026-01-01') || '{}'::cdp.timeline ELSE '{}' END::cdp.timeline $$;
CREATE FUNCTION described(i int) RETURNS cdp.segment LANGUAGE sql IMMUTABLE AS $$
  SELECT (CASE i % 6 WHEN 0 THEN format('country = "C%s"', i % 40) WHEN 1 THEN format('age between %s and %s', i % 90, i % 90 + 3) WHEN 2 THEN format('tags contains "t%s" and age < 30', i % 11)
    WHEN 3 THEN format('did("e%s") and not country = "C1"', i % 6) WHEN 4 THEN format('has identifier("email") and tags contains any ("v%s", "none")', i % 5) ELSE format('age = %s or country in ("C%s", "C7")', i % 90, i % 40) END)::cdp.segment $$;
INSERT INTO customer SELECT i, made(i, 0) FROM generate_series(1, 3000) AS i;
INSERT INTO rule SELECT i, described(i) FROM generate_series(1, 600) AS i;

-- Pairs of a rule and a customer, by looking at all, and by each of the indexes: three times the same.
CREATE FUNCTION pairs_by_sight() RETURNS text LANGUAGE sql STABLE SET enable_bitmapscan = off SET enable_material = off AS
  $$SELECT concat(count(*), ' ', sum(hashint8(r.id * 1000000::bigint + c.id))) FROM rule AS r JOIN customer AS c ON c.p @@ r.s WHERE r.id % 8 = 0 AND c.id % 5 = 0$$;
CREATE FUNCTION unless_indexed(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
    IF line LIKE '%Index Cond%' THEN RETURN ''; END IF;
  END LOOP;
  RETURN ' without the index';
END $$;
CREATE FUNCTION pairs_by_customer_p() RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE r record; n bigint := 0; digest numeric := 0; more bigint; adds numeric;
BEGIN
  FOR r IN SELECT * FROM rule WHERE id % 8 = 0 LOOP
    SELECT count(*), coalesce(sum(hashint8(r.id * 1000000::bigint + c.id)), 0) INTO more, adds FROM customer AS c WHERE c.p @@ r.s AND c.id % 5 = 0;
    n := n + more;
    digest := digest + adds;
  END LOOP;
  RETURN concat(n, ' ', digest, unless_indexed('SELECT FROM customer WHERE p @@ ''age = 5'''));
END $$;
CREATE FUNCTION pairs_by_rule_s() RETURNS text LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE c record; n bigint := 0; digest numeric := 0; more bigint; adds numeric;
BEGIN
  FOR c IN SELECT * FROM customer WHERE id % 5 = 0 LOOP
    SELECT count(*), coalesce(sum(hashint8(r.id * 1000000::bigint + c.id)), 0) INTO more, adds FROM rule AS r WHERE r.s @@ c.p AND r.id % 8 = 0;
    n := n + more;
    digest := digest + adds;
  END LOOP;
  RETURN concat(n, ' ', digest, unless_indexed('SELECT FROM rule WHERE s @@ ''{}''::cdp.profile'));
END $$;

-- Writes until it is stopped: new rows, changed rows, deleted rows, each batch committed.
CREATE PROCEDURE keep_writing(seed int, batches int) LANGUAGE plpgsql AS $$
BEGIN
  FOR batch IN 1 .. batches LOOP
    INSERT INTO customer SELECT i, made(i, seed) FROM generate_series(100000 * seed + batch * 50, 100000 * seed + batch * 50 + 49) AS i;
    UPDATE customer SET p = made(id, batch + seed) WHERE id % 397 = (batch * 3 + seed) % 397;
    DELETE FROM customer WHERE id BETWEEN 100000 * seed + batch * 50 - 400 AND 100000 * seed + batch * 50 - 365;
    UPDATE rule SET s = described(id + batch) WHERE id % 101 = (batch + seed) % 101;
    COMMIT;
    IF batch % 20 = 10 THEN DELETE FROM customer WHERE id % 211 = batch % 211; ROLLBACK; END IF;
  END LOOP;
END $$;
