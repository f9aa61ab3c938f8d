// A matrix whose numbers are read, pointed at and changed, and what is told of its sums.
import { fits, h, matrix, parse, range, refuse, show, still } from "./kit.js";

/** x·w + x·w + …, one line for each row of the kernel. */
export const sum = (rows) =>
  rows.map((row, r) => h("span", { class: "convae-terms" }, row.map(([x, w], c) =>
    h("span", { class: x && w ? null : "convae-zero" }, r || c ? "+ " : "", bracket(x), "·", h("b", null, bracket(w)), " "))));
const bracket = (value) => (value < 0 ? `(${show(value)})` : show(value));

/** ", name=value" for a line of PyTorch; nothing where it is the usual value. */
export const argument = (name, [rows, columns], usual) =>
  rows === usual && columns === usual ? "" : `, ${name}=${rows === columns ? rows : `(${rows}, ${columns})`}`;

/** A number's text in at most four characters beside its sign; undefined where it has no more. */
export function short(text, most = 4) {
  const [, sign, digits] = /^([^\d]*)(.*)$/s.exec(text ?? "");
  if (digits.length <= most || !/^[\d.]+$/.test(digits)) return undefined;
  const value = Number(digits);
  if (value >= 10 ** most) return `${sign}${Math.round(value / 1000)}k`;
  return sign + Number(value.toFixed(Math.max(0, most - 1 - String(Math.floor(value)).length)));
}

/** −1 to 1 for the tint of a cell. */
export const shades = (values) => {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return (value) => value / largest;
};

/**
 * A matrix of cells to read, point at and perhaps edit. One cell is in the tab order, arrows move within.
 *
 * draw(rows, columns, cell): cell(r, c) gives { text, label, kind, shade, note, fixed }: what stands in it, what a
 * screen reader says, its classes, -1 to 1 for its tint, small print in its corner, and whether it cannot be edited.
 * point(r, c, kept): the reader looks at a cell; kept is false while a mouse only passes over it.
 * leave(): nobody looks at any cell. edit(r, c, value): a new number, within limit.
 */
export function grid(label, { point, leave, edit, limit } = {}) {
  const box = h("div", { role: "grid", class: "convae-grid", "aria-label": label, "aria-readonly": edit ? null : "true" });
  const caption = h("figcaption", null, label), overlay = h("div", { class: "convae-window", hidden: true });
  const scroll = h("div", { class: "convae-scroll" }, h("div", { class: "convae-cells" }, box, overlay));
  const figure = h("figure", { class: "convae-figure" }, caption, scroll);
  let cells = [], shown = [], rows = 0, columns = 0, current = [0, 0], editor = null, framed;

  const at = (target) => target.closest?.("[role=gridcell]")?.place;
  const makeCurrent = ([r, c]) => {
    cells[current[0]]?.[current[1]]?.setAttribute("tabindex", -1);
    current = [r, c];
    cells[r][c].setAttribute("tabindex", 0);
  };
  const focus = (r, c) => cells[Math.max(0, Math.min(r, rows - 1))][Math.max(0, Math.min(c, columns - 1))].focus();

  function open([r, c], typed) {
    if (!edit || shown[r][c].fixed) return;
    const cell = cells[r][c];
    let done = false;
    const close = (keep) => {
      if (done) return;
      done = true;
      const value = parse(editor.value), text = editor.value;
      editor.remove();
      editor = null;
      if (!keep || text === String(shown[r][c].value)) return;
      if (fits(value, 0, limit)) edit(r, c, value);
      else refuse(cell, `${text.trim() || "An empty cell"} is not ${range(limit)}: the cell keeps its number.`);
    };
    refuse(cell, "");
    editor = h("input", { class: "convae-editor", "aria-label": shown[r][c].label, enterkeyhint: "done", autocomplete: "off" });
    editor.value = typed ?? shown[r][c].value;
    editor.onblur = () => close(true);
    editor.onkeydown = (event) => {
      event.stopPropagation();
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (step) editor.value = (parse(editor.value) || 0) + step;
      else if (event.key === "Enter" || event.key === "Escape") {
        close(event.key === "Enter");
        focus(r, c);
      } else return;
      event.preventDefault();
    };
    cell.append(editor);
    editor.focus();
    if (typed == null) editor.select();
  }

  box.onkeydown = (event) => {
    const place = at(event.target);
    if (!place || editor) return;
    const [r, c] = place, key = event.key;
    if (event.altKey || event.metaKey || (event.ctrlKey && key !== "Home" && key !== "End")) return;
    const move = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? rows : r, columns],
    }[key];
    if (move) focus(...move);
    else if (edit && (key === "Enter" || key === "F2")) open(place);
    else if (edit && (key === "Delete" || key === "Backspace")) shown[r][c].fixed || edit(r, c, 0);
    else if (edit && /^[-−.\d]$/.test(key)) open(place, key);
    else return;
    event.preventDefault();
  };
  // The first press chooses a cell, a press on the chosen cell edits it.
  let chosen = null;
  box.onpointerdown = (event) => (chosen = document.activeElement === event.target.closest("[role=gridcell]") ? at(event.target) : null);
  box.onclick = (event) => {
    if (chosen && !editor) open(chosen);
  };
  box.addEventListener("focusin", (event) => {
    const place = at(event.target);
    if (!place) return;
    makeCurrent(place);
    point?.(...place, true);
  });
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || leave?.());
  box.onpointerover = (event) => event.pointerType === "mouse" && at(event.target) && point?.(...at(event.target), false);
  box.onpointerleave = (event) => {
    if (event.pointerType !== "mouse") return;
    if (box.contains(document.activeElement)) point?.(...current, true);
    else leave?.();
  };

  // The whole number stays in the text; where it is too long for a cell, fewer digits are seen.
  function brief(element, text, most) {
    const seen = short(text, most);
    element.textContent = text ?? "";
    element.toggleAttribute("data-short", seen !== undefined);
    if (seen !== undefined) element.dataset.short = seen;
    element.toggleAttribute("data-long", (seen ?? text)?.length > 3);
  }

  function build() {
    const held = box.contains(document.activeElement);
    editor = null;
    cells = matrix(rows, columns, (r, c) =>
      Object.assign(h("div", { role: "gridcell", tabindex: -1 }, h("span", null), h("small", { "aria-hidden": "true" })), { place: [r, c] }));
    shown = matrix(rows, columns, () => ({}));
    box.replaceChildren(...cells.map((row) => h("div", { role: "row" }, row)));
    figure.style.setProperty("--columns", columns);
    makeCurrent([Math.min(current[0], rows - 1), Math.min(current[1], columns - 1)]);
    if (held) focus(...current);
  }

  return {
    element: figure,
    title(text) {
      if (caption.textContent !== text) box.setAttribute("aria-label", (caption.textContent = text));
    },
    draw(newRows, newColumns, cell) {
      if (newRows !== rows || newColumns !== columns) {
        [rows, columns] = [newRows, newColumns];
        build();
      }
      let longest = 0;
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
          const next = cell(r, c), last = shown[r][c], element = cells[r][c];
          if (next.text !== last.text) brief(element.firstChild, next.text);
          if (next.note !== last.note) brief(element.children[1], next.note, 3);
          longest = Math.max(longest, next.text?.length ?? 0, next.note?.length ?? 0);
          if (next.label !== last.label) element.setAttribute("aria-label", next.label);
          if (next.kind !== last.kind) element.className = next.kind ?? "";
          if (next.fixed !== last.fixed && edit) element.setAttribute("aria-readonly", !!next.fixed);
          if (next.shade !== last.shade) element.style.setProperty("--tint", Math.round(30 * Math.abs(next.shade ?? 0)) + "%");
          if (next.shade < 0 !== last.shade < 0) element.style.setProperty("--hue", next.shade < 0 ? "var(--negative)" : "");
          shown[r][c] = next;
        }
      figure.toggleAttribute("data-wide", longest > 4);
    },
    /** A frame around a block of cells, that glides to its next place; without arguments it disappears. */
    frame(r, c, high, wide) {
      const next = `--r:${r};--c:${c};--high:${high};--wide:${wide}`;
      overlay.hidden = r == null;
      if (overlay.hidden || framed === next) return;
      overlay.style.cssText = framed = next;
      requestAnimationFrame(() => { // asked at once, the sizes would be laid out twice
        if (scroll.scrollWidth > scroll.clientWidth) scroll.scrollLeft = ((c + wide / 2) / columns) * scroll.scrollWidth - scroll.clientWidth / 2;
      });
    },
    /** The grid comes around from upside down. */
    turn() {
      if (!still()) box.animate?.([{ rotate: "-180deg" }, { rotate: "0deg" }], { duration: 900, easing: "ease" });
    },
  };
}
