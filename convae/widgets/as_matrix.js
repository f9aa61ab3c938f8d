import { convolution, convolutionSize } from "./engine.js";
import { grid, shades } from "./grid.js";
import { changed, h, kinds, show, widget } from "./kit.js";

const ORDER = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];

export default widget("A convolution as a matrix", (kit) => {
  const { get, set } = kit;
  let looked = null, size = [1, 1];
  const wide = () => get("input")[0].length, edge = () => get("kernel").length;
  const look = (at) => {
    looked = at;
    kit.redraw();
  };
  const leave = () => look(null);
  const keep = (row, kept) => kept && set({ row });
  const input = grid("Picture x", {
    limit: kit.limits.input, leave,
    point: (r, c) => look({ pixel: r * wide() + c }),
    edit: (r, c, value) => set({ input: changed(get("input"), r, c, value) }),
  });
  const kernel = grid("Kernel w", {
    limit: kit.limits.kernel, leave,
    point: (u, v) => look({ weight: [u, v] }),
    edit: (u, v, value) => set({ kernel: changed(get("kernel"), u, v, value) }),
  });
  const output = grid("Output y", {
    leave,
    point(i, j, kept) {
      keep(i * size[1] + j, kept);
      look({ row: i * size[1] + j });
    },
  });
  const matrix = grid("Matrix A, a row for each output, a column for each pixel", {
    leave,
    point(row, pixel, kept) {
      keep(row, kept);
      look({ row, pixel });
    },
  });
  const column = grid("x, row by row", { leave, point: (_, pixel) => look({ pixel }) });
  const answer = grid("y", {
    leave,
    point(row, _, kept) {
      keep(row, kept);
      look({ row });
    },
  });
  kit.root.classList.add("convae-rows");
  const sign = (text) => h("span", { class: "convae-sign", "aria-hidden": "true" }, text);
  kit.root.append(
    h("div", { class: "convae-stage" }, input.element, sign("∗"), kernel.element, h("div", { class: "convae-stage convae-result" }, sign("="), output.element)),
    h("div", { class: "convae-result convae-product" }, column.element, h("div", { class: "convae-stage" }, matrix.element, sign("="), answer.element)),
    ...kit.lines,
    h("p", { class: "convae-hint" }, "Point at any number, or go there with the arrow keys. To change one of the picture or the kernel, press it twice, or type."),
  );

  return () => {
    const x = get("input"), w = get("kernel"), sides = [x.length, x[0].length], extent = [w.length, w[0].length];
    const weigh = shades(w.flat()), shade = shades(x.flat());
    size = [0, 1].map((a) => convolutionSize(sides[a], extent[a], 1, 0, 1));
    const rows = size[0] * size[1], pixels = sides[0] * sides[1];
    const y = convolution({ shape: [1, ...sides], data: Float64Array.from(x.flat()) }, { shape: [1, 1, ...extent], data: Float64Array.from(w.flat()) },
      { data: [0] }, { stride: [1, 1], padding: [0, 0], dilation: [1, 1] }).data;
    const total = shades(y), at = (row) => [Math.floor(row / size[1]), row % size[1]], place = (pixel) => [Math.floor(pixel / sides[1]), pixel % sides[1]];
    // Which weight [u, v] stands in a row and a column of the matrix; undefined where a 0 does.
    const entry = (row, pixel) => {
      const [i, j] = at(row), [r, c] = place(pixel), [u, v] = [r - i, c - j];
      return w[u]?.[v] === undefined ? undefined : [u, v];
    };
    const { pixel, weight } = looked ?? {};
    const row = looked ? looked.row : Math.min(get("row"), rows - 1);
    const one = weight && String(weight), here = row === undefined ? undefined : at(row);
    const used = (k) => row !== undefined && entry(row, k);
    const marked = (k, own) => own && (one ? String(own) === one : k === pixel);
    const readers = pixel === undefined ? [] : Array.from({ length: rows }, (_, k) => k).filter((k) => entry(k, pixel));

    kit.root.style.setProperty("--pixels", pixels);
    const cell = (k) => {
      const [r, c] = place(k), own = used(k), lit = one ? Array.from({ length: rows }, (_, n) => entry(n, k)).some((found) => String(found) === one) : k === pixel;
      return {
        text: show(x[r][c]), value: x[r][c], shade: shade(x[r][c]), label: `x[${r}, ${c}] = ${show(x[r][c])}`,
        note: own ? "×" + show(w[own[0]][own[1]]) : "", kind: kinds({ "convae-under": own, "convae-lit": lit }),
      };
    };
    input.draw(...sides, (r, c) => cell(r * sides[1] + c));
    column.draw(1, pixels, (_, k) => ({ ...cell(k), note: "", label: `${cell(k).label}, number ${k + 1} of the column` }));
    if (here) input.frame(...here, ...extent);
    else input.frame();
    const met = row !== undefined && pixel !== undefined ? [entry(row, pixel)].filter(Boolean).map(String) : readers.map((k) => String(entry(k, pixel)));
    kernel.draw(...extent, (u, v) => ({
      text: show(w[u][v]), value: w[u][v], shade: weigh(w[u][v]), label: `w[${u}, ${v}] = ${show(w[u][v])}`,
      kind: kinds({ "convae-lit": one === `${u},${v}` || met.includes(`${u},${v}`) }),
    }));
    matrix.draw(rows, pixels, (n, k) => {
      const own = entry(n, k), value = own ? w[own[0]][own[1]] : 0;
      const lit = one ? own && String(own) === one : k === pixel && (row === undefined ? own : n === row);
      return {
        text: own ? show(value) : "·", shade: own ? weigh(value) : 0, label: `row ${n + 1}, column ${k + 1}: ${show(value)}`,
        kind: kinds({ "convae-zero": !own, "convae-under": own && n === row, "convae-lit": lit }),
      };
    });
    if (here) matrix.frame(row, 0, 1, pixels);
    else if (pixel !== undefined) matrix.frame(0, pixel, rows, 1);
    else matrix.frame();
    const result = (n) => ({
      text: show(y[n]), shade: total(y[n]), label: `y[${at(n)}] = ${show(y[n])}`.replace(",", ", "),
      kind: kinds({ "convae-here": n === row, "convae-lit": row === undefined && readers.includes(n) }),
    });
    output.draw(...size, (i, j) => result(i * size[1] + j));
    answer.draw(rows, 1, (n) => result(n));

    const named = ([a, b]) => `[${a}, ${b}]`, times = (count) => (count === 1 ? "once" : count === 2 ? "twice" : `${count} times`);
    if (one) kit.say(`w${named(weight)} = ${show(w[weight[0]][weight[1]])} stands once in each of the ${rows} rows, each time at another place.`);
    else if (row !== undefined && pixel !== undefined) {
      const own = entry(row, pixel);
      kit.say(own ? `y${named(here)} reads x${named(place(pixel))} with w${named(own)} = ${show(w[own[0]][own[1]])}.` : `y${named(here)} does not read x${named(place(pixel))}: a 0.`);
    } else if (pixel !== undefined)
      kit.say(`x${named(place(pixel))} is read ${times(readers.length)}: so many weights stand in its column, which is a row of the transposed matrix.`);
    else kit.say(`The ${ORDER[row] ?? `${row + 1}th`} row is the kernel at the place of y${named(here)}: ${extent[0] * extent[1]} weights, ${pixels - extent[0] * extent[1]} zeros.`);
  };
});
