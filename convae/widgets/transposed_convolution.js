import { convolution, transposedConvolution, transposedSize } from "./engine.js";
import { argument, grid, shades, sum } from "./grid.js";
import { button, changed, choice, drawer, facts, fold, h, kinds, matrix, number, show, widget } from "./kit.js";
import { pairs, sizePair, traitPairs } from "./pairs.js";
import { player } from "./player.js";

const listed = (items, word) => items.join(", ").replace(/, (?=\d+$)/, ` ${word} `);

export default widget("Transposed convolution, four ways to see it", (kit) => {
  const { get, set } = kit, both = [0, 1];
  let looked = null, size = [1, 1], place = () => undefined;
  const look = (at) => {
    looked = at;
    kit.redraw();
  };
  const view = choice("View", [["scatter", "Scatter: stamps"], ["gather", "Gather: turned kernel"], ["counts", "Counts"], ["adjoint", "Adjoint or inverse?"]],
    (value) => {
      looked = null;
      set({ view: value, position: 0 });
      if (value === "gather") kernel.turn();
    });
  const left = grid("Input x", {
    limit: kit.limits.input,
    edit: (r, c, value) => set({ input: changed(get("input"), ...place(r, c), value) }),
    point(r, c, kept) {
      const at = place(r, c);
      if (kept && at && get("view") === "scatter") set({ position: at[0] * get("input")[0].length + at[1] });
      look({ where: "left", r, c, at });
    },
    leave: () => look(null),
  });
  const kernel = grid("Kernel w", {
    limit: kit.limits.kernel,
    edit: (r, c, value) => set({ kernel: changed(get("kernel"), ...turned(r, c), value) }),
    point: (r, c) => look({ where: "kernel", r, c }),
    leave: () => look(null),
  });
  const products = grid("Products", { point: (r, c) => look({ where: "kernel", r, c }), leave: () => look(null) });
  const right = grid("Output y", {
    point(r, c, kept) {
      if (kept && get("view") === "gather") set({ position: r * size[1] + c });
      look({ where: "right", r, c });
    },
    leave: () => look(null),
  });
  const turned = (u, v) => (get("view") === "gather" ? [get("kernel").length - 1 - u, get("kernel")[0].length - 1 - v] : [u, v]);
  const back = grid("K Kᵀx"), probe = grid("u"), probed = grid("K u");
  const bias = number("Bias", kit.limits.bias, (value) => set({ bias: value }));
  const settings = pairs(kit, [sizePair(kit, "input", "Input size"), sizePair(kit, "kernel", "Kernel size"),
    ...traitPairs(kit, "stride", "padding", "dilation", "output_padding")], bias.element);
  const last = () => (get("view") === "gather" ? size[0] * size[1] : get("input").flat().length) - 1;
  const steps = player(kit, {
    name: "Step",
    last,
    at: () => Math.min(get("position"), last()),
    go(position) {
      looked = null;
      set({ position });
    },
  });
  const another = button("Another u", () => set({ seed: (get("seed") % kit.limits.seed[1]) + 1 }));
  const words = facts("What happens", "Size", "Shape", "PyTorch");
  const signs = [0, 1].map(() => h("span", { class: "convae-sign" }));
  const middle = h("div", { class: "convae-column" }, kernel.element, h("div", { class: "convae-result" }, products.element));
  const adjoint = h("div", { class: "convae-stage convae-result" }, h("span", { class: "convae-sign" }, "→"), back.element);
  const test = h("div", { class: "convae-stage convae-result" }, probe.element, h("span", { class: "convae-sign" }, "→"), probed.element, another);
  const stage = h("div", { class: "convae-stage" }, left.element, signs[0], middle,
    h("div", { class: "convae-stage convae-result convae-sticky" }, signs[1], right.element), adjoint);
  kit.root.append(
    view.element,
    h("div", { class: "convae-play" },
      drawer("Settings", settings.element),
      h("div", { class: "convae-result" }, steps.element),
      stage, test, ...kit.lines),
    fold("Formulas", h("div", { class: "convae-result" }, words.element),
      h("p", { class: "convae-hint" }, "To change a cell of the input or the kernel, press it twice, or go there with the arrow keys and type.")),
  );
  kit.keep(stage, words.element);

  return () => {
    const x = get("input"), w = get("kernel"), b = get("bias"), seen = get("view");
    const n = [x.length, x[0].length], k = [w.length, w[0].length];
    const [s, p, d, extra] = ["stride", "padding", "dilation", "output_padding"].map(get);
    const reach = both.map((a) => d[a] * (k[a] - 1)), whole = both.map((a) => (n[a] - 1) * s[a] + reach[a] + 1);
    settings.draw();
    bias.set(b);
    view.set(seen);
    let impossible;
    try {
      size = both.map((a) => transposedSize(n[a], k[a], s[a], p[a], d[a], extra[a]));
    } catch (error) {
      impossible = error;
    }
    const gather = seen === "gather" && !impossible, scatter = seen === "scatter", steady = seen === "counts" || seen === "adjoint";
    const position = Math.min(get("position"), last());
    const here = [Math.floor(position / (gather ? size[1] : n[1])), position % (gather ? size[1] : n[1])];

    // All that reaches a place of the uncut output: input [i, j] by weight [u, v].
    const reachedBy = (r, c) => {
      const found = [];
      for (let u = 0; u < k[0]; u++)
        for (let v = 0; v < k[1]; v++) {
          const i = (r - u * d[0]) / s[0], j = (c - v * d[1]) / s[1];
          if (x[i]?.[j] !== undefined) found.push({ i, j, u, v });
        }
      return found;
    };
    // Where the output begins in the drawn grid: at once where only it is drawn, behind what is cut off otherwise.
    const first = scatter || seen === "counts" ? p : [0, 0];
    const target = looked?.where === "right" && reachedBy(looked.r + p[0] - first[0], looked.c + p[1] - first[1]);
    const source = looked?.where === "left" ? looked.at : scatter && !looked ? here : null;
    const by = looked?.where === "kernel" && turned(looked.r, looked.c);

    // The left grid: the input, or the input with zeros stuffed between and around it, as the turned kernel reads it.
    const before = both.map((a) => reach[a] - p[a]);
    place = (r, c) => {
      if (!gather) return [r, c];
      const i = (r - before[0]) / s[0], j = (c - before[1]) / s[1];
      return x[i]?.[j] === undefined ? undefined : [i, j];
    };
    const shade = shades(x.flat());
    left.title(gather ? "Input x, stuffed with zeros" : "Input x");
    left.draw(...(gather ? both.map((a) => size[a] + reach[a]) : n), (r, c) => {
      const at = place(r, c), own = at && x[at[0]][at[1]];
      const window = gather && [(r - here[0]) / d[0], (c - here[1]) / d[1]];
      const weight = window && w[k[0] - 1 - window[0]]?.[k[1] - 1 - window[1]];
      const used = target && at && target.find(({ i, j }) => i === at[0] && j === at[1]);
      const inside = gather && both.every((a) => [r, c][a] >= before[a] && [r, c][a] <= before[a] + (n[a] - 1) * s[a]);
      return {
        text: show(own ?? 0), value: own ?? 0, fixed: !at, shade: at ? shade(own) : 0,
        note: weight !== undefined && weight !== false ? "×" + show(weight) : used && !gather ? "×" + show(w[used.u][used.v]) : "",
        label: at ? `x[${at.join(", ")}] = ${show(own)}` : inside ? "stuffed zero" : "zero around",
        kind: kinds({
          "convae-padding": !at && !inside, "convae-stuffed": inside && !at, "convae-under": weight !== undefined && weight !== false,
          "convae-lit": used || (looked?.where === "left" && looked.r === r && looked.c === c),
          "convae-here": scatter && !impossible && r === here[0] && c === here[1],
        }),
      };
    });
    kit.fit((gather ? size[1] + reach[1] : n[1]) + k[1] + (scatter ? Math.max(whole[1], p[1] + size[1]) : size[1]));
    if (gather) left.frame(...here, reach[0] + 1, reach[1] + 1);
    else left.frame();
    const weigh = shades(w.flat());
    kernel.title(seen === "gather" ? "Kernel w, turned by 180°" : "Kernel w");
    kernel.draw(...k, (r, c) => {
      const [u, v] = turned(r, c), lit = by ? u === by[0] && v === by[1] : target && target.some((one) => one.u === u && one.v === v);
      return {
        text: show(w[u][v]), value: w[u][v], shade: weigh(w[u][v]), label: `w[${u}, ${v}] = ${show(w[u][v])}`,
        kind: kinds({ "convae-lit": lit, "convae-first": !u && !v && !gather, "convae-first convae-last": !u && !v && gather }),
      };
    });
    for (const element of [products.element, steps.element]) element.hidden = steady;
    middle.hidden = seen === "adjoint";
    adjoint.hidden = test.hidden = seen !== "adjoint";
    signs[0].textContent = { scatter: "·", gather: "∗", counts: "·", adjoint: "" }[seen];
    signs[1].textContent = gather ? "=" : "→";
    if (impossible) throw impossible;

    const tensor = (values) => ({ shape: [1, values.length, values[0].length], data: Float64Array.from(values.flat()) });
    const rows = ({ shape, data }) => matrix(shape[1], shape[2], (r, c) => data[r * shape[2] + c]);
    const weights = { ...tensor(w), shape: [1, 1, ...k] }, rule = { stride: s, padding: p, dilation: d };
    const transposed = (bias) => rows(transposedConvolution(tensor(x), weights, bias && { data: [bias] }, { ...rule, outputPadding: extra }));
    const y = transposed(b);

    const ends = [["top", "bottom"], ["left", "right"]], same = [n, k, s, p, d, extra].every(([one, other]) => one === other);
    const cut = (a) => ` Padding cuts off ${p[a]} at the ${ends[a][0]} and ${Math.max(p[a] - extra[a], 0)} at the ${ends[a][1]}` +
      (extra[a] && p[a] ? `, where output_padding keeps ${Math.min(extra[a], p[a])} more` : "") +
      (extra[a] > p[a] ? `; output_padding adds ${extra[a] - p[a]} that may be reached by no stamp` : "") + ".";
    let sentence, step;
    if (scatter || seen === "counts") {
      const drawn = both.map((a) => Math.max(whole[a], p[a] + size[a]));
      const reached = matrix(...drawn, reachedBy), counts = reached.map((row) => row.map((found) => found.length)), most = Math.max(...counts.flat());
      const stamps = reached.map((row) => row.map((found) => found.filter(({ i, j }) => i * n[1] + j <= position)));
      const total = (r, c) => stamps[r][c].reduce((all, { i, j, u, v }) => all + x[i][j] * w[u][v], b);
      const tint = shades(y.flat());
      right.title(seen === "counts" ? "How many inputs reach each output" : `Output y after stamp ${position + 1} of ${n[0] * n[1]}`);
      right.draw(...drawn, (r, c) => {
        const outside = both.some((a) => [r, c][a] < p[a] || [r, c][a] >= p[a] + size[a]);
        const now = source && reached[r][c].find(({ i, j }) => i === source[0] && j === source[1]);
        const value = seen === "counts" ? counts[r][c] : total(r, c), empty = scatter && !stamps[r][c].length;
        const name = outside ? "cut off by the padding" : seen === "counts" ? `y[${r - p[0]}, ${c - p[1]}] is reached by ${value}` : `y[${r - p[0]}, ${c - p[1]}] = ${show(value)}`;
        return {
          text: outside && scatter && empty ? "" : empty && counts[r][c] ? "" : show(value), label: name,
          shade: outside ? 0 : seen === "counts" ? (2.5 * value) / most : empty ? 0 : tint(value),
          note: now ? (scatter ? "+" + show(x[now.i][now.j] * w[now.u][now.v]) : "×" + show(w[now.u][now.v])) : "",
          kind: kinds({
            "convae-deep": seen === "counts" && !outside, "convae-padding": outside, "convae-missed": !outside && !counts[r][c], "convae-under": now && scatter,
            "convae-lit": (now && looked) || (by && reached[r][c].some(({ u, v }) => u === by[0] && v === by[1])) || (looked?.where === "right" && looked.r === r && looked.c === c),
          }),
        };
      });
      if (scatter) right.frame(here[0] * s[0], here[1] * s[1], reach[0] + 1, reach[1] + 1);
      else right.frame();
      const value = x[here[0]][here[1]];
      if (scatter) {
        products.title(`Stamp: ${show(value)} times w`);
        products.draw(...k, (u, v) => ({ text: show(value * w[u][v]), label: `${show(value)} times ${show(w[u][v])} = ${show(value * w[u][v])}`, kind: by && by[0] === u && by[1] === v ? "convae-lit" : "" }));
        step = `The kernel times x[${here.join(", ")}] = ${show(value)} is added to y from row ${here[0]}·${s[0]} − ${p[0]} = ${show(here[0] * s[0] - p[0])} and column ${here[1]}·${s[1]} − ${p[1]} = ${show(here[1] * s[1] - p[1])} on.` +
          both.filter((a) => (p[a] || extra[a]) && !(same && a)).map(cut).join("");
        sentence = `Stamp ${position + 1} of ${n[0] * n[1]}: x[${here.join(", ")}] = ${show(value)} reaches ${k[0] * k[1]} places.`;
      } else {
        const turns = both.map((a) => Array.from({ length: s[a] }, (_, rest) => Array.from({ length: k[a] }, (_, u) => u * d[a]).filter((at) => at % s[a] === rest).length));
        const uneven = turns.filter((counted) => counted.some((one) => one !== counted[0])).length;
        step = `Away from the edges, rows are reached ${listed(turns[0], "and")} times in turn and columns ${listed(turns[1], "and")} times. ` +
          ["All get as much: the counts make no pattern.", "Some get more than others: with equal weights this makes stripes.",
            "Some get more than others: with equal weights this makes a checkerboard."][uneven];
        sentence = uneven ? "Inner outputs are reached by different numbers of inputs." : "All inner outputs are reached by as many inputs.";
      }
      if (target) sentence = `This place is reached by ${target.length} of ${n[0] * n[1]} inputs.`;
    } else if (gather) {
      const [i, j] = here;
      const terms = w.map((line, u) => line.map((_, v) => {
        const at = place(i + u * d[0], j + v * d[1]);
        return [at ? x[at[0]][at[1]] : 0, w[k[0] - 1 - u][k[1] - 1 - v]];
      }));
      const tint = shades(y.flat());
      right.title("Output y");
      right.frame();
      right.draw(...size, (r, c) => ({
        text: show(y[r][c]), shade: tint(y[r][c]), label: `y[${r}, ${c}] = ${show(y[r][c])}`,
        kind: kinds({
          "convae-here": r === i && c === j,
          "convae-lit": looked?.where === "left" && looked.at && reachedBy(r + p[0], c + p[1]).some((one) => one.i === looked.at[0] && one.j === looked.at[1]),
        }),
      }));
      products.title(`Products, together ${show(y[i][j] - b)}`);
      products.draw(...k, (u, v) => ({
        text: show(terms[u][v][0] * terms[u][v][1]), label: `${show(terms[u][v][0])} times ${show(terms[u][v][1])} = ${show(terms[u][v][0] * terms[u][v][1])}`,
        kind: looked?.where === "kernel" && looked.r === u && looked.c === v ? "convae-lit" : "",
      }));
      step = [`y[${i}, ${j}] =`, sum(terms), b ? ` + ${show(b)} (bias)` : "", h("b", null, ` = ${show(y[i][j])}`)];
      sentence = `y[${i}, ${j}] = ${show(y[i][j])}: reached by ${reachedBy(i + p[0], j + p[1]).length} of ${n[0] * n[1]} inputs. The same number as by stamping.`;
    } else {
      const up = transposed(0), clip = (map) => matrix(...n, (r, c) => map[r][c]);
      const down = (map) => clip(rows(convolution(tensor(map), weights, null, rule)));
      const again = down(up), found = again.flat().filter((value, at) => show(value) === show(x.flat()[at])).length;
      let state = get("seed");
      const u = matrix(...size, () => (state = (state * 16807) % 2147483647) % 4), ku = down(u);
      const inner = (one, other) => one.flat().reduce((all, value, at) => all + value * other.flat()[at], 0);
      const put = (where, title, map, letter) => {
        const tint = shades(map.flat());
        where.title(title);
        where.frame();
        where.draw(map.length, map[0].length, (r, c) => ({ text: show(map[r][c]), shade: tint(map[r][c]), label: `${letter}[${r}, ${c}] = ${show(map[r][c])}` }));
      };
      put(right, "Kᵀx, without bias", up, "Kᵀx");
      put(back, "K Kᵀx, convolved back", again, "K Kᵀx");
      put(probe, "Any u of that size", u, "u");
      put(probed, "K u", ku, "K u");
      step = [
        h("div", null, "Adjoint: ⟨u, Kᵀx⟩ = ", h("b", null, show(inner(u, up))), " and ⟨K u, x⟩ = ", h("b", null, show(inner(ku, x))), "."),
        h("div", null, "Inverse? K Kᵀx has the shape of x; ", h("b", null, `${found} of ${n[0] * n[1]}`), " numbers are those of x."),
      ];
      sentence = "The two products agree for every u: Kᵀ is the adjoint of the convolution K. " +
        (found < x.flat().length ? "It gives back the shape of x, not its numbers." : "For this x even the numbers come back.");
    }
    steps.draw();

    words.set("What happens", step);
    const names = ["row", "column"];
    const line = (a) => `(${n[a]} − 1)·${s[a]} − 2·${p[a]} + ${d[a]}·(${k[a]} − 1) + ${extra[a]} + 1 = ${size[a]}`;
    words.set("Size", h("div", { class: "convae-zero" }, "(n − 1)s − 2p + d(k − 1) + output_padding + 1"),
      same ? h("div", null, line(0)) : both.map((a) => h("div", null, `${names[a]}s: ${line(a)}`)));
    const fits = (a) => {
      const least = size[a] - extra[a], choices = Array.from({ length: s[a] }, (_, more) => least + more).filter((side) => side > 0);
      return `A convolution with these settings makes ${n[a]} ${names[a]}s out of ${listed(choices, "or")}` +
        (extra[a] < s[a] ? `; output_padding=${extra[a]} goes back to ${size[a]}.` : `; output_padding=${extra[a]} goes beyond them.`);
    };
    words.set("Shape", same ? h("div", null, fits(0)) : both.map((a) => h("div", null, fits(a))));
    words.set("PyTorch", h("code", null, "nn.ConvTranspose2d(1, 1" + argument("kernel_size", k) + argument("stride", s, 1) + argument("padding", p, 0) +
      argument("output_padding", extra, 0) + argument("dilation", d, 1) + (b ? "" : ", bias=False") + ")"));
    kit.say(sentence);
  };
});
