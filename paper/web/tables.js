// Tables sort by a column, and are saved as they are shown: CSV, LaTeX, Markdown. The page is complete without it.
document.addEventListener("DOMContentLoaded", () => {
  const LATEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "×": "$\\times$" };
  const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  // White space collapsed, without the joiners and break points that do not show.
  const text = (element) => element.textContent.replace(/[\u200b\u2060]/g, "").replace(/\s+/g, " ").trim();
  const cells = (row) => [...row.cells];

  // The number that a cell shows, of an interval or a bound its first; null where it shows none.
  function number(shown) {
    const found = shown.replace(/\s/g, "").match(/^[<>]?(?:([−-]?[\d,]*\.?\d+)(?:×10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?|10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))%?(?:\[.*)?$/);
    if (!found) return null;
    const raised = [...(found[2] || found[3] || "⁰")].map((c) => (c === "⁻" ? "-" : SUPERSCRIPTS.indexOf(c))).join("");
    const shownAs = found[1] === undefined ? "1" : found[1].replace(/,/g, "").replace("−", "-");
    return Number(`${shownAs}e${raised}`);
  }

  function sort(table, column, order) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    rows.forEach((row, i) => (row.dataset.row ??= String(i)));
    const shown = new Map(rows.map((row) => [row, text(row.cells[column])]));
    const numbers = new Map(rows.map((row) => [row, number(shown.get(row))]));
    const numeric = rows.every((row) => shown.get(row) === "–" || numbers.get(row) !== null);
    const place = (row) => Number(row.dataset.row);
    const sign = order === "descending" ? -1 : 1;
    rows.sort((a, b) => {
      if (order === "none") return place(a) - place(b);
      // An empty cell is last either way.
      const missing = (shown.get(a) === "–") - (shown.get(b) === "–");
      if (missing) return missing;
      const by = numeric ? numbers.get(a) - numbers.get(b) : shown.get(a).localeCompare(shown.get(b), "en", { numeric: true });
      return sign * by || place(a) - place(b);
    });
    body.replaceChildren(...rows);
  }

  function headed(table) {
    const heads = cells(table.tHead.rows[0]);
    heads.forEach((head, column) => {
      if (!text(head)) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorts";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")] || "ascending";
        heads.forEach((one) => one.removeAttribute("aria-sort"));
        if (next !== "none") head.setAttribute("aria-sort", next);
        sort(table, column, next);
      });
    });
  }

  const FORMS = {
    CSV: {
      suffix: "csv",
      write(head, rows) {
        const quoted = (cell) => (/[",\n]/.test(cell.text) ? `"${cell.text.replace(/"/g, '""')}"` : cell.text);
        return [head, ...rows].map((row) => row.map(quoted).join(",")).join("\n") + "\n";
      },
    },
    LaTeX: {
      suffix: "tex",
      write(head, rows, about) {
        const escape = (string) => string.replace(/[\\&%$#_{}~^−×]/g, (c) => LATEX[c] || `\\${c}`);
        const line = (row) => row.map((cell) => (cell.strong ? `\\textbf{${escape(cell.text)}}` : escape(cell.text))).join(" & ") + " \\\\";
        return [
          ...about.map((one) => `% ${one}`),
          `\\begin{tabular}{${head.map((cell) => cell.align[0]).join("")}}`,
          "\\toprule", line(head), "\\midrule", ...rows.map(line), "\\bottomrule", "\\end{tabular}", "",
        ].join("\n");
      },
    },
    Markdown: {
      suffix: "md",
      write(head, rows, about) {
        const escape = (string) => string.replace(/[\\`*_{}[\]<>#|$@~^]/g, "\\$&");
        const line = (row) => `| ${row.map((cell) => (cell.strong ? `**${escape(cell.text)}**` : escape(cell.text))).join(" | ")} |`;
        const rule = head.map((cell) => ({ left: ":--", right: "--:", center: ":-:" })[cell.align]).join("|");
        return [line(head), `|${rule}|`, ...rows.map(line), "", ...about.map(escape), ""].join("\n");
      },
    },
  };

  function save(figure, table, form) {
    const marker = figure.querySelector(".marker");
    const read = (row) => cells(row).map((cell) => ({ text: text(cell), strong: !!cell.querySelector("td > strong"), align: cell.style.textAlign || "left" }));
    // What the data are goes with every row, as in the files of the build.
    const data = (words) => (marker ? [{ text: words, strong: false, align: "left" }] : []);
    const plain = form === "CSV";
    const head = [...read(table.tHead.rows[0]), ...(plain ? data("Data") : [])];
    const rows = [...table.tBodies[0].rows].map((row) => [...read(row), ...(plain ? data(text(marker || row)) : [])]);
    const about = [...figure.querySelectorAll("figcaption, .table-notes")].map((one) => {
      const copy = one.cloneNode(true);
      copy.querySelectorAll(".source, .anchor").forEach((link) => link.remove());
      return text(copy);
    });
    const { suffix, write } = FORMS[form];
    document.dispatchEvent(new CustomEvent("save", { detail: { name: `${figure.id.slice(4)}.${suffix}`, content: write(head, rows, about) } }));
  }

  document.querySelectorAll("figure.table").forEach((figure) => {
    const table = figure.querySelector("table");
    if (!table || !table.tHead || !table.tBodies.length) return;
    headed(table);
    const name = text(figure.querySelector(".caption-label")).replace(/\.$/, "");
    document.dispatchEvent(new CustomEvent("tools", {
      detail: { figure, tools: Object.keys(FORMS).map((form) => ({ words: form, title: `Save ${name} as ${form}`, act: () => save(figure, table, form) })) },
    }));
  });
});
