// Contestants that ask the same of the events of customers: stored timelines, SQL over rows, and the peers with tables of
// their own, in the order that suits them best.
export const postgresql = (label, query, n, more = {}) => ({
  label: `${label}, ${n === 1 ? '1 process' : `${n} processes`}`,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: n - 1 },
  plan: query,
  run: (session) => session.step('query', query),
  ...more,
});

const peer = (label, system, load, query) => ({ label, system, load, run: (session) => session.step('query', query) });

export const clickhouse = (label, query) =>
  peer(
    label,
    'clickhouse',
    [
      'CREATE TABLE ev (uid UInt32, e LowCardinality(String), t UInt64, amount Decimal(10, 2)) ENGINE = MergeTree ORDER BY (uid, t)',
      "INSERT INTO ev SELECT * FROM file('ev.csv', CSV, 'uid UInt32, e String, t UInt64, amount Decimal(10, 2)')",
      'OPTIMIZE TABLE ev FINAL',
    ],
    query,
  );

export const duckdb = (label, query) =>
  peer(
    label,
    'duckdb',
    [
      `CREATE TABLE ev AS FROM read_csv('ev.csv', header = false,
         columns = {'uid': 'INTEGER', 'e': 'VARCHAR', 't': 'BIGINT', 'amount': 'DECIMAL(10, 2)'})`,
    ],
    query,
  );
