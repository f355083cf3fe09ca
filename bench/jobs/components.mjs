// Connected components of text identifier pairs: text in, a label for each identifier out.

// Partitions are compared by three numbers that do not depend on the labels.
const summary = (table) => `SELECT sum(n), count(*), sum(n * n) FROM (SELECT count(*) AS n FROM ${table} GROUP BY component) AS c`;

const drop = (session, ...tables) => session.ask(`DROP TABLE IF EXISTS ${tables.join(', ')}`);

const components = "cdp.connected_components('SELECT a, b FROM link')";

// Not logged, as the peers' tables in memory are not.
async function cdp(session) {
  await drop(session, 'component');
  await session.step('all', `CREATE UNLOGGED TABLE component AS SELECT * FROM ${components}`);
  return session.ask(summary('component'));
}

// The result goes on in the query instead of into a table.
async function cdpQuery(session) {
  await session.step('all', `SELECT count(*), sum(length(component)) FROM ${components}`);
  return session.ask(summary(components));
}

async function pgrouting(session) {
  await drop(session, 'pgr_node', 'pgr_edge', 'pgr_label', 'component');
  await session.step('ids', `CREATE UNLOGGED TABLE pgr_node AS
    SELECT row_number() OVER () AS id, identifier FROM (SELECT a AS identifier FROM link UNION SELECT b FROM link) AS i`);
  await session.step('edges', `CREATE UNLOGGED TABLE pgr_edge AS
    SELECT row_number() OVER () AS id, x.id AS source, y.id AS target, 1.0::float8 AS cost
    FROM link JOIN pgr_node AS x ON x.identifier = a JOIN pgr_node AS y ON y.identifier = b`);
  await session.step('components', `CREATE UNLOGGED TABLE pgr_label AS
    SELECT node, component FROM pgr_connectedComponents('SELECT id, source, target, cost FROM pgr_edge')`);
  await session.step('labels', `CREATE UNLOGGED TABLE component AS
    SELECT identifier, component FROM pgr_label JOIN pgr_node ON pgr_node.id = node`);
  const answer = await session.ask(summary('component'));
  await drop(session, 'pgr_node', 'pgr_edge', 'pgr_label');
  return answer;
}

async function duckdbEdges(session) {
  await session.step('ids', `CREATE TABLE node AS
    SELECT identifier, row_number() OVER ()::INTEGER AS id FROM (SELECT a AS identifier FROM link UNION SELECT b FROM link)`);
  await session.step('edges', `CREATE TABLE edge AS
    SELECT DISTINCT least(x.id, y.id) AS s, greatest(x.id, y.id) AS t
    FROM link JOIN node x ON x.identifier = a JOIN node y ON y.identifier = b`);
}

async function duckdbLabels(session) {
  await session.step('labels', 'CREATE TABLE component AS SELECT identifier, label AS component FROM label JOIN node USING (id)');
  return session.ask(summary('component'));
}

// Every vertex takes the least label of its neighbours, then the label of its label, until nothing changes.
async function duckdbMinimum(session) {
  await duckdbEdges(session);
  await session.step('both directions', 'CREATE TABLE near AS SELECT s AS id, t AS other FROM edge UNION ALL SELECT t, s FROM edge');
  await session.step('start', 'CREATE TABLE label AS SELECT id, id AS label FROM node');
  for (let changed = 1; changed > 0; ) {
    await session.step('rounds', `CREATE OR REPLACE TABLE least_label AS
      SELECT id, min(label) AS label
      FROM (SELECT near.id, label.label FROM near JOIN label ON label.id = near.other UNION ALL FROM label) GROUP BY id`);
    await session.step('rounds', `CREATE OR REPLACE TABLE next AS
      SELECT x.id, y.label FROM least_label x JOIN least_label y ON y.id = x.label`);
    changed = Number((await session.step('rounds', `SELECT count(*) FROM next JOIN label USING (id)
      WHERE next.label <> label.label`))[0]);
    await session.step('rounds', 'DROP TABLE label');
    await session.step('rounds', 'ALTER TABLE next RENAME TO label');
  }
  return duckdbLabels(session);
}

// The same with contraction: each round only the edges between different components go on.
async function duckdbContraction(session) {
  await duckdbEdges(session);
  await session.step('start', 'CREATE TABLE label AS SELECT id, id AS label FROM node');
  for (let left = 1; left > 0; ) {
    await session.step('rounds', `CREATE OR REPLACE TABLE hop AS
      SELECT s AS id, min(t) AS label FROM (FROM edge UNION ALL SELECT t, s FROM edge) AS e(s, t) GROUP BY s HAVING min(t) < s`);
    for (let longer = 1; longer > 0; ) {
      await session.step('rounds', `CREATE OR REPLACE TABLE further AS
        SELECT x.id, coalesce(y.label, x.label) AS label FROM hop x LEFT JOIN hop y ON y.id = x.label`);
      longer = Number((await session.step('rounds', `SELECT count(*) FROM further JOIN hop USING (id)
        WHERE further.label <> hop.label`))[0]);
      await session.step('rounds', 'CREATE OR REPLACE TABLE hop AS FROM further');
    }
    await session.step('rounds', `CREATE OR REPLACE TABLE label AS
      SELECT l.id, coalesce(hop.label, l.label) AS label FROM label l LEFT JOIN hop ON hop.id = l.label`);
    await session.step('rounds', `CREATE OR REPLACE TABLE edge AS
      SELECT DISTINCT least(p, q) AS s, greatest(p, q) AS t
      FROM (SELECT coalesce(x.label, s) AS p, coalesce(y.label, t) AS q
            FROM edge LEFT JOIN hop x ON x.id = s LEFT JOIN hop y ON y.id = t)
      WHERE p <> q`);
    left = Number((await session.step('rounds', 'SELECT count(*) FROM edge'))[0]);
  }
  return duckdbLabels(session);
}

const load = ["CREATE TABLE link AS FROM read_csv('link.csv', header = false, names = ['a', 'b'], all_varchar = true)"];

export default {
  title: 'text pairs in, a label for each identifier out',
  needs: ['link'],
  answer: ['identifiers', 'components', 'sum of squared sizes'],
  memory: true,
  contestants: [
    { label: 'cdp', system: 'postgresql', requires: { function: 'cdp.connected_components' }, run: cdp },
    { label: 'cdp, read by a query', system: 'postgresql', requires: { function: 'cdp.connected_components' }, run: cdpQuery },
    { label: 'pgRouting', system: 'postgresql', requires: { extension: 'pgrouting' }, slow: true, run: pgrouting },
    { label: 'DuckDB, minimum label', system: 'duckdb', load, run: duckdbMinimum },
    { label: 'DuckDB, contraction', system: 'duckdb', load, run: duckdbContraction },
  ],
  bars: [
    { label: 'DuckDB, minimum label', atLeast: 3 },
    { label: 'DuckDB, contraction', atLeast: 3 },
    { label: 'pgRouting', atLeast: 10 },
    { label: 'cdp', memoryAtMost: 1.2 * 1024, at: 'scale 1' },
  ],
};
