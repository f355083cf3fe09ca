// A rule about what customers did, for every customer: cdp reads profiles with their timelines, the others the events.
import { clickhouse, duckdb, postgresql } from '../harness/events.mjs';

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
const inDuckdb = (query) => query.replaceAll(/countIf\((.*?)\)/g, 'count(*) FILTER (WHERE $1)');

const setup = [
  `CREATE UNLOGGED TABLE IF NOT EXISTS shopper AS
     SELECT uid, '{}'::cdp.profile || cdp.timeline_agg(e, ts, jsonb_build_object('amount', amount)) AS profile FROM ev GROUP BY uid`,
  'VACUUM ANALYZE shopper',
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
    duckdb('DuckDB', inDuckdb(filtered)),
    clickhouse('ClickHouse, countIf', counted),
    clickhouse('ClickHouse, WHERE', filtered),
  ],
  bars: [
    { label: 'ClickHouse, countIf', atLeast: 1 },
    { label: 'ClickHouse, WHERE', atLeast: 1 },
  ],
};
