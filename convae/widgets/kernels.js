import { canvas, diverging, line, painted } from "./canvas.js";
import { convolution, convolutionSize } from "./engine.js";
import { argument, grid, shades, sum } from "./grid.js";
import { button, changed, checkbox, choice, drawer, facts, h, kinds, matrix, number, select, show, widget } from "./kit.js";
import { pairs, traitPairs } from "./pairs.js";

const row = (...weights) => weights;
const binomial = [1, 4, 6, 4, 1];
// Name, numbers, what they are divided by.
const KERNELS = [
  ["Identity", [row(0, 0, 0), row(0, 1, 0), row(0, 0, 0)], 1],
  ["Box blur", matrix(3, 3, () => 1), 9],
  ["Box blur 5×5", matrix(5, 5, () => 1), 25],
  ["Gaussian blur", [row(1, 2, 1), row(2, 4, 2), row(1, 2, 1)], 16],
  ["Gaussian blur 5×5", matrix(5, 5, (r, c) => binomial[r] * binomial[c]), 256],
  ["Sharpen", [row(0, -1, 0), row(-1, 5, -1), row(0, -1, 0)], 1],
  ["Sobel, vertical edges", [row(-1, 0, 1), row(-2, 0, 2), row(-1, 0, 1)], 1],
  ["Sobel, horizontal edges", [row(-1, -2, -1), row(0, 0, 0), row(1, 2, 1)], 1],
  ["Laplacian", [row(0, 1, 0), row(1, -4, 1), row(0, 1, 0)], 1],
  ["Emboss", [row(-2, -1, 0), row(-1, 1, 1), row(0, 1, 2)], 1],
];
const PICTURES = { camera: "Man with a camera", cat: "Cat", temple: "Temple", drawing: "My drawing, 28×28", own: "My picture" };
const SIDE = 28, OWN = 96;

export default widget("Kernels", (kit) => {
  const { get, set } = kit, both = [0, 1];
  let looked = null, mode = "look", size = [1, 1], made = [], output;
  const sideOf = (name) => Math.sqrt(get("pictures")[name]?.byteLength ?? 0);
  const now = () => {
    const name = get("picture"), drawing = get("drawing"), side = sideOf(name), bytes = get("pictures")[name];
    if (name === "own" && !side) throw new Error("Your own picture is kept nowhere: choose it again, or take another one.");
    return side
      ? { rows: side, columns: side, value: (r, c) => (r < 0 || c < 0 || r >= side || c >= side ? undefined : bytes.getUint8(r * side + c) / 255) }
      : { rows: drawing.length, columns: drawing[0].length, value: (r, c) => drawing[r]?.[c] };
  };
  const look = (at, kept) => {
    looked = at;
    if (kept) set({ place: [at.r, at.c] });
    kit.redraw();
  };
  // Who points at a pixel looks at the number of the map in whose window it is the middle one.
  const middle = (r, c) => [r, c].map((k, a) => Math.max(0, Math.min(size[a] - 1, Math.round((k - Math.floor(([get("kernel"), get("kernel")[0]][a].length - 1) / 2)) / get("stride")[a]))));
  const leave = () => look(null);

  // What is drawn on: the picture that is there, a photograph made smaller (each pixel the mean of those it covers).
  const sheet = () => {
    const { rows, columns, value } = now(), covered = (k, length) => Array.from({ length }, (_, at) => at).slice(Math.floor((k * length) / SIDE), Math.ceil(((k + 1) * length) / SIDE));
    const mean = (r, c) => covered(r, rows).flatMap((y) => covered(c, columns).map((x) => value(y, x))).reduce((sum, one, _, all) => sum + one / all.length, 0);
    return get("picture") === "drawing" ? get("drawing") : matrix(SIDE, SIDE, (r, c) => Math.round(100 * mean(r, c)) / 100);
  };
  const draws = (cells) => {
    const { rows, columns } = now(), small = rows > SIDE ? [SIDE / rows, SIDE / columns] : [1, 1];
    const places = cells.map((at) => at.map((k, a) => Math.floor((k - get("padding")[a]) * small[a])));
    set({ drawing: painted(sheet(), places, mode === "erase"), picture: "drawing" });
  };
  const picture = canvas("Picture", {
    point: (r, c, kept) => look({ r: middle(r, c)[0], c: middle(r, c)[1] }, kept),
    leave,
    drawn: () => mode !== "look",
    press: (r, c) => mode !== "look" && draws([[r, c]]),
    stroke: (from, to) => draws(line(from, to)),
  });
  const map = canvas("Map", { point: (r, c, kept) => look({ r, c }, kept), leave });
  let term = null;
  const terms = {
    point(r, c) {
      term = `${r},${c}`;
      kit.redraw();
    },
    leave() {
      term = null;
      kit.redraw();
    },
  };
  const kernel = grid("Kernel", { ...terms, limit: kit.limits.kernel, edit: (r, c, value) => set({ kernel: changed(get("kernel"), r, c, value) }) });
  const windowed = grid("Window", terms), products = grid("Products", terms);

  const choose = select("Picture", kit.limits.picture.map((name) => [name, PICTURES[name] ?? name.replace("d", "D")]), (name) => {
    if (sideOf(name) > SIDE) mode = "look";
    set({ picture: name });
  });
  const presets = select("Kernel", [["", "your own"], ...KERNELS.map(([name], k) => [k, name])], (k) => k && set({ kernel: KERNELS[k][1], divisor: KERNELS[k][2] }));
  const sides = choice("Kernel size", [["3", "3×3"], ["5", "5×5"]], (side) => {
    const old = get("kernel"), shift = [old.length, old[0].length].map((length) => Math.floor((length - side) / 2));
    set({ kernel: matrix(side, side, (r, c) => old[r + shift[0]]?.[c + shift[1]] ?? 0) });
  });
  const pens = choice("What a pointer does on the picture", [["look", "Look"], ["draw", "Draw"], ["erase", "Erase"]], (next) => {
    mode = next; // a photograph is made smaller with the first stroke: until then a drawing is not lost
    kit.redraw();
  });
  const clear = button("Clear", () => set({ picture: "drawing", drawing: matrix(SIDE, SIDE, () => 0) }));
  // The reader's own picture, the square in its middle, in grey: it stays in this page.
  const file = h("input", { type: "file", accept: "image/*", hidden: true });
  const mine = button("My picture …", () => file.click());
  file.onchange = async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      const bitmap = await createImageBitmap(chosen), { width, height } = bitmap, side = Math.min(width, height);
      const pen = Object.assign(document.createElement("canvas"), { width: OWN, height: OWN }).getContext("2d");
      Object.assign(pen, { fillStyle: "white", imageSmoothingQuality: "high" }).fillRect(0, 0, OWN, OWN);
      pen.drawImage(bitmap, (width - side) / 2, (height - side) / 2, side, side, 0, 0, OWN, OWN);
      const { data } = pen.getImageData(0, 0, OWN, OWN);
      const grey = Uint8Array.from({ length: OWN * OWN }, (_, k) => Math.round(0.299 * data[4 * k] + 0.587 * data[4 * k + 1] + 0.114 * data[4 * k + 2]));
      mode = "look";
      set({ pictures: { ...get("pictures"), own: new DataView(grey.buffer) }, picture: "own" });
    } catch {
      mine.dispatchEvent(new CustomEvent("convae-wrong", { bubbles: true, detail: `${chosen.name} is no picture that this browser can open: take a PNG or a JPEG.` }));
    }
    file.value = ""; // the same file can be chosen again
  };
  const divisor = number("Divided by", kit.limits.divisor, (value) => set({ divisor: value }));
  const bias = number("Bias", kit.limits.bias, (value) => set({ bias: value }));
  const relu = checkbox("ReLU behind it", (on) => set({ relu: on }));
  const settings = pairs(kit, traitPairs(kit, "stride", "padding"), divisor.element, bias.element, relu.element);
  const legend = [h("span"), h("span"), h("span")];
  const words = facts("Number", "Size", "PyTorch");
  const sign = (text) => h("span", { class: "convae-sign", "aria-hidden": "true" }, text);
  const stage = h("div", { class: "convae-stage convae-equation" },
    picture.element, sign("∗"), kernel.element,
    h("div", { class: "convae-stage convae-equation convae-result" }, sign("="),
      h("div", { class: "convae-answer" }, map.element, h("p", { class: "convae-legend" }, legend[0], h("i"), legend[1], h("i"), legend[2]))));
  kit.root.classList.add("convae-kernels");
  kit.root.append(
    h("div", { class: "convae-choices" }, choose.element, mine, file, pens.element, clear),
    h("div", { class: "convae-choices" }, presets.element, sides.element),
    h("div", { class: "convae-play" },
      stage,
      ...kit.lines,
      drawer("Settings", settings.element)),
    drawer("Where this number comes from", h("div", { class: "convae-stage convae-origin convae-result" }, windowed.element, products.element, words.element),
    h("p", { class: "convae-hint" }, "Touch a number of the map, or go there with the arrow keys, to see what it is made of. To change a number of the kernel, press it twice, or type. ",
      "With Draw or Erase, the space bar paints one pixel, and the arrow keys with Shift a line.")),
  );
  kit.keep(stage, words.element);

  return () => {
    const w = get("kernel"), stride = get("stride"), padding = get("padding"), source = now();
    const shape = [source.rows, source.columns], extent = [w.length, w[0].length], shown = get("picture");
    settings.draw();
    divisor.set(get("divisor"));
    bias.set(get("bias"));
    relu.set(get("relu"));
    choose.set(shown);
    for (const option of choose.element.querySelectorAll("[value=own]")) option.hidden = option.disabled = !sideOf("own");
    pens.set(mode);
    sides.set(extent[0] === extent[1] ? String(extent[0]) : "");
    const preset = KERNELS.findIndex(([, numbers, by]) => String(numbers) === String(w) && numbers.length === w.length && by === get("divisor"));
    presets.set(preset < 0 ? "" : preset);
    picture.pens(mode !== "look");
    const weigh = shades(w.flat());
    kernel.title(get("divisor") === 1 ? "Kernel" : `Kernel, divided by ${get("divisor")}`);
    kernel.draw(...extent, (u, v) => ({ text: show(w[u][v]), value: w[u][v], shade: weigh(w[u][v]), label: `w[${u}, ${v}] = ${show(w[u][v])}`, kind: kinds({ "convae-lit": term === `${u},${v}` }) }));

    const inputs = [shown, get("pictures"), get("drawing"), w, get("divisor"), get("bias"), stride, padding, get("relu")];
    const stale = inputs.some((value, k) => value !== made[k]);
    if (stale) {
      made = [];
      picture.title(`Picture ${shape.join("×")}`);
      picture.draw(shape[0] + 2 * padding[0], shape[1] + 2 * padding[1], (r, c) => source.value(r - padding[0], c - padding[1]), (r, c) => {
        const value = source.value(r - padding[0], c - padding[1]);
        return value === undefined ? "padding, 0" : `row ${r - padding[0]}, column ${c - padding[1]}: ${show(value)}`;
      });
      picture.frame();
      size = both.map((a) => convolutionSize(shape[a], extent[a], stride[a], padding[a]));
      const x = matrix(...shape, source.value);
      const y = convolution({ shape: [1, ...shape], data: Float64Array.from(x.flat()) },
        { shape: [1, 1, ...extent], data: Float64Array.from(w.flat(), (value) => value / get("divisor")) }, { data: [get("bias")] }, { stride, padding }).data;
      output = get("relu") ? y.map((value) => Math.max(value, 0)) : y;
      let [low, high] = [output.reduce((a, b) => Math.min(a, b), 0), output.reduce((a, b) => Math.max(a, b), 0)];
      if (low === 0 && (high === 0 || (high > 0.5 && high < 1))) high = 1;
      // A map that can have negative numbers has the colours of the kernel, as far to one side as to the other.
      const signs = low < 0 || (!get("relu") && w.flat().some((weight) => weight < 0)), most = Math.max(-low, high);
      map.title(`Map ${size.join("×")}`);
      map.draw(...size, (r, c) => (signs ? diverging(output[r * size[1] + c] / most) : output[r * size[1] + c] / most), (r, c) => `y[${r}, ${c}] = ${show(output[r * size[1] + c])}`);
      stage.toggleAttribute("data-signed", signs);
      (signs ? [`${show(-most)} red`, "0", `${show(most)} blue`] : ["0 black", "", `${show(most)} white`]).forEach((text, k) => (legend[k].textContent = text));
      const sizeOf = (a) => `⌊(${shape[a]} + 2·${padding[a]} − ${extent[a]}) / ${stride[a]}⌋ + 1 = ${size[a]}`;
      const same = [shape, padding, extent, stride].every((pair) => pair[0] === pair[1]);
      words.set("Size", same ? sizeOf(0) : `rows: ${sizeOf(0)}; columns: ${sizeOf(1)}`);
      words.set("PyTorch", h("code", null, "nn.Conv2d(1, 1" + argument("kernel_size", extent) + argument("stride", stride, 1) + argument("padding", padding, 0) + (get("bias") ? "" : ", bias=False") + ")" + (get("relu") ? ", nn.ReLU()" : "")));
      made = inputs;
    }
    const [i, j] = (looked ? [looked.r, looked.c] : get("place")).map((k, a) => Math.min(k, size[a] - 1));
    map.place(i, j);
    map.frame(i, j, 1, 1);
    picture.frame(i * stride[0], j * stride[1], ...extent);
    const seen = (u, v) => source.value(i * stride[0] + u - padding[0], j * stride[1] + v - padding[1]);
    const around = [i, j].map((k, a) => k * stride[a] - padding[a] + (extent[a] - 1) / 2);
    windowed.title(`Window around row ${around[0]}, column ${around[1]}`);
    windowed.draw(...extent, (u, v) => {
      const value = seen(u, v), pad = value === undefined;
      return { text: show(value ?? 0), shade: value ?? 0, label: pad ? "padding, 0" : `x = ${show(value)}`, kind: kinds({ "convae-padding": pad, "convae-lit": term === `${u},${v}` }) };
    });
    const all = w.map((line, u) => line.map((weight, v) => [seen(u, v) ?? 0, weight]));
    const total = all.flat().reduce((result, [value, weight]) => result + value * weight, 0);
    const weighed = shades(all.flat().map(([value, weight]) => value * weight));
    products.title(`Products, together ${show(total)}`);
    products.draw(...extent, (u, v) => {
      const [value, weight] = all[u][v];
      return { text: show(value * weight), shade: weighed(value * weight), label: `${show(value)} times ${show(weight)} = ${show(value * weight)}`, kind: kinds({ "convae-lit": term === `${u},${v}` }) };
    });
    const by = get("divisor"), plus = get("bias"), plain = total / by + plus, y = output[i * size[1] + j];
    words.set("Number", sum(all),
      h("div", null, by === 1 && !plus ? "" : `${show(total)}${by === 1 ? "" : ` / ${by}`}${plus ? ` ${plus < 0 ? "−" : "+"} ${show(Math.abs(plus))} (bias)` : ""} `, h("b", null, `= ${show(plain)}`)),
      get("relu") ? h("div", null, `max(0, ${show(plain)}) `, h("b", null, `= ${show(y)}`)) : "");
    kit.say(`y[${i}, ${j}] = ${show(y)}, from the window around row ${around[0]}, column ${around[1]} of the picture.`);
  };
});
