"""The one script that runs in a page: it makes smaller what paper would cut off.

A browser that prints something wide shrinks the whole document by it, and cuts what scrolls. Here
only the wide thing shrinks; then, if something still sticks out, the part of the document that it
stands in. And words break only where that serves: in lines set to both margins, or where the book
asks for hyphens.
"""

FIXED = "data-fixed"
HYPHENATED = "data-hyphenated"

# Called with the width and height that text fills; gives [things made smaller, whether something
# still sticks out]. `zoom` changes the layout, so the pages are broken after it. Lines may run down
# the page: then what counts is the height.
SCRIPT = """
(width, height) => {
  const vertical = getComputedStyle(document.documentElement).writingMode !== 'horizontal-tb';
  const room = vertical ? height : width;
  const depth = vertical ? width - 24 : height - 8;  // a picture stands in a line with its leading
  const spared = (element) => element.closest('[FIXED]') !== null;
  const reach = (element) => vertical ? element.scrollHeight : element.scrollWidth;
  let narrowed = 0;

  const excess = (element) => {
    const box = element.getBoundingClientRect();
    const [start, extent] = vertical ? [box.top, box.height] : [box.left, box.width];
    const along = vertical ? box.width : box.height;
    let factor = 1;
    if (start + extent > room + 1) {
      factor = (room - Math.min(Math.max(start, 0), room / 2)) / extent;
    }
    const breaks = /^(table|pre)$/i.test(element.localName);
    return !breaks && along > depth ? Math.min(factor, depth / along) : factor;
  };
  const shrink = (element) => {
    for (let turn = 0; turn < 4; turn += 1) {
      const factor = excess(element);
      if (factor >= 1) return;
      narrowed += turn === 0;
      element.style.zoom = Math.max(0.1, factor * (parseFloat(element.style.zoom) || 1));
    }
  };

  for (const element of document.querySelectorAll('div, section, figure, pre, blockquote, aside')) {
    const style = getComputedStyle(element);
    if (/auto|scroll/.test(style.overflowX + style.overflowY) && !spared(element)) {
      element.style.overflow = 'visible';
      if (element.scrollHeight > element.clientHeight + 1) element.style.height = 'auto';
    }
  }
  const blocks = ':is(p, li, dd, dt, td, div, blockquote)';
  const ragged = [];
  for (const element of document.querySelectorAll('[HYPHENATED] ' + blocks)) {
    const style = getComputedStyle(element);
    if (style.hyphens === 'manual' && style.textAlign !== 'justify') ragged.push(element);
  }
  for (const element of ragged) element.style.hyphens = 'none';
  const things = 'table, pre, math, svg, img, object, video, iframe';
  for (const element of document.querySelectorAll(things)) {
    if (excess(element) < 1 && !spared(element)) shrink(element);
  }
  if (reach(document.documentElement) > room + 1) {
    for (const element of document.body.children) {
      if (reach(element) > room + 1 && !spared(element)) {
        element.style.zoom = Math.max(0.1, room / reach(element));
        narrowed += 1;
      }
    }
  }
  let allowed = room;
  for (const element of document.querySelectorAll('[FIXED]')) {
    const box = element.getBoundingClientRect();
    allowed = Math.max(allowed, vertical ? box.bottom : box.right);
  }
  return [narrowed, reach(document.documentElement) > allowed + 2];
}
""".replace("FIXED", FIXED).replace("HYPHENATED", HYPHENATED)
