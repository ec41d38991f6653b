import { SqliteRig } from "../../helpers/sqlite-rig.ts";
import { describeStore } from "./suite.ts";

describeStore("SQLite", () => new SqliteRig());
