// The events of each user as one stored value: how long it takes to make, and how many bytes beside the rows it is made of.
const valueBytes = `SELECT sum(pg_column_size(v)) FROM stored`;
const heapBytes = `SELECT pg_relation_size('stored')`;

const stored = (label, n, sql, bytes, more = {}) => ({
  label: `${label}, ${n === 1 ? '1 process' : `${n} processes`}`,
  against: n === 1 ? 'cdp, 1 process' : 'cdp, 2 processes',
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: n - 1 },
  serial: n === 1 ? undefined : `${label}, 1 process`,
  plan: sql,
  run: async (session) => {
    await session.step('build', `CREATE UNLOGGED TABLE stored AS ${sql}`);
    session.bytes = Number((await session.ask(bytes))[0]);
    const answer = await session.ask('SELECT count(DISTINCT uid) FROM stored');
    await session.send('DROP TABLE stored;');
    return answer;
  },
  ...more,
});
const requires = { function: 'cdp.timeline_agg' };

const times = 'SELECT uid, cdp.timeline_agg(e, ts) AS v FROM ev GROUP BY uid';
const seconds = `SELECT uid, cdp.timeline_agg(e, date_trunc('second', ts)) AS v FROM ev GROUP BY uid`;
const amounts = `SELECT uid, cdp.timeline_agg(e, ts, jsonb_build_object('amount', amount)) AS v FROM ev GROUP BY uid`;
const arrays = 'SELECT uid, array_agg(ts ORDER BY ts) AS v FROM ev GROUP BY uid';
const allArrays = `SELECT uid, array_agg(ts ORDER BY ts) AS v, array_agg(e ORDER BY ts) AS names, array_agg(amount ORDER BY ts) AS amounts
  FROM ev GROUP BY uid`;

export default {
  title: 'the events of each user as one stored value',
  needs: ['ev'],
  answer: ['users'],
  contestants: [
    stored('cdp', 1, times, valueBytes, { requires }),
    stored('array_agg of times', 1, arrays, valueBytes),
    stored('array_agg of all columns', 1, allArrays, valueBytes, { slow: true }),
    stored('cdp', 2, times, valueBytes, { requires }),
    stored('cdp, whole seconds', 1, seconds, valueBytes, { requires, slow: true }),
    stored('cdp, with amounts', 1, amounts, valueBytes, { requires, slow: true }),
    stored('rows', 1, 'SELECT uid, e, ts FROM ev', heapBytes, { slow: true }),
    stored('rows with amounts', 1, 'SELECT uid, e, ts, amount FROM ev', heapBytes, { slow: true }),
  ],
  bars: [
    { label: 'array_agg of times, 1 process', atLeast: 1 / 1.5 },
    { label: 'cdp, with amounts, 1 process', over: 'rows with amounts, 1 process', bytesAtMost: 1 / 5 },
    { label: 'cdp, whole seconds, 1 process', over: 'rows, 1 process', bytesAtMost: 1 / 8 },
  ],
};
