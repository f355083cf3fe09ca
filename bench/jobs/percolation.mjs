// Which of the stored rules each of a hundred profiles of a hundred facts meets: by the index on rules, and by
// evaluating all of them.
const query = `SELECT count(*), sum(r.id) FROM (SELECT profile FROM probe WHERE facts = 100 OFFSET 0) AS p
  JOIN stored_rule AS r ON r.rule @@ p.profile`;

const contestant = (label, settings, more = {}) => ({
  label,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: 0, ...settings },
  requires: { function: 'cdp.debug_index' },
  run: (session) => session.step('query', query),
  ...more,
});

export default {
  title: 'which of 100 000 stored rules a hundred profiles of a hundred facts meet',
  needs: ['stored_rule'],
  answer: ['matches', 'sum of rules'],
  warm: true,
  repeat: 3,
  contestants: [
    contestant('cdp, index on rules', { enable_seqscan: 'off' }),
    contestant('cdp, every rule evaluated', { enable_bitmapscan: 'off' }, { slow: true }),
  ],
  // A hundred profiles: 1 ms each.
  bars: [
    { label: 'cdp, index on rules', secondsAtMost: 0.1 },
    { label: 'cdp, every rule evaluated', atLeast: 50 },
  ],
};
