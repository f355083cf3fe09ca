// A funnel of three steps over the events of each customer: timelines that are stored against rows that are sorted.
// Each contestant counts the customers at each depth.
const depths = [0, 1, 2, 3];
const counts = (write) => depths.map((depth) => write(depth)).join(', ');
const counted = counts((depth) => `count(*) FILTER (WHERE depth = ${depth})`);

const cdp = `SELECT ${counted} FROM (SELECT cdp.funnel(timeline, '{view,cart,purchase}', '7 days') AS depth FROM ev_cdp OFFSET 0) AS f`;

// The latest start of a chain that reached each step, step by step.
const windows = `SELECT ${counted}
  FROM (SELECT max(CASE WHEN e = 'purchase' AND ts <= second + interval '7 days' THEN 3
                        WHEN e = 'cart' AND ts <= first + interval '7 days' THEN 2 WHEN e = 'view' THEN 1 ELSE 0 END) AS depth
        FROM (SELECT *, max(first) FILTER (WHERE e = 'cart' AND ts <= first + interval '7 days') OVER (PARTITION BY uid ORDER BY ts) AS second
              FROM (SELECT uid, e, ts, max(ts) FILTER (WHERE e = 'view') OVER (PARTITION BY uid ORDER BY ts) AS first FROM ev) AS one) AS two
        GROUP BY uid) AS f`;

const clickhouse = `SELECT ${counts((depth) => `countIf(depth = ${depth})`)}
  FROM (SELECT windowFunnel(604800000000)(t, e = 'view', e = 'cart', e = 'purchase') AS depth FROM ev GROUP BY uid)`;

const postgresql = (label, sql, n, more = {}) => ({
  label: `${label}, ${n === 1 ? '1 process' : `${n} processes`}`,
  against: n === 1 ? 'cdp, 1 process' : 'cdp, 2 processes',
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: n - 1 },
  serial: n === 1 ? undefined : `${label}, 1 process`,
  plan: sql,
  run: (session) => session.step('query', sql),
  ...more,
});
const requires = { function: 'cdp.funnel' };

export default {
  title: 'view, cart, purchase within 7 days, per customer',
  needs: ['ev'],
  answer: depths.map((depth) => `reached ${depth}`),
  warm: true,
  repeat: 1,
  contestants: [
    postgresql('cdp', cdp, 1, {
      requires,
      setup: [
        `CREATE UNLOGGED TABLE IF NOT EXISTS ev_cdp AS SELECT uid, cdp.timeline_agg(e, ts, jsonb_build_object('amount', amount)) AS timeline FROM ev GROUP BY uid`,
        'VACUUM ANALYZE ev_cdp',
      ],
    }),
    postgresql('window functions', windows, 1, { slow: true }),
    postgresql('cdp', cdp, 2, { requires }),
    {
      label: 'ClickHouse, windowFunnel',
      against: 'cdp, 2 processes',
      system: 'clickhouse',
      load: [
        'CREATE TABLE ev (uid UInt32, e LowCardinality(String), t UInt64, amount Decimal(10, 2)) ENGINE = MergeTree ORDER BY (uid, t)',
        "INSERT INTO ev SELECT * FROM file('ev.csv', CSV, 'uid UInt32, e String, t UInt64, amount Decimal(10, 2)')",
      ],
      run: (session) => session.step('query', clickhouse),
    },
  ],
  bars: [{ label: 'ClickHouse, windowFunnel', atLeast: 2 }],
};
