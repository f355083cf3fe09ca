// At least three purchases in the last thirty days, for every user. cdp reads stored timelines, the others the events.
import { clickhouse, duckdb, postgresql } from '../harness/events.mjs';

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
    duckdb('DuckDB', filtered),
    clickhouse('ClickHouse, countIf', counted),
    clickhouse('ClickHouse, WHERE', filtered),
  ],
  bars: [
    { label: 'ClickHouse, countIf', atLeast: 1 },
    { label: 'ClickHouse, WHERE', atLeast: 1 },
  ],
};
