// The page of SPARQL with an editor that knows the language, and results without loading the page again.
//
// Uses YASQE and YASR, both from YASGUI. What comes from outside (the query, results, prefixes) is a value of the page
// or of an answer, never markup and never code. Nothing but our own origin is asked. Without this file the form works.
"use strict";
(async () => {
  const form = document.getElementById("editor");
  const field = document.getElementById("query");
  const result = document.getElementById("result");
  if (!form || !field || !result || !window.Yasgui) return;
  // Who has no scripts loads no style of the editor. Its own stands before that of all pages, our colours behind.
  const first = document.querySelector("link[rel=stylesheet]");
  await Promise.all([
    styled(form.dataset.style, (link) => first.before(link)),
    styled(form.dataset.colours, (link) => document.head.append(link)),
  ]);
  const { Yasqe, Yasr } = window.Yasgui;
  const prefixes = JSON.parse(form.dataset.prefixes);
  const formats = JSON.parse(form.dataset.formats);
  const longestUrl = Number(form.dataset.longest);
  const hint = document.getElementById("hint");

  // The completer that comes with YASQE knows other people's prefixes; ours go before them.
  Yasqe.forkAutocompleter("prefixes", {
    name: "our-prefixes",
    persistenceId: null,
    get: () => Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort(),
  }, false);
  // Set whole, because options are merged item by item: the others ask lov.linkeddata.es while one types.
  Yasqe.defaults.autocompleters = ["variables", "our-prefixes"];

  const place = document.createElement("div");
  field.before(place);
  const editor = new Yasqe(place, {
    value: field.value.replace(/\n$/, ""),
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    prefixCcApi: null,
    resizeable: false,
    editorHeight: "auto",
    viewportMargin: Infinity,
    extraKeys: { "Ctrl-Enter": () => form.requestSubmit(), "Cmd-Enter": () => form.requestSubmit(), Tab: false, "Shift-Tab": false },
  });
  if (Object.keys(editor.getPrefixesFromQuery()).length > 6) editor.collapsePrefixes(true);
  editor.getInputField().setAttribute("aria-label", field.labels[0] ? field.labels[0].textContent : "Query");
  field.hidden = true;
  field.required = false;
  hint.hidden = false;
  editor.on("change", () => { field.value = editor.getValue(); });
  const details = form.closest("details");
  if (details) details.addEventListener("toggle", () => editor.refresh());

  let running = null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) running.abort();
    running = new AbortController();
    const { signal } = running;
    const query = editor.getValue();
    form.classList.add("running");
    hint.textContent = "Running …";
    const began = performance.now();
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/sparql-results+json, text/turtle", "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ query }),
        credentials: "same-origin",
        signal,
      });
      const content = await answer.text();
      show(query, answer, content, (performance.now() - began) / 1000);
    } catch (error) {
      if (signal.aborted) return;
      fail(`The query could not be sent: ${error.message}`);
    } finally {
      if (running && running.signal === signal) {
        running = null;
        form.classList.remove("running");
      }
    }
  });

  function show(query, answer, content, seconds) {
    address(query);
    if (!answer.ok) {
      fail(content);
      return;
    }
    const mediaType = (answer.headers.get("Content-Type") || "").split(";")[0];
    const graph = mediaType === "text/turtle";
    const words = graph ? "A graph" : summary(content);
    hint.textContent = words;
    result.replaceChildren(outcome(query, graph, words, seconds));
    const room = document.createElement("div");
    result.append(room);
    const table = new Yasr(room, {
      persistenceId: null,
      prefixes,
      defaultPlugin: graph ? "response" : "table",
      plugins: { table: { dynamicConfig: { compact: true, isEllipsed: false, pageSize: 50 } } },
    });
    table.setResponse({ content, ok: true, status: answer.status, statusText: "", headers: answer.headers }, seconds * 1000);
    // YASR takes {{name}} in a text for a template and fills it in; titles have braces of their own. It draws later.
    if (!graph) table.results.json = JSON.parse(content);
  }

  function summary(content) {
    const found = JSON.parse(content);
    if ("boolean" in found) return "Yes or no";
    const count = found.results.bindings.length;
    return `${count.toLocaleString("en")} row${count === 1 ? "" : "s"}`;
  }

  function outcome(query, graph, words, seconds) {
    const box = element("div", "outcome");
    const heading = element("h2");
    heading.append(element("span", "", words), " ", element("span", "quiet", `${seconds < 0.01 ? "under 0.01" : seconds.toFixed(2)} s`));
    box.append(heading);
    const fits = formats.filter(([, , isGraph]) => isGraph === graph);
    const list = element("ul", "formats");
    for (const [label, mediaType] of fits) {
      const url = `${form.action}?${new URLSearchParams({ query, accept: mediaType })}`;
      if (url.length > longestUrl) continue;
      const link = element("a", "", label);
      link.href = url;
      link.type = mediaType;
      const item = element("li");
      item.append(link);
      list.append(item);
    }
    box.append(list);
    return box;
  }

  function fail(message) {
    hint.textContent = "No result";
    const box = element("div", "failure");
    box.setAttribute("role", "alert");
    const text = element("pre", "", message);
    text.dir = "auto";
    box.append(element("h2", "", "No result"), text);
    result.replaceChildren(box);
  }

  // The address of the page is the link to share: it shows the same query and its result to whoever follows it.
  function address(query) {
    const url = `${form.action}?${new URLSearchParams({ query })}`;
    const link = document.getElementById("link");
    link.hidden = url.length > longestUrl;
    if (link.hidden) return;
    link.href = url;
    if (!details && url !== location.href) history.pushState(null, "", url);
  }

  window.addEventListener("popstate", () => location.reload());

  function styled(address, place) {
    const link = element("link");
    link.rel = "stylesheet";
    link.href = address;
    // Without it the editor is less pretty, and works.
    const loaded = new Promise((done) => { link.onload = link.onerror = done; });
    place(link);
    return loaded;
  }

  function element(name, className = "", text = "") {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }
})();
