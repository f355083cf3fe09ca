// Events out of the inbox, of people whom the space knows.
import { together } from '../harness/clients.mjs';

const people = 20_000;
const events = 30_000;

// All begin with the same people, and the same events in the inbox.
const contestant = (label, clients) => ({
  label,
  system: 'postgresql',
  requires: { function: 'cdp.create_space' },
  run: async (session) => {
    await session.send(`SET client_min_messages = warning;
      DROP SCHEMA IF EXISTS bench_drain CASCADE;
      SELECT cdp.create_space('bench_drain') \\g /dev/null
      SELECT cdp.add_event_partitions('bench_drain', now() - interval '1 day', 2) \\g /dev/null
      SELECT cdp.identify_many('bench_drain', array_agg(jsonb_build_object('user_id', 'u' || i, 'anonymous_id', 'a' || i)))
        FROM generate_series(1, ${people}) AS i \\g /dev/null
      SELECT setseed(0.5) \\g /dev/null
      INSERT INTO bench_drain.inbox (event)
      SELECT jsonb_build_object('type', 'track', 'event', (ARRAY['Page Viewed', 'Product Viewed', 'Cart Viewed', 'Order Completed'])[1 + i % 4],
        'messageId', gen_random_uuid(), 'timestamp', now(), 'userId', 'u' || u, 'anonymousId', 'a' || u,
        'properties', jsonb_build_object('price', i % 100, 'sku', 'SKU-' || i % 500))::text
      FROM (SELECT i, 1 + floor(random() * ${people})::int AS u FROM generate_series(1, ${events}) AS i) AS e;
      VACUUM ANALYZE;`);
    await together(session, 'drain', clients, `CALL cdp.drain('bench_drain')`);
    return session.ask('SELECT count(*) FROM bench_drain.event');
  },
});

export default {
  title: `cdp.drain of ${events} events of ${people} people`,
  needs: [],
  answer: ['stored'],
  contestants: [contestant('cdp.drain', 1), contestant('two of cdp.drain at once', 2)],
  bars: [{ label: 'two of cdp.drain at once', secondsAtMost: 1 }],
};
