import { h, number, show, widget } from "./kit.js";

const PAPER = "http://www.w3.org/2000/svg", ENDS = [-4, 4], TALL = [-2, 4];
const logistic = (x) => 1 / (1 + Math.exp(-x));
// Name, formula, function and slope of x and β, and the places that have no slope; there the one to the right is drawn.
const ACTIVATIONS = [
  ["linear", "x", (x) => x, () => 1, []],
  ["step", "0 or 1", (x) => (x < 0 ? 0 : 1), () => 0, [0]],
  ["ReLU", "max(0, x)", (x) => Math.max(0, x), (x) => (x < 0 ? 0 : 1), [0]],
  ["leaky ReLU", "x, below 0 x/100", (x) => (x < 0 ? x / 100 : x), (x) => (x < 0 ? 0.01 : 1), [0]],
  ["ELU", "x, below 0 eˣ − 1", (x) => (x > 0 ? x : Math.exp(x) - 1), (x) => (x > 0 ? 1 : Math.exp(x)), []],
  ["saturating linear", "x from 0 to 1", (x) => Math.max(0, Math.min(1, x)), (x) => (x < 0 || x >= 1 ? 0 : 1), [0, 1]],
  ["sigmoid", "σ(βx) = 1/(1 + e⁻ᵝˣ)", (x, b) => logistic(b * x), (x, b) => b * logistic(b * x) * logistic(-b * x), []],
  ["tanh", "tanh x", Math.tanh, (x) => 1 - Math.tanh(x) ** 2, []],
  ["arctangent", "arctan x", Math.atan, (x) => 1 / (1 + x * x), []],
  ["softplus", "ln(1 + eˣ)", (x) => Math.log1p(Math.exp(x)), (x) => logistic(x), []],
];
const FLAT = 0.01, STEEP = 0.1, STEPS = 160;

export default widget("Activations and their slopes", (kit) => {
  const { get, set, limits, root } = kit;
  const draw = (kind, attributes) => {
    const element = document.createElementNS(PAPER, kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const along = Array.from({ length: STEPS + 1 }, (_, k) => ENDS[0] + (k * (ENDS[1] - ENDS[0])) / STEPS);
  // A jump is no line: what lies on both sides of it is drawn apart.
  const path = (values, jumps) => along.map((x, k) => {
    const far = k && jumps.some((at) => along[k - 1] < at && at <= x);
    return `${k && !far ? "L" : "M"}${x} ${-values[k]}`;
  }).join("");
  const put = (x) => set({ x: Math.round(100 * Math.max(ENDS[0], Math.min(ENDS[1], x))) / 100 });
  const panels = ACTIVATIONS.map(([name, formula, f, slope, kinks]) => {
    const curve = draw("path", { class: "convae-curve" }), derivative = draw("path", { class: "convae-derivative" });
    const line = draw("path", { class: "convae-tangent" }), dot = draw("circle", { class: "convae-touches", r: 0.17 });
    const axes = draw("path", { class: "convae-axes", d: `M${ENDS[0]} 0H${ENDS[1]}M0 ${-TALL[1]}V${-TALL[0]}` });
    const picture = draw("svg", { viewBox: "-4 -4 8 6", "aria-hidden": "true" });
    picture.append(axes, derivative, curve, line, dot);
    const told = h("b");
    const figure = h("figure", { class: "convae-panel" }, h("figcaption", null, h("span", null, name, " ", told), h("small", null, formula)), picture);
    let held = false;
    const move = (event) => {
      const { left, width } = picture.getBoundingClientRect();
      put(ENDS[0] + ((event.clientX - left) / width) * (ENDS[1] - ENDS[0]));
    };
    picture.onpointerdown = (event) => {
      if (event.button) return;
      held = true;
      picture.setPointerCapture(event.pointerId);
      move(event);
    };
    picture.onpointermove = (event) => held && move(event);
    picture.onpointerup = picture.onpointercancel = () => (held = false);
    return { figure, curve, derivative, line, dot, told, f, slope, kinks, name };
  });
  const place = number("x", limits.x, (x) => put(x)), beta = number("β of the sigmoid", limits.beta, (value) => set({ beta: value }));
  root.classList.add("convae-slopes");
  root.append(
    h("div", { class: "convae-panels" }, panels.map(({ figure }) => figure)),
    h("p", { class: "convae-key" }, h("i"), "the function ", h("i", { class: "convae-dashed" }), "its slope everywhere ", h("i", { class: "convae-thin" }), "the tangent at x"),
    h("div", { class: "convae-controls" }, place.element, beta.element),
    ...kit.lines,
  );
  let drawn = null;

  return () => {
    const x = get("x"), b = get("beta");
    place.set(x);
    beta.set(b);
    const slopes = panels.map(({ curve, derivative, line, dot, told, f, slope, kinks, name }) => {
      if (drawn === null || (name === "sigmoid" && drawn !== b)) {
        curve.setAttribute("d", path(along.map((at) => f(at, b)), name === "step" ? kinks : []));
        derivative.setAttribute("d", path(along.map((at) => slope(at, b)), kinks));
      }
      const own = kinks.includes(x) ? undefined : slope(x, b), y = f(x, b), wide = 1.1 / Math.hypot(1, own ?? 0);
      line.setAttribute("d", own === undefined ? "" : `M${x - wide} ${-(y - own * wide)}L${x + wide} ${-(y + own * wide)}`);
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", -y);
      told.textContent = own === undefined ? "none" : show(own);
      return own;
    });
    drawn = b;
    root.shown = { slopes, values: panels.map(({ f }) => f(x, b)) };
    const named = (which) => panels.filter((_, k) => which(slopes[k])).map(({ name }) => name);
    const flat = named((own) => own < FLAT), none = named((own) => own === undefined), steep = named((own) => own > STEEP);
    kit.say(`At x = ${show(x)}, ${steep.length} of ${panels.length} are steeper than ${STEEP}. ` +
      (flat.length ? `Flatter than ${FLAT}: ${flat.join(", ")}. ` : "None is flat. ") + (none.length ? `At a kink there is no slope: ${none.join(", ")}.` : ""));
  };
});
