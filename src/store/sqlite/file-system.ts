import { existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Check, failed, passed, warned } from "../../domain/check.ts";

/** Whether all who may open a file there share memory and locks, which a write-ahead log needs. */
export type Locality = "local" | "network" | "unsure";

/** `statfs` types of NFS, SMB, CIFS, SMB2, 9P, OpenAFS, AFS and Coda: the file is another machine's. */
const NETWORK: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x5346414f, 0x6b414653, 0x73757245,
]);

/** FUSE, Ceph, Lustre, GFS2, OCFS2, GPFS, BeeGFS, OrangeFS, and the shared folders of VirtualBox and VMware. */
const PERHAPS_SHARED: ReadonlySet<number> = new Set([
  0x65735546, 0x00c36400, 0x0bd00bd0, 0x01161970, 0x7461636f, 0x47504653, 0x19830326, 0x20030528, 0x786f4256,
  0xbacbacbc,
]);

/** By the file, wherever links to it lead, or where there is none by its folder. */
export function localityOf(path: string): Locality {
  const place = [path, dirname(path)].find((each) => existsSync(each));
  if (place === undefined) return "local";
  // Some systems give the type as a signed number.
  const type = statfsSync(place).type >>> 0;
  if (NETWORK.has(type)) return "network";
  return PERHAPS_SHARED.has(type) ? "unsure" : "local";
}

const ALONE = "use the database from one machine alone, or better, keep it on a local disk";

/** What to be careful of with a database there; null for nothing. */
export function sharingWarning(path: string): string | null {
  return localityOf(path) === "unsure" ? `${whereShared(path)}: ${ALONE}` : null;
}

/** For `doctor`. Nothing is opened. */
export function checkFileSystem(path: string): Check {
  const locality = localityOf(path);
  if (locality === "local") return passed("file system", `${path} is on a local disk`);
  if (locality === "unsure") return warned("file system", whereShared(path), ALONE);
  return failed("file system", onNetwork(path), NETWORK_HINT);
}

export const NETWORK_HINT = "name a file on a local disk with --db";

export function onNetwork(path: string): string {
  return `${path} is on a network file system, where SQLite databases can be damaged`;
}

function whereShared(path: string): string {
  return `${path} is on a file system that machines can share`;
}
