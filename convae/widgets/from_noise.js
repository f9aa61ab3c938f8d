import { button, checkbox, h, number, show, widget } from "./kit.js";
import { player } from "./player.js";
import { layerwise } from "./nets.js";
import { normal } from "./noise.js";
import { readSafetensors } from "./safetensors.js";

const APART = 64, TILES = 8; // seeds of a way, as in Python; steps in the strip

/** A picture of grey levels, cut off at black and white; `paint` takes null for what is not computed yet. */
function sheet(rows, columns, words) {
  const own = { width: columns, height: rows, ...(words ? { role: "img", "aria-label": words } : { "aria-hidden": "true" }) };
  const element = h("canvas", own), pen = element.getContext("2d");
  return {
    element,
    paint(levels) {
      element.classList.toggle("convae-to-come", !levels);
      if (!levels) return pen.clearRect(0, 0, columns, rows);
      const image = pen.createImageData(columns, rows);
      levels.forEach((level, k) => image.data.set([...Array(3).fill(255 * Math.max(0, Math.min(1, level))), 255], 4 * k));
      pen.putImageData(image, 0, 0);
    },
  };
}

export default widget("From noise to a digit", (kit) => {
  const { get, set, limits, root } = kit, shape = get("image_shape"), [, rows, columns] = shape, count = rows * columns;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  // The way so far, of the settings whose key is `made`; each step waits for the answer to the one before.
  let way = [], made = null, asked = null;
  const sigma = (step) => 1 - step / get("steps"), last = () => get("steps") - 1, at = () => Math.min(get("step"), last());
  const noisy = (step) => {
    const before = way[step - 1], size = sigma(step);
    if (before && !get("fresh")) return before.answer.map((level, k) => level + (size / sigma(step - 1)) * (before.noisy[k] - level));
    const seed = get("seed") * APART + step;
    return Float64Array.from({ length: count }, (_, k) => size * normal(seed, k) + (before ? before.answer[k] : 0));
  };
  const ask = kit.worker({ layers: get("layers"), weights: get("weights"), shape }, (answer, job) => {
    if (job !== asked) return; // of settings that are gone
    way.push({ noisy: job, answer });
    go();
    if (!calm.matches || way.length > at()) kit.redraw();
  });
  const go = () => {
    asked = way.length <= last() ? noisy(way.length) : null;
    if (asked) ask(asked);
  };

  const large = ["Noisy", "The net's answer"].map((title) => {
    const picture = sheet(rows, columns, title), caption = h("figcaption", null, title);
    return { ...picture, caption, box: h("figure", { class: "convae-large" }, caption, picture.element) };
  });
  const tiles = Array.from({ length: TILES }, (_, place) => {
    const pictures = [sheet(rows, columns), sheet(rows, columns)], size = h("span"), caption = h("span", null, h("i", null, "σ "), size);
    const press = () => set({ step: Math.round((place * last()) / (TILES - 1)) });
    return { pictures, size, box: h("button", { type: "button", tabindex: -1, onclick: press }, pictures.map(({ element }) => element), caption) };
  });
  const steps = player(kit, { name: "Step", at, last, go: (step) => set({ step }), whole: 5000 });
  const several = number("Steps", limits.steps, (value) => set({ steps: value }));
  const seed = number("Seed", limits.seed, (value) => set({ seed: value }), "Seed", { slider: false });
  const again = button("New noise", () => set({ seed: (get("seed") + 1) % (limits.seed[1] + 1), step: limits.step[1] }));
  const fresh = checkbox("Fresh noise at each step", (on) => set({ fresh: on }));
  root.classList.add("convae-from-noise");
  root.append(
    h("div", { class: "convae-way convae-result" }, h("div", { class: "convae-both" }, large.map(({ box }) => box)), h("div", null, h("p", { class: "convae-strip-name" }, "Steps of the way, with their σ. Above: noisy, below: the net's answer"), h("div", { class: "convae-strip" }, tiles.map(({ box }) => box)))),
    steps.element,
    h("div", { class: "convae-choices" }, again, seed.element, several.element, fresh.element),
    ...kit.lines,
  );

  return () => {
    const key = ["seed", "steps", "fresh"].map(get).join();
    if (key !== made) {
      [made, way] = [key, []];
      go();
    }
    seed.set(get("seed"));
    several.set(get("steps"));
    fresh.set(get("fresh"));
    steps.draw();
    const step = at(), ready = way.length > step, now = Math.min(step, way.length - 1), seen = way[now];
    const levels = [seen?.noisy ?? asked, seen?.answer ?? null], size = show(sigma(Math.max(now, 0)));
    large.forEach(({ paint }, k) => paint(levels[k]));
    large[0].caption.textContent = now > 0 ? `Noisy, σ = ${size}` : `Noise alone, σ = ${size}`;
    tiles.forEach(({ pictures, size: written, box }, place) => {
      const own = Math.round((place * last()) / (TILES - 1)), pair = way[own];
      box.hidden = place > 0 && own === Math.round(((place - 1) * last()) / (TILES - 1)); // fewer steps than tiles
      pictures[0].paint(pair?.noisy ?? null);
      pictures[1].paint(pair?.answer ?? null);
      written.textContent = show(sigma(own));
      box.setAttribute("aria-label", `Step ${own + 1}, σ = ${show(sigma(own))}`);
      box.toggleAttribute("data-now", own === step && !box.hidden);
    });
    root.setAttribute("aria-busy", !ready);
    root.shown = { way };
    if (!ready) return;
    const bright = seen.answer.filter((level) => level > 0.5).length;
    kit.say(`Step ${step + 1} of ${get("steps")}: noise of σ = ${size}. ${bright} pixels of the net's answer are brighter than one half.`);
  };
}, ({ layers, weights, shape }) => {
  const tensors = readSafetensors(weights);
  return function* (data) {
    return (yield* layerwise(layers, tensors, { shape, data })).data;
  };
});
