// One attribute of every profile by ->>, beside the same from flat jsonb of the same ten attributes; and the bytes of both.
const requires = { function: 'cdp.profile_agg' };
const one = `timestamptz '2026-01-01'`;

const read = (label, table, column, more = {}) => {
  const query = `SELECT count(${column} ->> 'city'), sum((${column} ->> 'age')::integer) FROM ${table}`;
  return {
    label,
    system: 'postgresql',
    settings: { max_parallel_workers_per_gather: 0 },
    plan: query,
    run: async (session) => {
      const answer = await session.step('query', query);
      session.bytes = Number((await session.ask(`SELECT sum(pg_column_size(${column})) FROM ${table}`))[0]);
      return answer;
    },
    ...more,
  };
};
const table = (name, sql) => [`CREATE UNLOGGED TABLE ${name} AS ${sql}`, `VACUUM ANALYZE ${name}`];

export default {
  title: 'two attributes of every profile, from one source and from three',
  needs: ['prof'],
  answer: ['cities', 'sum of ages'],
  warm: true,
  repeat: 3,
  contestants: [
    read('cdp, one source', 'prof_one', 'profile', {
      requires,
      setup: table('prof_one', `SELECT uid, cdp.profile_agg(p, 'crm', ${one}) AS profile FROM prof GROUP BY uid`),
    }),
    read('cdp, three sources', 'prof_three', 'profile', {
      requires,
      // The sources agree on most values; the web's plan and the shop's city differ from the others'.
      setup: table('prof_three', `SELECT uid, cdp.profile_agg(said, source, seen) AS profile FROM prof CROSS JOIN LATERAL
        (VALUES (p, 'crm', ${one} + interval '3 days'), (p || '{"city": "Ankara"}', 'shop', ${one} + interval '1 day'),
                (p || '{"plan": "trial"}', 'web', ${one})) AS source (said, source, seen) GROUP BY uid`),
    }),
    read('flat jsonb', 'prof', 'p'),
  ],
  bars: [
    { label: 'flat jsonb', atLeast: 1 },
    { label: 'cdp, one source', over: 'flat jsonb', bytesAtMost: 1.5 },
    { label: 'cdp, three sources', over: 'flat jsonb', bytesAtMost: 2.5 },
  ],
};
