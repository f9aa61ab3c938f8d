import { convolution, convolutionSize } from "./engine.js";
import { changed, grid, h, pairs, player, show, sizePair, traitPairs, widget } from "./kit.js";

export default widget("Convolution, step by step", (kit) => {
  const { get, set } = kit;
  let looked = null, size = [0, 0];
  const look = (where, r, c) => {
    looked = where && { where, r, c };
    kit.redraw();
  };
  const input = grid("Input", {
    limit: kit.limits.input,
    edit: (r, c, value) => set({ input: changed(get("input"), r - get("padding")[0], c - get("padding")[1], value) }),
    point: (r, c) => look("input", r, c),
    leave: () => look(),
  });
  const kernel = grid("Kernel", {
    limit: kit.limits.kernel,
    edit: (r, c, value) => set({ kernel: changed(get("kernel"), r, c, value) }),
    point: (r, c) => look("kernel", r, c),
    leave: () => look(),
  });
  const output = grid("Output", {
    point(r, c, kept) {
      if (kept) set({ position: r * size[1] + c });
      look("output", r, c);
    },
    leave: () => look(),
  });
  const settings = pairs(kit, [sizePair(kit, "input", "Input"), sizePair(kit, "kernel", "Kernel"), ...traitPairs(kit, "stride", "padding", "dilation")]);
  const steps = player(kit, {
    label: "Output",
    at: () => Math.min(get("position"), size[0] * size[1] - 1),
    last: () => size[0] * size[1] - 1,
    go: (position) => set({ position }),
  });
  kit.root.append(
    settings.element,
    h("div", { class: "convae-stage" }, input.element, h("span", { class: "convae-sign" }, "∗"), kernel.element,
      h("span", { class: "convae-sign convae-result" }, "="), h("div", { class: "convae-result" }, output.element)),
    h("div", { class: "convae-result" }, steps.element),
  );

  return () => {
    const x = get("input"), w = get("kernel"), stride = get("stride"), padding = get("padding"), dilation = get("dilation");
    settings.draw();
    const [pr, pc] = padding;
    size = [0, 1].map((axis) => convolutionSize([x, x[0]][axis].length, [w, w[0]][axis].length, stride[axis], padding[axis], dilation[axis]));
    const y = convolution(
      { shape: [1, x.length, x[0].length], data: Float64Array.from(x.flat()) },
      { shape: [1, 1, w.length, w[0].length], data: Float64Array.from(w.flat()) },
      { data: [get("bias")] }, { stride, padding, dilation });
    const position = looked?.where === "output" ? looked.r * size[1] + looked.c : Math.min(get("position"), y.data.length - 1);
    const i = Math.floor(position / size[1]), j = position % size[1];
    const weight = (r, c) => w[(r - i * stride[0]) / dilation[0]]?.[(c - j * stride[1]) / dilation[1]];
    input.draw(x.length + 2 * pr, x[0].length + 2 * pc, (r, c) => {
      const own = x[r - pr]?.[c - pc], by = weight(r, c);
      return {
        text: show(own ?? 0), value: own ?? 0, fixed: own === undefined, note: by === undefined ? "" : "×" + show(by),
        label: own === undefined ? "padding, 0" : `x[${r - pr}, ${c - pc}] = ${show(own)}`,
        kind: own === undefined ? "convae-padding" : "",
      };
    });
    input.frame(i * stride[0], j * stride[1], dilation[0] * (w.length - 1) + 1, dilation[1] * (w[0].length - 1) + 1);
    kernel.draw(w.length, w[0].length, (r, c) => ({ text: show(w[r][c]), value: w[r][c], label: `w[${r}, ${c}] = ${show(w[r][c])}` }));
    output.draw(...size, (r, c) => {
      const value = y.data[r * size[1] + c];
      return { text: show(value), value, label: `y[${r}, ${c}] = ${show(value)}`, kind: r === i && c === j ? "convae-here" : "" };
    });
    steps.draw();
    kit.say(`y[${i}, ${j}] = ${show(y.data[position])}`);
  };
});
