-- Rules as JSON. docs/segment-json.md

SELECT rule::cdp.segment::jsonb AS tree, rule::cdp.segment::jsonb::cdp.segment = rule::cdp.segment AS same FROM (VALUES
  ('country in ("TR", "RS") and not (age between 18 and 30.5 or email is known)'),
  ('any(tags) contains all ("a", 1, true) or attr("Loyalty Tier") from "crm" not like "x%" and freshness(a) < 2 weeks'),
  ('a within next 1 month and b anniversary within between date "2026-01-01" and timestamp "2026-01-31T10:00:00Z"'),
  ('did("refund" where a = 1 and not b.c is unknown, last 90 days) and days_active(last 7 days) > 1'),
  ('sum("p".attr("Total Amount"), since date "2026-01-01") not between 1 and 2e3 and most_frequent("v".c) = "x" and last("p").a is known and first("p") within last 3 days'),
  ('funnel("view" where category = "shoes", "cart", within 7 days, strict order, strict once, last 1 year) >= 2'),
  ('sequence("view" then "cart" where a = 1 within 1 hour then not "refund" within 7 days)'),
  ('has identifier("email") and identifiers("device") > 3 and consent("marketing") and in segment "vip"')) AS r (rule);
SELECT '{"all": [{"attribute": "a\") or attr(\"b", "=": "\" or c = \"1"}]}'::jsonb::cdp.segment;
SELECT (repeat('not ', 1000) || 'a = 1')::cdp.segment::jsonb::cdp.segment = (repeat('not ', 1000) || 'a = 1')::cdp.segment AS deepest;
SELECT cdp.segment(NULL::jsonb) IS NULL AND cdp.to_jsonb(NULL::cdp.segment) IS NULL AS nulls;

-- What is no rule
SELECT '"country"'::jsonb::cdp.segment;
SELECT '{"all": [{"segment": "vip"}, {"atribute": "country", "=": "TR"}]}'::jsonb::cdp.segment;
SELECT '{"attribute": "country", "not im": ["TR"]}'::jsonb::cdp.segment;
SELECT '{"attribute": "country", "=": null}'::jsonb::cdp.segment;
SELECT '{"any": [{"not": {"did": "x", "where": {"all": [{"property": "a", "within": {"last": [1, "day"]}}]}}}]}'::jsonb::cdp.segment;
SELECT '{"attribute": "a", "within": {"last": [30, "dais"]}}'::jsonb::cdp.segment;
SELECT '{"attribute": "a", "like": "x\\"}'::jsonb::cdp.segment;
SELECT (repeat('{"not": ', 1001) || '{"segment": "x"}' || repeat('}', 1001))::jsonb::cdp.segment;
SELECT (repeat('{"not": ', 4000) || '{"segment": "x"}' || repeat('}', 4000))::jsonb::cdp.segment;
SELECT jsonb_build_object('segment', repeat('x', 1048576))::cdp.segment;
