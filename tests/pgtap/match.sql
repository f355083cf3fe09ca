-- Contracts of the normalisers: SQLSTATEs, NULLs, volatility, and that no input hurts the backend.
BEGIN;
SET LOCAL client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS cdp;
SELECT plan(45);

SELECT has_function('cdp', 'normalize_email', ARRAY['text', 'boolean']);
SELECT has_function('cdp', 'normalize_name', ARRAY['text', 'text']);
SELECT has_function('cdp', 'normalize_phone', ARRAY['text', 'text']);
SELECT has_function('cdp', 'phone_version', ARRAY[]::name[]);

SELECT function_returns('cdp', name::name, 'text') FROM unnest(ARRAY['normalize_email', 'normalize_name', 'normalize_phone', 'phone_version']) AS name;
SELECT volatility_is('cdp', name::name, 'stable') FROM unnest(ARRAY['normalize_email', 'normalize_name', 'normalize_phone', 'phone_version']) AS name;
SELECT is(proparallel, 's', proname || ' is parallel safe')
FROM pg_proc WHERE pronamespace = 'cdp'::regnamespace AND proname IN ('normalize_email', 'normalize_name', 'normalize_phone', 'phone_version');
SELECT isnt(obj_description(oid, 'pg_proc'), NULL, proname || ' has a comment')
FROM pg_proc WHERE pronamespace = 'cdp'::regnamespace AND proname IN ('normalize_email', 'normalize_name', 'normalize_phone', 'phone_version');
SELECT is((SELECT probin FROM pg_proc WHERE oid = 'cdp.normalize_phone'::regproc), '$libdir/cdp_phone', 'telephone numbers have a library of their own');

-- NULL in every argument position
SELECT is(cdp.normalize_email(NULL), NULL, 'NULL e-mail');
SELECT is(cdp.normalize_email(NULL, true), NULL, 'NULL e-mail, provider rules');
SELECT is(cdp.normalize_email('a@b.com', NULL), NULL, 'NULL provider rules');
SELECT is(cdp.normalize_name(NULL), NULL, 'NULL name');
SELECT is(cdp.normalize_name(NULL, 'tr'), NULL, 'NULL name, language');
SELECT is(cdp.normalize_name('Ada', NULL), 'ada', 'NULL language is no language');
SELECT is(cdp.normalize_phone(NULL), NULL, 'NULL phone');
SELECT is(cdp.normalize_phone(NULL, 'TR'), NULL, 'NULL phone, region');
SELECT is(cdp.normalize_phone('+905321234567', NULL), '+905321234567', 'NULL region is no region');

-- Errors
SELECT throws_ok($$SELECT cdp.normalize_name('Ada', 'klingon')$$, '22023', 'unrecognized language: "klingon"');
SELECT throws_ok($$SELECT cdp.normalize_name('Ada', '')$$, '22023', 'unrecognized language: ""');
SELECT throws_ok($$SELECT cdp.normalize_name('Ada', E'tr\n')$$, '22023');
SELECT throws_ok($$SELECT cdp.normalize_name('Ada', repeat('ş', 10000000))$$, '22023', 'unrecognized language: "' || repeat('ş', 20) || '"');
SELECT throws_ok($$SELECT cdp.normalize_phone('0532 123 45 67', 'ZZ')$$, '22023', 'unrecognized region: "ZZ"');
SELECT throws_ok($$SELECT cdp.normalize_phone('0532 123 45 67', '001')$$, '22023', 'unrecognized region: "001"');
SELECT throws_ok($$SELECT cdp.normalize_phone('0532 123 45 67', 'İR')$$, '22023', 'unrecognized region: "İR"');

-- A batch goes on over what is no value
SELECT is((SELECT count(cdp.normalize_email(repeat(chr(i), i % 300) || '@' || repeat(chr(i + 1), i % 70) || '.com')) >= 0
           FROM generate_series(1, 5000) AS i WHERE i NOT BETWEEN 55295 AND 57343), true, 'e-mail from arbitrary characters');
SELECT is((SELECT count(cdp.normalize_name(repeat(chr(i), i % 340 + 1))) > 0
           FROM generate_series(1, 5000) AS i), true, 'names from arbitrary characters');
SELECT is((SELECT count(cdp.normalize_phone(repeat(chr(i), i % 250 + 1) || '05321234567', 'TR')) > 0
           FROM generate_series(1, 5000, 10) AS i), true, 'numbers from arbitrary characters');

-- Large stored values are refused by their size, without being fetched
CREATE TEMPORARY TABLE large AS SELECT repeat('a', 200000000) AS value;
SELECT is((SELECT cdp.normalize_email(value) FROM large), NULL, 'large e-mail');
SELECT is((SELECT cdp.normalize_name(value) FROM large), NULL, 'large name');
SELECT is((SELECT cdp.normalize_phone(value, 'TR') FROM large), NULL, 'large phone');

-- What the comments promise of a result: normalising it changes nothing
SELECT is(count(*), 0::bigint, 'keys are stable')
FROM (SELECT cdp.normalize_name(chr(i) || 'a' || chr(i + 500) || ' dr. x') AS key FROM generate_series(160, 5000) AS i) AS keys
WHERE cdp.normalize_name(key) IS DISTINCT FROM key;
SELECT is(cdp.normalize_phone(cdp.normalize_phone('0532 123 45 67', 'TR')), '+905321234567', 'numbers are stable');

SELECT * FROM finish();
ROLLBACK;
