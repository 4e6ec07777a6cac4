// Follows an event stream from its root, as anyone would who has ldes-client, and prints each member as a line of JSON.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.argv[2], "node_modules", "x.js"));
const entry = path.join(process.argv[2], "node_modules", "ldes-client", "dist", "lib", "client.js");
const { replicateLDES, intoConfig } = await import(pathToFileURL(entry));
const { Writer } = require("n3");

const { order = "none", ...options } = JSON.parse(process.argv[3]);
const client = replicateLDES(intoConfig(options), order);
const reader = client.stream({ highWaterMark: 10 }).getReader();
client.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
for (;;) {
  const { done, value } = await reader.read();
  if (done) break;
  const writer = new Writer({ format: "N-Quads" });
  writer.addQuads(value.quads);
  const quads = await new Promise((resolve) => writer.end((_, text) => resolve(text)));
  const told = { id: value.id.value, of: value.isVersionOf, made: value.timestamp, quads };
  console.log(JSON.stringify(told));
}
