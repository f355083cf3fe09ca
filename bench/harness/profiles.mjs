// Contestants that look at every profile, in one process, and the table that cdp looks at.
export const oneProcess = (label, query, more = {}) => ({
  label,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: 0 },
  plan: query,
  run: (session) => session.step('query', query),
  ...more,
});

export const storedProfiles = (table) => ({
  requires: { function: 'cdp.profile_agg', type: 'cdp.segment' },
  setup: [
    `CREATE UNLOGGED TABLE ${table} (uid integer, profile cdp.profile)`,
    `INSERT INTO ${table} SELECT uid, cdp.profile_agg(p, 'crm', timestamptz '2026-01-01') FROM prof GROUP BY uid`,
    `VACUUM ANALYZE ${table}`,
  ],
});
