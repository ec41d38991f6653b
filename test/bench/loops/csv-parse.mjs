// The limit of reading CSV: its parser alone, every field read. node csv-parse.mjs FILE
import { createReadStream } from "node:fs";
import { parse } from "csv-parse";

let fields = 0;
for await (const record of createReadStream(process.argv[2]).pipe(parse())) fields += record.length;
console.log(fields);
