-- One round of tests/differential: the variable seed says which.
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT no_plan();
\set customers 1200
\set singles 20
\set compounds 1000
\ir pgtap/common/differential.sql
SELECT pg_temp.all_agree();
SELECT diag('combinations: ' || 2 * (SELECT count(*) FROM rule) * (SELECT count(*) FROM person));
SELECT * FROM finish();
ROLLBACK;
