// The same by the size of the profile, with few rules, and when every tenth rule has to be looked at for everybody. The
// bytes are those of the index.
const contestant = (label, table, facts) => ({
  label,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: 0, enable_seqscan: 'off' },
  requires: { function: 'cdp.debug_index' },
  run: async (session) => {
    await session.step('query', `SELECT count(*), sum(r.id) FROM (SELECT profile FROM probe WHERE facts = ${facts} OFFSET 0) AS p
      JOIN ${table} AS r ON r.rule @@ p.profile`);
    session.bytes = Number((await session.ask(`SELECT pg_indexes_size('${table}')`))[0]);
  },
});

export default {
  title: 'which stored rules a hundred profiles meet, by their size and that of the rules',
  needs: ['stored_rule'],
  warm: true,
  repeat: 3,
  contestants: [
    contestant('100 facts, 100 000 rules', 'stored_rule', 100),
    contestant('500 facts, 100 000 rules', 'stored_rule', 500),
    contestant('2000 facts, 100 000 rules', 'stored_rule', 2000),
    contestant('100 facts, 100 000 rules, a tenth always', 'stored_rule_always', 100),
    contestant('50 facts, 1000 rules', 'stored_rule_few', 50),
  ],
  // A hundred profiles: 100 µs each.
  bars: [{ label: '50 facts, 1000 rules', secondsAtMost: 0.01 }],
};
