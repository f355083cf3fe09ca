-- The extension's objects, and rules that hold for every one of them. A query under "Violations" returns no row.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;

CREATE TEMPORARY VIEW member AS
SELECT classid, objid, pg_describe_object(classid, objid, objsubid) AS description,
       (pg_identify_object(classid, objid, objsubid)).schema
FROM pg_depend
WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'cdp');

\echo Functions: kind | volatility | parallel | strict | leakproof | executable by PUBLIC
SELECT p.oid::regprocedure || ' -> ' || format_type(p.prorettype, NULL),
       CASE p.prokind WHEN 'f' THEN 'function' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' ELSE 'procedure' END,
       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
       CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' ELSE 'unsafe' END,
       CASE WHEN p.proisstrict THEN 'strict' ELSE 'null input' END,
       CASE WHEN p.proleakproof THEN 'leakproof' ELSE '' END,
       CASE WHEN p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) WHERE grantee = 0) THEN 'public' ELSE 'granted' END
FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
ORDER BY p.oid::regprocedure::text COLLATE "C";

\echo Everything else, but array types and operator families
SELECT description FROM member
WHERE classid NOT IN ('pg_proc'::regclass, 'pg_opfamily'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass)
  AND NOT (classid = 'pg_type'::regclass AND objid IN (SELECT typarray FROM pg_type))
ORDER BY description COLLATE "C";

\echo Violations
\echo - an object without a comment
SELECT description FROM member
WHERE obj_description(objid, classid::regclass::name) IS NULL
  AND classid NOT IN ('pg_opfamily'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass)
  AND NOT (classid = 'pg_type'::regclass AND objid IN (SELECT typarray FROM pg_type UNION SELECT reltype FROM pg_class))
ORDER BY 1;

\echo - SECURITY DEFINER
SELECT description FROM member JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid
WHERE p.prosecdef ORDER BY 1;

\echo - LEAKPROOF: the gates tell in errors what they find in a value
SELECT description FROM member JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid
WHERE p.proleakproof ORDER BY 1;

\echo - a body in SQL or PL/pgSQL, parsed when it runs, without a search_path; a procedure that commits can have none
SELECT description FROM member JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid
JOIN pg_language l ON l.oid = p.prolang
WHERE l.lanname NOT IN ('c', 'internal') AND p.prosqlbody IS NULL
  AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)
  AND NOT (p.prokind = 'p' AND p.prosrc ~* '\mcommit\M')
ORDER BY 1;

\echo - an operator that is not in pg_catalog, anything else that is not in cdp
SELECT description FROM member
WHERE schema <> CASE WHEN classid = 'pg_operator'::regclass THEN 'pg_catalog' ELSE 'cdp' END
ORDER BY 1;

\echo - an operator in pg_catalog with no cdp type
SELECT description FROM member JOIN pg_operator o ON classid = 'pg_operator'::regclass AND o.oid = objid
WHERE NOT EXISTS (SELECT FROM pg_type t WHERE t.oid IN (o.oprleft, o.oprright) AND t.typnamespace = 'cdp'::regnamespace)
ORDER BY 1;

\echo - an operator over a volatile function
SELECT m.description FROM member m JOIN pg_operator o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid
JOIN pg_proc p ON p.oid = o.oprcode
WHERE p.provolatile = 'v' ORDER BY 1;

\echo - a parallel safe aggregate over a function that is not
SELECT m.description, 'over', f.oid::regprocedure
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_aggregate a ON a.aggfnoid = p.oid
JOIN pg_proc f ON f.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn)
WHERE p.proparallel = 's' AND f.proparallel <> 's'
ORDER BY 1, 3;

\echo - a parallel safe aggregate that cannot be combined
SELECT m.description
FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE p.proparallel = 's' AND a.aggkind = 'n' AND a.aggcombinefn = 0
ORDER BY 1;

\echo - a function that hands out internal values to SQL
SELECT m.description FROM member m JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
WHERE p.prorettype = 'internal'::regtype AND NOT 'internal'::regtype::oid = ANY (p.proargtypes)
ORDER BY 1;

\echo - a type without binary input and output
SELECT m.description FROM member m JOIN pg_type t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
WHERE t.typtype = 'b' AND (t.typreceive = 0 OR t.typsend = 0)
ORDER BY 1;

\echo - an operator class that is not valid
SELECT m.description FROM member m JOIN pg_opclass c ON m.classid = 'pg_opclass'::regclass AND c.oid = m.objid
WHERE NOT amvalidate(c.oid) ORDER BY 1;
