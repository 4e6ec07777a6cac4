// Comunica's engine, asked line by line: {query, sources} as JSON in, {result, asked} or {error, asked} out.
// `asked` are the requests that it made. Run as `node comunica.mjs FOLDER`, FOLDER being the one with node_modules.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { QueryEngine } = createRequire(`${process.argv[2]}/`)('@comunica/query-sparql');

async function text(stream) {
  const parts = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

for await (const line of createInterface({ input: process.stdin })) {
  const { query, sources, mediaType } = JSON.parse(line);
  const asked = [];
  const context = {
    // As its command line writes it.
    sources: sources.map((source) =>
      source.startsWith('sparql@') ? { type: 'sparql', value: source.slice(7) } : source),
    fetch: (input, init) => {
      const request = new Request(input, init);
      asked.push({ method: request.method, url: request.url, accept: request.headers.get('accept') });
      return fetch(input, init);
    },
  };
  let reply;
  try {
    // A new engine has kept nothing of what was asked before.
    const engine = new QueryEngine();
    const { data } = await engine.resultToString(await engine.query(query, context), mediaType);
    reply = { result: await text(data), asked };
  } catch (error) {
    reply = { error: String(error.message ?? error), asked };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
