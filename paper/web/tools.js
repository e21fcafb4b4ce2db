// What figures and tables have in common: a row of buttons above, and files that the page makes itself.
document.addEventListener("tools", ({ detail: { figure, tools } }) => {
  const row = document.createElement("div");
  row.className = "tools";
  tools.forEach(({ words, title, act, href }) => {
    const tool = document.createElement(href ? "a" : "button");
    tool.textContent = words;
    tool.setAttribute("aria-label", title);
    if (href) {
      tool.href = href;
      tool.download = "";
    } else {
      tool.type = "button";
      tool.addEventListener("click", act);
    }
    row.append(tool);
  });
  figure.append(row);
});
document.addEventListener("save", ({ detail: { name, content, type } }) => {
  const address = URL.createObjectURL(new Blob([content], { type: type || "text/plain;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
});
