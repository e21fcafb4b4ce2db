// Figures open large, and are saved as the build has them. The page is complete without it.
document.addEventListener("DOMContentLoaded", () => {
  const pictured = [...document.querySelectorAll("figure")].filter((figure) => figure.querySelector(".figure-box img"));
  if (!pictured.length) return;
  const dialog = document.createElement("dialog");
  dialog.className = "large";
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "Close" });
  const box = document.createElement("div");
  box.className = "figure-box";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  dialog.append(close, box);
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  function open(picture, name) {
    const copy = picture.cloneNode();
    copy.removeAttribute("id");
    copy.removeAttribute("style");
    box.replaceChildren(copy);
    box.setAttribute("aria-label", `${name}, enlarged`);
    dialog.setAttribute("aria-label", name);
    dialog.showModal();
  }

  // The very bytes that the page was given.
  function save(picture, name) {
    const [head, body] = picture.src.split(/,(.*)/s);
    const raw = head.endsWith(";base64") ? atob(body) : unescape(body);
    const content = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
    document.dispatchEvent(new CustomEvent("save", { detail: { name: `${name}.svg`, content, type: "image/svg+xml" } }));
  }

  pictured.forEach((figure) => {
    const picture = figure.querySelector(".figure-box img");
    const label = figure.querySelector(".caption-label").textContent.replace(/\s+/g, " ").trim().replace(/\.$/, "");
    const file = picture.dataset.name || figure.id.slice(4);
    const tools = [{ words: "Enlarge", title: `Enlarge ${label}`, act: () => open(picture, label) }];
    if (picture.src.startsWith("data:image/svg+xml")) tools.push({ words: "SVG", title: `Save ${label} as SVG`, act: () => save(picture, file) });
    // Results hold it beside the page.
    if (picture.dataset.name) tools.push({ words: "PNG", title: `Save ${label} as PNG`, href: `figures/${file}.png` });
    document.dispatchEvent(new CustomEvent("tools", { detail: { figure, tools } }));
  });
});
