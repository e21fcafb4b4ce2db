// A search over each long table, and a folded part opens where a link leads into it. The page is complete without it.
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
