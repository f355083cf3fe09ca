// What an application says through its client library is stored once, whatever happens on the way.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { receive } from './receiver.mjs';

const [build, sound] = process.argv.slice(2);
const require = createRequire(path.resolve(build, 'package.json'));
const { Analytics } = require('@segment/analytics-node');
const { Pool } = require('pg');

const PATIENCE = 250;
const PEOPLE = 24;
const DAY = 24 * 3600 * 1000;

let number = 0;
let failed = false;
function check(name, actual, expected) {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  number += 1;
  console.log(`${a === e ? 'ok' : 'not ok'} ${number} - ${name}`);
  if (a === e) return;
  failed = true;
  console.log(`# has:  ${a.slice(0, 2000)}\n# want: ${e.slice(0, 2000)}`);
}

// A visitor who reads, buys, registers, and comes again by another device.
function live(say, i) {
  const at = (minute) => new Date(Date.parse('2026-01-01T00:00:00Z') + i * DAY + minute * 60000);
  const [userId, visitor, phone] = [`u${i}`, `visitor-${i}`, `phone-${i}`];
  say('page', { anonymousId: visitor, name: 'Home', properties: { url: '/' }, timestamp: at(0) });
  say('track', { anonymousId: visitor, event: 'Product Viewed', properties: { sku: `s${i % 5}` }, timestamp: at(1) });
  say('identify', { userId, anonymousId: visitor, traits: { email: ` Person${i}@Example.com`, name: `Kişi ${i}` }, timestamp: at(2) });
  say('group', { userId, groupId: `company-${i % 3}`, traits: { plan: 'pro' }, timestamp: at(3) });
  say('track', { userId, event: 'Order Completed', properties: { revenue: i + 0.5 }, timestamp: at(4) });
  say('screen', { anonymousId: phone, name: 'Start', timestamp: at(5) });
  say('alias', { userId, previousId: phone, timestamp: at(6) });
  say('track', { anonymousId: phone, event: 'Order Completed', properties: { revenue: 1 }, timestamp: at(7) });
}

async function speak(url) {
  const analytics = new Analytics({ writeKey: 'key', host: url, flushAt: 6, flushInterval: 50, maxRetries: 8, httpRequestTimeout: PATIENCE });
  const said = [];
  const undelivered = [];
  const say = (kind, message) =>
    analytics[kind](message, (error, context) => {
      if (error) undelivered.push(String(error));
      else said.push({ id: context.event.messageId, kind, at: message.timestamp.getTime() });
    });
  for (let i = 0; i < PEOPLE; i += 1) live(say, i);
  await analytics.closeAndFlush({ timeout: 60000 });
  return { said, undelivered };
}

const pool = new Pool({ max: 8 });
const rows = async (query) => (await pool.query(query)).rows;
await pool.query(`SELECT cdp.create_space('shop'), cdp.set_rules('shop', '{"sources": {"web": {}}}')`);
const receiver = await receive(pool, PATIENCE);
const { said, undelivered } = await speak(receiver.url);
await receiver.close();
const { seen } = receiver;
console.log(`# ${said.length} messages in ${seen.attempts} attempts: ${JSON.stringify(seen.mishaps)}`);

check('everything was delivered', undelivered, []);
check('everything was said', said.length, PEOPLE * 8);
check('the receiver had no errors', seen.errors, []);
check('everything went wrong that can', Object.keys(seen.mishaps).length, 6);
check('much came again', seen.rows.filter((r) => r.status === 'duplicate').length > PEOPLE, true);
check('and said the same', seen.rows.filter((r) => r.reason !== null), []);

const byId = (a, b) => (a.id < b.id ? -1 : 1);
const stored = await rows(`SELECT message_id AS id, kind, round(extract(epoch FROM at) * 1000)::float8 AS at FROM shop.event ORDER BY message_id COLLATE "C"`);
check('each message is stored, once', stored.map((r) => [r.id, r.kind]), said.sort(byId).map((s) => [s.id, s.kind]));
// The sender's clock is ours: what remains is the time on the way.
check('at its time', stored.filter((r, i) => Math.abs(r.at - said[i].at) > 60000), []);

check('each person is one customer', await rows(`SELECT string_agg(type || ' ' || value, ', ' ORDER BY type, value COLLATE "C") AS who FROM shop.identifier
  GROUP BY cluster_id ORDER BY string_agg(type || ' ' || value, ', ' ORDER BY type, value COLLATE "C") COLLATE "C"`),
  Array.from({ length: PEOPLE }, (_, i) => ({ who: `anonymous_id phone-${i}, anonymous_id visitor-${i}, email person${i}@example.com, user_id u${i}` }))
    .sort((a, b) => (a.who < b.who ? -1 : 1)));
check('with a name', await rows(`SELECT count(DISTINCT profile ->> 'name')::int AS names FROM shop.profile`), [{ names: PEOPLE }]);
check('and both orders', await rows(`SELECT count(*)::int AS customers FROM shop.profile AS p
  WHERE (SELECT count(*) FROM cdp.events(p.timeline) AS e WHERE e.event = 'Order Completed') <> 2
     OR (SELECT sum((e.properties ->> 'revenue')::float8) FROM cdp.events(p.timeline) AS e) <> 1.5 + substring((SELECT i.value FROM shop.identifier AS i
         WHERE i.cluster_id = p.cluster_id AND i.type = 'user_id') FROM 2)::integer`), [{ customers: 0 }]);
const broken = (await pool.query(`${readFileSync(sound, 'utf8')}; SELECT * FROM pg_temp.broken('shop')`)).at(-1).rows;
check('nothing is half done', broken, []);
await pool.end();
console.log(`1..${number}`);
process.exitCode = failed ? 1 : 0;
