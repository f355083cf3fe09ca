-- What a space decides depends on no locale: the same in databases of the collations C and Turkish.
\set home :DBNAME
DROP DATABASE IF EXISTS cdp_collation;
CREATE DATABASE cdp_collation TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c cdp_collation
\ir common/collation.sql
\c :home
DROP DATABASE cdp_collation;
\echo === tests/pgtap/collation.sql: tr
CREATE DATABASE cdp_collation TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'tr';
\c cdp_collation
SELECT lower('NIL') = 'nıl' AND 'a' < 'Z' AS turkish \gset
\if :turkish
\else
  \warn The database should be Turkish.
  \quit 3
\endif
\ir common/collation.sql
\c :home
DROP DATABASE cdp_collation;
