import { canvas, line, painted } from "./canvas.js";
import { button, changed, choice, drawer, facts, h, kinds, matrix, number, select, show, widget } from "./kit.js";
import { chain } from "./nets.js";
import { normal } from "./noise.js";
import { readSafetensors } from "./safetensors.js";

const FULL = 0.25, SEEN = 0.01, STEPS = 11;
const most = (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
const minus = (a, b) => a.map((value, k) => value - b[k]);
const square = (values) => values.reduce((sum, value) => sum + value * value, 0) / values.length;
const exact = (value) => value.toFixed(4);
const clip = (value) => Math.max(0, Math.min(1, value));
const mix = (a, b, t) => a.map((value, k) => (1 - t) * value + t * b[k]);
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const paint = (pen, levels, columns, x = 0, y = 0) => {
  const painting = pen.createImageData(columns, levels.length / columns);
  levels.forEach((level, k) => painting.data.set([255 * level, 255 * level, 255 * level, 255], 4 * k));
  pen.putImageData(painting, x, y);
};

/** A picture that is only looked at. */
function view(label) {
  const pixels = h("canvas", { role: "img" }), caption = h("figcaption", null, label);
  return {
    element: h("figure", { class: "convae-figure convae-photo" }, caption, pixels),
    /** The pen is for a picture of so many pixels. */
    draw(height, width, title, text) {
      Object.assign(pixels, { height, width });
      caption.textContent = title;
      pixels.setAttribute("aria-label", `${title}: ${text}`);
      return pixels.getContext("2d");
    },
  };
}

/**
 * The numbers of a code as squares in cells, full where they are positive, hollow where they are negative, map beside map.
 * point(k, kept) and leave() as in grid; press(k, key) for what is typed there.
 */
function codeGrid({ point, leave, press }) {
  const box = h("div", { role: "grid", class: "convae-code", "aria-label": "Code" }), caption = h("figcaption");
  let built = "", cells = [], lines = [], current = 0;
  const at = (event) => event.target.closest("[role=gridcell]")?.place;
  box.onkeydown = (event) => {
    const place = at(event);
    if (!place || event.altKey || event.metaKey) return;
    const [r, c, k] = place, last = lines.length - 1;
    const next = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? last : r, Infinity],
    }[event.key];
    if (next) {
      const row = lines[Math.max(0, Math.min(next[0], last))];
      row[Math.max(0, Math.min(next[1], row.length - 1))].focus();
    } else if (event.ctrlKey || !press(k, event.key)) return;
    event.preventDefault();
  };
  box.addEventListener("focusin", (event) => at(event) && point(at(event)[2], true));
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || leave());
  box.onpointerover = (event) => event.pointerType === "mouse" && at(event) && point(at(event)[2], false);
  box.onpointerleave = (event) => event.pointerType === "mouse" && leave();
  return {
    element: h("figure", { class: "convae-figure" }, caption, box),
    focus: () => cells[current]?.focus(),
    draw(title, [maps, high, wide], per, chosen, cell) {
      if (built !== String([maps, high, wide, per])) {
        built = String([maps, high, wide, per]);
        cells = [];
        lines = Array.from({ length: Math.ceil(maps / per) * high }, (_, r) => {
          const first = Math.floor(r / high) * per, count = Math.min(per, maps - first) * wide;
          return Array.from({ length: count }, (_, c) => {
            const k = ((first + Math.floor(c / wide)) * high + (r % high)) * wide + (c % wide);
            const element = h("div", { role: "gridcell", tabindex: -1 }, h("i"));
            return (cells[k] = Object.assign(element, { place: [r, c, k], edge: wide > 1 && c && c % wide === 0 ? "convae-apart" : "" }));
          });
        });
        box.replaceChildren(...lines.map((row, r) => h("div", { role: "row", class: high > 1 && r && r % high === 0 ? "convae-apart" : null }, row)));
        box.style.setProperty("--columns", per * wide);
        box.style.setProperty("--gaps", wide > 1 ? per - 1 : 0);
      }
      caption.textContent = title;
      box.setAttribute("aria-label", title);
      cells[current].tabIndex = -1;
      cells[(current = chosen)].tabIndex = 0;
      cells.forEach((element, k) => {
        const { size, label, kind } = cell(k), last = [size, label, kind, built].join();
        if (element.last === last) return;
        element.last = last;
        element.style.setProperty("--size", `${Math.round(1000 * Math.sqrt(Math.min(1, Math.abs(size)))) / 10}%`);
        element.className = `${kind} ${element.edge}`;
        element.setAttribute("aria-label", label);
      });
    },
  };
}

export default widget("Latent explorer", (kit) => {
  const { get, set, limits } = kit, tensors = readSafetensors(get("weights"));
  const [encode, decode] = ["encoder", "decoder"].map((key) => chain(get(key), tensors));
  const shape = get("image_shape"), [, rows, columns] = shape, codeShape = get("code_shape");
  const maps = codeShape.length === 3 ? codeShape : [codeShape.reduce((a, b) => a * b, 1), 1, 1];
  const area = maps[1] * maps[2], count = maps[0] * area, flat = area === 1, reach = get("reach");
  const begun = Object.fromEntries(Object.keys(limits).filter((key) => key !== "drawing").map((key) => [key, get(key)]));
  const stored = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) => [name, Float32Array.from({ length: rows * columns }, (_, k) => bytes.getUint8(k) / 255)]));
  const called = (name) => (name === "drawing" ? "my drawing" : name);
  const encoded = new WeakMap();
  let sheet = {};
  const image = (name) => {
    const drawing = get("drawing");
    if (sheet.drawing !== drawing) sheet = { drawing, levels: Float32Array.from({ length: rows * columns }, (_, k) => drawing[Math.floor(k / columns)]?.[k % columns] ?? 0) };
    return stored[name] ?? sheet.levels;
  };
  let mode = "look", seen = null, base, code, room, film = [];

  // Where the offset of a number stands: a vector is one row, maps are a row each.
  const width = codeShape.length === 3 ? area : count, spot = (k) => [Math.floor(k / width), k % width];
  const place = (k) => (width === area ? `channel ${Math.floor(k / area)}, row ${Math.floor((k % area) / maps[2])}, column ${k % maps[2]}` : `number ${k}`);
  const put = (k, value) => {
    const [r, c] = spot(k), old = get("offsets");
    set({ offsets: changed(old, r, c, Math.round(1e4 * (value - code[k] + old[r][c])) / 1e4) });
  };
  const back = (k) => set({ offsets: changed(get("offsets"), ...spot(k), 0) });
  const press = (k, key) => {
    const sign = { "+": 1, "=": 1, "-": -1, "−": -1 }[key];
    if (sign) put(k, Math.max(-reach, Math.min(reach, code[k] + (sign * reach) / 20)));
    else if (key === "0") put(k, 0);
    else if (key === "Delete" || key === "Backspace") back(k);
    else if (key === "Enter") value.element.querySelector("input").focus();
    else return false;
    return true;
  };
  const look = (what) => {
    seen = what;
    kit.redraw();
  };

  const ends = ["first", "second"].map((key, k) => {
    const draws = (places) => {
      const levels = image(get(key)), own = matrix(rows, columns, (r, c) => Math.round(100 * levels[r * columns + c]) / 100);
      set({ [key]: "drawing", drawing: painted(own, places, mode === "erase") });
    };
    const name = ["First picture", "Second picture"][k];
    const picture = canvas(name, {
      point: (r, c) => look({ end: k, r, c }), leave: () => look(null),
      drawn: () => mode !== "look",
      press: (r, c) => mode !== "look" && draws([[r, c]]),
      stroke: (from, to) => draws(line(from, to)),
    });
    const choose = select(name, limits[key].map((one) => [one, called(one)]), (one) => set({ [key]: one }));
    const share = h("span", { class: "convae-share" });
    return { key, picture, choose, share, element: h("div", { class: "convae-end" }, choose.element, picture.element, share) };
  });
  const strip = h("canvas", { role: "img", class: "convae-strip", onclick: (event) => set({ blend: clip(Math.floor((STEPS * event.offsetX) / strip.clientWidth) / (STEPS - 1)) }) });
  const blend = number("Blend", limits.blend, (t) => set({ blend: t }), "Blend, from the first picture to the second");
  const pens = choice("What a pointer does on the two pictures", [["look", "Look"], ["draw", "Draw"], ["erase", "Erase"]], (next) => {
    mode = next;
    kit.redraw();
  });
  const clear = button("Empty sheet", () => {
    const key = ends.find((end) => get(end.key) === "drawing")?.key ?? "first";
    mode = "draw";
    set({ [key]: "drawing", drawing: matrix(rows, columns, () => 0) });
    kit.redraw();
  });
  const decoded = canvas("Decoded", { point: (r, c) => look({ r, c }), leave: () => look(null) });
  const pixels = view("Pixels"), difference = view("Difference");
  const grid = codeGrid({
    point(k, kept) {
      seen = { cell: k };
      if (kept) set({ cell: k });
      kit.redraw();
    },
    leave: () => look(null),
    press,
  });
  const chosen = h("span", { class: "convae-chosen" });
  const value = number("Value", [-reach, reach, 0], (v) => put(get("cell"), v), "Value of the chosen cell");
  const buttons = [
    button("Zero", () => put(get("cell"), 0)),
    button("Back", () => back(get("cell"))),
    button("All back", () => set({ offsets: begun.offsets.map((row) => row.map(() => 0)), noise: 0 })),
  ];
  const noise = number("Noise", limits.noise, (s) => set({ noise: s })), seed = number("Seed", limits.seed, (s) => set({ seed: s }), "Seed", { slider: false });
  const again = button("New noise", () => set({ seed: (get("seed") + 1) % (limits.seed[1] + 1), noise: get("noise") || 0.5 }));
  const reset = button("Reset", () => ((mode = "look"), set(begun), kit.redraw()));
  const words = facts("Code", "Code or pixels", "Your change");
  kit.root.classList.add("convae-latent");
  kit.root.append(
    h("div", { class: "convae-play" },
      drawer("Draw", h("div", { class: "convae-pens" }, pens.element, clear, reset)),
      h("div", { class: "convae-ends" }, ends[0].element, h("div", { class: "convae-middle" }, strip, blend.element), ends[1].element),
      h("div", { class: "convae-views convae-stage convae-result" },
        h("div", { class: "convae-sticky" }, decoded.element, h("div", { class: "convae-pair" }, pixels.element, difference.element)),
        h("div", { class: "convae-noise" }, noise.element, h("div", { class: "convae-buttons" }, again, seed.element)),
        drawer("The code, number by number", h("div", { class: "convae-hand" }, grid.element, h("div", { class: "convae-edit" }, chosen, value.element, h("div", { class: "convae-buttons" }, buttons))))),
      ...kit.lines),
    drawer("In numbers", h("div", { class: "convae-result" }, words.element),
    h("p", { class: "convae-hint" }, "Full squares are positive numbers, hollow ones negative. The frame on the decoded picture holds what the chosen number reaches. ",
      "Keys on the code: arrows move, + and − change, 0 sets to zero, Delete gives back. In the difference, white is brighter and black darker.")),
  );
  kit.keep(words.element);
  // How many maps fit side by side; neighbours share a border.
  const space = () => Math.floor((grid.element.clientWidth + (flat ? -1 : 5)) / (flat ? 23 : 23 * maps[2] + 6));
  // In the next frame: what is redrawn within this one would change sizes that are being told.
  const watch = new ResizeObserver(() => requestAnimationFrame(() => space() === room || kit.redraw()));
  watch.observe(grid.element);
  kit.signal.addEventListener("abort", () => watch.disconnect());

  return () => {
    const t = get("blend"), names = ends.map(({ key }) => called(get(key))), pictures = ends.map(({ key }) => image(get(key)));
    const added = get("offsets").flat(), amount = get("noise") * get("spread"), here = get("cell");
    if (added.length !== count || get("offsets")[0].length !== width || here >= count)
      throw Error("These changes belong to a code of another shape: press Reset.");
    blend.set(t);
    pens.set(mode);
    kit.root.classList.toggle("convae-drawing", mode !== "look");
    noise.set(get("noise"));
    seed.set(get("seed"));
    const codes = pictures.map((data) => encoded.get(data) ?? encode({ shape, data }).data.subarray(0, count));
    pictures.forEach((data, k) => encoded.set(data, codes[k]));
    base = mix(...codes, t);
    code = base.map((one, k) => one + added[k] + (amount && amount * normal(get("seed"), k)));
    const run = (data) => decode({ shape: codeShape, data }).data;
    const y = run(code), between = mix(...pictures, t);
    const moved = added.filter(Boolean).length, altered = moved > 0 || amount > 0;
    const change = minus(y, altered ? run(base) : between), apart = minus(y, between);
    kit.root.shown = { code, decoded: y };

    ends.forEach(({ key, picture, choose, share }, k) => {
      choose.set(get(key));
      picture.pens(mode !== "look");
      if (pictures[k] !== film[k]) picture.draw(rows, columns, (r, c) => pictures[k][r * columns + c], (r, c) => `row ${r}, column ${c}: ${show(pictures[k][r * columns + c])}`);
      share.textContent = `× ${show(k ? t : 1 - t)}`;
    });

    if (pictures.some((data, k) => data !== film[k])) {
      film = pictures;
      Object.assign(strip, { width: STEPS * columns, height: 2 * rows });
      strip.setAttribute("aria-label", `From ${names[0]} to ${names[1]} in ${STEPS} steps: decoded from the code above, pixels blended below`);
      for (let k = 0; k < STEPS; k++)
        [run(mix(...codes, k / (STEPS - 1))), mix(...pictures, k / (STEPS - 1))].forEach((levels, row) => paint(strip.getContext("2d"), levels, columns, k * columns, row * rows));
    }

    // What the chosen cell can reach: the pixels that change when it goes up or down.
    const cell = seen?.cell ?? here, reached = [1, -1].flatMap((sign) => {
      const other = minus(run(code.map((one, k) => (k === cell ? one + (sign * reach) / 4 : one))), y);
      return Array.from(other.keys()).filter((k) => Math.abs(other[k]) > SEEN / 4);
    });
    const down = reached.map((k) => Math.floor(k / columns)), across = reached.map((k) => k % columns);
    const low = [down, across].map((all) => Math.min(...all)), high = [down, across].map((all) => Math.max(...all));
    decoded.title("Decoded from the code");
    decoded.draw(rows, columns, (r, c) => clip(y[r * columns + c]), (r, c) => `row ${r}, column ${c}: ${show(y[r * columns + c])}`);
    if (reached.length) decoded.frame(...low, ...low.map((from, a) => high[a] - from + 1));
    else decoded.frame();

    const sums = [0, 0, 0];
    change.forEach((d, k) => [Math.floor(k / columns), k % columns, 1].forEach((weight, a) => (sums[a] += weight * Math.abs(d))));
    const many = change.filter((d) => Math.abs(d) > SEEN).length, middle = (a) => show(Math.round((10 * sums[a]) / sums[2]) / 10);
    const against = `mean squared difference to the blended pixels ${exact(square(apart))}`;
    const report = `${many} of ${y.length} pixels change by more than ${SEEN}, mean squared difference ${exact(square(change))}` +
      (many ? `, centre at row ${middle(0)}, column ${middle(1)}` : "");
    paint(pixels.draw(rows, columns, "Pixels blended", `${show(1 - t)} times ${names[0]} plus ${show(t)} times ${names[1]}`), between, columns);
    const pen = difference.draw(10 * rows, 10 * columns, altered ? "Your change" : "Decoded − pixels", altered ? report : against);
    const full = Math.max(FULL, most(change));
    pen.fillStyle = "#777";
    pen.fillRect(0, 0, 10 * columns, 10 * rows);
    change.forEach((d, k) => {
      const side = 10 * Math.sqrt(Math.abs(d) / full);
      pen.fillStyle = d > 0 ? "#fff" : "#000";
      pen.fillRect(10 * (k % columns) + 5 - side / 2, 10 * Math.floor(k / columns) + 5 - side / 2, side, side);
    });

    // As square as the width allows; a number of maps a row that leaves no gap in the last one is worth a little.
    room = space();
    const widest = Math.max(1, Math.min(Math.ceil(Math.sqrt(maps[0]) * (flat ? 1.6 : 1)), room));
    const even = Array.from({ length: widest }, (_, k) => k + 1).findLast((k) => maps[0] % k === 0), per = 3 * even > 2 * widest ? even : widest;
    grid.draw(`Code: ${flat ? `${count} numbers` : codeShape.join("×")}`, maps, per, here, (k) => ({
      size: code[k] / reach,
      label: `${place(k)}: ${show(code[k])}` + (added[k] ? `, changed by ${show(added[k])}` : ""),
      kind: kinds({ "convae-below": code[k] < 0, "convae-none": Math.abs(code[k]) < 0.001 * reach, "convae-first": added[k], "convae-here": k === here }),
    }));
    chosen.textContent = capital(place(here));
    value.set(Math.round(1000 * code[here]) / 1000);

    const formula = `${show(1 - t)} · code of ${names[0]} + ${show(t)} · code of ${names[1]}`;
    words.set("Code", formula, moved ? `; ${moved} changed by hand` : "", amount ? ` + ${show(get("noise"))} · ${show(get("spread"))} · normal noise` : "");
    const far = apart.reduce((best, d, k) => (Math.abs(d) > Math.abs(apart[best]) ? k : best), 0);
    words.set("Code or pixels", `mean squared difference ${exact(square(apart))}; most at row ${Math.floor(far / columns)}, column ${far % columns}: ${show(y[far])} against ${show(between[far])}`);
    words.set("Your change", altered ? report : "none yet");

    const other = (k) => Math.abs(code[k] - base[k]) > 5e-5, told = seen?.cell ?? (other(here) ? here : null);
    if (seen && "r" in seen) {
      const k = seen.r * columns + seen.c;
      kit.say(`Row ${seen.r}, column ${seen.c}: ` + ("end" in seen ? `${show(pictures[seen.end][k])} in ${names[seen.end]}.` : `decoded ${show(y[k])}, pixels blended ${show(between[k])}.`));
    } else if (told !== null)
      kit.say(`${capital(place(told))}: ${show(code[told])}` + (other(told) ? ` instead of ${show(base[told])}.` : ".") +
        (altered ? ` Your change: ${report}.` : reached.length ? ` It reaches rows ${low[0]} to ${high[0]}, columns ${low[1]} to ${high[1]} of the picture.` : " It reaches no pixel here."));
    else kit.say(altered ? `Your change: ${report}.` : `Decoded from ${formula}: ${against}.`);
  };
});
