// node compare.mjs BUILD-DIRECTORY, against the server of the environment; tests/compare/run prepares both.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const build = resolve(process.argv[2]);
const customers = Number(process.env.CUSTOMERS || 1500);
let state = BigInt(process.env.SEED || 1);

// splitmix64: a number below `sides`.
function dice(sides) {
  state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
  return Number((z ^ (z >> 31n)) % BigInt(sides));
}

// Events of random customers: [customer, number, time in microseconds, name]. With `ties`, most share their times.
function randomEvents(ties) {
  const rows = [];
  for (let customer = 0; customer < customers; customer++) {
    const count = dice(4) === 0 ? dice(26) : dice(10);
    const names = 2 + dice(4), span = ties ? 2 + dice(16) : 40;
    const times = new Set();
    for (let i = 0; i < count; i++) {
      let time = dice(span);
      while (!ties && times.has(time)) time = dice(span);
      times.add(time);
      rows.push([customer, i, time, 'dacbx'[dice(names)]]);
    }
  }
  return rows;
}

const { Session } = createRequire(join(build, 'package.json'))('chdb');
const directory = mkdtempSync(join(build, 'clickhouse-'));
const clickhouse = new Session(directory);
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

function postgresql(sql, input) {
  const { status, stdout, stderr } = spawnSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...(input === undefined ? [] : ['-c', sql])],
    { input: input ?? sql, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
const lines = (text) => text.trimEnd().split('\n');

function load(table, rows) {
  clickhouse.query(`CREATE TABLE ${table} (c UInt32, i UInt32, t UInt64, e String) ENGINE = MergeTree ORDER BY (c, t, e, i)`);
  for (let at = 0; at < rows.length; at += 5000)
    clickhouse.query(`INSERT INTO ${table} VALUES ${rows.slice(at, at + 5000).map(([c, i, t, e]) => `(${c},${i},${t},'${e}')`)}`);
  clickhouse.query(`OPTIMIZE TABLE ${table} FINAL`);
  postgresql(`CREATE TABLE ${table} (c int, i int, t bigint, e text)`);
  postgresql(`COPY ${table} FROM STDIN (FORMAT csv)`, `${rows.map((row) => row.join(',')).join('\n')}\n`);
  postgresql(`CREATE TABLE ${table}_timeline AS
    SELECT c, cdp.timeline_agg(e, timestamptz '2026-01-01 00:00+00' + t * interval '1 microsecond', NULL::jsonb, i::text) AS timeline
    FROM ${table} GROUP BY c`);
}

const results = [];
// One question to both; `explained(cdp, clickhouse)` says that a difference is one that the documentation explains.
function compare(kind, table, cdp, peer, explained = () => false) {
  let result = results.find((one) => one.kind === kind);
  if (!result) results.push((result = { kind, questions: 0, compared: 0, explained: 0, differences: 0 }));
  const ours = lines(postgresql(`SELECT c, ${cdp} FROM ${table}_timeline ORDER BY c`));
  const theirs = lines(clickhouse.query(peer, 'TSV')).map((line) => line.replace('\t', '|'));
  if (ours.length !== theirs.length) throw new Error(`${cdp}: ${ours.length} rows, ${peer}: ${theirs.length}`);
  result.questions++;
  ours.forEach((line, i) => {
    result.compared++;
    if (line === theirs[i]) return;
    if (explained(line.split('|')[1], theirs[i].split('|')[1])) {
      result.explained++;
    } else if (result.differences++ < 3) {
      process.stderr.write(`${kind}: customer|cdp ${line}, customer|ClickHouse ${theirs[i]}\n  ${cdp}\n  ${peer}\n`);
    }
  });
}

const texts = (values) => `ARRAY[${values.map((value) => `'${value}'`)}]::text[]`;
const conditions = (steps) => steps.map((step) => `e = '${step}'`).join(', ');
const interval = (microseconds) => `interval '${microseconds} microseconds'`;
const stepLists = ['a', 'ab', 'bac', 'dacb', 'aab', 'abab', 'xba'].map((names) => [...names]);
const limits = [0, 1, 4, 12, 1e12];

function funnels(table) {
  const names = ['strict_deduplication', 'strict_order', 'strict_once', 'strict_increase', 'allow_reentry'];
  for (let bits = 0; bits < 32; bits++) {
    const modes = names.filter((_, i) => (bits >> i) & 1);
    if (modes.includes('allow_reentry') && !modes.includes('strict_order')) continue;
    for (const steps of stepLists)
      for (const limit of limits)
        compare(`funnel ${modes.join(', ') || 'without a mode'}`, table,
          `cdp.funnel(timeline, ${texts(steps)}, ${interval(limit)}, ${texts(modes)})`,
          `SELECT c, windowFunnel(${[limit, ...modes.map((mode) => `'${mode}'`)]})(t, ${conditions(steps)}) FROM ${table} GROUP BY c ORDER BY c`);
  }
}

// Which of the events of one time comes first is not defined in ClickHouse; in cdp the order that suits does, so that
// it may only find more.
function sequences(table, ties) {
  const kind = (name) => `${name}, ${ties ? 'times shared' : 'each time once'}`;
  const more = ties ? (cdp, clickhouse) => Number(cdp.replace('t', '1')) > Number(clickhouse) : undefined;
  for (const steps of stepLists)
    for (const limit of limits) {
      const pattern = limit === 1e12 ? '.*' : `(?t<=${limit})`;
      const arguments_ = `('${steps.map((_, i) => `(?${i + 1})`).join(pattern)}')(t, ${conditions(steps)}, 0)`;
      const ours = `(timeline, ${texts(steps)}, ${interval(limit)})`;
      compare(kind('sequence_count'), table, `cdp.sequence_count${ours}`,
        `SELECT c, sequenceCount${arguments_} FROM ${table} GROUP BY c ORDER BY c`, more);
      compare(kind('sequence_found'), table, `cdp.sequence_found${ours}::int`,
        `SELECT c, sequenceMatch${arguments_} FROM ${table} GROUP BY c ORDER BY c`, more);
    }
}

function retentions(table) {
  const periods = 4;
  for (const [cohort, event] of ['aa', 'ab', 'xb', 'ba'].map((names) => [...names]))
    for (const period of [1, 3, 10]) {
      const during = Array.from({ length: periods }, (_, i) => `e = '${event}' AND t >= f + ${i * period} AND t < f + ${(i + 1) * period}`);
      compare('retention', table,
        `coalesce('t,' || array_to_string(cdp.retention(timeline, '${cohort}', '${event}', ${interval(period)}, ${periods}), ','),
          '${Array(periods + 1).fill('f')}')`,
        `SELECT c, arrayStringConcat(arrayMap(r -> r ? 't' : 'f', retention(e = '${cohort}', ${during.join(', ')})), ',')
         FROM (SELECT *, minIf(t, e = '${cohort}') OVER (PARTITION BY c) AS f FROM ${table}) GROUP BY c ORDER BY c`);
    }
}

postgresql('CREATE EXTENSION cdp');
for (const ties of [false, true]) {
  const table = ties ? 'shared' : 'once';
  load(table, randomEvents(ties));
  funnels(table);
  sequences(table, ties);
  retentions(table);
}
const version = clickhouse.query('SELECT version()', 'TSV').trim();
process.stdout.write(`cdp and ClickHouse ${version}, ${customers} customers of each kind, seed ${process.env.SEED || 1}\n`);
for (const one of results)
  process.stdout.write(`${one.kind}: ${one.questions} questions, ${one.compared} answers, ${one.differences} different` +
    `${one.explained ? `, ${one.explained} as documented` : ''}\n`);
const differences = results.reduce((sum, one) => sum + one.differences, 0);
process.stdout.write(`${differences} differences\n`, () => process.exit(differences === 0 ? 0 : 1));
