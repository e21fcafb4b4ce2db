// Pictures are read near the screen first, so that the page opens sooner; the others follow once it has, one at a time, and
// all at once where it is printed. Without scripts a browser reads them all as it opens the page.
window.addEventListener("load", () => {
  const waiting = [...document.querySelectorAll('img[loading="lazy"]')];
  const read = (picture) => picture.removeAttribute("loading");
  const later = window.requestIdleCallback || ((next) => setTimeout(next, 50));
  const next = () => {
    if (!waiting.length) return;
    read(waiting.shift());
    later(next);
  };
  window.addEventListener("beforeprint", () => waiting.splice(0).forEach(read));
  later(next);
});
