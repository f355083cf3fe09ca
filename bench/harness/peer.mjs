// A child process that runs one contestant of one job in a peer: node peer.mjs JOB CONTESTANT BUILD-DIRECTORY
// It prints one line of JSON. Loading is not timed; the peak of memory starts after it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { memory, resetPeak } from './memory.mjs';

const threads = 2;
const [jobFile, label, build] = process.argv.slice(2);
const require = createRequire(join(resolve(build), 'package.json'));

const peers = {
  async duckdb() {
    const { DuckDBInstance } = require('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:', { threads: String(threads) })).connect();
    return {
      query: async (sql) => (await connection.runAndReadAll(sql)).getRows()[0]?.map(String),
      end: () => {},
    };
  },
  async clickhouse() {
    const { Session } = require('chdb');
    const directory = mkdtempSync(join(resolve(build), 'clickhouse-'));
    const session = new Session(directory);
    session.query(`SET max_threads = ${threads}`);
    return {
      query: async (sql) => session.query(sql, 'TSV').split('\n')[0].split('\t'),
      end: () => {
        session.cleanup();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
  // A program that answers each line with a line.
  async croaring() {
    const child = spawn('./croaring', { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: child.stdout });
    return {
      query: async (command) => {
        child.stdin.write(`${command}\n`);
        return (await once(answers, 'line'))[0].split('\t');
      },
      end: () => child.stdin.end(),
    };
  },
};

async function main() {
  const job = (await import(resolve(jobFile))).default;
  const contestant = job.contestants.find((one) => one.label === label);
  process.chdir(build);
  const peer = await peers[contestant.system]();
  for (const sql of contestant.load ?? []) await peer.query(sql);
  const samples = [];
  for (let run = 0; run < (job.repeat ?? 1) + (job.warm ? 1 : 0); run++) {
    const steps = [];
    const session = {
      ask: peer.query,
      step: async (name, sql) => {
        const start = process.hrtime.bigint();
        const used = process.cpuUsage();
        const row = await peer.query(sql);
        const seconds = Number(process.hrtime.bigint() - start) / 1e9;
        const { user, system } = process.cpuUsage(used);
        steps.push({ name, seconds, processor: (user + system) / 1e6 });
        return row;
      },
    };
    resetPeak();
    const answer = await contestant.run(session);
    samples.push({ steps, answer, memory: { peak: memory().peak } });
  }
  peer.end();
  process.stdout.write(`${JSON.stringify(job.warm ? samples.slice(1) : samples)}\n`, () => process.exit(0));
}

main().catch((error) => {
  process.stderr.write(`${error.message ?? error}\n`, () => process.exit(1));
});
