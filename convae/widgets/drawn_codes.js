import { button, choice, h, widget } from "./kit.js";
import { chain } from "./nets.js";
import { even, normal } from "./noise.js";
import { readSafetensors } from "./safetensors.js";

const SIDE = 28, COUNT = 12, ACROSS = 6;
const HOW = {
  "one by one": ["each number by itself", "each number by itself, from one of"],
  Gaussian: ["from a Gaussian", "from a Gaussian with the means and covariances of"],
  real: ["codes of pictures", "as they are from"],
};

export default widget("Codes drawn by chance", (kit) => {
  const { get, set, limits, root } = kit, decode = chain(get("decoder"), readSafetensors(get("weights"))), shape = get("code_shape");
  const numbers = shape.reduce((a, b) => a * b), count = get("places").byteLength / numbers, [low, step] = get("scale");
  const codes = Array.from({ length: count }, (_, n) => Float64Array.from({ length: numbers }, (_, k) => low + step * get("places").getUint8(n * numbers + k)));
  const mean = Float64Array.from({ length: numbers }, (_, k) => codes.reduce((sum, code) => sum + code[k], 0) / count);
  const pick = (seed, k) => codes[Math.floor(count * even(seed, k))];
  const draws = {
    "one by one": (seed) => mean.map((_, k) => pick(seed, k)[k]),
    Gaussian(seed) {
      const shares = codes.map((_, n) => normal(seed, n) / Math.sqrt(count - 1));
      return mean.map((middle, k) => codes.reduce((sum, code, n) => sum + shares[n] * (code[k] - middle), middle));
    },
    real: (seed) => pick(seed, 0),
  };

  const ways = choice("How codes are drawn", limits.way.map((way) => [way, HOW[way][0]]), (way) => set({ way }));
  const again = button("Draw codes", () => set({ seed: (get("seed") + 1) % (limits.seed[1] + 1) }));
  const pixels = h("canvas", { role: "img", width: ACROSS * SIDE, height: (COUNT / ACROSS) * SIDE });
  root.classList.add("convae-dice");
  root.append(h("div", { class: "convae-dice-head" }, again, ways.element), h("div", { class: "convae-result" }, pixels), ...kit.lines);

  return () => {
    const way = get("way"), pen = pixels.getContext("2d");
    ways.set(way);
    const drawn = Array.from({ length: COUNT }, (_, k) => draws[way](COUNT * get("seed") + k));
    const pictures = drawn.map((data) => decode({ shape, data }).data);
    root.shown = { codes: drawn, pictures };
    pictures.forEach((levels, n) => {
      const painting = pen.createImageData(SIDE, SIDE);
      levels.forEach((level, k) => painting.data.set([...Array(3).fill(255 * Math.max(0, Math.min(1, level))), 255], 4 * k));
      pen.putImageData(painting, (n % ACROSS) * SIDE, Math.floor(n / ACROSS) * SIDE);
    });
    const told = `${COUNT} codes of ${numbers} numbers, drawn ${HOW[way][1]} ${count} codes of pictures, and decoded.`;
    pixels.setAttribute("aria-label", `Pictures of ${told}`);
    kit.say(`Draw ${get("seed") + 1}: ${told}`);
  };
});
