// The data sets: how large at which scale, and how the peers get them.
import { createWriteStream } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const atScaleOne = { links: 5e6, people: 1e6, source_rows: 3e6, customers: 5e5, profiles: 1e6, events: 1e7 };

export const sizes = (scale) =>
  Object.fromEntries(Object.entries(atScaleOne).map(([name, n]) => [name, Math.max(1, Math.round(n * scale))]));

// Times leave as microseconds since 1970, so that ties are as rare for the peers as for PostgreSQL.
const exports = {
  link: { file: 'link.csv', copy: 'COPY link TO STDOUT (FORMAT csv)' },
  src: {
    file: 'src.tsv',
    copy: 'COPY (SELECT uid, source, (extract(epoch FROM ts) * 1000000)::bigint, attrs FROM src) TO STDOUT',
  },
  ev: { file: 'ev.csv', copy: 'COPY (SELECT uid, e, (extract(epoch FROM ts) * 1000000)::bigint, amount FROM ev) TO STDOUT (FORMAT csv)' },
  prof: { file: 'prof.tsv', copy: 'COPY prof TO STDOUT' },
  // One group each: what follows 13 bytes of the binary protocol is the bitmap.
  audience: {
    file: 'audience.hex',
    copy: `COPY (SELECT encode(substr(cdp.audience_send(members), 14), 'hex') FROM audience ORDER BY segment) TO STDOUT`,
  },
};

async function psql(args, target) {
  const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.pipe(target ?? process.stderr, { end: Boolean(target) });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`psql ${args.join(' ')} failed`);
}

export async function generate(set, scale, directory) {
  const variables = Object.entries(sizes(scale)).flatMap(([name, n]) => ['-v', `${name}=${n}`]);
  await psql([...variables, '-f', `${directory}/${set}.sql`]);
}

// A set without an export is PostgreSQL's alone.
export async function exportSet(set, directory) {
  if (!(set in exports)) return;
  const { file, copy } = exports[set];
  await psql(['-c', copy], createWriteStream(`${directory}/${file}`));
}
