-- cdp.version(), and that the library in use belongs to the extension that is created.
BEGIN;
SELECT plan(5);
SELECT has_function('cdp', 'version', '{}'::name[]);
SELECT is((SELECT library FROM cdp.version()), (SELECT extversion FROM pg_extension WHERE extname = 'cdp'),
          'the library has the version of the extension');
SELECT matches((SELECT postgres FROM cdp.version()), '^' || current_setting('server_version_num')::int / 10000 || '[.a-z]',
               'the library was built for this major');
SELECT matches((SELECT icu FROM cdp.version()), '^\d+\.\d+', 'the ICU version is told');
SELECT throws_ok('CREATE EXTENSION cdp SCHEMA public', '42710', NULL, 'a second one is refused');
SELECT * FROM finish();
ROLLBACK;
