// Marks in the contents what is being read. The page is complete without it.
document.addEventListener("DOMContentLoaded", () => {
  const contents = document.getElementById("TOC");
  const entries = [...(contents ? contents.querySelectorAll('a[href^="#"]') : [])]
    .map((link) => ({ link, place: document.getElementById(decodeURIComponent(link.hash.slice(1))) }))
    .filter(({ place }) => place);
  let current = null;
  let waiting = false;

  function mark() {
    waiting = false;
    const line = window.innerHeight / 4;
    const read = entries.filter(({ place }) => place.getBoundingClientRect().top <= line).pop();
    const link = read ? read.link : null;
    if (link === current) return;
    contents.querySelectorAll("[aria-current], .current").forEach((old) => {
      old.removeAttribute("aria-current");
      old.classList.remove("current");
    });
    current = link;
    if (!link) return;
    link.setAttribute("aria-current", "location");
    // The chapter that the section belongs to.
    for (let item = link.closest("li"); item; item = item.parentElement.closest("li")) item.classList.add("current");
    // Beside the text the contents scroll by themselves; on top of it they do not.
    contents.scrollTop = link.offsetTop - contents.clientHeight / 2;
  }

  function later() {
    if (!waiting) requestAnimationFrame(mark);
    waiting = true;
  }
  window.addEventListener("scroll", later, { passive: true });
  window.addEventListener("resize", later);
  mark();
});
