// Sequences and funnels over one customer with more and more events that make them try: the time for an event must not
// grow with their number.
const events = [1000, 8000, 32000, 64000];
const names = Array.from({ length: 64 }, (_, i) => `n${i}`); // a timeline keeps a thousand events of each
const quoted = names.map((name) => `"${name}"`);
const rules = {
  'sequence of 64 steps': `sequence(${quoted.slice(0, 63).map((name, i) => (i > 0 ? `${name} within 1 day` : name)).join(' then ')} then "n63" where n < 0)`,
  'sequence with absences': 'sequence("n1" then not "n2" within 1 hour then "n3" where n > 1 within 1 day then not "n2" then "n1" where n < 0)',
  'funnel, every mode': `funnel(${quoted.slice(0, 32).join(', ')}, "n1" where n < 0, within 1 day, strict once, strict order, strict increase) = 99`,
  'distinct, most frequent': 'distinct("n1".n where n > 0) < 0 or most_frequent("n2".n) = -1',
};

const contestant = (name, count) => ({
  label: `${name}, ${count} events`,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: 0 },
  requires: { function: 'cdp.timeline_agg', type: 'cdp.segment' },
  against: `${name}, ${events[0]} events`,
  run: (session) =>
    session.step('query', `SELECT count(*) FROM generate_series(1, ${64000 / count}) AS i, chain_${count} AS c
      WHERE cdp.matches(profile, '${rules[name]}', timestamptz '2026-12-01' + i * interval '1 microsecond')`),
});
const setup = events.map((count) => `CREATE UNLOGGED TABLE chain_${count} AS
  SELECT '{}'::cdp.profile || cdp.timeline_agg('n' || i * 37 % 64, timestamptz '2026-01-01' + i / 640 * interval '1 second',
    jsonb_build_object('n', i % 100)) AS profile FROM generate_series(0, ${count - 1}) AS i`);

const contestants = Object.keys(rules).flatMap((name) => events.map((count) => contestant(name, count)));
contestants[0].setup = setup;

export default {
  title: 'rules that try many events, 64 000 events in all, by how many belong to one customer',
  needs: [],
  answer: ['hits'],
  warm: true,
  repeat: 3,
  contestants,
  bars: Object.keys(rules).map((name) => ({ label: `${name}, 64000 events`, ratioAtMost: 1.5 })),
};
