// A search over each long table, buttons that copy, and a folded part opens where a link leads into it. The page is complete without it.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("table[data-search]").forEach((table) => {
    const label = table.previousElementSibling;
    if (!label || !label.matches("label.search")) return;
    const [input, count] = label.children;
    const rows = [...table.tBodies[0].rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
        let found = 0;
        rows.forEach(({ row, text }) => {
          row.hidden = !words.every((word) => text.includes(word));
          found += row.hidden ? 0 : 1;
        });
        count.textContent = words.length ? `${found.toLocaleString("en")} found` : "";
      }, 120);
    });
  });

  // Says what was copied, or shows the text to copy by hand where the page may not write to the clipboard.
  document.querySelectorAll("button[data-copy]").forEach((button) => {
    const said = button.nextElementSibling, shown = button.parentElement.previousElementSibling;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(shown.textContent);
        said.textContent = " Copied.";
      } catch {
        getSelection().selectAllChildren(shown);
        said.textContent = " Selected: copy it from there.";
      }
    });
  });

  function open() {
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!place) return;
    place.hidden = false;
    for (let part = place.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    place.scrollIntoView();
  }
  window.addEventListener("hashchange", open);
  open();
});
