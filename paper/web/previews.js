// Shows what a cross-reference or citation leads to, where it is pointed at or has the focus. Following it does the same.
document.addEventListener("DOMContentLoaded", () => {
  if (!("popover" in HTMLElement.prototype)) return;
  const LINKS = 'main a[href^="#fig-"], main a[href^="#tbl-"], main a[href^="#eq-"], main a[href^="#sec-"], main a[href^="#ref-"], main a[href^="#fn"]';
  const box = document.createElement("div");
  box.className = "preview";
  box.popover = "manual";
  // What it shows stands where the link leads, so that a screen reader is not told twice.
  box.setAttribute("aria-hidden", "true");
  document.body.append(box);
  let shown = null;
  let timer = 0;

  function copied(target) {
    const part = target.matches("section")
      ? [target.querySelector("h1, h2, h3, h4"), target.querySelector("p")].filter(Boolean)
      : [target];
    return part.map((one) => {
      const copy = one.cloneNode(true);
      copy.querySelectorAll(".anchor, .tools, .footnote-back, script").forEach((extra) => extra.remove());
      [copy, ...copy.querySelectorAll("*")].forEach((inner) => {
        ["id", "tabindex", "href", "role", "aria-label"].forEach((name) => inner.removeAttribute(name));
        if (inner.tagName === "BUTTON") inner.replaceWith(...inner.childNodes);
      });
      return copy;
    });
  }

  function show(link) {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!target || link.closest(".preview") || link.classList.contains("anchor")) return;
    box.replaceChildren(...copied(target));
    box.showPopover();
    const at = link.getBoundingClientRect();
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    box.style.top = `${at.bottom + height + 8 < innerHeight ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
    shown = link;
  }

  function hide() {
    clearTimeout(timer);
    if (shown) box.hidePopover();
    shown = null;
  }

  function later(act, milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  }

  document.querySelectorAll(LINKS).forEach((link) => {
    if (link.dataset.key) return; // a value says for itself what it is
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && later(() => show(link), 300));
    link.addEventListener("pointerleave", () => later(hide, 300));
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
    link.addEventListener("click", hide);
  });
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => later(hide, 300));
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  window.addEventListener("scroll", () => shown !== document.activeElement && hide(), { passive: true });
});
