// A formula that is wider than the screen scrolls, and what scrolls can be reached from the keyboard; one that fits is no
// stop on the way.
document.addEventListener("DOMContentLoaded", () => {
  const watcher = new ResizeObserver((seen) => seen.forEach(({ target }) => {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }));
  document.querySelectorAll('math[display="block"]').forEach((formula) => watcher.observe(formula));
});
