import { canvas, diverging, line, painted } from "./canvas.js";
import { button, changed, choice, drawer, facts, fold, h, kinds, matrix, number, select, show, widget } from "./kit.js";
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
    /** colour(k) of each pixel is [red, green, blue] of 0 to 255. */
    draw(height, width, title, text, colour) {
      Object.assign(pixels, { height, width });
      caption.textContent = title;
      pixels.setAttribute("aria-label", `${title}: ${text}`);
      const pen = pixels.getContext("2d"), painting = pen.createImageData(width, height);
      for (let k = 0; k < height * width; k++) painting.data.set([...colour(k), 255], 4 * k);
      pen.putImageData(painting, 0, 0);
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
  const { get, set, limits } = kit, tensors = readSafetensors(get("weights")), shape = get("image_shape"), [, rows, columns] = shape;
  const unchanged = get("offsets").map((row) => row.map(() => 0));
  const stored = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) => [name, Float32Array.from({ length: rows * columns }, (_, k) => bytes.getUint8(k) / 255)]));
  const called = (name) => (name === "drawing" ? "my drawing" : name);
  let sheet = {};
  const image = (name) => {
    const drawing = get("drawing");
    if (sheet.drawing !== drawing) sheet = { drawing, levels: Float32Array.from({ length: rows * columns }, (_, k) => drawing[Math.floor(k / columns)]?.[k % columns] ?? 0) };
    return stored[name] ?? sheet.levels;
  };
  let mode = "look", seen = null, film = [], walking = null;
  const look = (what) => {
    seen = what;
    kit.redraw();
  };

  // The numbers of all nets are counted through; `start` is where a net's own begin.
  let total = 0;
  const plans = get("plans"), several = plans.length > 1;
  const nets = plans.map((plan) => {
    const [encode, decode] = ["encoder", "decoder"].map((key) => chain(plan[key], tensors));
    const maps = plan.shape.length === 3 ? plan.shape : [plan.shape.reduce((a, b) => a * b, 1), 1, 1];
    const area = maps[1] * maps[2], count = maps[0] * area, start = total, encoded = new WeakMap();
    total += count;
    const net = { ...plan, maps, area, count, start, flat: area === 1, room: 0, run: (data) => decode({ shape: plan.shape, data }).data };
    net.code = (data) => {
      if (!encoded.has(data)) encoded.set(data, encode({ shape, data }).data.subarray(0, count));
      return encoded.get(data);
    };
    net.place = (k) => (plan.shape.length === 3 ? `channel ${Math.floor(k / area)}, row ${Math.floor((k % area) / maps[2])}, column ${k % maps[2]}` : `number ${k}`);
    const of = several ? `, ${plan.name}` : "";
    net.titles = { decoded: several ? `Decoded${of}` : "Decoded from the code", apart: several ? "minus pixels" : "Decoded − pixels", code: `Code${of}` };
    net.decoded = canvas("Decoded", { point: (r, c) => look({ r, c }), leave: () => look(null) });
    net.difference = view("Difference");
    net.difference.element.classList.add("convae-signed");
    net.grid = codeGrid({
      point(k, kept) {
        seen = { cell: start + k };
        if (kept) set({ cell: start + k });
        kit.redraw();
      },
      leave: () => look(null),
      press: (k, key) => press(net, k, key),
    });
    net.value = number("Value", [-plan.reach, plan.reach, 0], (v) => put(get("cell"), v), `Value of the chosen cell${of}`);
    return net;
  });
  const owner = (cell) => nets.findLast(({ start }) => cell >= start);

  // Where the offset of a number stands: a vector is one row, maps are a row each.
  const width = several || plans[0].shape.length < 3 ? total : nets[0].area, spot = (k) => [Math.floor(k / width), k % width];
  const put = (cell, value) => {
    const [r, c] = spot(cell), old = get("offsets"), net = owner(cell);
    set({ offsets: changed(old, r, c, Math.round(1e4 * (value - net.now[cell - net.start] + old[r][c])) / 1e4) });
  };
  const back = (cell) => set({ offsets: changed(get("offsets"), ...spot(cell), 0) });
  const press = (net, k, key) => {
    const sign = { "+": 1, "=": 1, "-": -1, "−": -1 }[key], { reach } = net;
    if (sign) put(net.start + k, Math.max(-reach, Math.min(reach, net.now[k] + (sign * reach) / 20)));
    else if (key === "0") put(net.start + k, 0);
    else if (key === "Delete" || key === "Backspace") back(net.start + k);
    else if (key === "Enter") net.value.element.querySelector("input").focus();
    else return false;
    return true;
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

  // Play walks from the first picture to the second; who wants reduced motion gets few steps, and time to look.
  const halt = () => {
    clearTimeout(walking);
    walking = null;
    play.textContent = "Play";
    kit.quiet(false);
  };
  const walk = () => {
    const rest = matchMedia("(prefers-reduced-motion: reduce)").matches, t = Math.min(1, Math.round(100 * (get("blend") + (rest ? 0.1 : 0.02))) / 100);
    set({ blend: t });
    if (t < 1) walking = setTimeout(walk, rest ? 1200 : 100);
    else halt();
  };
  const play = button("Play", () => {
    if (walking) return halt();
    if (get("blend") >= 1) set({ blend: 0 });
    play.textContent = "Pause";
    kit.quiet(true);
    walking = setTimeout(walk, 100);
  });
  const blended = (t) => (halt(), set({ blend: t }));
  kit.signal.addEventListener("abort", () => clearTimeout(walking));
  const strip = h("canvas", { role: "img", class: "convae-strip", onclick: (event) => blended(clip(Math.floor((STEPS * event.offsetX) / strip.clientWidth) / (STEPS - 1))) });
  const lines = h("div", { class: "convae-strip-names", "aria-hidden": "true" }, nets.map(({ name }) => h("span", null, several ? name : "decoded")), h("span", null, "pixels"));
  const blend = number("Blend", limits.blend, blended, "Blend, from the first picture to the second");
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
  const pixels = view("Pixels"), chosen = h("span", { class: "convae-chosen" });
  const buttons = [
    button("Zero", () => put(get("cell"), 0)),
    button("Back", () => back(get("cell"))),
    button("All back", () => set({ offsets: unchanged, noise: 0 })),
  ];
  const noise = number("Noise", limits.noise, (s) => set({ noise: s })), seed = number("Seed", limits.seed, (s) => set({ seed: s }), "Seed", { slider: false });
  const again = button("New noise", () => set({ seed: (get("seed") + 1) % (limits.seed[1] + 1), noise: get("noise") || 0.5 }));
  const reset = button("Reset", () => (halt(), (mode = "look"), kit.reset()));
  const terms = nets.map(({ name }) => ["Code or pixels", "Changed"].map((term) => (several ? `${term}, ${name}` : term)));
  const words = facts("Code", ...terms.flat());
  const hand = [
    h("div", { class: "convae-hands" }, nets.map(({ grid }) => h("div", { class: "convae-hand" }, grid.element))),
    h("div", { class: "convae-edit" }, chosen, nets.map(({ value }) => value.element), h("div", { class: "convae-buttons" }, buttons)),
  ];
  kit.root.classList.add("convae-latent");
  kit.root.classList.toggle("convae-beside", several);
  kit.root.append(
    h("div", { class: "convae-play" },
      h("div", { class: "convae-ends" }, ends[0].element,
        h("div", { class: "convae-middle" }, h("div", { class: "convae-way" }, lines, strip), h("div", { class: "convae-blend" }, play, blend.element),
          h("div", { class: "convae-noise" }, noise.element, h("div", { class: "convae-buttons" }, again, seed.element)),
          drawer("Draw", h("div", { class: "convae-pens" }, pens.element, clear, reset))),
        ends[1].element),
      h("div", { class: "convae-views convae-stage convae-result" },
        h("div", { class: "convae-sticky" }, nets.map(({ decoded, difference }) => h("div", { class: "convae-pair" }, decoded.element, difference.element)),
          h("div", { class: "convae-faded" }, pixels.element)),
        several ? null : drawer("The code, number by number", hand)),
      several ? h("div", { class: "convae-result" }, fold("The code, number by number", hand)) : null,
      ...kit.lines),
    fold("In numbers", h("div", { class: "convae-result" }, words.element),
      h("p", { class: "convae-hint" }, "Full squares are positive numbers, hollow ones negative. The frame on a decoded picture holds what the chosen number reaches. ",
        "Keys on the code: arrows move, + and − change, 0 sets to zero, Delete gives back. In the difference, blue is brighter and red darker.")),
  );
  kit.keep(words.element);
  // How many maps fit side by side; neighbours share a border.
  const space = ({ grid, flat, maps }) => Math.floor((grid.element.clientWidth + (flat ? -1 : 5)) / (flat ? 23 : 23 * maps[2] + 6));
  // In the next frame: what is redrawn within this one would change sizes that are being told.
  const watch = new ResizeObserver(() => requestAnimationFrame(() => nets.every((net) => space(net) === net.room) || kit.redraw()));
  nets.forEach(({ grid }) => watch.observe(grid.element));
  kit.signal.addEventListener("abort", () => watch.disconnect());

  return () => {
    const t = get("blend"), names = ends.map(({ key }) => called(get(key))), pictures = ends.map(({ key }) => image(get(key)));
    const offsets = get("offsets"), added = offsets.flat(), here = get("cell");
    if (added.length !== total || offsets[0].length !== width || here >= total)
      throw Error("These changes belong to a code of another shape: press Reset.");
    blend.set(t);
    pens.set(mode);
    kit.root.classList.toggle("convae-drawing", mode !== "look");
    noise.set(get("noise"));
    seed.set(get("seed"));
    const between = mix(...pictures, t), formula = `${show(1 - t)} · code of ${names[0]} + ${show(t)} · code of ${names[1]}`;
    for (const net of nets) {
      const codes = pictures.map(net.code), own = added.slice(net.start, net.start + net.count), amount = get("noise") * net.spread;
      const base = mix(...codes, t), code = base.map((one, k) => one + own[k] + (amount && amount * normal(get("seed"), k)));
      const moved = own.filter(Boolean).length, altered = moved > 0 || amount > 0, y = net.run(code);
      const by = [moved && "hand", amount && "noise"].filter(Boolean).join(" and ");
      Object.assign(net, { codes, base, now: code, own, amount, moved, altered, by, y, change: minus(y, altered ? net.run(base) : between), apart: minus(y, between) });
    }
    kit.root.shown = { nets: nets.map(({ now, y }) => ({ code: now, decoded: y })) };

    ends.forEach(({ key, picture, choose, share }, k) => {
      choose.set(get(key));
      picture.pens(mode !== "look");
      if (pictures[k] !== film[k]) picture.draw(rows, columns, (r, c) => pictures[k][r * columns + c], (r, c) => `row ${r}, column ${c}: ${show(pictures[k][r * columns + c])}`);
      share.textContent = (mode === "look" ? "" : `${mode} here · `) + `× ${show(k ? t : 1 - t)}`;
    });

    if (pictures.some((data, k) => data !== film[k])) {
      film = pictures;
      Object.assign(strip, { width: STEPS * columns, height: (nets.length + 1) * rows });
      strip.setAttribute("aria-label", `From ${names[0]} to ${names[1]} in ${STEPS} steps: decoded from the code${several ? `s of ${nets.map(({ name }) => name).join(" and ")}` : ""} above, pixels blended below`);
      for (let k = 0; k < STEPS; k++)
        [...nets.map((net) => net.run(mix(...net.codes, k / (STEPS - 1)))), mix(...pictures, k / (STEPS - 1))].forEach((levels, row) => paint(strip.getContext("2d"), levels, columns, k * columns, row * rows));
    }

    // What the chosen cell can reach: the pixels that change when it goes up or down.
    const cell = seen?.cell ?? here, chosenNet = owner(cell);
    const reached = [1, -1].flatMap((sign) => {
      const { run, now, y, start, reach } = chosenNet, other = minus(run(now.map((one, k) => (k === cell - start ? one + (sign * reach) / 4 : one))), y);
      return Array.from(other.keys()).filter((k) => Math.abs(other[k]) > SEEN / 4);
    });
    const down = reached.map((k) => Math.floor(k / columns)), across = reached.map((k) => k % columns);
    const low = [down, across].map((all) => Math.min(...all)), high = [down, across].map((all) => Math.max(...all));
    const middle = (sums, a) => show(Math.round((10 * sums[a]) / sums[2]) / 10);
    pixels.draw(rows, columns, "Pixels blended", `${show(1 - t)} times ${names[0]} plus ${show(t)} times ${names[1]}`, (k) => Array(3).fill(255 * between[k]));
    for (const [n, net] of nets.entries()) {
      const { y, change, apart, altered, by, now, own, grid, titles, flat, maps, count, start, reach } = net;
      net.decoded.title(titles.decoded);
      net.decoded.draw(rows, columns, (r, c) => clip(y[r * columns + c]), (r, c) => `row ${r}, column ${c}: ${show(y[r * columns + c])}`);
      if (net === chosenNet && reached.length) net.decoded.frame(...low, ...low.map((from, a) => high[a] - from + 1));
      else net.decoded.frame();
      const sums = [0, 0, 0];
      change.forEach((d, k) => [Math.floor(k / columns), k % columns, 1].forEach((weight, a) => (sums[a] += weight * Math.abs(d))));
      const many = change.filter((d) => Math.abs(d) > SEEN).length;
      net.against = `mean squared difference to the blended pixels ${exact(square(apart))}`;
      net.report = `${many} of ${y.length} pixels change by more than ${SEEN}, mean squared difference ${exact(square(change))}` +
        (many ? `, centre at row ${middle(sums, 0)}, column ${middle(sums, 1)}` : "");
      const full = Math.max(FULL, most(change));
      net.difference.draw(rows, columns, altered ? `Changed by ${by}` : titles.apart, altered ? net.report : net.against, (k) => diverging(change[k] / full));

      // As square as the width allows; a number of maps a row that leaves no gap in the last one is worth a little.
      net.room = space(net);
      const widest = Math.max(1, Math.min(Math.ceil(Math.sqrt(maps[0]) * (flat ? 1.6 : 1)), net.room));
      const even = Array.from({ length: widest }, (_, k) => k + 1).findLast((k) => maps[0] % k === 0), per = 3 * even > 2 * widest ? even : widest;
      grid.draw(`${titles.code}: ${flat ? `${count} numbers` : net.shape.join("×")}`, maps, per, net === owner(here) ? here - start : 0, (k) => ({
        size: now[k] / reach,
        label: `${net.place(k)}: ${show(now[k])}` + (own[k] ? `, changed by ${show(own[k])}` : ""),
        kind: kinds({ "convae-below": now[k] < 0, "convae-none": Math.abs(now[k]) < 0.001 * reach, "convae-first": own[k], "convae-here": start + k === here }),
      }));
      net.value.element.hidden = net !== owner(here);
      if (net === owner(here)) net.value.set(Math.round(1000 * now[here - start]) / 1000);

      const far = apart.reduce((best, d, k) => (Math.abs(d) > Math.abs(apart[best]) ? k : best), 0);
      words.set(terms[n][0], `mean squared difference ${exact(square(apart))}; most at row ${Math.floor(far / columns)}, column ${far % columns}: ${show(y[far])} against ${show(between[far])}`);
      words.set(terms[n][1], altered ? `by ${by}: ${net.report}` : "nothing yet");
    }
    const tell = (net, k) => (several ? `${net.name}, ` : "") + net.place(k - net.start), mine = owner(here);
    chosen.textContent = capital(tell(mine, here));
    const moved = nets.reduce((sum, net) => sum + net.moved, 0), shaken = get("noise") ? ` + ${show(get("noise"))} · ${nets.map(({ spread }) => show(spread)).join(" or ")} · normal noise` : "";
    words.set("Code", formula, moved ? `; ${moved} changed by hand` : "", shaken);

    const told = ({ name }, text) => (several ? `${capital(name)}: ${text}` : capital(text)), altered = nets.some((net) => net.altered);
    const other = (net, k) => Math.abs(net.now[k] - net.base[k]) > 5e-5, at = seen?.cell ?? (added[here] ? here : null);
    if (seen && "r" in seen) {
      const k = seen.r * columns + seen.c;
      kit.say(`Row ${seen.r}, column ${seen.c}: ` + ("end" in seen ? `${show(pictures[seen.end][k])} in ${names[seen.end]}.` : `${nets.map(({ name, y }) => `decoded ${several ? `by ${name} ` : ""}${show(y[k])}`).join(", ")}, pixels blended ${show(between[k])}.`));
    } else if (at !== null) {
      const net = owner(at), k = at - net.start;
      kit.say(`${capital(tell(net, at))}: ${show(net.now[k])}` + (other(net, k) ? ` instead of ${show(net.base[k])}.` : ".") +
        (net.altered ? ` Changed by ${net.by}: ${net.report}.` : reached.length ? ` It reaches rows ${low[0]} to ${high[0]}, columns ${low[1]} to ${high[1]} of the picture.` : " It reaches no pixel here."));
    } else if (altered) kit.say(several ? nets.map((net) => told(net, net.altered ? `mean squared difference ${exact(square(net.change))} by ${net.by}.` : "unchanged.")).join(" ") : `Changed by ${nets[0].by}: ${nets[0].report}.`);
    else kit.say(`Decoded from ${formula}: ` + (several ? nets.map((net) => `${net.name}, ${net.against}`).join("; ") : nets[0].against) + ".");
  };
});
