// Works on a job table until it is killed: `claim-and-hang.mjs <database> <run> <concurrency> <claims>`, or with no
// run it begins an import of the fingerprint "f" and never ends it. Says "ready" when it holds what it was told to.
import { openStore } from "../../src/store/sqlite/open.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";

const [path, run, concurrency, claims] = process.argv.slice(2);
const store = await openStore({ path, clock: systemClock, random: systemRandom, durability: "full" });

if (run === undefined) {
  const [request, sharing] = [{ samples: 1 }, { dedupe: false, reuse: false }];
  const begun = {
    fingerprint: "f",
    request,
    options: {},
    sources: [],
    output: null,
    sharing,
    mayRepeat: true,
  };
  const target = await store.beginImport(begun);
  const row = { row: "{}", model: null, charge: null, requestHash: null, error: null };
  await target.append(0, [{ key: null, line: 1, ...row }]);
} else {
  await store.attach(run, Number(concurrency));
  await store.claim(run, { model: null, stage: 0 }, Number(claims));
}
process.stdout.write("ready");
setInterval(() => {}, 60_000);
