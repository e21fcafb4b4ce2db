// A search over headings, captions of figures and tables, and keys of values. The page is complete without it.
document.addEventListener("DOMContentLoaded", () => {
  const contents = document.getElementById("TOC");
  const title = document.getElementById("toc-title");
  if (!contents || !title) return;
  const MOST = 30;
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
  // Who types the beginning of a key looks for it.
  const rank = (entry, words) => (entry.kind === "value" && entry.folded.startsWith(words[0]) ? 0 : 1);
  let index = null;

  function collect() {
    const main = document.getElementById("main");
    const seen = new Set();
    const headings = [...main.querySelectorAll("h1, h2, h3, h4")].filter((one) => !one.closest(".notice"))
      .map((one) => ({ kind: "section", words: text(one), place: one }));
    const captions = [...main.querySelectorAll("figure > figcaption")]
      .map((one) => ({ kind: one.closest("figure").id.startsWith("fig") ? "figure" : "table", words: caption(one), place: one.closest("figure") }));
    const keys = [...main.querySelectorAll("[data-key]")].filter((one) => !seen.has(one.dataset.key) && seen.add(one.dataset.key))
      .map((one) => ({ kind: "value", words: `${one.dataset.key} = ${text(one)}`, place: one }));
    return [...headings, ...captions, ...keys].map((entry) => ({ ...entry, folded: entry.words.toLowerCase() }));
  }

  const field = make("input", { type: "search", id: "search-words", autocomplete: "off", spellcheck: false });
  const status = make("p", { className: "search-status" });
  status.setAttribute("role", "status");
  const list = make("ol", {});
  const shut = make("button", { type: "button", textContent: "Close" });
  const dialog = make("dialog", { className: "search" },
    make("p", {}, make("label", { htmlFor: "search-words", textContent: "Search headings, tables, figures, keys" })),
    make("p", { className: "search-field" }, field, shut), status, list);
  dialog.setAttribute("aria-label", "Search");
  document.body.append(dialog);

  function go({ place }) {
    dialog.close();
    if (!place.matches("a, button, [tabindex]")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: place.tagName === "FIGURE" || /^H/.test(place.tagName) ? "start" : "center" });
  }

  function find() {
    index ??= collect();
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? index.filter((entry) => words.every((word) => entry.folded.includes(word))) : [];
    hits.sort((one, other) => rank(one, words) - rank(other, words));
    list.replaceChildren(...hits.slice(0, MOST).map((hit) => {
      const button = make("button", { type: "button" }, make("span", { textContent: hit.kind }), ` ${hit.words}`);
      button.addEventListener("click", () => go(hit));
      return make("li", {}, button);
    }));
    const more = hits.length > MOST ? `, the first ${MOST} are shown` : "";
    status.textContent = words.length ? `${hits.length} found${more}` : "";
    return hits;
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
