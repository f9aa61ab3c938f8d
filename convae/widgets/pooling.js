import { averagePool, maxPool } from "./engine.js";
import { argument, grid, shades } from "./grid.js";
import { changed, checkbox, choice, drawer, facts, fold, h, kinds, matrix, select, show, widget } from "./kit.js";
import { pairs, traitPairs } from "./pairs.js";

const around = (place, length) => ((place % length) + length) % length;
const moved = (values, [down, right]) =>
  matrix(values.length, values[0].length, (r, c) => values[around(r - down, values.length)][around(c - right, values[0].length)]);
const percent = (share) => (Number.isNaN(share) ? "—" : share === Infinity ? "∞" : `${Math.round(100 * share)} %`);

/** One pixel of each whole block, as a mean with binomial weights, about twice as long as the block; it reads across the edges. */
const ways = (all, some) => (some ? (ways(all, some - 1) * (all - some + 1)) / some : 1);
const wide = (step) => 2 * step - (step % 2);
const taps = (step) => Array.from({ length: wide(step) }, (_, k) => ways(wide(step) - 1, k) / 2 ** (wide(step) - 1));
function blurred(values, stride) {
  const sides = [values.length, values[0].length], counts = sides.map((side, a) => Math.floor(side / stride[a])), [down, across] = stride.map(taps);
  const short = counts.indexOf(0);
  if (short >= 0) throw new Error(`A blur with stride ${stride[short]} finds no whole block in ${sides[short]} pixels: use a stride of at most ${sides[short]}.`);
  return matrix(...counts, (i, j) => {
    let sum = 0;
    down.forEach((one, u) => across.forEach((other, v) => {
      const at = [i * stride[0] + u - Math.floor(stride[0] / 2), j * stride[1] + v - Math.floor(stride[1] / 2)];
      sum += one * other * values[around(at[0], sides[0])][around(at[1], sides[1])];
    }));
    return sum;
  });
}

/** How many numbers changed, and how far the output did not stay as it was, nor moved along with the picture. */
function compare(before, after, [high, wide], shift) {
  const paint = (values) => matrix(values.length * high, values[0].length * wide, (r, c) => values[Math.floor(r / high)][Math.floor(c / wide)]);
  const total = (values) => values.flat().reduce((sum, value) => sum + Math.abs(value), 0);
  const difference = (a, b) => a.map((row, r) => row.map((value, c) => value - b[r][c]));
  const change = difference(after, before);
  return {
    count: change.flat().filter((value) => Math.abs(value) > 1e-9).length,
    stays: total(change) / total(before),
    along: total(difference(paint(after), moved(paint(before), shift))) / (total(before) * high * wide),
  };
}

export default widget("Pooling against stride", (kit) => {
  const { get, set } = kit, both = [0, 1], pictures = get("pictures");
  let looked = null;
  const looks = (where) => ({
    point: (r, c) => look({ where, r, c }),
    leave: () => look(null),
  });
  const look = (at) => {
    looked = at;
    kit.redraw();
  };
  const input = grid("Picture", {
    ...looks("input"),
    limit: kit.limits.input,
    edit(r, c, value) {
      const shift = get("shift"), shown = changed(moved(get("input"), shift), r - get("padding")[0], c - get("padding")[1], value);
      set({ input: moved(shown, shift.map((steps) => -steps)) });
    },
  });
  const outputs = ["max", "average", "stride", "blur"].map((where) => grid(where, looks(where)));
  const examples = select("Picture", [["", "your own"], ...Object.keys(pictures).map((name) => [name, name])], (name) => name && set({ input: pictures[name], shift: [0, 0] }));
  const ceil = checkbox("Round up (ceil_mode)", (on) => set({ ceil_mode: on }));
  const size = ["Picture size", [1, kit.limits.input[3], 1], () => [get("input").length, get("input")[0].length],
    ([rows, columns]) => set({ input: matrix(rows, columns, (r, c) => get("input")[r]?.[c] ?? 0) })];
  const settings = pairs(kit, [...traitPairs(kit, "kernel", "stride", "padding"), size], ceil.element);

  const [low, high] = kit.limits.shift, clamp = (value) => Math.max(low, Math.min(high, value));
  const push = (sign, word, down, right) =>
    h("button", { type: "button", "aria-label": "Shift " + word, onclick: () => set({ shift: [clamp(get("shift")[0] + down), clamp(get("shift")[1] + right)] }) }, sign);
  const where = h("span", { class: "convae-count" });
  const pad = h("div", { class: "convae-pad", role: "group", "aria-label": "Shift the picture by one pixel" },
    push("←", "left", 0, -1), push("→", "right", 0, 1), push("↑", "up", -1, 0), push("↓", "down", 1, 0),
    h("button", { type: "button", onclick: () => set({ shift: [0, 0] }) }, "Back"), where);

  const rows = ["The picture", "Maximum", "Average", "Stride", "Blur"].map((name) => ({ name: h("th", { scope: "row" }, name), cells: both.concat(2).map(() => h("td")) }));
  const table = h("table", { class: "convae-changes" },
    h("caption", null, "The output of the shifted picture, against the output before"),
    h("thead", null, h("tr", null, h("td"), ["Numbers changed", "Difference", "Difference, moved along"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", null, rows.map(({ name, cells }) => h("tr", null, name, cells))));
  const words = facts("Size", "PyTorch");
  // Where there is room for one output only, tabs choose it.
  const made = h("div", { class: "convae-stage convae-outputs", "data-tab": 0 }, outputs.map(({ element }) => element));
  const tabs = choice("Output", ["Maximum", "Average", "Stride", "Blur"].map((name, k) => [String(k), name]), (k) => (made.dataset.tab = k));
  tabs.element.classList.add("convae-tabs");
  tabs.set("0");
  kit.root.classList.add("convae-pooling");
  kit.root.append(
    examples.element,
    h("div", { class: "convae-play" },
      drawer("Settings", settings.element),
      h("div", { class: "convae-stage" }, h("div", { class: "convae-shifted" }, input.element, pad),
        h("div", { class: "convae-column" },
          h("div", { class: "convae-sticky convae-result" }, tabs.element, made),
          h("div", { class: "convae-changed convae-result" }, drawer("How much changed", table)))),
      ...kit.lines),
    fold("Formulas", h("div", { class: "convae-result" }, words.element), h("p", { class: "convae-hint" }, "What is shifted out of the picture comes in on the other side, and there the blur reads on. Framed numbers have changed; in their corner stands the number before. The difference is the sum over all numbers, as a share of the sum before: 0 % says that the output stays as it is. ",
      "For the last column each number is painted back onto its stride × stride pixels, and the painting of before is shifted like the picture: 0 % says that the output moves along with it. ",
      "To change a pixel, press it twice, or go there with the arrow keys and type.")),
  );
  kit.keep(made, words.element);

  return () => {
    const x = get("input"), shift = get("shift"), kernel = get("kernel"), stride = get("stride"), padding = get("padding"), ceilMode = get("ceil_mode");
    const sides = [x.length, x[0].length], now = moved(x, shift);
    settings.draw();
    ceil.set(ceilMode);
    examples.set(Object.keys(pictures).find((name) => String(pictures[name]) === String(x) && pictures[name].length === x.length) ?? "");
    const steps = [shift[0] && `${Math.abs(shift[0])} ${shift[0] < 0 ? "up" : "down"}`, shift[1] && `${Math.abs(shift[1])} ${shift[1] < 0 ? "left" : "right"}`].filter(Boolean).join(", ");
    where.textContent = steps || "not shifted";

    const pooled = { kernel, stride, padding, ceilMode };
    const kernels = { max: kernel, average: kernel, stride: [1, 1], blur: stride.map(wide) };
    const run = (values) => {
      const picture = { shape: [1, ...sides], data: Float64Array.from(values.flat()) };
      const made = { max: maxPool(picture, pooled), average: averagePool(picture, pooled), stride: maxPool(picture, { kernel: 1, stride }) };
      const maps = Object.entries(made).map(([name, { shape, data }]) => [name, matrix(shape[1], shape[2], (r, c) => data[r * shape[2] + c])]);
      return { ...Object.fromEntries(maps), blur: blurred(values, stride) };
    };
    let before, after, impossible;
    try {
      [before, after] = [run(x), run(now)];
    } catch (error) {
      impossible = error;
    }
    // The first pixel of an output's window, in the padded picture, and whether a padded pixel lies in the window.
    const corner = (name, i, j) => [i, j].map((k, a) => k * stride[a] + ({ stride: padding[a], blur: padding[a] - Math.floor(stride[a] / 2) }[name] ?? 0));
    const within = (name, i, j, r, c) => corner(name, i, j).every((start, a) => {
      const at = [r, c][a];
      if (name !== "blur") return at >= start && at < start + kernels[name][a];
      return at >= padding[a] && at < padding[a] + sides[a] && around(at - start, sides[a]) < kernels.blur[a];
    });
    const read = (name, r, c) => after[name].some((row, i) => row.some((_, j) => within(name, i, j, r, c)));
    const shown = looked && after?.[looked.where]?.[looked.r]?.[looked.c] !== undefined && looked;
    const on = looked?.where === "input" && looked;
    const shade = shades(x.flat()), values = (name, i, j) => {
      const [top, left] = corner(name, i, j);
      return matrix(kernels[name][0], kernels[name][1], (u, v) => now[top + u - padding[0]]?.[left + v - padding[1]]).flat();
    };
    input.title(`Picture ${sides.join("×")}` + (steps ? `, shifted ${steps}` : ""));
    input.draw(sides[0] + 2 * padding[0], sides[1] + 2 * padding[1], (r, c) => {
      const [i, j] = [r - padding[0], c - padding[1]], value = now[i]?.[j], edge = value === undefined;
      const missed = !impossible && !edge && !read("max", r, c), under = shown && within(shown.where, shown.r, shown.c, r, c);
      return {
        text: edge ? "" : show(value), value, fixed: edge, shade: edge ? 0 : shade(value),
        label: (edge ? "padding" : `row ${i}, column ${j}: ${show(value)}`) + (missed ? ", in no window" : ""),
        kind: kinds({ "convae-padding": edge, "convae-missed": missed, "convae-under": under, "convae-zero": !value, "convae-lit": under && shown.where === "max" && value === after.max[shown.r][shown.c] }),
      };
    });
    if (shown) {
      const start = corner(shown.where, shown.r, shown.c);
      const first = start.map((at) => Math.max(0, at));
      input.frame(...first, ...both.map((a) => Math.min(start[a] + kernels[shown.where][a], sides[a] + 2 * padding[a]) - first[a]));
    } else input.frame();
    if (impossible) throw impossible;

    const names = { max: "Maximum", average: "Average", stride: stride[0] === stride[1] ? `Stride ${stride[0]}` : `Stride ${stride.join(", ")}`, blur: "Blur" };
    kit.fit(sides[1] + 2 * padding[1] + 2 * after.max[0].length + after.stride[0].length + after.blur[0].length);
    Object.keys(names).forEach((name, k) => {
      const [old, next] = [before[name], after[name]];
      outputs[k].title(`${names[name]} ${next.length}×${next[0].length}`);
      outputs[k].draw(next.length, next[0].length, (r, c) => {
        const value = next[r][c], other = Math.abs(value - old[r][c]) > 1e-9;
        return {
          text: show(value), note: other ? show(old[r][c]) : "", shade: shade(value),
          label: `row ${r}, column ${c}: ${show(value)}` + (other ? `, before the shift ${show(old[r][c])}` : ""),
          kind: kinds({ "convae-other": other, "convae-zero": !value, "convae-lit": on && within(name, r, c, on.r, on.c), "convae-here": shown?.where === name && shown.r === r && shown.c === c }),
        };
      });
    });
    const results = [compare(x, now, [1, 1], shift), ...Object.keys(names).map((name) => compare(before[name], after[name], stride, shift))];
    rows[3].name.textContent = names.stride;
    const most = Math.max(1, ...results.flatMap(({ stays, along }) => [stays, along]).filter(Number.isFinite)); // as long as its cell
    results.forEach(({ count, stays, along }, k) => {
      const all = k ? after[Object.keys(names)[k - 1]].flat().length : x.flat().length;
      rows[k].cells[0].textContent = `${count} of ${all}`;
      [stays, along].forEach((share, m) => {
        rows[k].cells[m + 1].textContent = percent(share);
        rows[k].cells[m + 1].style.setProperty("--share", `${Math.min(100, (100 * share) / most) || 0}%`);
      });
    });

    const side = (a) => {
      const rest = sides[a] + 2 * padding[a] - kernel[a], [open, close] = ceilMode ? "⌈⌉" : "⌊⌋";
      const windows = (ceilMode ? Math.ceil : Math.floor)(rest / stride[a]) + 1, kept = [after.max, after.max[0]][a].length;
      return `${open}(${sides[a]} + 2·${padding[a]} − ${kernel[a]}) / ${stride[a]}${close} + 1 = ${windows}` + (kept < windows ? `, without the last one, which would begin outside: ${kept}` : "");
    };
    const same = both.every((a) => [sides, kernel, stride, padding].every((pair) => pair[0] === pair[1]));
    words.set("Size", same ? side(0) : `rows: ${side(0)}; columns: ${side(1)}`, `; stride: ⌈${sides[0]} / ${stride[0]}⌉ = ${after.stride.length}; blur: ⌊${sides[0]} / ${stride[0]}⌋ = ${after.blur.length}`);
    const line = (name) => `nn.${name}(` + (argument("kernel_size", kernel) + (String(stride) === String(kernel) ? "" : argument("stride", stride)) + argument("padding", padding, 0) + (ceilMode ? ", ceil_mode=True" : "")).slice(2) + ")";
    words.set("PyTorch", ["MaxPool2d", "AvgPool2d"].map((name) => h("div", null, h("code", null, line(name)))), h("div", null, h("code", null, `x[..., ::${stride[0]}, ::${stride[1]}]`)));
    if (shown) {
      const name = shown.where, value = after[name][shown.r][shown.c], old = before[name][shown.r][shown.c];
      const list = values(name, shown.r, shown.c).map((v) => (v === undefined ? "padding" : show(v)));
      kit.say(`${names[name]}, row ${shown.r}, column ${shown.c}: ` + (name === "stride" ? "the pixel is " : name === "blur" ? `a mean of ${kernels.blur.join("×")} pixels, weighted ${[...new Set(stride.map((step) => taps(step).map((tap) => tap * 2 ** (wide(step) - 1)).join(" ")))].join(" and ")}, is ` : `${name === "max" ? "the largest" : "the average"} of ${list.join(", ")} is `) +
        show(value) + (Math.abs(value - old) > 1e-9 ? `; before the shift it was ${show(old)}.` : steps ? ", as before the shift." : "."));
    } else if (on) {
      const count = (name) => after[name].flatMap((row, i) => row.filter((_, j) => within(name, i, j, on.r, on.c))).length;
      kit.say(`This pixel lies in ${count("max")} of the ${after.max.flat().length} windows; the stride ${count("stride") ? "takes it" : "leaves it out"}.`);
    } else kit.say(steps ? `Shifted ${steps}. Numbers that changed: ${Object.keys(names).map((name, k) => `${names[name]}: ${results[k + 1].count} of ${after[name].flat().length}`).join("; ")}.` : "Not shifted: every output is compared with itself. Shift the picture by a pixel.");
  };
});
