import { canvas, line, painted } from "./canvas.js";
import { button, choice, drawer, h, matrix, number, select, show, widget } from "./kit.js";
import { layerwise } from "./nets.js";
import { normal } from "./noise.js";
import { readSafetensors } from "./safetensors.js";

const clip = (value) => Math.max(0, Math.min(1, value));
const around = [-1, 0, 1];

/** PSNR in dB, as convae.metrics.psnr has it. */
const decibels = (levels, clean) =>
  Math.min(100, -10 * Math.log10(levels.reduce((sum, level, k) => sum + (clip(level) - clean[k]) ** 2, 0) / clean.length));
const said = (score) => `${score.toFixed(1).replace("-", "−")} dB`;
const scored = (score) => (score < 100 ? `PSNR ${said(score)}` : "no error");

/** The median of each 3×3 pixels; the outermost ones are repeated. */
function median(levels, rows, columns) {
  const inside = (at, size) => Math.max(0, Math.min(size - 1, at));
  return levels.map((_, k) => {
    const r = Math.floor(k / columns), c = k % columns;
    return around.flatMap((u) => around.map((v) => levels[inside(r + u, rows) * columns + inside(c + v, columns)])).sort((a, b) => a - b)[4];
  });
}

export default widget("Denoiser", (kit) => {
  const { get, set, limits } = kit, shape = get("image_shape"), [, rows, columns] = shape;
  // The net works beside the page; what it was asked last is all that waits.
  const cleanOf = new WeakMap();
  const ask = kit.worker({ layers: get("layers"), weights: get("weights"), shape }, (data, job, newest) => {
    answer = { data, clean: cleanOf.get(job), newest };
    kit.redraw();
  });
  const stored = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) => [name, Float32Array.from({ length: rows * columns }, (_, k) => bytes.getUint8(k) / 255)]));
  let mode = "look", seen = null, made = [], levels = {}, answer = {}, shown;

  const clean = () => stored[get("picture")] ?? Float32Array.from({ length: rows * columns }, (_, k) => get("drawing")[Math.floor(k / columns)]?.[k % columns] ?? 0);
  const draws = (places) => {
    const now = clean(), own = matrix(rows, columns, (r, c) => Math.round(100 * now[r * columns + c]) / 100);
    set({ picture: "drawing", drawing: painted(own, places, mode === "erase") });
  };
  const look = (place) => {
    seen = place;
    kit.redraw();
  };
  const views = [["clean", "Clean"], ["spoiled", "Spoiled"], ["net", "The net's answer"], ["median", "Median filter, 3×3"]].map(([key, title]) => {
    const own = key === "clean", point = (r, c) => look([r, c]), leave = () => look(null);
    const pens = own && {
      drawn: () => mode !== "look",
      press: (r, c) => mode !== "look" && draws([[r, c]]),
      stroke: (from, to) => draws(line(from, to)),
    };
    const picture = canvas(title, { point, leave, ...pens }), score = h("p", { class: "convae-score" });
    return { key, title, picture, score, element: h("div", null, picture.element, score) };
  });
  const choose = select("Picture", limits.picture.map((name) => [name, name === "drawing" ? "my drawing" : name]), (name) => set({ picture: name }));
  const pens = choice("What a pointer does on the clean picture", [["look", "Look"], ["draw", "Draw"], ["erase", "Erase"]], (next) => {
    mode = next;
    kit.redraw();
  });
  const empty = button("Empty sheet", () => {
    mode = "draw";
    set({ picture: "drawing", drawing: matrix(rows, columns, () => 0) });
    kit.redraw();
  });
  const sigma = number("Noise σ", limits.sigma, (value) => set({ sigma: value }), "Noise, standard deviation");
  const seed = number("Seed", limits.seed, (value) => set({ seed: value }), "Seed", { slider: false });
  const again = button("New noise", () => set({ seed: (get("seed") + 1) % (limits.seed[1] + 1) }));
  const reset = button("Reset", () => ((mode = "look"), kit.reset()));
  kit.root.classList.add("convae-denoiser");
  kit.root.append(
    drawer("Choose or draw", h("div", { class: "convae-choices" }, choose.element, pens.element, empty, reset)),
    h("div", { class: "convae-choices" }, sigma.element, again, seed.element),
    h("div", { class: "convae-views" }, views.map(({ element }) => element)),
    ...kit.lines,
    drawer("How to read this", h("p", { class: "convae-hint" }, "With Draw or Erase, a pointer changes the clean picture; so do the space bar, one pixel, and the arrow keys with Shift, a line. ",
      "PSNR is taken against the clean picture: higher is better, each 10 dB are a tenth of the error.")),
  );

  const paint = ({ key, picture, score }, own, clean) => {
    picture.draw(rows, columns, (r, c) => clip(own[r * columns + c]), (r, c) => `row ${r}, column ${c}: ${show(own[r * columns + c])}`);
    score.textContent = key === "clean" ? "" : scored(decibels(own, clean));
  };

  return () => {
    choose.set(get("picture"));
    pens.set(mode);
    sigma.set(get("sigma"));
    seed.set(get("seed"));
    views[0].picture.pens(mode !== "look");
    const inputs = [get("picture"), get("drawing"), get("sigma"), get("seed")];
    if (inputs.some((value, k) => value !== made[k])) {
      made = inputs;
      answer = {};
      const now = clean(), spoiled = now.map((level, k) => level + get("sigma") * normal(get("seed"), k));
      levels = { clean: now, spoiled, net: null, median: median(spoiled, rows, columns) };
      views[1].picture.title(`Spoiled, σ = ${show(get("sigma"))}`);
      for (const view of views) if (levels[view.key]) paint(view, levels[view.key], now);
      if (!shown) views[2].picture.draw(rows, columns, () => undefined, () => "not computed yet");
      cleanOf.set(spoiled, now);
      ask(spoiled);
    }
    if (answer.newest) levels.net = answer.data;
    if (answer.data && shown !== answer.data) paint(views[2], (shown = answer.data), answer.clean);
    kit.root.setAttribute("aria-busy", !levels.net);
    kit.root.shown = levels;
    const [r, c] = seen ?? [];
    for (const { picture } of views) picture.frame(r, c, 1, 1);
    const value = ({ key }) => (levels[key] ? show(levels[key][r * columns + c]) : "…");
    if (seen) return kit.say(`Row ${r}, column ${c}: ${["clean", "spoiled", "net", "median filter"].map((name, k) => `${name} ${value(views[k])}`).join(", ")}.`);
    if (!levels.net) return;
    const [spoiled, net, filter] = ["spoiled", "net", "median"].map((key) => decibels(levels[key], levels.clean));
    if (spoiled === 100) return kit.say(`Nothing was spoiled, there is nothing to take away: what is changed now is lost. Net ${scored(net)}, median filter ${scored(filter)}.`);
    const against = (other, name) => `${said(Math.abs(net - other))} ${net < other ? "behind" : "ahead of"} ${name}`;
    kit.say(`PSNR: spoiled ${said(spoiled)}, net ${said(net)}, median filter ${said(filter)}. The net is ${against(filter, "the median filter")} and ${against(spoiled, "doing nothing")}.`);
  };
}, ({ layers, weights, shape }) => {
  const tensors = readSafetensors(weights);
  return function* (data) {
    return (yield* layerwise(layers, tensors, { shape, data })).data;
  };
});
