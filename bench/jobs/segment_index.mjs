// A selective rule over the profiles through an index, and what building the index takes, beside jsonb.
const rule = 'city = "city7" and plan = "pro" and age between 30 and 34';
const contestant = (label, setup, query, more = {}) => ({
  label,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: 0 },
  setup,
  run: (session) => session.step('query', query),
  ...more,
});
const indexed = (table, columns, definition) => [
  `CREATE UNLOGGED TABLE ${table} AS SELECT ${columns} FROM prof`,
  `CREATE INDEX ON ${table} USING gin (${definition}) WITH (fastupdate = off)`,
  `VACUUM ANALYZE ${table}`,
];
const profile = "uid, cdp.observe(p, 'crm', timestamptz '2026-01-01') AS p";

export default {
  title: 'a selective rule over every profile, through an index',
  needs: ['prof'],
  answer: ['hits', 'sum of ids'],
  warm: true,
  repeat: 5,
  contestants: [
    contestant('cdp, GIN', indexed('prof_gin', profile, 'p'), `SELECT count(*), sum(uid) FROM prof_gin WHERE p @@ '${rule}'`, {
      requires: { function: 'cdp.debug_index' },
    }),
    contestant('cdp, no index', [], `SELECT count(*), sum(uid) FROM prof_gin WHERE p @@ '${rule}'`, {
      requires: { function: 'cdp.debug_index' },
      settings: { max_parallel_workers_per_gather: 0, enable_bitmapscan: 'off' },
    }),
    contestant('jsonb_path_ops', indexed('prof_path', '*', 'p jsonb_path_ops'),
      `SELECT count(*), sum(uid) FROM prof_path WHERE p @> '{"city": "city7", "plan": "pro"}' AND p -> 'age' BETWEEN '30' AND '34'`),
    contestant('jsquery', indexed('prof_jsquery', '*', 'p jsonb_path_value_ops'),
      `SELECT count(*), sum(uid) FROM prof_jsquery WHERE p @@ 'city = "city7" AND plan = "pro" AND age >= 30 AND age <= 34'::jsquery`,
      { requires: { extension: 'jsquery' } }),
  ],
  bars: [
    { label: 'cdp, no index', atLeast: 10 },
    { label: 'jsquery', atLeast: 1 },
  ],
};
