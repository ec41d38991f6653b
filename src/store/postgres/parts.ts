import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { AttemptTally } from "../attempt-tally.ts";
import { InHand } from "../in-hand.ts";
import { Recovery } from "../recovery.ts";
import type { Spool } from "../spool.ts";
import type { Address } from "./address.ts";
import { Claims } from "./claims.ts";
import { Doubts } from "./doubts.ts";
import { Endings } from "./endings.ts";
import { Forgiveness } from "./forgiveness.ts";
import { GroupCommit } from "./group-commit.ts";
import { Imports } from "./imports.ts";
import { Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import type { News } from "./news.ts";
import { OverBudget } from "./over-budget.ts";
import { Owners } from "./owners.ts";
import type { Patience } from "./patience.ts";
import type { Membership } from "./processes.ts";
import { recover } from "./recovery.ts";
import { Rescuer } from "./rescuer.ts";
import { Retries } from "./retries.ts";
import { RunChanges } from "./run-changes.ts";
import { RunRemoval } from "./run-removal.ts";
import { SureClaims } from "./sure-claims.ts";
import { Twins } from "./twins.ts";

export interface Wiring {
  address: Address;
  /** Only reads. */
  reader: Link;
  /** Used through the group commit alone; never opened where the database is only read. */
  writer: Link;
  membership: Membership;
  patience: Patience;
  news: News;
  spool: Spool;
  clock: Clock;
  random: Random;
  tell(text: string): void;
}

export type StoreParts = ReturnType<typeof wireParts>;

/** Wires the parts of the store to their connections. */
export function wireParts(wiring: Wiring) {
  const { address, writer, membership, patience, spool, clock, random, tell } = wiring;
  const ledger = new Ledger(clock);
  const { tallies, spending } = ledger;
  const commits = new GroupCommit({ address, link: writer, ledger, membership, patience, clock });
  const tally = new AttemptTally({
    tallies,
    spending,
    clock,
    forgetMinutes: (run, before) => ledger.forgetMinutes(run, before),
  });
  const owners = new Owners({ commits, membership, clock });
  const twins = new Twins(tallies);
  const changes = new RunChanges(ledger);
  const removal = new RunRemoval(commits, ledger);
  const claims = new Claims(owners, tallies);
  const endings = new Endings({ tally, twins, doubts: new Doubts(tally), clock });
  return {
    ...wiring,
    commits,
    owners,
    changes,
    removal,
    imports: new Imports({ commits, ledger, owners, removal, clock, random }),
    claims,
    sureClaims: new SureClaims(membership),
    endings,
    inHand: new InHand({ spool, tell }),
    recovery: new Recovery({
      spool,
      write: (all) => commits.write((session) => recover(session, all, { claims, endings })),
      tell,
    }),
    forgiveness: new Forgiveness({ tallies, changes, twins }),
    rescuer: new Rescuer({ tallies, tally, twins }),
    overBudget: new OverBudget(tallies, twins),
    retries: new Retries({ tallies, changes, twins }),
  };
}
