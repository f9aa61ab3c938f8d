import { convolution, convolutionSize } from "./engine.js";
import { argument, grid, shades, sum } from "./grid.js";
import { changed, drawer, facts, h, kinds, number, select, show, widget } from "./kit.js";
import { pairs, resized, sizePair, traitPairs } from "./pairs.js";
import { player } from "./player.js";

// Name, input, kernel, stride, padding, dilation: the names are those of Dumoulin and Visin.
const EXAMPLES = [
  ["No padding, unit strides", 4, 3, 1, 0, 1],
  ["Arbitrary padding, unit strides", 5, 4, 1, 2, 1],
  ["Half (same) padding, unit strides", 5, 3, 1, 1, 1],
  ["Full padding, unit strides", 5, 3, 1, 2, 1],
  ["No padding, strides", 5, 3, 2, 0, 1],
  ["Padding, strides", 5, 3, 2, 1, 1],
  ["Padding, strides, and a row that the floor drops", 6, 3, 2, 1, 1],
  ["Dilation", 7, 3, 1, 0, 2],
];

export default widget("Convolution, step by step", (kit) => {
  const { get, set } = kit, both = [0, 1];
  let looked = null, size = [1, 1];
  const looks = (where) => ({
    point: (r, c) => look({ where, r, c }),
    leave: () => look(null),
  });
  const look = (at) => {
    looked = at;
    kit.redraw();
  };
  const input = grid("Input x", {
    ...looks("input"),
    limit: kit.limits.input,
    edit: (r, c, value) => set({ input: changed(get("input"), r - get("padding")[0], c - get("padding")[1], value) }),
  });
  const kernel = grid("Kernel w", {
    ...looks("kernel"),
    limit: kit.limits.kernel,
    edit: (r, c, value) => set({ kernel: changed(get("kernel"), r, c, value) }),
  });
  const products = grid("Products", looks("kernel"));
  const output = grid("Output y", {
    point(r, c, kept) {
      if (kept) set({ position: r * size[1] + c });
      look({ where: "output", r, c });
    },
    leave: () => look(null),
  });
  const bias = number("Bias", kit.limits.bias, (value) => set({ bias: value }));
  const settings = pairs(kit, [sizePair(kit, "input", "Input size"), sizePair(kit, "kernel", "Kernel size"), ...traitPairs(kit, "stride", "padding", "dilation")], bias.element);
  const examples = select("Example", [["", "your own"], ...EXAMPLES.map(([name], k) => [k, name])], (k) => {
    if (k === "") return;
    const [, n, size, ...rest] = EXAMPLES[k], [stride, padding, dilation] = rest.map((value) => [value, value]);
    set({ input: resized(get("input"), n, n), kernel: resized(get("kernel"), size, size), stride, padding, dilation, position: 0 });
  });
  const steps = player(kit, {
    name: "Output",
    at: () => Math.min(get("position"), size[0] * size[1] - 1),
    last: () => size[0] * size[1] - 1,
    go(position) {
      looked = null;
      set({ position });
    },
  });
  const words = facts("This number", "Size", "PyTorch");
  const stage = h("div", { class: "convae-stage" }, input.element, h("span", { class: "convae-sign" }, "∗"),
    h("div", { class: "convae-column" }, kernel.element, h("div", { class: "convae-result" }, products.element)),
    h("div", { class: "convae-stage convae-result convae-sticky" }, h("span", { class: "convae-sign" }, "="), output.element));
  kit.root.append(
    examples.element,
    h("div", { class: "convae-play" },
      drawer("Settings", settings.element),
      h("div", { class: "convae-result" }, steps.element),
      stage,
      ...kit.lines),
    drawer("Formulas", h("div", { class: "convae-result" }, words.element),
      h("p", { class: "convae-hint" }, "To change a cell of the input or the kernel, press it twice, or go there with the arrow keys and type.")),
  );
  kit.keep(stage, words.element);

  return () => {
    const x = get("input"), w = get("kernel"), stride = get("stride"), padding = get("padding"), dilation = get("dilation");
    const sides = [x.length, x[0].length], reach = both.map((a) => dilation[a] * ([w, w[0]][a].length - 1) + 1);
    settings.draw();
    bias.set(get("bias"));
    const now = [sides, [w.length, w[0].length], stride, padding, dilation];
    const example = EXAMPLES.findIndex(([, ...own]) => own.every((value, k) => both.every((a) => now[k][a] === value)));
    examples.set(example < 0 ? "" : example);
    let impossible;
    try {
      size = both.map((a) => convolutionSize(sides[a], now[1][a], stride[a], padding[a], dilation[a]));
    } catch (error) {
      impossible = error;
    }
    if (impossible) size = [0, 0];
    const position = looked?.where === "output" ? looked.r * size[1] + looked.c : Math.min(get("position"), size[0] * size[1] - 1);
    const here = impossible ? [NaN, NaN] : [Math.floor(position / size[1]), position % size[1]];

    // Which weight [u, v] lies over a padded pixel [r, c] when output [i, j] is computed; undefined for none.
    const over = (r, c, i, j) => {
      const [u, v] = [(r - i * stride[0]) / dilation[0], (c - j * stride[1]) / dilation[1]];
      return w[u]?.[v] === undefined ? undefined : [u, v];
    };
    const readers = (r, c) => {
      const found = [];
      for (let i = 0; i < size[0]; i++) for (let j = 0; j < size[1]; j++) if (over(r, c, i, j)) found.push([i, j]);
      return found;
    };
    const read = both.map((a) => {
      const lines = new Set();
      for (let i = 0; i < size[a]; i++) for (let u = 0; u < now[1][a]; u++) lines.add(i * stride[a] + u * dilation[a]);
      return lines;
    });
    const on = looked?.where === "input" && looked, by = looked?.where === "kernel" && looked;
    const shade = shades(x.flat());
    input.draw(sides[0] + 2 * padding[0], sides[1] + 2 * padding[1], (r, c) => {
      const own = x[r - padding[0]]?.[c - padding[1]], place = over(r, c, ...here), pad = own === undefined;
      const missed = !impossible && !(read[0].has(r) && read[1].has(c));
      const lit = by ? readers(r, c).some(([i, j]) => String(over(r, c, i, j)) === `${by.r},${by.c}`) : on && on.r === r && on.c === c;
      return {
        text: show(own ?? 0), value: own ?? 0, fixed: pad, shade: pad ? 0 : shade(own),
        note: place ? "×" + show(w[place[0]][place[1]]) : "",
        label: (pad ? "padding, 0" : `x[${r - padding[0]}, ${c - padding[1]}] = ${show(own)}`) + (missed ? ", never read" : ""),
        kind: kinds({ "convae-padding": pad, "convae-missed": missed, "convae-under": place, "convae-lit": lit }),
      };
    });
    kit.fit(sides[1] + 2 * padding[1] + now[1][1] + size[1]);
    if (impossible) input.frame();
    else input.frame(here[0] * stride[0], here[1] * stride[1], ...reach);
    const used = on ? readers(on.r, on.c).map(([i, j]) => String(over(on.r, on.c, i, j))) : by ? [`${by.r},${by.c}`] : [];
    const weigh = shades(w.flat());
    kernel.draw(...now[1], (u, v) => ({
      text: show(w[u][v]), value: w[u][v], shade: weigh(w[u][v]), label: `w[${u}, ${v}] = ${show(w[u][v])}`,
      kind: used.includes(`${u},${v}`) ? "convae-lit" : "",
    }));
    if (impossible) throw impossible;

    const y = convolution(
      { shape: [1, ...sides], data: Float64Array.from(x.flat()) }, { shape: [1, 1, ...now[1]], data: Float64Array.from(w.flat()) },
      { data: [get("bias")] }, { stride, padding, dilation }).data;
    const [i, j] = here, terms = w.map((line, u) => line.map((weight, v) =>
      [x[i * stride[0] + u * dilation[0] - padding[0]]?.[j * stride[1] + v * dilation[1] - padding[1]] ?? 0, weight]));
    products.title(`Products, together ${show(y[position] - get("bias"))}`);
    products.draw(...now[1], (u, v) => {
      const [value, weight] = terms[u][v];
      return {
        text: show(value * weight), label: `${show(value)} times ${show(weight)} = ${show(value * weight)}`,
        kind: used.includes(`${u},${v}`) && by ? "convae-lit" : "",
      };
    });
    const answer = shades(y);
    output.draw(...size, (r, c) => {
      const value = y[r * size[1] + c], place = on && over(on.r, on.c, r, c);
      return {
        text: show(value), shade: answer(value), label: `y[${r}, ${c}] = ${show(value)}`,
        note: place ? "×" + show(w[place[0]][place[1]]) : "",
        kind: (r === i && c === j ? "convae-here" : "") + (place ? " convae-lit" : ""),
      };
    });
    steps.draw();

    words.set("This number", `y[${i}, ${j}] =`, sum(terms), get("bias") ? ` + ${show(get("bias"))} (bias)` : "", h("b", null, ` = ${show(y[position])}`));
    const rests = both.map((a) => (sides[a] + 2 * padding[a] - reach[a]) % stride[a]);
    const sizeOf = (a) => {
      const [n, k, s, p, d] = now.map((pair) => pair[a]), free = n + 2 * p - d * (k - 1) - 1;
      return `⌊(${n} + 2·${p} − ${d}·(${k} − 1) − 1) / ${s}⌋ + 1 = ⌊${free} / ${s}⌋ + 1 = ${size[a]}` + (rests[a] ? `, remainder ${rests[a]}` : "");
    };
    const same = now.every(([rows, columns]) => rows === columns), names = ["row", "column"];
    const lines = (count, a) => (count > 1 ? `${count} ${names[a]}s` : names[a]);
    words.set("Size", h("div", { class: "convae-zero" }, "⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1"),
      same ? h("div", null, sizeOf(0)) : both.map((a) => h("div", null, `${names[a]}s: ${sizeOf(a)}`)),
      both.map((a) => {
        const skipped = sides[a] + 2 * padding[a] - read[a].size - rests[a];
        return [
          rests[a] && h("div", null, `✕ The floor drops the remainder: the last ${lines(rests[a], a)}${padding[a] ? " of the padded input" : ""} cannot be read.`),
          skipped && h("div", null, `✕ Stride or dilation steps over ${skipped} more ${names[a]}${skipped > 1 ? "s" : ""}.`),
        ].filter(Boolean);
      }));
    words.set("PyTorch", h("code", null, "nn.Conv2d(1, 1" + argument("kernel_size", now[1]) + argument("stride", stride, 1) +
      argument("padding", padding, 0) + argument("dilation", dilation, 1) + (get("bias") ? "" : ", bias=False") + ")"));
    if (on) {
      const count = used.length, own = x[on.r - padding[0]]?.[on.c - padding[1]];
      kit.say(`${own === undefined ? "A zero of the padding" : `x[${on.r - padding[0]}, ${on.c - padding[1]}] = ${show(own)}`} is read by ${count} of ${y.length} outputs.`);
    } else if (by) kit.say(`w[${by.r}, ${by.c}] = ${show(w[by.r][by.c])} is used once for each of the ${y.length} outputs; here it gives ${show(terms[by.r][by.c][0] * terms[by.r][by.c][1])}.`);
    else kit.say(`y[${i}, ${j}] = ${show(y[position])}: output ${position + 1} of ${y.length}.`);
  };
});
