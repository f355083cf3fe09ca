// One fresh PostgreSQL backend, driven through psql, which also does the timing.
import { spawn } from 'node:child_process';
import { memory, processorSeconds, watchPrivate } from './memory.mjs';

const done = '-- done --';

export class PostgresSession {
  static async open(settings = {}) {
    const session = new PostgresSession();
    session.pid = Number((await session.ask('SELECT pg_backend_pid()'))[0]);
    for (const [name, value] of Object.entries(settings)) await session.send(`SET ${name} = '${value}';`);
    return session;
  }

  constructor() {
    this.steps = [];
    this.output = '';
    this.errors = '';
    this.child = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'], { env: { ...process.env, LC_ALL: 'C' } });
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.output += text;
      if (this.output.endsWith(`${done}\n`)) this.settle?.resolve(this.output.slice(0, -done.length - 1));
    });
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.errors += text));
    this.child.stdin.on('error', () => {});
    this.closed = new Promise((resolve) => this.child.on('close', resolve));
    this.closed.then(() => this.settle?.reject(new Error(this.errors.trim().split('\n')[0] || 'psql ended')));
  }

  // Sends a script and returns what it prints.
  send(script) {
    this.output = '';
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.child.stdin.write(`${script}\n\\echo '${done}'\n`);
    });
  }

  // The first row as an array of texts; not timed.
  async ask(sql) {
    return (await this.send(`${sql};`)).trimEnd().split('\n')[0].split('|');
  }

  // One timed statement; returns its first row, if it has one.
  async step(name, sql) {
    const before = processorSeconds(this.pid);
    const text = await this.send(`\\timing on\n${sql};\n\\timing off`);
    const time = /^Time: ([0-9.]+) ms/m.exec(text);
    const processor = processorSeconds(this.pid) - before; // workers apart
    this.steps.push({ name, seconds: Number(time[1]) / 1000, processor });
    return text.split('\n')[0].split('|');
  }

  memory() {
    return memory(this.pid);
  }

  watch() {
    this.unwatch();
    this.watching = watchPrivate(this.pid);
  }

  // The peaks since watch(); all of the backend's life for the resident one.
  unwatch() {
    const highest = this.watching?.stop();
    this.watching = undefined;
    return highest === undefined ? undefined : { private: highest, peak: this.memory().peak };
  }

  async close() {
    this.settle = undefined;
    this.watching?.stop();
    this.child.stdin.end('\\q\n');
    await this.closed;
  }
}
