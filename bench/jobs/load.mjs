// What the first use of the module costs a fresh connection, beside a C++ module with nothing in it.

const contestant = (label, library, more = {}) => ({
  label,
  system: 'postgresql',
  run: async (session) => {
    const before = session.memory();
    await session.step('LOAD', `LOAD '${library}'`);
    const after = session.memory();
    session.used = { peak: after.resident - before.resident, private: after.private - before.private };
    return [];
  },
  ...more,
});

export default {
  title: 'LOAD in a fresh connection',
  needs: [],
  answer: [],
  memory: true, // its growth
  visits: 15, // of each contestant in a round
  contestants: [
    contestant('cdp', 'cdp'),
    contestant('empty C++ module', 'cdp_bench_empty', { requires: { file: 'cdp_bench_empty' } }),
  ],
  bars: [{ label: 'cdp', over: 'empty C++ module', secondsAtMost: 0.002, memoryAtMost: 3 }],
};
