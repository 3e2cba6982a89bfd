// What a person would see as wrong on a page as it stands, as sentences. `least`: how small a target may be, 0: any.
(least) => {
  const found = [];
  const root = document.documentElement;
  const name = (e) => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${e.className && typeof e.className === "string" ? "." + e.className.trim().replace(/\s+/g, ".") : ""} “${e.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  // Hidden on purpose, or drawn by the library of charts (the same figures stand in a table beneath).
  const apart = (e) => e.closest(".unseen, .skip, .plot, svg, .records thead");
  const visible = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !apart(e);
  const scrolled = (e) => e.closest(".wide") && e.closest(".wide").scrollWidth > e.closest(".wide").clientWidth + 1;

  // wider than the window
  if (root.scrollWidth > innerWidth) {
    const widest = [...document.body.querySelectorAll("*")].filter((e) => visible(e) && !scrolled(e))
      .sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)[0];
    found.push(`the page is ${root.scrollWidth} wide in ${innerWidth}: ${widest ? name(widest) : "?"}`);
  }

  // cut, or written past the edge of its box
  const boxes = "button, .button, .badge, .chip, .tile, .note, .confirm, .danger, .count, .tool, td, th, dt, dd, li, h1, h2, summary";
  for (const box of document.querySelectorAll(boxes)) {
    if (!visible(box)) continue;
    const style = getComputedStyle(box);
    if (/hidden|clip/.test(style.overflowX) && box.scrollWidth > box.clientWidth + 1) found.push(`cut: ${name(box)}`);
    if (style.display === "inline") continue;
    const edge = box.getBoundingClientRect(), range = document.createRange();
    const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (!text.data.trim() || !visible(text.parentElement) || text.parentElement.closest("details:not([open]), ul ul")) continue;
      if (text.parentElement.closest(".wide") !== box.closest(".wide") || text.parentElement.closest("details.person ul")) continue;
      range.selectNodeContents(text);
      if ([...range.getClientRects()].some((r) => r.left < edge.left - 1.5 || r.right > edge.right + 1.5 || r.top < edge.top - 3 || r.bottom > edge.bottom + 3))
        found.push(`“${text.data.trim().slice(0, 40)}” leaves ${name(box)}`);
    }
  }

  // controls over one another, or too small to be hit: WCAG 2.2, 2.5.8 with its exceptions of sentences and of spacing
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(visible).map((e) => ({ e, hit: /checkbox|radio/.test(e.type) && e.closest("label") ? e.closest("label") : e }))
    .map(({ e, hit }) => ({ e, hit, rects: [...hit.getClientRects()], box: hit.getBoundingClientRect() }))
    .filter((t) => t.box.width > 0);
  const over = (a, b, by) => a.left < b.right - by && b.left < a.right - by && a.top < b.bottom - by && b.top < a.bottom - by;
  targets.forEach((one, n) => {
    for (const other of targets.slice(n + 1)) {
      if (one.hit.contains(other.hit) || other.hit.contains(one.hit)) continue;
      if (one.rects.some((a) => other.rects.some((b) => over(a, b, 2)))) found.push(`${name(one.e)} lies over ${name(other.e)}`);
    }
    if (!least || (one.box.width >= least && one.box.height >= least)) return;
    const block = one.hit.parentElement.closest("p, li, td, dd, div, small");
    const sentence = getComputedStyle(one.hit).display === "inline" && block && block.textContent.trim() !== one.hit.textContent.trim();
    if (sentence) return;
    const x = one.box.left + one.box.width / 2, y = one.box.top + one.box.height / 2, r = least / 2;
    const near = targets.find((t) => t !== one && t.rects.some((b) =>
      Math.hypot(x - Math.max(b.left, Math.min(x, b.right)), y - Math.max(b.top, Math.min(y, b.bottom))) < r));
    if (near) found.push(`${name(one.e)} is ${Math.round(one.box.width)} × ${Math.round(one.box.height)}, near ${name(near.e)}`);
  });
  return [...new Set(found)].slice(0, 12);
}
