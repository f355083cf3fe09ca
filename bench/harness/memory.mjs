// What the kernel counts of a process: memory in MB of 2^20 bytes, processor time in seconds.
import { readFileSync, writeFileSync } from 'node:fs';

// resident: everything; private: without what other processes share (shared buffers, the programs' files);
// peak: the highest resident so far.
export function memory(pid = 'self') {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { resident: field('VmRSS'), private: field('RssAnon'), peak: field('VmHWM') };
}

// Time on a processor of a process with one thread.
export function processorSeconds(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
}

// Lets the peak start again from what is resident now.
export function resetPeak(pid = 'self') {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

// Watches a process until stop(), which returns the highest private memory seen. The kernel keeps no such peak.
export function watchPrivate(pid, everyMs = 10) {
  let highest = 0;
  const look = () => {
    try {
      highest = Math.max(highest, memory(pid).private);
    } catch {
      // The process has ended; what was seen stays.
    }
  };
  look();
  const timer = setInterval(look, everyMs);
  return { stop: () => (look(), clearInterval(timer), highest) };
}
