import { canvas, line, painted } from "./canvas.js";
import { button, h, matrix, widget } from "./kit.js";
import { chain } from "./nets.js";
import { readSafetensors } from "./safetensors.js";

const SIDE = 28, NINE = [...Array(9).keys()], EDGE = 9;
const PICTURES = ["picture", "code", "back"];
const EDGES = [[0, 3], [1, 3], [2, 3], [3, 0], [3, 1], [3, 2], [3, 3]]; // tiles of the last row and column
const row = (place) => Math.floor(place / 3), column = (place) => place % 3;
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
/** A mean of squares in thousandths, as people write it. */
const milli = (value) => (1000 * value).toFixed(1000 * value < 9.95 ? 1 : 0);
const signed = (value) => value.toFixed(1).replace("-", "−");
/** The pixels of a place, or of a block, in a picture of 28×28. */
const PIXELS = NINE.map((place) => matrix(9, 9, (r, c) => (9 * row(place) + r) * SIDE + 9 * column(place) + c).flat());
const meanSquare = (pixels, difference) => pixels.reduce((sum, k) => sum + difference(k) ** 2, 0) / pixels.length;
const ALL = [...Array(SIDE * SIDE).keys()];
const unread = ALL.filter((k) => k >= 27 * SIDE || k % SIDE === 27);
const biggest = (values, least) => values.reduce((top, value) => Math.max(top, Math.abs(value)), least);
const furthest = (some, others) => some.reduce((most, value, k) => Math.max(most, Math.abs(value - others[k])), 0);

const ICONS = {
  arrow: '<svg viewBox="0 0 40 24" aria-hidden="true"><path d="M3 12h32M26 3l9 9-9 9" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  pencil: '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 20l1-5L16 4l4 4L9 19zM13.5 6.5l4 4" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/></svg>',
  squares: `<svg viewBox="0 0 36 36" aria-hidden="true">${"<rect/>".repeat(16)}</svg>`,
};
const drawn = (name, properties) => {
  const element = h("span", { "aria-hidden": "true", ...properties });
  element.innerHTML = ICONS[name];
  return element;
};

/** Grey levels as a picture: 1 is ink, white on black as in the rest of the book. */
function ink(element, level) {
  const { width, height } = element, pen = element.getContext("2d"), image = pen.createImageData(width, height);
  for (let k = 0; k < width * height; k++) {
    image.data[4 * k] = image.data[4 * k + 1] = image.data[4 * k + 2] = Math.round(255 * level(Math.floor(k / width), k % width));
    image.data[4 * k + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
}

/** What a net makes of a picture, whole and block by block; a dense one has no blocks. */
function computed(encode, decode, picture, dense) {
  const code = encode({ shape: [1, SIDE, SIDE], data: picture }), back = decode(code).data;
  if (dense) return { picture, code: code.data, back, difference: 1 };
  const alone = new Float64Array(code.data.length), apart = back.slice();
  for (const place of NINE) {
    const own = encode({ shape: [1, 9, 9], data: Float64Array.from(PIXELS[place], (k) => picture[k]) });
    own.data.forEach((value, channel) => (alone[9 * channel + place] = value));
    const { shape: [, , wide], data } = decode(own);
    PIXELS[place].forEach((k, m) => (apart[k] = data[Math.floor(m / 9) * wide + (m % 9)]));
  }
  const off = furthest(apart, back);
  return { picture, code: code.data, back, alone, apart, difference: Math.max(furthest(alone, code.data), off), off };
}

export default widget("One net, nine times", (kit) => {
  const { get, set, limits, root } = kit;
  let encode, decode, most, made = [], lesson = null;
  const use = (encoder, decoder, tensors) => {
    [encode, decode, most, made] = [chain(encoder, tensors), chain(decoder, tensors), 0, []];
  };
  const usual = () => use(get("encoder"), get("decoder"), readSafetensors(get("weights")));
  usual();
  const stored = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) =>
    [name, Float64Array.from(ALL, (k) => bytes.getUint8(k) / 255)]));
  const begun = ["digit", "apart", "order"].map((key) => String(get(key)));
  let hover = null, focused = null, carry = null, grip = null, erase = false, now = {}, before = 0, current = [0, 4], untouched = true;

  const sheetShown = () => get("digit") === "drawing" && !get("apart") && tidy();
  const tidy = () => get("order").every((block, place) => block === place);
  const source = () => stored[get("digit")] ?? Float64Array.from(ALL, (k) => get("drawing")[Math.floor(k / SIDE)]?.[k % SIDE] ?? 0);
  const called = () => (get("digit") === "drawing" ? "your drawing" : `digit ${get("digit")}`);

  // Three stages, each with nine tiles; the last row and column of the pictures are seven more, one cell of the grid.
  const tile = (a, b, properties, child) => h("div", { class: "convae-tile", style: `--a:${a};--b:${b}`, ...properties }, child);
  const sheet = canvas("Your drawing", {
    point: (r, c) => aim(r < 27 && c < 27 ? 3 * Math.floor(r / 9) + Math.floor(c / 9) : EDGE),
    leave: () => aim(null),
    drawn: () => true,
    press: (r, c) => draws([[r, c]]),
    stroke: (from, to) => draws(line(from, to)),
  });
  const stages = PICTURES.map((name, at) => {
    const coded = name === "code";
    const cells = NINE.map((place) => tile(row(place), column(place), { role: "gridcell", tabindex: -1 },
      coded ? drawn("squares") : h("canvas", { width: 9, height: 9, "aria-hidden": "true" })));
    const edges = coded ? [] : EDGES.map(([a, b]) =>
      tile(a, b, { class: "convae-tile convae-edge" }, h("canvas", { width: b < 3 ? 9 : 1, height: a < 3 ? 9 : 1, "aria-hidden": "true" })));
    if (!coded) cells.push(h("div", { role: "gridcell", tabindex: -1, class: "convae-edges" }, edges));
    cells.forEach((cell, place) => (cell.place = place));
    const lines = [0, 1, 2].map((r) => h("div", { role: "row" }, cells.slice(3 * r, 3 * r + 3)));
    if (!coded) lines.push(h("div", { role: "row" }, cells[EDGE]));
    const box = h("div", { role: "grid", "aria-readonly": "true", class: `convae-stage9 convae-stage9-${name}` }, lines);
    const caption = h("figcaption");
    return { name, at, box, cells, edges, caption, element: h("figure", { class: `convae-nine-${name}` }, box, at ? null : sheet.element, caption) };
  });
  const [picture, code, back] = stages;

  const group = `convae-nine-${Math.random().toString(36).slice(2)}`;
  const choices = limits.digit.map((name) => {
    const box = h("input", { type: "radio", name: group, value: name, onchange: () => (stop(), set({ digit: name })) });
    const small = stored[name] ? h("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" }) : drawn("pencil");
    if (stored[name]) ink(small, (r, c) => stored[name][SIDE * r + c]);
    const title = stored[name] ? `digit ${name}` : "draw your own";
    return h("label", { title }, box, small, h("span", { class: "convae-unseen" }, title));
  });
  const boxes = choices.map((label) => label.firstChild);
  const slider = h("input", { type: "range", min: 0, max: 100, step: 1, oninput: () => (stop(), set({ apart: Number(slider.value) })) });
  const tidyUp = button("Put back", () => {
    stop();
    moved(NINE.slice(), () => set({ order: NINE.slice(), apart: 0 }));
    (sheetShown() ? slider : stages[current[0]].cells[current[1]]).focus({ preventScroll: true });
  });
  const rubber = button("Erase", () => ((erase = !erase), kit.redraw()));
  const empty = button("Empty", () => ((erase = false), set({ drawing: [[0]] }), kit.redraw()));
  // What learns comes when it is asked for.
  const learn = kit.later("Learn", async () => {
    stop();
    lesson ??= await (await kit.part("lesson")).build(kit, learn, use, usual);
    lesson.open();
  });
  const arrows = ["two convo\u00adlutions", "two trans\u00adposed ones"].map((text) => h("div", { class: "convae-nine-arrow", "aria-hidden": "true" }, drawn("arrow"), h("span", null, text)));
  const printed = h("p", { class: "convae-nine-printed" });
  const board = h("div", { class: "convae-nine-board convae-result" }, picture.element, arrows[0], code.element, arrows[1], back.element);
  const controls = h("div", { class: "convae-nine-controls" },
    h("fieldset", { class: "convae-nine-digits" }, h("legend", { class: "convae-unseen" }, "Picture"), choices),
    h("label", { class: "convae-nine-pull" }, "Pull apart", slider),
    h("div", { class: "convae-nine-buttons" }, rubber, empty, tidyUp, learn));
  root.classList.add("convae-nine");
  root.append(board, controls, ...kit.lines, printed);

  const aim = (place) => {
    if (hover === place) return;
    hover = place;
    kit.redraw();
  };
  const draws = (places) => {
    stop();
    const drawing = get("drawing");
    set({ drawing: painted(matrix(SIDE, SIDE, (r, c) => drawing[r]?.[c] ?? 0), places, erase) });
  };

  // Sizes on the page: a pixel of a stage, and the gap between blocks that stand fully apart.
  const pixel = (stage) => parseFloat(getComputedStyle(stage.cells[4]).width) / 9;
  const GAP = 1.75;
  const spot = (place, apart = get("apart") / 100) => [column(place), row(place)].map((b) => 1.5 * GAP + 9 * b + GAP * apart * (b - 1.5));

  /** A new order, whose tiles glide from where they stood; those in the hand from where it let them go. */
  function moved(order, change, hand) {
    const old = get("order"), apart = get("apart") / 100;
    change();
    const then = get("apart") / 100;
    if (calm()) return;
    for (const stage of stages) {
      const p = pixel(stage);
      order.forEach((block, place) => {
        const from = old.indexOf(block), held = hand?.place === from;
        if (from === place && !held) return;
        const start = held && hand.at ? hand.at : spot(from, apart);
        stage.cells[place].animate?.(
          [{ translate: start.map((x) => `${x * p}px`).join(" "), zIndex: held ? 6 : 4 }, { translate: spot(place, then).map((x) => `${x * p}px`).join(" "), zIndex: held ? 6 : 4 }],
          { duration: 280, easing: "cubic-bezier(.3,.7,.2,1)" });
      });
    }
  }
  function exchange(from, to) {
    const hand = { place: from, at: carry && [spot(from)[0] + carry.x, spot(from)[1] + carry.y] };
    carry = null;
    const order = get("order").slice();
    if (to !== null) [order[from], order[to]] = [order[to], order[from]];
    moved(order, () => to !== null && set({ order }), hand);
    kit.redraw();
  }

  // All cells are one tab stop; arrows walk on into the next picture.
  const focus = (at, place) => stages[at].cells[place]?.focus({ preventScroll: true });
  const cellOf = (target) => target.closest?.("[role=gridcell]");
  for (const stage of stages) {
    const { box, at } = stage;
    const drop = () => {
      clearTimeout(grip?.timer);
      grip = null;
      box.classList.remove("convae-pulls");
    };
    const pick = () => {
      grip.held = true;
      carry = { from: grip.place, to: null, x: 0, y: 0 };
      hover = null;
      kit.redraw();
    };
    box.onpointerdown = (event) => {
      stop();
      if (event.button || carry) return;
      const cell = cellOf(event.target), place = cell?.place ?? null;
      grip = { place, x: event.clientX, y: event.clientY, id: event.pointerId, apart: get("apart") };
      if (event.pointerType !== "mouse" && place !== null && place !== EDGE) grip.timer = setTimeout(pick, 350);
      if (place === null) {
        event.preventDefault();
        const { left, top, width, height } = box.getBoundingClientRect();
        grip.reach = (x, y) => Math.max(Math.abs(x - left - width / 2), Math.abs(y - top - height / 2));
        box.setPointerCapture(event.pointerId);
        box.classList.add("convae-pulls");
      }
    };
    box.onpointermove = (event) => {
      const { clientX: x, clientY: y } = event, p = pixel(stage);
      if (!grip) {
        if (event.pointerType === "mouse") aim(carry ? null : cellOf(event.target)?.place ?? null);
        return;
      }
      if (event.pointerId !== grip.id) return;
      if (grip.reach) {
        const apart = grip.apart + (100 * (grip.reach(x, y) - grip.reach(grip.x, grip.y))) / (1.5 * GAP * p);
        return set({ apart: Math.round(Math.max(0, Math.min(100, apart))) });
      }
      if (grip.place === EDGE) return;
      if (!grip.held) {
        const [right, down] = [x - grip.x, y - grip.y].map(Math.abs);
        if (right + down < 6) return;
        clearTimeout(grip.timer);
        // A finger that goes up or down scrolls the page, except on the block that is lit.
        if (event.pointerType === "touch" && down > right && hover !== grip.place && focused !== grip.place) return drop();
        box.setPointerCapture(event.pointerId);
        pick();
      }
      carry.x = (x - grip.x) / p;
      carry.y = (y - grip.y) / p;
      const [left, top] = spot(grip.place), inside = NINE.map((place) => {
        const [u, v] = spot(place);
        return Math.hypot(u - left - carry.x, v - top - carry.y);
      });
      const nearest = inside.indexOf(Math.min(...inside));
      carry.to = inside[nearest] < 8 && nearest !== grip.place ? nearest : null;
      kit.redraw();
    };
    box.onpointerup = () => {
      if (grip?.held) {
        const { from, to } = carry;
        exchange(from, to);
        if (at || !sheetShown()) focus(at, to ?? from);
      }
      drop();
    };
    box.onpointercancel = () => {
      if (grip?.held) exchange(carry.from, null);
      drop();
    };
    box.addEventListener("touchmove", (event) => grip?.held && event.cancelable && event.preventDefault(), { passive: false });
    box.oncontextmenu = (event) => grip && event.preventDefault();
    box.onpointerleave = () => grip || aim(null);
    box.onclick = (event) => cellOf(event.target)?.focus({ preventScroll: true });
    box.addEventListener("focusin", (event) => {
      const cell = cellOf(event.target);
      if (!cell) return;
      stages[current[0]].cells[current[1]].tabIndex = -1;
      current = [at, cell.place];
      focused = cell.place;
      cell.tabIndex = 0; // at once, for Tab may come before the frame
      kit.redraw();
    });
    box.addEventListener("focusout", (event) => {
      if (carry && !grip) carry = null;
      if (!stages.some((other) => other.box.contains(event.relatedTarget))) focused = null;
      kit.redraw();
    });
    box.onkeydown = (event) => {
      const { key } = event, step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
      if (event.altKey || event.metaKey || event.ctrlKey || grip) return;
      const place = cellOf(event.target)?.place;
      stop();
      if (key === " " || key === "Enter") {
        if (carry) {
          const { from, to } = carry;
          exchange(from, to);
          focus(at, to ?? from);
        } else if (place !== EDGE) {
          carry = { from: place, to: null, x: 0, y: 0 };
          kit.redraw();
        }
      } else if (key === "Escape" && carry) exchange(carry.from, null);
      else if (step && carry) {
        const here = carry.to ?? carry.from, r = row(here) + step[0], c = column(here) + step[1];
        if (r >= 0 && r < 3 && c >= 0 && c < 3) {
          const next = 3 * r + c, [x, y] = spot(next), [left, top] = spot(carry.from);
          Object.assign(carry, { to: next === carry.from ? null : next, x: x - left, y: y - top });
          kit.redraw();
        }
      } else if (step) {
        const first = sheetShown() ? 1 : 0;
        if (place === EDGE) {
          if (step[0] < 0) focus(at, 7);
          else if (step[1]) focus(Math.max(first, Math.min(2, at + 2 * step[1])), EDGE);
        } else {
          const r = row(place) + step[0], across = Math.max(3 * first, Math.min(8, 3 * at + column(place) + step[1]));
          if (r > 2) at === 1 || focus(at, EDGE);
          else if (r >= 0) focus(Math.floor(across / 3), 3 * r + (across % 3));
        }
      } else if (key === "Home" || key === "End") focus(at, 3 * row(Math.min(place, 8)) + (key === "Home" ? 0 : 2));
      else if (/^[-+−=]$/.test(key)) set({ apart: Math.max(0, Math.min(100, get("apart") + (/[+=]/.test(key) ? 10 : -10))) });
      else return;
      event.preventDefault();
    };
  }

  // Once, when the figure comes into view, the blocks breathe apart: so one sees that they can.
  try {
    CSS.registerProperty({ name: "--apart", syntax: "<number>", inherits: true, initialValue: "0" });
  } catch {} // known already, or a browser that has none of it
  let breath = null;
  const stop = () => {
    untouched = false;
    breath?.cancel();
  };
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    watch.disconnect();
    if (untouched && !calm() && ["digit", "apart", "order"].every((key, k) => String(get(key)) === begun[k]) && !get("apart"))
      breath = board.animate?.({ "--apart": [0, 0.7, 0.7, 0], offset: [0, 0.4, 0.6, 1] }, { duration: 2000, delay: 700, easing: "ease-in-out" });
  }, { threshold: 0.7 });
  watch.observe(board);
  kit.signal.addEventListener("abort", () => watch.disconnect());

  function compute() {
    const inputs = [get("digit"), get("drawing"), get("order"), get("apart") > 0];
    if (inputs.every((value, k) => value === made[k])) return;
    // Another digit: the squares of the code grow and shrink into its numbers.
    board.classList.toggle("convae-nine-morph", made.length > 0 && inputs.every((value, k) => (value === made[k]) === k > 0));
    made = inputs;
    const order = get("order"), clear = source(), original = lesson?.spoiled(clear) ?? clear, dense = lesson?.on && get("dense");
    const [input, wanted] = [original, clear].map((levels) => {
      const placed = levels.slice();
      order.forEach((block, place) => PIXELS[place].forEach((k, m) => (placed[k] = levels[PIXELS[block][m]])));
      return placed;
    });
    now = computed(encode, decode, input, dense);
    if (get("apart")) Object.assign(now, { code: now.alone, back: now.apart });
    root.shown = now;
    now.errors = [...PIXELS, ALL].map((pixels) => [meanSquare(pixels, (k) => now.back[k] - wanted[k]), meanSquare(pixels, (k) => wanted[k])]);
    const whole = tidy() ? now.back : decode(encode({ shape: [1, SIDE, SIDE], data: original })).data;
    before = meanSquare(ALL, (k) => whole[k] - clear[k]);
    // One scale for the squares of all digits, so that they can be compared.
    most ||= Object.values(stored).reduce((top, data) => biggest(encode({ shape: [1, SIDE, SIDE], data }).data, top), 1e-9);
    const numbers = now.code, top = biggest(numbers, most);
    for (const [stage, levels] of [[picture, input], [back, now.back]]) {
      NINE.forEach((place) => ink(stage.cells[place].firstChild, (r, c) => levels[PIXELS[place][9 * r + c]]));
      EDGES.forEach(([a, b], k) => ink(stage.edges[k].firstChild, (r, c) => levels[(9 * a + r) * SIDE + 9 * b + c]));
    }
    NINE.forEach((place) => {
      const own = Array.from({ length: numbers.length / 9 }, (_, channel) => numbers[9 * channel + place]), svg = code.cells[place].querySelector("svg");
      if (svg.children.length !== own.length) svg.innerHTML = "<rect/>".repeat(own.length);
      own.forEach((value, k) => square(svg.children[k], k, value, top, own.length));
      const block = order[place], where = block === place ? `block ${block + 1}` : `block ${block + 1}, in the place of ${place + 1}`;
      const [wrong, dark] = now.errors[place];
      picture.cells[place].setAttribute("aria-label", `${where}: rows ${9 * row(place) + 1} to ${9 * row(place) + 9}, columns ${9 * column(place) + 1} to ${9 * column(place) + 9}, 81 pixels`);
      code.cells[place].setAttribute("aria-label", `code of ${where}: ${own.map(signed).join(", ")}`);
      back.cells[place].setAttribute("aria-label", `${where} as it comes back: error ${milli(wrong)}, all black ${milli(dark)}, in thousandths`);
    });
    for (const stage of [picture, back]) stage.cells[EDGE].setAttribute("aria-label", "the last row and column, read by no kernel");
    picture.box.setAttribute("aria-label", `Picture, ${called()}, in nine blocks`);
    code.box.setAttribute("aria-label", `Code, ${numbers.length / 9} numbers for each block`);
    back.box.setAttribute("aria-label", "What comes back, in nine blocks");
    if (get("digit") === "drawing") sheet.draw(SIDE, SIDE, (r, c) => original[SIDE * r + c], (r, c) => `row ${r + 1}, column ${c + 1}: ${clear[SIDE * r + c] ? "ink" : "empty"}`);
  }
  /** One number of a code: its area is its size; negative ones are hollow. */
  function square(rect, k, value, top, count) {
    const across = 2 ** Math.ceil(Math.log2(count) / 2), pitch = 32 / across, side = Math.max(0.7, (pitch - 0.3) * Math.sqrt(Math.abs(value) / top)), edge = value < 0 ? Math.min(1, side / 3) : 0;
    const place = [["x", 2 + pitch * ((k % across) + 0.5)], ["y", 18 + pitch * (Math.floor(k / across) + 0.5 - count / across / 2)]];
    for (const [axis, middle] of place) rect.setAttribute(axis, (middle - (side - edge) / 2).toFixed(2));
    for (const axis of ["width", "height"]) rect.setAttribute(axis, (side - edge).toFixed(2));
    rect.setAttribute("class", value < 0 ? "convae-minus" : "convae-plus");
    rect.setAttribute("stroke-width", edge.toFixed(2));
  }

  const same = () => (now.difference ? `pixels (0 to 1) differ by up to ${now.off.toPrecision(1)} from all nine at once; with pooling it is not nine nets` : "the same as all nine at once");
  function settings() {
    const order = get("order"), away = NINE.filter((place) => order[place] !== place);
    const blocks = away.length === 2 ? `Blocks ${away[0] + 1} and ${away[1] + 1} have changed places` : `${away.length} blocks stand in other places`;
    return { away, blocks };
  }
  function told(seen) {
    const { away, blocks } = settings(), apart = get("apart");
    if (carry && !grip) return `Block ${get("order")[carry.from] + 1} is in your hand${carry.to === null ? "" : `, over the place of block ${get("order")[carry.to] + 1}`}: arrows move it, the space bar puts it down, Escape lets it be.`;
    const lines = [];
    if (apart) lines.push(`Each block is coded and decoded alone: ${same()}.`);
    if (away.length) lines.push(`${blocks}${now.difference ? "" : ", code and all"}. Error before ${milli(before)}, after ${milli(now.errors[9][0])}: ${now.difference ? "each depends on what surrounds it" : "the net does not notice"}.`);
    if (lesson?.on) return [...lines, lesson.words()].join(" ");
    if (seen === EDGE && !now.difference) {
      const bias = now.back[SIDE * SIDE - 1];
      return `The last row and column are read by no kernel. They come back as ${bias.toFixed(3).replace(/^0/, "")}, the last bias behind its sigmoid, whatever is put in.`;
    }
    if (get("digit") === "drawing" && unread.some((k) => now.picture[k])) lines.push("Ink in the last row or column does not come back: no kernel reads it.");
    if (lines.length) return lines.join(" ");
    if (seen !== null && seen !== EDGE) return `Block ${seen + 1}: these 81 pixels alone make its 16 numbers, and these 16 alone make the 81 that come back.`;
    if (sheetShown()) return "Draw with a finger, a mouse, or the arrow keys and the space bar. The net has never seen it.";
    if (["dense", "shrinks", "bend", "code_size", "optimizer", "rate", "noise"].some((key) => get(key) !== limits[key][0])) return "The stored net; press Learn for the one of these settings.";
    return `${matchMedia("(pointer: coarse)").matches ? "Tap a block; hold one, then drag it to another place;" : "Point at a block, drag one to another place,"} or pull them all apart.`;
  }

  return () => {
    const order = get("order");
    lesson?.draw();
    compute();
    const seen = carry ? carry.from : hover ?? focused, own = sheetShown(), apart = get("apart"), any = seen !== null && seen !== EDGE;
    if (own && current[0] === 0) current = [1, Math.min(current[1], 8)];
    board.style.setProperty("--apart", apart / 100);
    root.classList.toggle("convae-nine-own", own);
    root.classList.toggle("convae-nine-any", seen !== null && !own);
    for (const stage of stages)
      stage.cells.forEach((cell, place) => {
        cell.tabIndex = stage.at === current[0] && place === current[1] ? 0 : -1;
        cell.classList.toggle("convae-on", place === seen);
        cell.classList.toggle("convae-held", !!carry && place === carry.from);
        cell.classList.toggle("convae-hand", !!grip?.held && place === carry?.from);
        cell.classList.toggle("convae-goal", !!carry && place === carry.to);
        cell.style.setProperty("--x", carry?.from === place ? carry.x : 0);
        cell.style.setProperty("--y", carry?.from === place ? carry.y : 0);
      });
    for (const arrow of arrows) arrow.style.setProperty("--row", any ? row(seen) - 1 : 0);
    if (own) any ? sheet.frame(9 * row(seen), 9 * column(seen), 9, 9) : sheet.frame();
    sheet.pens(own);
    boxes.forEach((box) => (box.checked = box.value === get("digit")));
    slider.value = apart;
    slider.setAttribute("aria-valuetext", `${apart} % apart`);
    // As many buttons stand there with the sheet as without: nothing moves.
    tidyUp.disabled = tidy() && !apart;
    tidyUp.hidden = own;
    rubber.hidden = empty.hidden = !own;
    rubber.setAttribute("aria-pressed", erase);

    const [wrong, dark] = now.errors[any ? seen : 9], block = order[seen] + 1;
    const away = any && order[seen] !== seen ? `, in the place of ${seen + 1}` : "";
    picture.caption.textContent = seen === EDGE ? "the last row and column" : any ? `block ${block} of 9${away}: 81\u00a0pixels` : own && !dark ? "draw a digit here" : "784 pixels";
    code.caption.replaceChildren(any ? `its ${now.code.length / 9} numbers` : `${now.code.length} numbers`, h("span", { class: "convae-nine-key" }, h("i", { class: "convae-plus" }), "positive ", now.code.some((value) => value < 0) && [h("i", { class: "convae-minus" }), "negative"]));
    back.caption.replaceChildren(any ? "its error " : lesson?.on ? "this picture alone: error " : "error ", h("b", null, milli(wrong)), ", all black ", h("b", null, milli(dark)), ", in\u00a0thousandths");
    kit.say(told(seen));
    const { away: moves, blocks } = settings();
    printed.textContent = `Shown: ${called()}, ${apart ? `the blocks pulled apart by ${apart} % and coded alone (${same()})` : "in one piece"}. ${moves.length ? `${blocks}. ` : ""}Error ${milli(now.errors[9][0])}, all black ${milli(now.errors[9][1])}, in thousandths. ${lesson?.on ? lesson.words() : ""}`;
  };
});
