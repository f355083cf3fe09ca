// Runs every job: node main.mjs BENCH-DIRECTORY BUILD-DIRECTORY; bench/run prepares the server and the environment.
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { exportSet, generate } from './data.mjs';
import { inBackend, measure, missing, processesPlanned } from './measure.mjs';
import { addRatios, checkBars, markdown, summarize } from './report.mjs';

const [bench, build] = process.argv.slice(2);
const scale = Number(process.env.SCALE || 1);
const rounds = Number(process.env.REPEAT || 3);
const peers = process.env.BENCH_PEERS === 'yes';
const wanted = (process.env.JOBS || '').split(/[ ,]+/).filter(Boolean);
const say = (text) => process.stderr.write(`${text}\n`);

async function findJobs() {
  const files = readdirSync(join(bench, 'jobs')).filter((file) => file.endsWith('.mjs')).sort();
  const names = files.map((file) => basename(file, '.mjs'));
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`no such job: ${unknown.join(', ')}; there are ${names.join(', ')}`);
  const jobs = names.filter((name) => wanted.length === 0 || wanted.includes(name)).map((name) => ({
    name,
    file: join(bench, 'jobs', `${name}.mjs`),
  }));
  for (const one of jobs) one.job = (await import(one.file)).default;
  return jobs;
}

async function makeData(jobs) {
  for (const set of new Set(jobs.flatMap(({ job }) => job.needs))) {
    say(`data: ${set}`);
    await generate(set, scale, join(bench, 'data'));
    const read = jobs.some(({ job }) => job.needs.includes(set) && job.contestants.some((one) => one.system !== 'postgresql'));
    if (read) await exportSet(set, build);
  }
}

async function setUp({ job }) {
  const states = [];
  for (const contestant of job.contestants) {
    const state = { contestant, samples: [], problem: await missing(contestant, peers) };
    states.push(state);
    if (state.problem) continue;
    try {
      for (const sql of contestant.setup ?? []) await inBackend({}, (session) => session.send(`${sql};`));
      state.processes = await processesPlanned(contestant);
      // The same plan as without a worker is not measured twice.
      if (contestant.serial && state.processes === 1) state.problem = 'the planner stays with one process';
    } catch (error) {
      state.problem = error.message;
    }
  }
  return states;
}

async function runOnce({ name, job, file }, state) {
  try {
    const samples = await measure(job, state.contestant, file, build);
    state.samples.push(...samples);
    if (!job.visits) {
      const seconds = samples.at(-1).steps.reduce((sum, step) => sum + step.seconds, 0);
      say(`${name}: ${state.contestant.label}: ${seconds.toFixed(3)} s`);
    }
  } catch (error) {
    state.problem = error.message;
    say(`${name}: ${state.contestant.label}: ${error.message}`);
  }
}

// Every round runs every contestant, each time beginning with another one, so that what else the machine does
// spreads over all. A slow one takes part in the first two rounds only.
async function runRounds(jobs) {
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const one of jobs) {
      for (let visit = 0; visit < (one.job.visits ?? 1); visit++) {
        const first = (round + visit) % one.states.length;
        for (const state of [...one.states.slice(first), ...one.states.slice(0, first)]) {
          if (state.problem || (state.contestant.slow && round >= 2)) continue;
          await runOnce(one, state);
        }
      }
    }
  }
}

// The answer that most contestants give is the one that the others differ from.
function compareAnswers(results) {
  const counts = new Map();
  for (const { answer } of results) if (answer) counts.set(String(answer), (counts.get(String(answer)) ?? 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  for (const result of results) if (result.answer && String(result.answer) !== common) result.differs = true;
  return common;
}

function describe(version) {
  const cpu = cpus();
  return `${version}; ${cpu.length} × ${cpu[0].model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GB. ` +
    `Medians of interleaved runs, seconds. Peers run with 2 threads, PostgreSQL with one process or two.`;
}

const started = Date.now();
const jobs = await findJobs();
await makeData(jobs);
for (const one of jobs) one.states = await setUp(one);
await runRounds(jobs);

let failed = false;
for (const one of jobs) {
  one.results = one.states.map(({ contestant, samples, problem, processes }) =>
    Object.assign(summarize(contestant, samples, problem), processes && { processes }));
  addRatios(one.job, one.results);
  one.answer = compareAnswers(one.results);
  one.checks = checkBars(one.job, one.results);
  failed ||= one.results.some((result) => result.differs);
}
const version = await inBackend({}, async (session) => (await session.ask(`SELECT split_part(version(), ' (', 1)`))[0]);
const meta = { scale, rounds, minutes: (Date.now() - started) / 60000, text: describe(version) };
const text = markdown(meta, jobs);
writeFileSync(join(build, 'results.md'), text);
const plain = jobs.map(({ name, job, results, answer, checks }) =>
  ({ name, title: job.title, answerOf: job.answer, answer, results, bars: checks }));
writeFileSync(join(build, 'results.json'), `${JSON.stringify({ ...meta, jobs: plain }, null, 2)}\n`);
process.stdout.write(text);
say(`${meta.minutes.toFixed(1)} minutes; ${join(build, 'results.md')}`);
if (failed) {
  say('the contestants do not agree');
  process.exit(1);
}
