// A space decided from scratch: evidence is in its tables, and who is who goes into them, with the log and all keys.
// Beside it the least that any way of doing so has to write: the table of identifiers, with the same keys.

const evidence = `SELECT CASE split_part(a, ':', 1) WHEN 'cookie' THEN 'anonymous_id' WHEN 'device' THEN 'device_id' ELSE 'email' END,
  substr(a, strpos(a, ':') + 1), split_part(b, ':', 1), substr(b, strpos(b, ':') + 1) FROM link`;

async function cdp(session) {
  await session.send(`SET client_min_messages = warning; DROP TABLE IF EXISTS bare;
    SELECT cdp.drop_space(space) FROM cdp.spaces WHERE space = 'bench' \\g /dev/null
    SELECT cdp.create_space('bench') \\g /dev/null
    SELECT cdp.add_links('bench', $$${evidence}$$) \\g /dev/null
    VACUUM ANALYZE;`);
  await session.step('resolve', `CALL cdp.resolve('bench')`);
  return session.ask('SELECT count(*), count(DISTINCT cluster_id) FROM bench.identifier');
}

async function bare(session) {
  await session.send('DROP TABLE IF EXISTS bare;');
  await session.step('rows', 'CREATE TABLE bare AS TABLE bench.identifier');
  await session.step('keys', 'ALTER TABLE bare ADD PRIMARY KEY (id), ADD UNIQUE (type, value)');
  await session.step('keys', 'CREATE INDEX ON bare (cluster_id, type)');
  await session.step('keys', 'ALTER TABLE bare ADD FOREIGN KEY (cluster_id) REFERENCES bench.profile');
  return session.ask('SELECT count(*), count(DISTINCT cluster_id) FROM bare');
}

export default {
  title: 'a space of 5 M links at scale 1 decided from scratch into its tables, beside a table of the result with its keys',
  needs: ['link'],
  answer: ['identifiers', 'customers'],
  contestants: [
    { label: 'cdp.resolve', system: 'postgresql', requires: { function: 'cdp.create_space' }, against: 'bare table', run: cdp },
    { label: 'bare table', system: 'postgresql', requires: { function: 'cdp.create_space' }, against: 'bare table', run: bare },
  ],
  bars: [{ label: 'cdp.resolve', ratioAtMost: 3 }],
};
