// A rule of three attribute conditions over every profile, no index, beside the best forms of the same over jsonb, and the
// scan alone.
import { oneProcess, storedProfiles } from '../harness/profiles.mjs';

const rule = 'country = "TR" and age between 30 and 40 and plan = "pro"';

export default {
  title: 'three attribute conditions over every profile, no index',
  needs: ['prof'],
  answer: ['hits'],
  warm: true,
  repeat: 5,
  contestants: [
    oneProcess('cdp', `SELECT count(*) FROM prof_three WHERE profile @@ '${rule}'`, storedProfiles('prof_three')),
    oneProcess('jsonb, ->> and casts', `SELECT count(*) FROM prof WHERE p ->> 'country' = 'TR' AND (p ->> 'age')::int BETWEEN 30 AND 40
      AND p ->> 'plan' = 'pro'`),
    oneProcess('jsonb, operators', `SELECT count(*) FROM prof WHERE p @> '{"country": "TR", "plan": "pro"}' AND p -> 'age' BETWEEN '30' AND '40'`),
    oneProcess('jsonpath', `SELECT count(*) FROM prof WHERE p @@ jsonpath '$.country == "TR" && $.age >= 30 && $.age <= 40 && $.plan == "pro"'`),
    oneProcess('jsquery', `SELECT count(*) FROM prof WHERE p @@ 'country = "TR" AND age >= 30 AND age <= 40 AND plan = "pro"'::jsquery`, {
      requires: { extension: 'jsquery' },
    }),
    oneProcess('scan alone', 'SELECT count(*) FROM prof_three WHERE profile IS NOT NULL', {
      run: async (session) => {
        await session.step('query', 'SELECT count(*) FROM prof_three WHERE profile IS NOT NULL');
      },
    }),
  ],
  bars: [
    { label: 'jsonb, ->> and casts', atLeast: 1.5 },
    { label: 'jsonb, operators', atLeast: 1.5 },
    { label: 'jsonpath', atLeast: 2 },
    { label: 'jsquery', atLeast: 2 },
    // 0.15 µs a profile.
    { label: 'cdp', over: 'scan alone', secondsAtMost: 0.15 },
  ],
};
