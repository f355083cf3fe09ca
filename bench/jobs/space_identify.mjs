// A call about a pair of identifiers that the space knows, against one statement that writes the same rows: a link, and
// for the part and for the customer a value of as many bytes.
import { quantile } from '../harness/clients.mjs';

const people = 10_000;
const setup = [
  'DROP SCHEMA IF EXISTS bench_identify, bench_bare CASCADE',
  `SELECT cdp.create_space('bench_identify')`,
  `SELECT cdp.identify_many('bench_identify', array_agg(jsonb_build_object('anonymous_id', 'a' || i, 'email', 'p' || i || '@example.com')),
     array_agg(jsonb_build_object('plan', 'pro', 'name', 'Person ' || i, 'visits', i % 100, 'city', 'Berlin'))) FROM generate_series(1, ${people}) AS i \\g /dev/null`,
  'CREATE SCHEMA bench_bare',
  'CREATE TABLE bench_bare.link (LIKE bench_identify.link INCLUDING ALL)',
  `CREATE TABLE bench_bare.part (source_id integer, identifiers bigint[], anchor bigint, profile bytea, timeline bytea,
     UNIQUE (source_id, identifiers)) WITH (fillfactor = 80)`,
  'CREATE INDEX ON bench_bare.part (anchor)',
  `CREATE TABLE bench_bare.profile (cluster_id bigint PRIMARY KEY, profile_id bigint UNIQUE, profile bytea, timeline bytea)
     WITH (fillfactor = 80)`,
  `INSERT INTO bench_bare.link (a, b, source_id, first_seen, last_seen) SELECT i, i + ${people}, 1, now(), now() FROM generate_series(1, ${people}) AS i`,
  `INSERT INTO bench_bare.part SELECT 1, ARRAY[i, i + ${people}], i, cdp.profile_send(profile), cdp.timeline_send(timeline)
     FROM generate_series(1, ${people}) AS i, (SELECT * FROM bench_identify.part LIMIT 1) AS p`,
  `INSERT INTO bench_bare.profile SELECT i, i, cdp.profile_send(profile), cdp.timeline_send(timeline)
     FROM generate_series(1, ${people}) AS i, (SELECT * FROM bench_identify.part LIMIT 1) AS p`,
  'VACUUM ANALYZE',
];

const identify = `\\set i random(1, ${people})
SELECT cdp.identify('bench_identify', jsonb_build_object('anonymous_id', 'a' || :i::text, 'email', 'p' || :i::text || '@example.com'),
  jsonb_build_object('plan', 'pro', 'name', 'Person ' || :i::text, 'visits', :i::int % 100, 'city', 'Berlin'));`;

async function upsert(session) {
  const [value, timeline] = await session.ask('SELECT profile, timeline FROM bench_bare.part LIMIT 1');
  return `\\set i random(1, ${people})
WITH l AS (INSERT INTO bench_bare.link AS l (a, b, source_id, rule, confidence, first_seen, last_seen) VALUES (:i, :i + ${people}, 1, 0, 1, now(), now())
    ON CONFLICT (a, b, source_id, rule) DO UPDATE SET last_seen = greatest(l.last_seen, EXCLUDED.last_seen), times = l.times + 1),
  p AS (INSERT INTO bench_bare.part (source_id, identifiers, anchor, profile, timeline)
    VALUES (1, ARRAY[:i::bigint, :i::bigint + ${people}], :i, '${value}'::bytea, '${timeline}'::bytea)
    ON CONFLICT (source_id, identifiers) DO UPDATE SET anchor = EXCLUDED.anchor, profile = EXCLUDED.profile, timeline = EXCLUDED.timeline)
INSERT INTO bench_bare.profile (cluster_id, profile_id, profile, timeline) VALUES (:i, :i, '${value}'::bytea, '${timeline}'::bytea)
  ON CONFLICT (cluster_id) DO UPDATE SET profile = EXCLUDED.profile, timeline = EXCLUDED.timeline RETURNING profile_id;`;
}

const contestant = (label, share, clients, script, more = {}) => ({
  label,
  system: 'postgresql',
  requires: { function: 'cdp.create_space' },
  run: async (session) => quantile(session, share, await script(session), { clients }),
  ...more,
});

export default {
  title: 'cdp.identify of a known pair, against a bare upsert of the same rows: seconds of one call',
  needs: [],
  contestants: [
    contestant('bare upsert, half of the calls', 0.5, 1, upsert, { setup }),
    contestant('cdp.identify, half of the calls', 0.5, 1, () => identify),
    contestant('bare upsert, 99 of 100 calls of 8 clients', 0.99, 8, upsert),
    contestant('cdp.identify, 99 of 100 calls of 8 clients', 0.99, 8, () => identify, { against: 'bare upsert, 99 of 100 calls of 8 clients' }),
  ],
  bars: [
    { label: 'cdp.identify, half of the calls', ratioAtMost: 1.5 },
    { label: 'cdp.identify, 99 of 100 calls of 8 clients', secondsAtMost: 0.005 },
  ],
};
