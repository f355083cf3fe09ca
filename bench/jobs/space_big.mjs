// Customers of up to 100 000 identifiers: as many identifiers in all come in as one customer or as several, so the times
// are equal if nothing grows faster than the customer. And what a merge with such a customer takes.
const all = 100000;
const sizes = [25000, 50000, all];
const space = "'bench_big'";

const fresh = async (session) => {
  await session.send(`SELECT cdp.drop_space(${space}) WHERE to_regnamespace(${space}) IS NOT NULL \\g /dev/null
    SELECT cdp.create_space(${space}) \\g /dev/null`);
};
// Customers, and how large the largest is.
const expect = async (session, customers, members) => {
  const found = await session.ask('SELECT count(*), max(members), (SELECT count(*) FROM bench_big.dirty) FROM bench_big.profile');
  if (String(found) !== String([customers, members, 0])) throw new Error(`customers, members, dirty: ${found}`);
};
const expectShape = (session, shape, size) =>
  shape === 'hub' ? expect(session, all + all / size, 1) : expect(session, all / size, size + 1);

// Pairs of one customer: type and value of either.
const shapes = {
  chain: { a: ['anonymous_id', (c, i) => `'a' || ${c} || '-' || ${i}`], b: ['anonymous_id', (c, i) => `'a' || ${c} || '-' || ${i} + 1`] },
  star: { a: ['email', (c) => `${c} || '@example.com'`], b: ['anonymous_id', (c, i) => `'a' || ${c} || '-' || ${i}`] },
  hub: { a: ['device_id', (c) => `'d' || ${c}`], b: ['user_id', (c, i) => `'u' || ${c} || '-' || ${i}`] },
};
const orders = { 'in order': 'i', 'in reverse': '-i', 'in random order': 'hashint4(i)' };

// In calls of fifty, each a transaction.
const identify = (shape, order, size) => async (session) => {
  const { a, b } = shapes[shape];
  await fresh(session);
  await session.send(`CREATE OR REPLACE PROCEDURE pg_temp.bring_in() LANGUAGE plpgsql AS $$
    DECLARE seen jsonb[];
    BEGIN
      FOR seen IN SELECT array_agg(pair ORDER BY at) FROM (
          SELECT CASE WHEN '${a[0]}' = '${b[0]}' THEN jsonb_build_object('${a[0]}', jsonb_build_array(${a[1]('c', 'i')}, ${b[1]('c', 'i')}))
              ELSE jsonb_build_object('${a[0]}', ${a[1]('c', 'i')}, '${b[0]}', ${b[1]('c', 'i')}) END AS pair,
            row_number() OVER (ORDER BY c, ${orders[order]}) AS at
          FROM generate_series(1, ${all / size}) AS c, generate_series(1, ${size}) AS i) AS p
        GROUP BY at / 50 ORDER BY at / 50 LOOP
        PERFORM cdp.identify_many(${space}, seen);
        COMMIT;
      END LOOP;
    END $$;`);
  await session.step('identify', 'CALL pg_temp.bring_in()');
  await expectShape(session, shape, size);
};

const addLinks = (shape, size) => {
  const { a, b } = shapes[shape];
  return `SELECT links FROM cdp.add_links(${space}, $$SELECT '${a[0]}', ${a[1]('c', 'i')}, '${b[0]}', ${b[1]('c', 'i')}
    FROM generate_series(1, ${all / size}) AS c, generate_series(1, ${size}) AS i$$)`;
};
const resolve = async (session, shape, size) => {
  await fresh(session);
  await session.step('add_links', addLinks(shape, size));
  await session.step('resolve', `CALL cdp.resolve(${space})`);
};
const batch = (shape, size) => async (session) => {
  await resolve(session, shape, size);
  await expectShape(session, shape, size);
};

const id = (c, i) => `cdp.identifier_id(${space}, 'anonymous_id', 'a' || ${c} || '-' || ${i})`;
const cut = (size) => async (session) => {
  await resolve(session, 'chain', size);
  session.steps = [];
  const customers = `generate_series(1, ${all / size}) AS c`;
  await session.step('cut', `SELECT count(cdp.cut(${space}, ${id('c', size / 2)}, ${id('c', size / 2 + 1)})) FROM ${customers}`);
  await session.step('resolve', `CALL cdp.resolve(${space})`);
  await expect(session, 2 * all / size, size / 2 + 1);
  await session.step('undo', `SELECT count(cdp.undo(${space}, decision_id)) FROM bench_big.decision`);
  await session.step('resolve', `CALL cdp.resolve(${space})`);
  await expectShape(session, 'chain', size);
};
const explain = (size) => async (session) => {
  await resolve(session, 'chain', size);
  session.steps = [];
  await session.step('explain', `SELECT count(*) FROM generate_series(1, ${all / size}) AS c, cdp.explain_merge(${space}, ${id('c', 1)}, ${id('c', size)})`);
};

// Each small customer comes in, then a call unites it with the large one.
const merges = 200;
const merge = (first, quantile) => async (session) => {
  await fresh(session);
  await session.send(`SELECT cardinality(cdp.identify_many(${space}, (SELECT array_agg(jsonb_build_object('email', '1@example.com', 'anonymous_id', 'a' || i))
    FROM generate_series(1, ${all}) AS i))) \\g /dev/null`);
  const large = (i) => `a${i * 7}`, small = (i) => `b${i}`;
  for (let i = 1; i <= merges; i++) {
    await session.ask(`SELECT cdp.identify(${space}, '{"device_id": "d${i}", "anonymous_id": "${small(i)}"}', '{"n": ${i}}')`);
    const named = first === 'large' ? [large(i), small(i)] : [small(i), large(i)];
    await session.step('merge', `SELECT cdp.identify(${space}, '{"anonymous_id": ["${named.join('", "')}"]}')`);
  }
  const times = session.steps.sort((x, y) => x.seconds - y.seconds);
  session.steps = [times[Math.floor(quantile * (merges - 1))]];
  await expect(session, 1, all + 1 + 2 * merges);
};

const contestant = (label, run, against) => ({ label, system: 'postgresql', requires: { function: 'cdp.identify_many' }, slow: true, against, run });
const growing = (name, make) => sizes.map((size) => contestant(`${name}, ${size} each`, make(size), `${name}, ${sizes[0]} each`));
const names = [
  ...Object.keys(orders).map((order) => [`chain ${order}`, (size) => identify('chain', order, size)]),
  ['star', (size) => identify('star', 'in order', size)],
  ['hub', (size) => identify('hub', 'in order', size)],
  ...Object.keys(shapes).map((shape) => [`${shape} by add_links`, (size) => batch(shape, size)]),
  ['chain cut and mended', cut],
  ['chain explained', explain],
];
const quantiles = { median: 0.5, 'p99': 0.99 };
const merging = Object.entries(quantiles).flatMap(([what, quantile]) =>
  ['large', 'small'].map((first) => contestant(`merge with ${all}, ${first} one named first, ${what}`, merge(first, quantile))));

export default {
  title: `customers of very many identifiers: ${all} links in customers of so many; one merge`,
  needs: [],
  contestants: [...names.flatMap(([name, make]) => growing(name, make)), ...merging],
  bars: [
    // In random order a customer grows by halves, and the smaller one moves each time.
    ...names.map(([name]) => ({ label: `${name}, ${all} each`, ratioAtMost: name === 'chain in random order' ? 2 : 1.5 })),
    ...merging.map(({ label }) => ({ label, secondsAtMost: 0.01 })),
  ],
};
