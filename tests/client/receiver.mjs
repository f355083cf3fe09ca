// An HTTP receiver of batches as small as can be: cdp.ingest and an answer. Of each batch the first attempts go wrong.
import http from 'node:http';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function ingest(pool, body) {
  const { rows } = await pool.query("SELECT status, reason, detail FROM cdp.ingest('shop', $1::jsonb, 'web')", [body]);
  return rows;
}

// In a transaction that ends later, or not at all.
async function transaction(pool, body, end, wait = 0) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const rows = await ingest(client, body);
    await sleep(wait);
    await client.query(end);
    return rows;
  } finally {
    client.release();
  }
}

// What happens to an attempt: whether it is stored, and what the sender hears. Silence lasts beyond the sender's patience.
const MISHAPS = {
  'refused before': async () => ({ rows: [], answer: 503 }),
  'rolled back': async (pool, body) => ({ rows: (await transaction(pool, body, 'ROLLBACK'), []), answer: 500 }),
  'stored, and an error': async (pool, body) => ({ rows: await ingest(pool, body), answer: 500 }),
  'stored, and cut off': async (pool, body) => ({ rows: await ingest(pool, body), answer: null }),
  'stored too late': async (pool, body, patience) => ({ rows: await transaction(pool, body, 'COMMIT', patience * 2), answer: null }),
  'rolled back too late': async (pool, body, patience) => ({ rows: (await transaction(pool, body, 'ROLLBACK', patience * 2), []), answer: null }),
};

// Listens on a port of its own; `seen` tells what became of the messages, attempt after attempt.
export async function receive(pool, patience) {
  const kinds = Object.keys(MISHAPS);
  const batches = new Map();
  const seen = { attempts: 0, mishaps: {}, rows: [], errors: [] };
  const pending = new Set();

  async function take(body) {
    const first = JSON.parse(body).batch[0].messageId;
    const batch = batches.get(first) ?? { number: batches.size, attempts: 0 };
    batches.set(first, batch);
    seen.attempts += 1;
    batch.attempts += 1;
    // One in seven goes well at once; some go wrong twice.
    const step = batch.number % (kinds.length + 1);
    const kind = batch.attempts === 1 ? kinds[step] : batch.attempts === 2 && batch.number % 3 === 0 ? kinds[(step + 2) % kinds.length] : undefined;
    if (kind === undefined) return { rows: await ingest(pool, body), answer: 200 };
    seen.mishaps[kind] = (seen.mishaps[kind] ?? 0) + 1;
    return MISHAPS[kind](pool, body, patience);
  }

  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const work = take(Buffer.concat(chunks).toString());
    pending.add(work);
    try {
      const { rows, answer } = await work;
      seen.rows.push(...rows);
      if (answer === null) response.destroy();
      else response.writeHead(answer).end('{}');
    } catch (error) {
      seen.errors.push(String(error));
      response.destroy();
    } finally {
      pending.delete(work);
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    async close() {
      await Promise.allSettled(pending);
      await new Promise((done) => server.close(done));
    },
  };
}
