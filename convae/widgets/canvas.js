// Pictures of many pixels to look at and to draw on, for the widgets that have some.
import { h } from "./kit.js";

/**
 * A picture of many pixels: a canvas, and over it a grid of which only the cell with the cursor exists. Two elements
 * take turns in being that cell, so that a screen reader hears of every move.
 *
 * draw(rows, columns, level, label): level(r, c) is 0 (black) to 1 (white), a colour [red, green, blue] of 0 to 255 each,
 * or undefined where the padding is seen.
 * point(r, c, kept) and leave() as in grid; press(r, c) for the space bar; stroke([r, c], [r, c]) while a pointer draws,
 * only where drawn() says so.
 */
export function canvas(label, { point, leave, press, stroke, drawn = () => false }) {
  const pixels = h("canvas", { "aria-hidden": "true" }), overlay = h("div", { class: "convae-window", hidden: true });
  const cells = [0, 1].map(() => h("div", { role: "gridcell", hidden: true }));
  const lines = cells.map((cell) => h("div", { role: "row" }, cell));
  const box = h("div", { role: "grid", class: "convae-canvas", "aria-label": label }, pixels, lines, overlay);
  const caption = h("figcaption", null, label), pen = pixels.getContext("2d");
  let rows = 1, columns = 1, place = [0, 0], turn = 0, say = () => "", last = null;

  const put = (element, r, c, high, wide) => (element.style.cssText = `left:${(100 * c) / columns}%;top:${(100 * r) / rows}%;width:${(100 * wide) / columns}%;height:${(100 * high) / rows}%`);
  // A row without a visible cell would be no row: both hide together, whatever display the styles give rows.
  const show = (k, shown) => {
    cells[k].hidden = !shown;
    lines[k].style.display = shown ? "" : "none";
  };
  const dress = () => {
    const cell = cells[turn];
    put(cell, ...place, 1, 1);
    lines[turn].setAttribute("aria-rowindex", place[0] + 1);
    cell.setAttribute("aria-colindex", place[1] + 1);
    cell.setAttribute("aria-label", say(...place));
    cells.forEach((one, k) => {
      show(k, k === turn);
      one.tabIndex = k === turn ? 0 : -1;
    });
  };
  const inside = (r, c) => [Math.max(0, Math.min(r, rows - 1)), Math.max(0, Math.min(c, columns - 1))];
  const go = (r, c) => {
    const held = turn;
    place = inside(r, c);
    turn = 1 - turn;
    show(turn, true);
    cells[turn].tabIndex = 0;
    put(cells[turn], ...place, 1, 1);
    cells[turn].setAttribute("aria-label", say(...place));
    cells[turn].focus({ preventScroll: true });
    show(held, false);
    dress();
  };
  const at = (event) => {
    const { left, top, width, height } = box.getBoundingClientRect();
    return inside(Math.floor(((event.clientY - top) / height) * rows), Math.floor(((event.clientX - left) / width) * columns));
  };
  box.onpointerdown = (event) => {
    const next = at(event);
    if (event.button) return;
    event.preventDefault();
    if (drawn()) {
      last = next;
      box.setPointerCapture(event.pointerId);
      stroke(last, last);
    }
    go(...next);
  };
  box.onpointermove = (event) => {
    const next = at(event);
    if (last) {
      if (String(next) !== String(last)) stroke(last, next);
      last = next;
    } else if (event.pointerType === "mouse") point(...next, false);
  };
  box.onpointerup = box.onpointercancel = () => (last = null);
  box.onpointerleave = (event) => {
    if (event.pointerType === "mouse" && !last) box.contains(document.activeElement) ? point(...place, true) : leave();
  };
  box.addEventListener("focusin", () => point(...place, true));
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || leave());
  box.onkeydown = (event) => {
    const [r, c] = place, { key, shiftKey, ctrlKey } = event;
    if (event.altKey || event.metaKey) return;
    const next = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1], PageUp: [r - 10, c], PageDown: [r + 10, c],
      Home: [ctrlKey ? 0 : r, 0], End: [ctrlKey ? rows : r, columns],
    }[key];
    if (next) {
      if (shiftKey && drawn()) stroke(place, inside(...next));
      go(...next);
    } else if ((key === " " || key === "Enter") && press) press(...place);
    else return;
    event.preventDefault();
  };
  return {
    element: h("figure", { class: "convae-figure convae-photo" }, caption, box),
    title(text) {
      if (caption.textContent !== text) box.setAttribute("aria-label", (caption.textContent = text));
    },
    draw(newRows, newColumns, level, label) {
      const scaled = ([r, c]) => [Math.floor((r * newRows) / rows), Math.floor((c * newColumns) / columns)];
      if (rows > 2 * newRows) { // a photograph that became a small sheet under the pen
        place = scaled(place);
        if (last) last = scaled(last);
        if (box.contains(document.activeElement)) queueMicrotask(() => point(...place, true));
      }
      [rows, columns, say] = [newRows, newColumns, label];
      if (pixels.height !== rows || pixels.width !== columns) {
        [pixels.height, pixels.width] = [rows, columns];
        box.setAttribute("aria-rowcount", rows);
        box.setAttribute("aria-colcount", columns);
        box.style.setProperty("--shape", columns / rows);
      }
      const image = pen.createImageData(columns, rows);
      for (let r = 0, k = 0; r < rows; r++)
        for (let c = 0; c < columns; c++, k += 4) {
          const value = level(r, c);
          if (value !== undefined) image.data.set([...(value.length ? value : Array(3).fill(255 * value)), 255], k);
        }
      pen.putImageData(image, 0, 0);
      place = inside(...place);
      dress();
    },
    /** The cursor, without focus. */
    place(r, c) {
      if (box.contains(document.activeElement)) return;
      place = inside(r, c);
      dress();
    },
    frame(r, c, high, wide) {
      overlay.hidden = r == null;
      if (r != null) put(overlay, r, c, high, wide);
    },
    pens: (on) => box.classList.toggle("convae-draws", on),
  };
}

/** The colour of a number from −1 (the red of negative kernels) over 0 (white) to 1 (blue), for draw. */
export const diverging = (share) => (share < 0 ? [180, 24, 40] : [20, 84, 180]).map((end) => 255 + Math.abs(share) * (end - 255));

/** The pixels from one place to another, both included. */
export function line([r, c], [y, x]) {
  const steps = Math.max(Math.abs(y - r), Math.abs(x - c), 1);
  return Array.from({ length: steps + 1 }, (_, k) => [Math.round(r + ((y - r) * k) / steps), Math.round(c + ((x - c) * k) / steps)]);
}

/** A picture with some pixels drawn, their neighbours half as bright; or erased together with these. */
export function painted(picture, places, erase) {
  const ink = new Map();
  for (const [r, c] of places)
    for (const [u, v] of [[r, c], [r - 1, c], [r + 1, c], [r, c - 1], [r, c + 1]])
      ink.set(`${u},${v}`, Math.max(u === r && v === c ? 1 : 0.5, ink.get(`${u},${v}`) ?? 0));
  return picture.map((row, r) => row.map((old, c) => {
    const drawn = ink.get(`${r},${c}`);
    return drawn === undefined ? old : erase ? 0 : Math.max(old, drawn);
  }));
}
