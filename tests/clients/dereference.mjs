// rdf-dereference, asked line by line: {url} as JSON in, {url, quads, asked} or {error, asked} out. `url` is where
// the document was found in the end, `quads` are N-Quads. Run as `node dereference.mjs FOLDER`, as comunica.mjs.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(`${process.argv[2]}/`);
const { rdfDereferencer } = require('rdf-dereference');
const { termToString } = require('rdf-string-ttl');

for await (const line of createInterface({ input: process.stdin })) {
  const { url } = JSON.parse(line);
  const asked = [];
  const options = {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const response = await fetch(input, init);
      asked.push({ url: request.url, accept: request.headers.get('accept'), type: response.headers.get('content-type') });
      return response;
    },
  };
  let reply;
  try {
    const found = await rdfDereferencer.dereference(url, options);
    const quads = [];
    for await (const { subject, predicate, object, graph } of found.data) {
      const terms = graph.termType === 'DefaultGraph' ? [subject, predicate, object] : [subject, predicate, object, graph];
      quads.push(`${terms.map(termToString).join(' ')} .`);
    }
    reply = { url: found.url, quads: quads.join('\n'), asked };
  } catch (error) {
    reply = { error: String(error.message ?? error), asked };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
