// New evidence into a space that is decided: half of the links join two customers, half bring in a new device. What it
// takes must go by what is new, not by the size of the space.

const people = Number(process.env.SCALE || 1) * 1e6;
const links = 10000;
const sizes = [0.2, 1].map((share) => ({ space: `bench_${share * 100}`, people: Math.round(people * share) }));

const setup = ({ space, people: many }) => [
  `SELECT cdp.create_space('${space}')`,
  `SELECT cdp.add_links('${space}', $$SELECT type, CASE type WHEN 'phone' THEN '+9053' || lpad(g::text, 8, '0') ELSE type || g END,
     'email', 'u' || g || '@example.com' FROM generate_series(1, ${many}) AS g, unnest('{device_id,anonymous_id,phone}'::text[]) AS type$$)`,
  `CALL cdp.resolve('${space}')`,
  'VACUUM ANALYZE',
];

let round = 0;
const contestant = (size) => ({
  label: `${(size.people * 4).toLocaleString('en')} identifiers`,
  system: 'postgresql',
  requires: { function: 'cdp.create_space' },
  against: `${(sizes[0].people * 4).toLocaleString('en')} identifiers`,
  setup: setup(size),
  run: async (session) => {
    round++;
    await session.send(`SET client_min_messages = warning; SELECT setseed(0.${round}) \\g /dev/null
      SELECT cdp.add_links('${size.space}', $$SELECT 'email', 'u' || (1 + random() * ${size.people - 2})::integer || '@example.com',
        CASE g % 2 WHEN 0 THEN 'device_id' ELSE 'email' END,
        CASE g % 2 WHEN 0 THEN 'new ${round} ' || g ELSE 'u' || (1 + random() * ${size.people - 2})::integer || '@example.com' END
        FROM generate_series(1, ${links}) AS g$$) \\g /dev/null`);
    await session.step('resolve', `CALL cdp.resolve('${size.space}')`);
    return session.ask(`SELECT count(*) FROM ${size.space}.dirty`);
  },
});

export default {
  title: `${links} new links into a space that is decided, by its size`,
  needs: [],
  answer: ['left to decide'],
  contestants: sizes.map(contestant),
  bars: [
    { label: `${(people * 4).toLocaleString('en')} identifiers`, secondsAtMost: 5 },
    { label: `${(people * 4).toLocaleString('en')} identifiers`, ratioAtMost: 2 },
  ],
};
