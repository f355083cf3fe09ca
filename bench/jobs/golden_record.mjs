// The golden record: the latest known value of each of eight attributes per customer, from JSON source rows that stand
// as they came. Each contestant counts seven of them and adds up the eighth: all have to be computed, and the answers
// compare.
const counted = ['first_name', 'last_name', 'country', 'city', 'email', 'plan', 'ltv'];
const attributes = [...counted, 'age'];
const each = (write) => attributes.map(write).join(', ');
const used = (count, sum) => `${counted.map(count).join(', ')}, ${sum('age')}`;

const cdp = (table) => `SELECT ${used((name) => `count(golden ->> '${name}')`, (name) => `sum((golden ->> '${name}')::integer)`)}
  FROM (SELECT uid, cdp.profile_agg(attrs, source, ts) AS golden FROM ${table} GROUP BY uid OFFSET 0) AS g`;

const arrays = (table) => `SELECT ${columns}
  FROM (SELECT uid, ${each((name) => `(array_agg(attrs ->> '${name}' ORDER BY ts DESC) FILTER (WHERE attrs ? '${name}'))[1] AS ${name}`)}
        FROM ${table} GROUP BY uid) AS g`;

const distinct = (table) => `SELECT ${used((name) => `count(*) FILTER (WHERE key = '${name}')`, (name) => `sum(value::integer) FILTER (WHERE key = '${name}')`)}
  FROM (SELECT DISTINCT ON (uid, key) uid, key, value
        FROM ${table} CROSS JOIN LATERAL jsonb_each_text(attrs) ORDER BY uid, key, ts DESC) AS g`;

const columns = used((name) => `count(${name})`, (name) => `sum(${name}::integer)`);

const duckdb = `SELECT ${columns}
  FROM (SELECT uid, ${each((name) => `arg_max(attrs ->> '${name}', t) AS ${name}`)} FROM src GROUP BY uid)`;

const duckdbOnce = `SELECT ${columns}
  FROM (SELECT uid, ${each((name) => `arg_max(a.${name}, t) AS ${name}`)}
        FROM (SELECT uid, t, from_json(attrs, '{${each((name) => `"${name}":"VARCHAR"`)}}') AS a FROM src) GROUP BY uid)`;

const clickhouse = `SELECT ${used((name) => `countIf(${name} != '')`, (name) => `sum(toUInt32OrZero(${name}))`)}
  FROM (SELECT uid, ${each((name) => `argMaxIf(JSONExtractRaw(attrs, '${name}'), t, JSONHas(attrs, '${name}')) AS ${name}`)}
        FROM src GROUP BY uid)`;

const clickhouseOnce = `SELECT ${used((name) => `count(${name})`, (name) => `sum(toUInt32(${name}))`)}
  FROM (SELECT uid, ${each((name) => `argMax(a.${name}, t) AS ${name}`)}
        FROM (SELECT uid, t, JSONExtract(attrs, 'Tuple(${each((name) => `${name} Nullable(String)`)})') AS a FROM src)
        GROUP BY uid)`;

// Two processes are one parallel worker beside the leader, if the planner uses it.
const processes = (n) => ({ max_parallel_workers_per_gather: n - 1 });
const requires = { function: 'cdp.profile_agg' };
const postgresql = (label, sql, n, more = {}) => ({
  label: `${label}, ${n === 1 ? '1 process' : `${n} processes`}`,
  against: n === 1 ? 'cdp, 1 process' : 'cdp, 2 processes',
  system: 'postgresql',
  settings: processes(n),
  serial: n === 1 ? undefined : `${label}, 1 process`,
  plan: sql,
  run: (session) => session.step('query', sql),
  ...more,
});
const peer = (label, system, load, sql) => ({
  label,
  against: 'cdp, 2 processes',
  system,
  load,
  run: (session) => session.step('query', sql),
});

// Where the rows stand: as they came, or those of a customer together, as most peers keep them.
export const goldenRecord = ({ title, needs, table, duckdbOrder = '', clickhouseOrder }) => {
  const loadDuckdb = [
    `CREATE TABLE src AS FROM read_csv('src.tsv', delim = '\t', header = false, quote = '', escape = '',
       columns = {'uid': 'INTEGER', 'source': 'VARCHAR', 't': 'BIGINT', 'attrs': 'JSON'}) ${duckdbOrder}`,
  ];
  const loadClickhouse = [
    `CREATE TABLE src (uid UInt32, source LowCardinality(String), t Int64, attrs String) ENGINE = MergeTree ORDER BY ${clickhouseOrder}`,
    "INSERT INTO src SELECT * FROM file('src.tsv', TSV, 'uid UInt32, source String, t Int64, attrs String')",
  ];
  return {
    title,
    needs,
    answer: attributes,
    contestants: [
      postgresql('cdp', cdp(table), 1, { requires }),
      postgresql('array_agg FILTER', arrays(table), 1),
      postgresql('DISTINCT ON', distinct(table), 1, { slow: true }),
      postgresql('cdp', cdp(table), 2, { requires }),
      postgresql('array_agg FILTER', arrays(table), 2),
      postgresql('DISTINCT ON', distinct(table), 2, { slow: true }),
      peer('DuckDB, arg_max of ->>', 'duckdb', loadDuckdb, duckdb),
      peer('DuckDB, arg_max of from_json', 'duckdb', loadDuckdb, duckdbOnce),
      peer('ClickHouse, argMaxIf of JSONExtractRaw', 'clickhouse', loadClickhouse, clickhouse),
      peer('ClickHouse, argMax of JSONExtract', 'clickhouse', loadClickhouse, clickhouseOnce),
    ],
    bars: [
      { label: 'array_agg FILTER, 1 process', against: 'cdp, 2 processes', atLeast: 4 },
      { label: 'ClickHouse, argMaxIf of JSONExtractRaw', atLeast: 1.5 },
      { label: 'DuckDB, arg_max of ->>', atLeast: 1 },
    ],
  };
};

export default goldenRecord({
  title: 'latest of eight attributes per customer, from JSON rows as they came',
  needs: ['src'],
  table: 'src',
  clickhouseOrder: 'tuple()',
});
