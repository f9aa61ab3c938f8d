import { canvas, diverging, line, painted } from "./canvas.js";
import { button, h, matrix, show, widget } from "./kit.js";
import { chain } from "./nets.js";
import { normal } from "./noise.js";
import { readSafetensors } from "./safetensors.js";

const SIDE = 28, ALL = [...Array(SIDE * SIDE).keys()], TIME = 1500;
const FULL = 0.5; // a difference that has all its colour, as in first_look.py
const SVG = "http://www.w3.org/2000/svg";
const clip = (value) => Math.max(0, Math.min(1, value));
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The pixels with ink as a pen might pass them: from the topmost on, always the nearest that is left. */
function way(levels) {
  const left = new Set(ALL.filter((k) => levels[k] > 0.05)), path = [];
  let at = Math.min(...left);
  while (left.size) {
    const far = (k) => Math.hypot(Math.floor(k / SIDE) - Math.floor(at / SIDE), (k % SIDE) - (at % SIDE)) - 0.2 * levels[k];
    at = path.length ? [...left].reduce((best, k) => (far(k) < far(best) ? k : best)) : at;
    left.delete(at);
    path.push(at);
  }
  return path;
}

export default widget("A digit, its code, and what comes back", (kit) => {
  const { get, set, limits, root } = kit, weights = readSafetensors(get("weights"));
  const encode = chain(get("encoder"), weights), decode = chain(get("decoder"), weights);
  const [channels, rows, columns] = get("code_shape"), across = Math.ceil(Math.sqrt(channels));
  const stored = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) =>
    [name, Float64Array.from(ALL, (k) => bytes.getUint8(k) / 255)]));
  const names = Object.keys(stored);
  const most = Object.values(stored).reduce((top, data) => encode({ shape: [1, SIDE, SIDE], data }).data.reduce((a, v) => Math.max(a, Math.abs(v)), top), 0);
  let path = [], drawn = 0, frame = 0, seen = null;

  const whole = () => stored[get("digit")] ?? Float64Array.from(ALL, (k) => get("drawing")[Math.floor(k / SIDE)]?.[k % SIDE] ?? 0);
  const clean = () => {
    const levels = whole();
    if (drawn >= path.length) return levels;
    const sofar = new Float64Array(SIDE * SIDE);
    for (const k of path.slice(0, drawn)) sofar[k] = levels[k];
    return sofar;
  };
  const draws = (places) => {
    finish();
    const now = whole(), own = matrix(SIDE, SIDE, (r, c) => Math.round(100 * now[r * SIDE + c]) / 100);
    set({ digit: "drawing", drawing: painted(own, places, false) });
  };
  const look = (place) => ((seen = place), kit.redraw());
  const looks = { point: (r, c) => look([r, c]), leave: () => look(null) };
  const sheet = canvas("Picture: draw here", {
    ...looks,
    drawn: () => true,
    press: (r, c) => draws([[r, c]]),
    stroke: (from, to) => draws(line(from, to)),
  });
  const back = canvas("What comes back", looks), apart = canvas("Difference", looks);
  apart.element.classList.add("convae-signed");
  // Each place of the code with its numbers as squares, where it stands in the picture.
  const squares = document.createElementNS(SVG, "svg"), pitch = across + 0.7;
  squares.setAttribute("viewBox", `0 0 ${columns * pitch - 0.7} ${rows * pitch - 0.7}`);
  squares.setAttribute("role", "img");
  const rects = Array.from({ length: channels * rows * columns }, () => squares.appendChild(document.createElementNS(SVG, "rect")));
  const noise = h("input", { type: "range", min: 0, max: 1, step: 0.01, oninput: () => set({ noise: Number(noise.value) }) });
  const next = button("Another digit", () => {
    set({ digit: names[(names.indexOf(get("digit")) + 1) % names.length] });
    begin();
    kit.redraw();
  });
  const own = button("Draw your own", () => {
    finish();
    set({ digit: "drawing", drawing: [[0]], noise: 0 });
  });
  const captions = ["784 pixels", `${rects.length} numbers`, "what comes back", "difference"].map((text) => h("p", { class: "convae-look-under" }, text));
  captions[3].append(" ", h("span", null, h("i"), "lost", h("i"), "added"));
  const arrow = () => h("span", { class: "convae-look-arrow", "aria-hidden": "true" }, "→");
  root.classList.add("convae-look");
  root.append(
    h("div", { class: "convae-look-board convae-result" },
      h("div", null, sheet.element, captions[0]), arrow(), h("div", { class: "convae-look-code" }, squares, captions[1]), arrow(), h("div", null, back.element, captions[2]),
      h("div", { class: "convae-look-apart" }, apart.element, captions[3]),
      h("div", { class: "convae-look-controls" }, h("label", { class: "convae-look-noise" }, "Noise", noise), own, next)),
    ...kit.lines,
  );

  function finish() {
    cancelAnimationFrame(frame);
    drawn = path.length;
    kit.quiet(false);
  }
  function begin() {
    finish();
    path = way(whole());
    drawn = calm() ? path.length : 0;
    if (calm()) return;
    kit.quiet(true);
    const start = performance.now();
    const step = (time) => {
      if (kit.signal.aborted) return;
      drawn = Math.min(path.length, Math.ceil(((time - start) / TIME) * path.length));
      kit.redraw();
      if (drawn < path.length) frame = requestAnimationFrame(step);
      else kit.quiet(false);
    };
    frame = requestAnimationFrame(step);
  }
  kit.signal.addEventListener("abort", finish);
  begin();

  return () => {
    noise.value = get("noise");
    noise.setAttribute("aria-valuetext", `standard deviation ${show(get("noise"))}`);
    sheet.pens(true);
    const levels = clean(), input = levels.map((level, k) => level + get("noise") * normal(0, k));
    const code = encode({ shape: [1, SIDE, SIDE], data: input }), output = decode(code).data;
    const difference = levels.map((level, k) => level - output[k]);
    root.shown = { input, code: code.data, output, difference };
    const told = (data) => (r, c) => `row ${r + 1}, column ${c + 1}: ${show(data[r * SIDE + c])}`;
    sheet.draw(SIDE, SIDE, (r, c) => clip(input[r * SIDE + c]), told(input));
    back.draw(SIDE, SIDE, (r, c) => clip(output[r * SIDE + c]), told(output));
    apart.draw(SIDE, SIDE, (r, c) => diverging(Math.max(-1, Math.min(difference[r * SIDE + c] / FULL, 1))), told(difference));
    rects.forEach((rect, k) => {
      const channel = Math.floor(k / (rows * columns)), place = k % (rows * columns), value = code.data[k];
      const side = 0.94 * Math.min(1, Math.sqrt(Math.abs(value) / most)), width = value < 0 ? Math.min(0.14, side / 3) : 0;
      const x = (place % columns) * pitch + (channel % across) + 0.5, y = Math.floor(place / columns) * pitch + Math.floor(channel / across) + 0.5;
      const set = { x: x - side / 2 + width / 2, y: y - side / 2 + width / 2, width: side - width, height: side - width, "stroke-width": width, class: value < 0 ? "convae-minus" : "convae-plus" };
      for (const [name, own] of Object.entries(set)) rect.setAttribute(name, typeof own === "number" ? own.toFixed(3) : own);
    });
    const error = (data) => (1000 * data.reduce((sum, value, k) => sum + (value - levels[k]) ** 2, 0)) / data.length;
    const words = `${rects.length} numbers, ${code.data.filter((value) => value > 0).length} of them positive`;
    squares.setAttribute("aria-label", `The code: ${words}`);
    const [r, c] = seen ?? [];
    for (const picture of [sheet, back, apart]) picture.frame(r, c, 1, 1);
    const empty = get("digit") === "drawing" && !levels.some(Boolean);
    captions[0].textContent = empty ? "Draw a digit here" : "784 pixels";
    if (drawn < path.length) return kit.say("");
    if (empty) return kit.say("Draw a digit in the first square, with a finger, a mouse, or the arrow keys and the space bar.");
    const shown = get("digit") === "drawing" ? "Your drawing" : `The digit ${get("digit")}`;
    const spoiled = get("noise") > 0 ? `, put in with an error of ${error(input).toFixed(0)} thousandths,` : "";
    const far = seen ? r * SIDE + c : difference.reduce((most, d, k) => (Math.abs(d) > Math.abs(difference[most]) ? k : most), 0);
    const off = `${show(Math.abs(difference[far]))} too ${difference[far] < 0 ? "bright" : "dark"}`;
    const read = seen ? `Row ${r + 1}, column ${c + 1}: in ${show(input[far])}, out ${show(output[far])}, ${off}.` : `Furthest off is row ${Math.floor(far / SIDE) + 1}, column ${(far % SIDE) + 1}: ${off}.`;
    kit.say(`${shown}${spoiled} comes back with a mean squared error of ${error(output).toFixed(1)} thousandths. ${read}`);
  };
});
