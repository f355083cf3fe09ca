// Many short transactions of several clients at once, by pgbench with prepared statements.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

// Of each transaction, in seconds, ascending.
async function latencies(script, clients, seconds) {
  const directory = mkdtempSync(join(tmpdir(), 'cdp-clients-'));
  try {
    const file = join(directory, 'script.sql');
    writeFileSync(file, script);
    const options = ['-n', '-M', 'prepared', '-c', clients, '-j', Math.min(clients, 2), '-T', seconds, '-f', file, '-l'];
    await promisify(execFile)('pgbench', [...options.map(String), `--log-prefix=${join(directory, 'log')}`]);
    const lines = readdirSync(directory)
      .filter((name) => name.startsWith('log'))
      .flatMap((name) => readFileSync(join(directory, name), 'utf8').trimEnd().split('\n'));
    return lines.map((line) => Number(line.split(' ')[2]) / 1e6).sort((a, b) => a - b);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

// A step that takes as long as that share of the transactions takes at most.
export async function quantile(session, share, script, { clients = 1, seconds = 5 } = {}) {
  const all = await latencies(script, clients, seconds);
  session.steps.push({ name: `quantile ${share}`, seconds: all[Math.floor(all.length * share)], processor: 0 });
}

// A step that takes as long as so many transactions do on each core, when a client for each keeps it busy.
export async function many(session, count, script, { seconds = 5 } = {}) {
  const all = await latencies(script, availableParallelism(), seconds);
  session.steps.push({ name: `${count} calls`, seconds: (all.reduce((a, b) => a + b, 0) / all.length) * count, processor: 0 });
}

// A step of one statement that so many clients run at once: as long as the longest takes.
export async function together(session, name, clients, statement) {
  const run = () => promisify(execFile)('psql', ['-Xq', '-c', '\\timing on', '-c', statement]);
  const outputs = await Promise.all(Array.from({ length: clients }, run));
  const times = outputs.map(({ stdout }) => Number(/^Time: ([0-9.]+) ms/m.exec(stdout)[1]) / 1000);
  session.steps.push({ name, seconds: Math.max(...times), processor: 0 });
}
