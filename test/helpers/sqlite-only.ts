/**
 * Tests of the whole program that say nothing of PostgreSQL, and why: by file, then by the name of the test or its group.
 * `npm run test:postgres` skips them, and fails for one that is no longer there.
 */
export const SQLITE_ONLY: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "bad-input.test.ts": {
    "a database that can't be used is refused and left as it was":
      "files that are no database, or of a newer version",
  },
  "conversations.test.ts": {
    "a row that an earlier version has let in fails by itself, and is passed over by --reuse":
      "makes a run of an earlier version by a change of the file",
  },
  "doctor.test.ts": {
    "tells a damaged page, with what to do": "damages a page of the file",
    "tells a file that is no database": "a file of another program",
  },
  "faults.test.ts": {
    "the database": "locks, deletes and damages the file",
  },
  "full-disk.test.ts": {
    "a disk that is full during the import: nothing is sent; with more space it starts over":
      "the disk is the server's",
    "a disk that is full during the run: what is recorded stays, and the run goes on later":
      "the disk is the server's",
    "a read-only disk: every command says so, and nothing is sent": "the disk is the server's",
  },
  "log-file.test.ts": {
    "refuses llm-batch.db before anything is sent": "the log would overwrite the file",
  },
  "memory.test.ts": {
    "and its write-ahead log small": "measures the file's log",
  },
  "odd-system.test.ts": {
    "a database on a network file system is refused, and none is made": "the file is on that file system",
    "a database where other machines may be is warned about, and works": "the file is on that file system",
    "a disk that can't sync ends the run, and a healthy one goes on from what was recorded":
      "the disk is the server's",
  },
  "upgrade.test.ts": {
    "an unfinished run of the first release is resumed to its end, and what was there is as it was":
      "the first release knew no PostgreSQL",
    "the copy of a database that only its owner may read is for nobody else either":
      "a server's tables are no file",
    "failed rows of the first release can be put back and sent again": "the first release knew no PostgreSQL",
  },
};
