-- The rules of a space: rows of the tables space, identifier_type and source, read and changed as one document.

CREATE FUNCTION cdp.rules(space pg_catalog.text) RETURNS pg_catalog.jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  result jsonb;
BEGIN
  EXECUTE format($q$
    SELECT to_jsonb(s) - '{only_row,rules_version}'::text[] || jsonb_build_object(
      'types', (SELECT coalesce(jsonb_object_agg(t.type, to_jsonb(t) - 'type'), '{}') FROM %1$s.identifier_type AS t),
      'sources', (SELECT coalesce(jsonb_object_agg(o.source, to_jsonb(o) - '{source_id,source}'::text[]), '{}') FROM %1$s.source AS o))
    FROM %1$s.space AS s $q$, cdp.require_space(space)) INTO result;
  RETURN result;
END $$;
COMMENT ON FUNCTION cdp.rules(pg_catalog.text) IS
  'The rules of a space: its settings, and those of the types of identifiers and of the sources. Errors: 22004 for NULL, 3F000 when there is no such space.';

CREATE FUNCTION cdp.set_rules(space pg_catalog.text, rules pg_catalog.jsonb) RETURNS pg_catalog.int8
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_set_rules';
COMMENT ON FUNCTION cdp.set_rules(pg_catalog.text, pg_catalog.jsonb) IS
  'Changes rules: those of cdp.rules that the document names; types and sources that there are not are made, with a NOTICE if they are nearly called like others; null removes those that are not in use. Lists and max_degree are replaced as a whole. Returns how many identifiers are to be decided anew: until cdp.resolve has done so their customers are as they were. It waits for all who write to the space, and keeps them out until the transaction ends. Errors: 22004 for NULL, 3F000, 22023 for what can be no rule, naming the path, 55000 for another normaliser of a type that has identifiers, and for removing what is in use, 0A000 above READ COMMITTED, 42501 for who may not write the tables.';

CREATE FUNCTION cdp.simulate(
  space pg_catalog.text, rules pg_catalog.jsonb, OUT kind pg_catalog.text, OUT identifier_id pg_catalog.int8,
  OUT profiles_before pg_catalog.int8[], OUT members_before pg_catalog.int4[],
  OUT profiles_after pg_catalog.int8[], OUT members_after pg_catalog.int4[])
RETURNS SETOF pg_catalog.record
LANGUAGE c VOLATILE PARALLEL UNSAFE CALLED ON NULL INPUT AS 'MODULE_PATHNAME', 'cdp_space_simulate';
COMMENT ON FUNCTION cdp.simulate(pg_catalog.text, pg_catalog.jsonb) IS
  'What cdp.set_rules and then cdp.resolve would come to, without doing anything: everything is decided by the rules as they are, and as they would be. A row for customers that differ (merge: several become one; split: one becomes several; regroup: several become several others), with their numbers of identifiers, and for each identifier that becomes a hub (hub), ceases to be one (no_hub), becomes blocked (blocked) or ceases to be (unblocked), with its customer. What waits for cdp.resolve, or for a steward because of hub_alarm, is taken as decided in both. Takes about 150 bytes of memory a link. Errors: as cdp.set_rules.';
