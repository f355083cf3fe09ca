// At least three purchases in the last thirty days, for every user. cdp reads stored timelines, the others the events.
const since = Date.UTC(2026, 4, 31) * 1000; // microseconds; thirty days before the last events
const requires = { function: 'cdp.timeline_agg' };

const cdp = `SELECT count(*) FROM ev_cdp
  WHERE cdp.count(timeline, 'purchase', '(2026-05-31 00:00+00,infinity]') >= 3`;
const sql = `SELECT count(*) FROM (SELECT FROM ev WHERE e = 'purchase' AND ts > '2026-05-31 00:00+00'
  GROUP BY uid HAVING count(*) >= 3) AS s`;
const filtered = `SELECT count(*) FROM (SELECT uid FROM ev WHERE e = 'purchase' AND t > ${since} GROUP BY uid HAVING count(*) >= 3) AS s`;
const counted = `SELECT count(*) FROM (SELECT uid, countIf(e = 'purchase' AND t > ${since}) AS c FROM ev GROUP BY uid HAVING c >= 3) AS s`;

const setup = [
  `CREATE UNLOGGED TABLE IF NOT EXISTS ev_cdp AS
     SELECT uid, cdp.timeline_agg(e, ts, jsonb_build_object('amount', amount)) AS timeline FROM ev GROUP BY uid`,
  'VACUUM ANALYZE ev_cdp',
];
const postgresql = (label, query, n, more = {}) => ({
  label: `${label}, ${n === 1 ? '1 process' : `${n} processes`}`,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: n - 1 },
  plan: query,
  run: (session) => session.step('query', query),
  ...more,
});
const peer = (label, system, load, query) => ({ label, system, load, run: (session) => session.step('query', query) });

const loadClickhouse = [
  'CREATE TABLE ev (uid UInt32, e LowCardinality(String), t UInt64, amount Decimal(10, 2)) ENGINE = MergeTree ORDER BY (uid, t)',
  "INSERT INTO ev SELECT * FROM file('ev.csv', CSV, 'uid UInt32, e String, t UInt64, amount Decimal(10, 2)')",
  'OPTIMIZE TABLE ev FINAL',
];
const loadDuckdb = [
  `CREATE TABLE ev AS FROM read_csv('ev.csv', header = false,
     columns = {'uid': 'INTEGER', 'e': 'VARCHAR', 't': 'BIGINT', 'amount': 'DECIMAL(10, 2)'})`,
];

export default {
  title: 'at least three purchases in the last thirty days, for every user',
  needs: ['ev'],
  answer: ['users'],
  warm: true,
  repeat: 3,
  contestants: [
    postgresql('cdp', cdp, 2, { requires, setup }),
    postgresql('cdp', cdp, 1, { requires, setup }),
    postgresql('SQL over events', sql, 2, { slow: true }),
    peer('DuckDB', 'duckdb', loadDuckdb, filtered),
    peer('ClickHouse, countIf', 'clickhouse', loadClickhouse, counted),
    peer('ClickHouse, WHERE', 'clickhouse', loadClickhouse, filtered),
  ],
  bars: [
    { label: 'ClickHouse, countIf', atLeast: 1 },
    { label: 'ClickHouse, WHERE', atLeast: 1 },
  ],
};
