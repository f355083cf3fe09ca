// Every two of a hundred segments: how many customers they share, from the count alone, from the intersection as a
// value, and from the union. CRoaring does the same to the same bytes, without a database around it.
const pairs = 'FROM audience AS a CROSS JOIN audience AS b';
const queries = {
  count: `SELECT sum(cdp.intersection_cardinality(a.members, b.members)) ${pairs}`,
  and: `SELECT sum(cdp.cardinality(a.members & b.members)) ${pairs}`,
  or: `SELECT sum(cdp.cardinality(a.members) + cdp.cardinality(b.members) - cdp.cardinality(a.members | b.members)) ${pairs}`,
};
const names = { count: 'count', and: 'intersection', or: 'union' };

const cdp = Object.keys(queries).map((what) => ({
  label: `cdp, ${names[what]}`,
  against: `cdp, ${names[what]}`,
  system: 'postgresql',
  settings: { max_parallel_workers_per_gather: 0 },
  requires: { function: 'cdp.audience_agg' },
  run: (session) => session.step(what, queries[what]),
}));

const croaring = Object.keys(queries).map((what) => ({
  label: `CRoaring, ${names[what]}`,
  against: `cdp, ${names[what]}`,
  system: 'croaring',
  load: ['audience.hex'],
  run: (session) => session.step(what, what),
}));

export default {
  title: 'what every two of a hundred segments share',
  needs: ['audience'],
  answer: ['shared'],
  warm: true,
  repeat: 3,
  contestants: [...cdp, ...croaring],
  bars: [
    // At most 1.5 times the time of CRoaring.
    { label: 'CRoaring, count', atLeast: 0.67 },
    { label: 'CRoaring, intersection', atLeast: 0.67 },
    { label: 'CRoaring, union', atLeast: 0.67 },
  ],
};
