// Building a GIN index over the profiles, and its bytes, beside the same over flat jsonb of the same attributes.
const build = (label, table, setup, definition, more = {}) => ({
  label,
  system: 'postgresql',
  settings: { max_parallel_maintenance_workers: 0 },
  setup,
  run: async (session) => {
    await session.step('build', `CREATE INDEX built_${table} ON ${table} USING gin (${definition})`);
    session.bytes = Number((await session.ask(`SELECT pg_relation_size('built_${table}')`))[0]);
    await session.send(`DROP INDEX built_${table};`);
  },
  ...more,
});
const copy = (table, columns) => [`CREATE UNLOGGED TABLE ${table} AS SELECT ${columns} FROM prof`, `VACUUM ANALYZE ${table}`];

export default {
  title: 'building an index over every profile',
  needs: ['prof'],
  contestants: [
    build('cdp', 'prof_bare', copy('prof_bare', "cdp.observe(p, 'crm', timestamptz '2026-01-01') AS p"), 'p', {
      requires: { function: 'cdp.debug_index' },
    }),
    build('jsonb_path_ops', 'prof_flat', copy('prof_flat', 'p'), 'p jsonb_path_ops'),
  ],
  bars: [
    // At most 1.5 times the time and the bytes.
    { label: 'jsonb_path_ops', atLeast: 0.67 },
    { label: 'cdp', over: 'jsonb_path_ops', bytesAtMost: 1.5 },
  ],
};
