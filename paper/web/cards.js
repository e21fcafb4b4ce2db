// Opens what stands behind a number, a table or a figure as a card beside it. Without it the link leads to the entry in
// the appendix of values, of which the card is made.
document.addEventListener("DOMContentLoaded", () => {
  if (!HTMLElement.prototype.hasOwnProperty("popover")) return;
  const NAMES = {
    exact: "Exact value", interval: "Interval", method: "Its method", n: "n", condition: "Condition", rows: "Rows",
    cell: "Table, row, column", file: "Computed by", columns: "Columns",
  };
  const card = document.createElement("div");
  card.id = "card";
  card.popover = "auto";
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-labelledby", "card-title");
  document.body.append(card);
  let opener = null;

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  function field(entry, name) {
    return entry.querySelector(`[data-f="${name}"]`);
  }

  function fact(list, name, nodes) {
    if (nodes.length) list.append(make("div", {}, make("dt", { textContent: name }), make("dd", {}, ...nodes)));
  }

  function copies(found) {
    return found ? [...found.cloneNode(true).childNodes] : [];
  }

  // Table, row and column, of which the first leads to the table where the page shows it.
  function linked(cell) {
    const [name, ...rest] = cell.split(",");
    const shown = document.querySelector(`main figure [data-from="${CSS.escape(name)}"]`)?.closest("figure[id]");
    if (!shown) return [cell];
    return [make("a", { href: "#" + shown.id, textContent: name, onclick: () => card.hidePopover() }), ["", ...rest].join(",")];
  }

  function address(id) {
    return location.href.split("#")[0] + "#" + id;
  }

  // Says what was copied, or shows the text to copy by hand where the page may not write to the clipboard.
  async function copy(text, what, status) {
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = `${what[0].toUpperCase()}${what.slice(1)} copied.`;
    } catch {
      const box = make("textarea", { value: text, readOnly: true, rows: 3 });
      box.setAttribute("aria-label", what);
      status.replaceChildren(box);
      box.select();
    }
  }

  // What the section and its chapter say against their numbers, and what holds for all.
  function caveats(link) {
    const chapter = link.closest("section.level1"), section = link.closest("section.level2");
    const near = [...(chapter ? chapter.querySelectorAll(".caveat") : [])].filter((found) => {
      const own = found.closest("section.level2");
      return own === null || own === section;
    });
    const found = new Set([...near, ...document.querySelectorAll(".caveat.general")]);
    return [...found].map((one) => make("p", { textContent: one.textContent.replace(/\s+/g, " ").trim() }));
  }

  function fill(link, entry) {
    const key = entry.querySelector("dt").textContent;
    const shown = link.dataset.key ? link.textContent : key;
    const what = field(entry, "what");
    const facts = make("dl");
    for (const [name, title] of Object.entries(NAMES)) {
      const nodes = copies(field(entry, name));
      if (name === "cell" && nodes.length) nodes.splice(0, nodes.length, ...linked(field(entry, name).textContent));
      const unit = name === "exact" && field(entry, "unit");
      const level = name === "interval" && field(entry, "level");
      fact(facts, level ? `${level.textContent} interval` : title, unit ? [...nodes, " ", unit.textContent] : nodes);
    }
    fact(facts, "Key", link.dataset.key ? [make("code", { textContent: key })] : []);
    const about = document.getElementById("values-about");
    const checksums = document.querySelector('a[href$="tbl-files"]');
    const data = field(entry, "data");
    fact(facts, "From", data ? copies(data) : about ? [about.textContent.trim(), ...(checksums ? [" (", checksums.cloneNode(true), ")"] : [])] : []);
    fact(facts, "Caveats", caveats(link));
    const status = make("p", { className: "card-status" });
    status.setAttribute("role", "status");
    const buttons = make("p", { className: "card-buttons" });
    const offer = (name, text) => {
      buttons.append(make("button", { type: "button", textContent: `Copy ${name}`, onclick: () => copy(text, name, status) }));
    };
    const cite = field(entry, "cite");
    if (cite) offer("citation", cite.textContent);
    offer("link", address(link.dataset.key ? link.id || entry.id : link.closest("figure")?.id || entry.id));
    if (link.dataset.key) offer("value", field(entry, "exact")?.textContent || shown);
    const close = make("button", { type: "button", className: "card-close", textContent: "×", onclick: () => card.hidePopover() });
    close.setAttribute("aria-label", "Close");
    const title = make("h2", { id: "card-title", textContent: shown });
    card.replaceChildren(close, title, make("p", { textContent: what ? what.textContent : "" }), buttons, status, facts,
      make("p", {}, make("a", { href: "#" + entry.id, textContent: "In the appendix of values", onclick: () => card.hidePopover() })));
    return close;
  }

  // Below the number, or above it where there is more room, and no taller than that, so that all of it can be seen; on a phone the style sheet puts it at the lower edge.
  function place(link) {
    const box = link.getClientRects()[0];
    const width = card.offsetWidth;
    const left = Math.max(8, Math.min(box.left - 16, document.documentElement.clientWidth - width - 8));
    card.style.removeProperty("--card-room");
    const [under, over] = [window.innerHeight - box.bottom - 16, box.top - 16];
    const below = card.offsetHeight <= under || under >= over;
    card.style.setProperty("--card-room", `${Math.max(below ? under : over, 160)}px`);
    card.style.setProperty("--card-left", `${left + window.scrollX}px`);
    card.style.setProperty("--card-top", `${(below ? box.bottom + 8 : box.top - 8 - card.offsetHeight) + window.scrollY}px`);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.val, a.source");
    if (!link || card.contains(link) || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const entry = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!entry) return;
    event.preventDefault();
    const close = fill(link, entry);
    card.showPopover();
    place(link);
    close.focus({ preventScroll: true });
    if (opener) opener.removeAttribute("aria-expanded");
    opener = link;
    link.setAttribute("aria-expanded", "true");
  });
  // The card stands at the end of the page; who leaves it by Tab goes on where its number stands.
  card.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || !opener) return;
    const all = [...card.querySelectorAll("a[href], button, textarea")];
    if (document.activeElement !== (event.shiftKey ? all[0] : all.at(-1))) return;
    if (event.shiftKey) event.preventDefault();
    opener.focus({ preventScroll: true });
    card.hidePopover();
  });
  card.addEventListener("toggle", (event) => {
    if (event.newState !== "closed" || !opener) return;
    opener.removeAttribute("aria-expanded");
    if (!document.activeElement || document.activeElement === document.body || card.contains(document.activeElement)) {
      opener.focus({ preventScroll: true });
    }
    opener = null;
  });
  document.querySelectorAll("a.val, a.source").forEach((link) => link.setAttribute("aria-haspopup", "dialog"));
});
