import { readFileSync } from "node:fs";

const { version, engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** The version in package.json: the one place where it is written. */
export const VERSION: string = version;

/** The versions of Node that package.json asks for, e.g. `>=20.19 <21 || >=22.14`. */
export const NODE_RANGE: string = engines.node;
