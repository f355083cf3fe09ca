// Runs one contestant of one job once, in a fresh backend or a child process.
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PostgresSession } from './postgres.mjs';

const limitSeconds = Number(process.env.BENCH_TIMEOUT || 900);
const peerScript = join(dirname(fileURLToPath(import.meta.url)), 'peer.mjs');

export async function inBackend(settings, work) {
  const session = await PostgresSession.open({ statement_timeout: `${limitSeconds}s`, ...settings });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

// Why the contestant can't run here, or undefined.
export async function missing(contestant, peers) {
  if (contestant.system === 'croaring') return process.env.BENCH_CROARING ? undefined : 'bench/croaring.cpp could not be built';
  if (contestant.system !== 'postgresql') return peers ? undefined : 'its npm package could not be installed';
  const { function: procedure, type, extension, file } = contestant.requires ?? {};
  const exists = (sql) => inBackend({}, async (session) => (await session.ask(`SELECT ${sql}`))[0] === 't');
  if (procedure && !(await exists(`EXISTS (SELECT FROM pg_proc WHERE oid::regproc::text = '${procedure}')`))) return `${procedure} does not exist`;
  if (type && !(await exists(`to_regtype('${type}') IS NOT NULL`))) return `type ${type} does not exist`;
  if (extension && !(await exists(`EXISTS (SELECT FROM pg_extension WHERE extname = '${extension}')`)))
    return `extension ${extension} is not installed`;
  if (file && process.env.BENCH_EMPTY_MODULE !== file) return `${file} could not be built`;
  return undefined;
}

async function postgres(job, contestant) {
  return inBackend(contestant.settings, async (session) => {
    if (job.warm) await contestant.run(session);
    const samples = [];
    for (let run = 0; run < (job.repeat ?? 1); run++) {
      session.steps = [];
      session.watch();
      const answer = await contestant.run(session);
      samples.push({ steps: session.steps, answer, bytes: session.bytes, memory: session.used ?? session.unwatch() });
    }
    return samples;
  });
}

function peer(contestant, file, build) {
  return new Promise((resolve, reject) => {
    const options = { timeout: limitSeconds * 1000, killSignal: 'SIGKILL', maxBuffer: 1 << 26 };
    execFile(process.execPath, [peerScript, file, contestant.label, build], options, (error, stdout, stderr) => {
      if (error?.killed) reject(new Error(`longer than ${limitSeconds} s`));
      else if (error) reject(new Error(stderr.trim().split('\n')[0] || error.message));
      else resolve(JSON.parse(stdout.trim().split('\n').at(-1)));
    });
  });
}

// An array of samples: { steps: [{ name, seconds }], answer: [text], memory: { peak, private } }
export function measure(job, contestant, file, build) {
  return contestant.system === 'postgresql' ? postgres(job, contestant) : peer(contestant, file, build);
}

// How many processes the planner gives the query, from the plan alone.
export async function processesPlanned(contestant) {
  if (!contestant.plan) return undefined;
  return inBackend(contestant.settings, async (session) => {
    const plan = await session.send(`EXPLAIN (COSTS off) ${contestant.plan};`);
    return 1 + Number(/Workers Planned: (\d+)/.exec(plan)?.[1] ?? 0);
  });
}
