// A rule about what customers did, for every customer: cdp reads profiles with their timelines, the others the events.
const rule = 'count("purchase" where amount > 50, last 30 days) >= 3 and not did("refund", last 90 days)';
const micros = (month, day) => Date.UTC(2026, month - 1, day) * 1000;
const requires = { function: 'cdp.timeline_agg', type: 'cdp.segment' };

const cdp = `SELECT count(*) FROM shopper WHERE cdp.matches(profile, '${rule}', '2026-06-30 00:00+00')`;
const sql = `SELECT count(*) FROM (SELECT FROM ev GROUP BY uid
  HAVING count(*) FILTER (WHERE e = 'purchase' AND amount > 50 AND ts > '2026-05-31 00:00+00') >= 3
     AND count(*) FILTER (WHERE e = 'refund' AND ts > '2026-04-01 00:00+00') = 0) AS s`;
const counted = `SELECT count(*) FROM (SELECT uid FROM ev GROUP BY uid
  HAVING countIf(e = 'purchase' AND amount > 50 AND t > ${micros(5, 31)}) >= 3 AND countIf(e = 'refund' AND t > ${micros(4, 1)}) = 0) AS s`;
const filtered = `SELECT count(*) FROM (SELECT uid FROM ev WHERE e IN ('purchase', 'refund') AND t > ${micros(4, 1)} GROUP BY uid
  HAVING countIf(e = 'purchase' AND amount > 50 AND t > ${micros(5, 31)}) >= 3 AND countIf(e = 'refund') = 0) AS s`;
const duckdb = (query) => query.replaceAll(/countIf\((.*?)\)/g, 'count(*) FILTER (WHERE $1)');

const setup = [
  `CREATE UNLOGGED TABLE IF NOT EXISTS shopper AS
     SELECT uid, '{}'::cdp.profile || cdp.timeline_agg(e, ts, jsonb_build_object('amount', amount)) AS profile FROM ev GROUP BY uid`,
  'VACUUM ANALYZE shopper',
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
  title: 'three large purchases in the last thirty days and no refund in the last ninety, for every user',
  needs: ['ev'],
  answer: ['users'],
  warm: true,
  repeat: 3,
  contestants: [
    postgresql('cdp', cdp, 2, { requires, setup }),
    postgresql('cdp', cdp, 1, { requires, setup }),
    postgresql('SQL over events', sql, 2, { slow: true }),
    peer('DuckDB', 'duckdb', loadDuckdb, duckdb(filtered)),
    peer('ClickHouse, countIf', 'clickhouse', loadClickhouse, counted),
    peer('ClickHouse, WHERE', 'clickhouse', loadClickhouse, filtered),
  ],
  bars: [
    { label: 'ClickHouse, countIf', atLeast: 1 },
    { label: 'ClickHouse, WHERE', atLeast: 1 },
  ],
};
