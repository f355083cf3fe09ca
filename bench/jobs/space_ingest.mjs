// Events one by one, each in a transaction of its own, of people whom the space knows.
import { many } from '../harness/clients.mjs';

const people = 10_000;
const event = (id) => `jsonb_build_object('type', 'track', 'event', 'Product Viewed', 'messageId', ${id}, 'userId', 'u' || :i::text,
  'anonymousId', 'a' || :i::text, 'properties', jsonb_build_object('price', :i::int % 100, 'sku', 'SKU-' || :i::int % 500))`;

export default {
  title: '3 000 calls of cdp.ingest with one event on each core',
  needs: [],
  contestants: [
    {
      label: 'cdp.ingest',
      system: 'postgresql',
      requires: { function: 'cdp.create_space' },
      setup: [
        'DROP SCHEMA IF EXISTS bench_ingest CASCADE',
        `SELECT cdp.create_space('bench_ingest')`,
        `SELECT cdp.add_event_partitions('bench_ingest', now(), 1)`,
        `SELECT cdp.identify_many('bench_ingest', array_agg(jsonb_build_object('user_id', 'u' || i, 'anonymous_id', 'a' || i)))
           FROM generate_series(1, ${people}) AS i \\g /dev/null`,
        'VACUUM ANALYZE',
      ],
      run: (session) =>
        many(session, 3000, `\\set i random(1, ${people})\nSELECT status FROM cdp.ingest('bench_ingest', ${event('gen_random_uuid()')});`),
    },
  ],
  bars: [{ label: 'cdp.ingest', secondsAtMost: 1 }],
};
