// A rule of five attribute conditions over every profile, no index.
import { oneProcess, storedProfiles } from '../harness/profiles.mjs';

const rule = 'country = "TR" and age between 30 and 40 and plan = "pro" and ltv > 500 and opt_in = true';

const queries = {
  cdp: `SELECT count(*) FROM prof_cdp WHERE profile @@ '${rule}'`,
  text: `SELECT count(*) FROM prof WHERE p ->> 'country' = 'TR' AND (p ->> 'age')::numeric BETWEEN 30 AND 40
    AND p ->> 'plan' = 'pro' AND (p ->> 'ltv')::numeric > 500 AND (p ->> 'opt_in')::boolean`,
  jsonb: `SELECT count(*) FROM prof WHERE p @> '{"country": "TR", "plan": "pro", "opt_in": true}'
    AND p -> 'age' BETWEEN '30' AND '40' AND p -> 'ltv' > '500'`,
  jsonpath: `SELECT count(*) FROM prof WHERE p @@ jsonpath '$.country == "TR" && $.age >= 30 && $.age <= 40 && $.plan == "pro"
    && $.ltv > 500 && $.opt_in == true'`,
  duckdb: `SELECT count(*) FROM prof WHERE (p ->> 'country') = 'TR' AND (p ->> 'age')::INTEGER BETWEEN 30 AND 40
    AND (p ->> 'plan') = 'pro' AND (p ->> 'ltv')::DECIMAL(10, 2) > 500 AND (p ->> 'opt_in')::BOOLEAN`,
  clickhouse: `SELECT count() FROM prof WHERE JSONExtractString(p, 'country') = 'TR' AND JSONExtractInt(p, 'age') BETWEEN 30 AND 40
    AND JSONExtractString(p, 'plan') = 'pro' AND JSONExtractFloat(p, 'ltv') > 500 AND JSONExtractBool(p, 'opt_in')`,
};

export default {
  title: 'five attribute conditions over every profile, no index',
  needs: ['prof'],
  answer: ['hits'],
  warm: true, // one untimed run in each connection: the first touch of shared memory is not the rule's
  repeat: 3,
  contestants: [
    oneProcess('cdp', queries.cdp, storedProfiles('prof_cdp')),
    oneProcess('->> and casts', queries.text),
    oneProcess('jsonb operators', queries.jsonb),
    oneProcess('jsonpath', queries.jsonpath),
    {
      label: 'DuckDB over JSON, 2 threads',
      system: 'duckdb',
      load: [
        `CREATE TABLE prof AS FROM read_csv('prof.tsv', delim = '\t', header = false, quote = '', escape = '',
           columns = {'uid': 'INTEGER', 'p': 'JSON'})`,
      ],
      run: (session) => session.step('query', queries.duckdb),
    },
    {
      label: 'ClickHouse over JSON, 2 threads',
      system: 'clickhouse',
      load: [
        'CREATE TABLE prof (uid UInt32, p String) ENGINE = MergeTree ORDER BY uid',
        "INSERT INTO prof SELECT * FROM file('prof.tsv', TSV, 'uid UInt32, p String')",
      ],
      run: (session) => session.step('query', queries.clickhouse),
    },
  ],
};
