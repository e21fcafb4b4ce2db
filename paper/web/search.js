// A search over headings, captions of figures and tables, and values by key and by what they are. The page is complete
// without it.
document.addEventListener("DOMContentLoaded", () => {
  const contents = document.getElementById("TOC");
  const title = document.getElementById("toc-title");
  if (!contents || !title) return;
  const MOST = 30; // of each group
  const LONG = 80;
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const text = (element) => element.textContent.replace(/\s+/g, " ").trim();
  // A caption as it reads, without the link to where its numbers come from.
  const caption = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("a.source").forEach((one) => one.remove());
    return text(copy);
  };
  const short = (words) => (words.length > LONG ? `${words.slice(0, LONG - 1)}…` : words);
  // Headings, values whose key has the words, captions, values of which the words say what they are.
  const group = (entry, words) => (entry.kind === "section" ? 0 : entry.kind !== "value" ? 2 : words.every((word) => entry.key.toLowerCase().includes(word)) ? 1 : 3);
  let index = null;

  function collect() {
    const main = document.getElementById("main");
    const seen = new Set();
    const headings = [...main.querySelectorAll("h1, h2, h3, h4")].filter((one) => !one.closest(".notice"))
      .map((one) => ({ kind: "section", words: text(one), place: one }));
    const captions = [...main.querySelectorAll("figure > figcaption")]
      .map((one) => ({ kind: one.closest("figure").id.startsWith("fig") ? "figure" : "table", words: caption(one), place: one.closest("figure") }));
    // Where a key is shown first, the abstract included, with what the appendix of values says of it.
    const keys = [...document.querySelectorAll("a.val"), ...document.querySelectorAll("[data-key]")].filter((one) => !seen.has(one.dataset.key) && seen.add(one.dataset.key))
      .map((one) => ({
        kind: "value", key: one.dataset.key, words: `${one.dataset.key} = ${short(text(one))}`, place: one,
        what: (one.hash && document.getElementById(decodeURIComponent(one.hash.slice(1)))?.querySelector('[data-f="what"]')?.textContent) || "",
      }));
    return [...headings, ...captions, ...keys].map((entry) => ({ ...entry, folded: `${entry.words} ${entry.what || ""}`.toLowerCase() }));
  }

  const field = make("input", { type: "search", id: "search-words", autocomplete: "off", spellcheck: false });
  const status = make("p", { className: "search-status" });
  status.setAttribute("role", "status");
  const list = make("ol", {});
  const shut = make("button", { type: "button", textContent: "Close" });
  const dialog = make("dialog", { className: "search" },
    make("p", {}, make("label", { htmlFor: "search-words", textContent: "Search headings, tables, figures, values" })),
    make("p", { className: "search-field" }, field, shut), status, list);
  dialog.setAttribute("aria-label", "Search");
  document.body.append(dialog);

  function go({ place }) {
    dialog.close();
    if (!place.matches("a, button, [tabindex]")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: place.tagName === "FIGURE" || /^H/.test(place.tagName) ? "start" : "center" });
    if (place.matches("a.val")) place.click();
  }

  function find() {
    index ??= collect();
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? index.filter((entry) => words.every((word) => entry.folded.includes(word))) : [];
    const groups = [0, 1, 2, 3].map((number) => hits.filter((hit) => group(hit, words) === number));
    const shown = groups.flatMap((one) => one.slice(0, MOST));
    list.replaceChildren(...shown.map((hit) => {
      const button = make("button", { type: "button" }, make("span", { textContent: hit.kind }), ` ${hit.words}`);
      if (hit.what) button.append(make("small", { textContent: hit.what }));
      button.addEventListener("click", () => go(hit));
      return make("li", {}, button);
    }));
    const more = hits.length > shown.length ? `, ${shown.length} of them shown` : "";
    status.textContent = words.length ? `${hits.length} found${more}` : "";
    return shown;
  }

  function open() {
    if (!dialog.open) dialog.showModal();
    field.select();
  }

  field.addEventListener("input", find);
  field.addEventListener("keydown", (event) => {
    const [first] = event.key === "Enter" ? find() : [];
    if (first) go(first);
  });
  shut.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  const opener = make("button", { type: "button", className: "search-open", textContent: "Search", title: "or press /" });
  opener.addEventListener("click", open);
  title.after(opener);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, dialog, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    open();
  });
});
