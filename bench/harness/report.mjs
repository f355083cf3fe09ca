// Medians, ratios and bars, as one Markdown table.

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const total = (sample, what = 'seconds') => sample.steps.reduce((sum, step) => sum + step[what], 0);

function steps(samples) {
  const sums = samples.map((sample) => {
    const byName = new Map();
    for (const { name, seconds } of sample.steps) byName.set(name, (byName.get(name) ?? 0) + seconds);
    return byName;
  });
  return Object.fromEntries([...sums[0].keys()].map((name) => [name, median(sums.map((one) => one.get(name) ?? 0))]));
}

function memoryOf(samples, kind) {
  const values = samples.map((sample) => sample.memory?.[kind]).filter((value) => value !== undefined);
  return values.length > 0 ? median(values) : undefined;
}

export function summarize(contestant, samples, problem) {
  const result = { label: contestant.label, system: contestant.system, runs: samples.length };
  if (problem) result.problem = problem;
  if (samples.length === 0) return result;
  const seconds = samples.map((sample) => total(sample));
  return Object.assign(result, {
    seconds: median(seconds),
    least: Math.min(...seconds),
    greatest: Math.max(...seconds),
    processor: median(samples.map((sample) => total(sample, 'processor'))),
    steps: steps(samples),
    answer: samples[0].answer,
    bytes: samples[0].bytes,
    memory: Object.fromEntries(['peak', 'private'].map((kind) => [kind, memoryOf(samples, kind)])),
  });
}

export function addRatios(job, results) {
  const find = (label) => results.find((one) => one.label === label);
  for (const result of results) {
    const contestant = job.contestants.find((one) => one.label === result.label);
    let base = find(contestant.against ?? job.contestants[0].label);
    const { serial } = job.contestants.find((one) => one.label === base.label);
    if (base.seconds === undefined && serial) base = find(serial);
    result.against = base.label;
    if (result.seconds !== undefined && base.seconds !== undefined) result.ratio = result.seconds / base.seconds;
  }
}

// Each bar that could be checked: { text, met }.
export function checkBars(job, results) {
  const checks = [];
  for (const bar of job.bars ?? []) {
    const one = results.find((result) => result.label === bar.label);
    const base = bar.over && results.find((result) => result.label === bar.over);
    if (one?.seconds === undefined || (bar.over && base?.seconds === undefined)) {
      checks.push({ text: `${bar.label}: not measured`, met: undefined });
      continue;
    }
    const over = bar.over ? ` over ${bar.over}` : '';
    const rival = bar.against && results.find((result) => result.label === bar.against);
    const ratio = rival?.seconds ? one.seconds / rival.seconds : one.ratio;
    if (bar.atLeast && ratio !== undefined)
      checks.push({
        text: `${bar.label} takes ${ratio.toFixed(2)} × the time of ${rival?.seconds ? bar.against : one.against}, bar ${Number(bar.atLeast.toFixed(2))} ×`,
        met: ratio >= bar.atLeast,
      });
    else if (bar.atLeast) checks.push({ text: `${bar.label}: nothing to compare with`, met: undefined });
    if (bar.ratioAtMost !== undefined)
      checks.push({
        text: `${bar.label} takes ${one.ratio.toFixed(2)} × the time of ${one.against}, bar ${bar.ratioAtMost} × at most`,
        met: one.ratio <= bar.ratioAtMost,
      });
    if (bar.secondsAtMost !== undefined) {
      const seconds = one.seconds - (base?.seconds ?? 0);
      checks.push({
        text: `${bar.label} takes ${(seconds * 1000).toFixed(2)} ms${over}, bar ${bar.secondsAtMost * 1000} ms`,
        met: seconds <= bar.secondsAtMost,
      });
    }
    if (bar.bytesAtMost !== undefined) {
      const ratio = one.bytes / base.bytes;
      checks.push({
        text: `${bar.label} takes ${ratio.toFixed(3)} × the bytes of ${bar.over}, bar ${Number(bar.bytesAtMost.toFixed(3))} ×`,
        met: ratio <= bar.bytesAtMost,
      });
    }
    if (bar.memoryAtMost !== undefined) {
      const memory = one.memory.peak - (base?.memory.peak ?? 0);
      const where = bar.at ? ` at ${bar.at}` : '';
      checks.push({
        text: `${bar.label} takes ${memory.toFixed(1)} MB${over}, bar ${bar.memoryAtMost.toFixed(0)} MB${where}`,
        met: memory <= bar.memoryAtMost,
      });
    }
  }
  return checks;
}

const seconds = (value) => (value < 0.1 ? value.toFixed(5) : value.toFixed(3));
const clip = (text) => (text.length > 80 ? `${text.slice(0, 79)}…` : text).replaceAll('|', '\\|');
const megabytes = (value) => (value === undefined ? '' : value.toFixed(value < 10 ? 2 : 0));

function row(job, result) {
  const memory = job.memory ? [megabytes(result.memory?.peak), megabytes(result.memory?.private)] : ['', ''];
  if (result.seconds === undefined) return [result.label, 'not run', '', '', '', '', '', '', clip(result.problem)];
  const ratio = result.ratio === undefined ? '' : result.ratio.toFixed(2);
  const spread = `${seconds(result.least)}–${seconds(result.greatest)}`;
  const notes = [];
  if (result.processes) notes.push(`${result.processes} in the plan`);
  if (result.bytes !== undefined) notes.push(`${(result.bytes / 1e6).toFixed(1)} MB`);
  if (result.problem) notes.push(clip(result.problem));
  if (result.differs) notes.push('ANSWER DIFFERS');
  const processor = result.processes > 1 ? '' : seconds(result.processor);
  return [result.label, seconds(result.seconds), spread, ratio, processor, ...memory, String(result.runs), notes.join('; ')];
}

const head = ['contestant', 'seconds', 'least–greatest', '× cdp', 'CPU s', 'memory MB', 'private MB', 'runs', 'note'];

export function table(rows) {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((cells) => [...(cells[i] ?? '')].length)));
  const right = (i) => i >= 1 && i <= 7;
  const line = (cells) =>
    `| ${widths.map((w, i) => (right(i) ? (cells[i] ?? '').padStart(w) : (cells[i] ?? '').padEnd(w))).join(' | ')} |`;
  const rule = `| ${widths.map((w, i) => (right(i) ? `${'-'.repeat(w - 1)}:` : '-'.repeat(w))).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

export function markdown(meta, jobs) {
  const rows = jobs.flatMap(({ name, job, results }) => [[`**${name}**`], ...results.map((result) => row(job, result))]);
  const parts = [`# Benchmark at scale ${meta.scale}`, meta.text, table(rows)];
  parts.push(jobs.map(({ name, job }) => `- **${name}**: ${job.title}`).join('\n'));
  const bars = jobs.flatMap(({ name, checks }) =>
    checks.map(({ text, met }) => `- ${met === undefined ? 'open' : met ? 'met' : 'MISSED'}: ${name}, ${text}`));
  parts.push('## Bars', bars.join('\n'));
  return `${parts.join('\n\n')}\n`;
}
