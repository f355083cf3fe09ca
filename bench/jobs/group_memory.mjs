// What a group of profile_agg takes in a hash table that all groups grow in at once, beside the profile that it becomes.
const groups = (rows) => `SELECT cdp.profile_agg(attrs, source, ts) AS p FROM src GROUP BY uid / ${rows / 6}`;

const contestant = (label, run) => ({
  label,
  system: 'postgresql',
  requires: { function: 'cdp.profile_agg' },
  settings: { max_parallel_workers_per_gather: 0, work_mem: '8GB', enable_sort: 'off' },
  slow: true,
  run,
});

const inHashTable = (rows) =>
  contestant(`hash table, ${rows} rows a group`, async (session) => {
    const plan = await session.send(`EXPLAIN (ANALYZE, COSTS off, TIMING off) ${groups(rows)};`);
    const [, batches, kilobytes] = /Batches: (\d+) {2}Memory Usage: (\d+)kB/.exec(plan);
    if (batches !== '1') throw new Error('the hash table was written to disk');
    session.bytes = Number(kilobytes) * 1024;
    const seconds = Number(/Execution Time: ([0-9.]+) ms/.exec(plan)[1]) / 1000;
    session.steps.push({ name: 'query', seconds, processor: seconds });
  });
const profiles = (rows) =>
  contestant(`profiles, ${rows} rows each`, async (session) => {
    session.bytes = Number((await session.step('query', `SELECT sum(pg_column_size(p)) FROM (${groups(rows)}) AS g`))[0]);
  });

const sizes = [24, 60, 300];

export default {
  title: 'memory of a group in a hash aggregate, beside its profile',
  needs: ['src'],
  contestants: sizes.flatMap((rows) => [profiles(rows), inHashTable(rows)]),
  bars: sizes.map((rows) => ({ label: `hash table, ${rows} rows a group`, over: `profiles, ${rows} rows each`, bytesAtMost: 1.5 })),
};
