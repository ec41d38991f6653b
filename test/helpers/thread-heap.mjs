// Writes how large the young generation of a thread is as it starts, after `keepSmall`: `node --import tsx thread-heap.mjs`
import { Worker } from "node:worker_threads";
import { Heap } from "../../src/system/heap.ts";

const THREAD = `
  const { parentPort } = require("node:worker_threads");
  const spaces = require("node:v8").getHeapSpaceStatistics();
  parentPort.postMessage(spaces.find(({ space_name }) => space_name === "new_space").space_size);`;

new Heap().keepSmall();
const resourceLimits = { maxYoungGenerationSizeMb: 12 };
new Worker(THREAD, { eval: true, resourceLimits }).on("message", (bytes) =>
  process.stdout.write(String(bytes)),
);
