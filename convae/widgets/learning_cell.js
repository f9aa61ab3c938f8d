// The net of a cell of the map learns in the page: its error beside that of the stored ones, and on the map what has been
// learned so far. It comes when it is asked for.
import { button, h, still } from "./kit.js";
import { unpacked } from "./real_digits.js";
import { training, trains } from "./training.js";

const TOGETHER = 100; // digits of a batch
const layer = (kind, settings) => ({ kind, settings });
const sigmoid = layer("activation", { name: "sigmoid" });
/** LearningRates.net in Python. */
const layers = [
  layer("reshape", { shape: [784] }), layer("linear", { outputs: 64 }), sigmoid,
  layer("linear", { outputs: 784 }), sigmoid, layer("reshape", { shape: [1, 28, 28] }),
];
const times = (share) => share.toFixed(2);

/** `part` is what kit.part gave, the rest of learning_rates.js: its button, its map and plot, and how something is drawn there. */
async function build(part, kit, { learn, make, sheet, frames, plot, caption, x, y, share, digits }) {
  const given = await kit.part("digits"), real = await unpacked(given), held = real.test.length / 784, { mean } = given.rivals;
  const { get } = kit, rates = get("rates"), momenta = get("momenta"), [, up, seeds, told] = get("shape"), pace = get("steps"), most = pace * (told - 1);
  const done = new Map(); // by cell
  let now = null, tensors = {}, left = 0; // steps of a net that was left before its end; what learns: { cell, curve: [batch, error] each, seed, trouble }

  const cell = () => up * get("rate") + get("momentum"), shown = () => now ?? done.get(cell());
  const [before, curve] = ["convae-cell-before", "convae-cell-curve"].map((kind) => make("path", { class: kind }));
  const head = make("circle", { class: "convae-cell-head", r: 4 });
  plot.append(before, curve, head);
  caption.textContent += "; ending in a dot: learned here, pale: other nets learned here";
  const count = h("span"), clear = button("Clear", () => {
    forget();
    learn.focus();
  });
  const note = `Here: from ${given.learned.toLocaleString("en")} digits of 16 grey levels, ${TOGETHER} a step, without dropout; tested on ${held} others. Stored: ${get("stored")}. Both take ${pace} steps an epoch.`;
  learn.after(clear, count);
  learn.parentElement.after(h("p", { class: "convae-rates-below" }, note));

  const learning = training({ ...kit, worker: (setup, heard) => kit.worker(setup, heard, part) }, { ...real, shape: [1, 28, 28], shown: 0 }, heard, most, () =>
    still() ? { batches: pace } : { batches: Math.min(5, pace), wait: 20 });
  function heard(answer) {
    if (!now) return; // of a cell that was left
    now.trouble = answer.problem;
    if (answer.tensors) {
      if (Number.isFinite(answer.error)) now.curve.push([answer.batches, answer.error]);
      ({ tensors } = answer);
      if (answer.batches >= most && !now.trouble) {
        done.set(now.cell, now);
        now = null;
        mark();
      }
    }
    kit.redraw();
  }
  function leave() {
    learning.pause();
    now = null;
  }
  function forget() {
    leave();
    left = 0;
    done.clear();
    mark();
    kit.redraw();
  }
  const usual = kit.reset;
  kit.reset = () => {
    forget();
    usual();
  };

  /** In its cell each net's own error, in the colours of the map. */
  function mark() {
    frames.replaceChildren(...[...done].flatMap(([own, { curve }]) => {
      const at = { x: Math.floor(own / up), y: up - 1 - (own % up) }, square = (margin, more) => make("rect", { x: at.x + margin, y: at.y + margin, width: 1 - 2 * margin, height: 1 - 2 * margin, ...more });
      const level = Math.max(0, Math.min(1, share(curve.at(-1)[1])));
      return [square(0.18, { class: "convae-cell-frame" }), square(0.27, { style: `--share:${(100 * level).toFixed(1)}%` })];
    }));
  }
  const path = (curve) => "M" + curve.map(([batch, error]) => `${x(batch / pace).toFixed(1)} ${y(error).toFixed(1)}`).join("L");
  const words = (own) => {
    if (!own) return left ? `The net of the other cell was stopped at step ${left} of ${most}, and is gone.` : "";
    if (own.trouble || !own.curve.length) return own.trouble;
    const [batch, error] = own.curve.at(-1);
    if (own === now) return `Here: step ${batch} of ${most}, error ${digits(error)} on ${held} digits that it does not learn from.`;
    const last = get("errors"), ends = Array.from({ length: seeds }, (_, seed) => last.getFloat32(4 * ((cell() * seeds + seed) * told + told - 1), true));
    const stored = ends.reduce((sum, end) => sum + end) / seeds / get("reference");
    return `Learned here it ends at ${times(error / mean)} times the error of the mean picture, the stored ones at ${times(stored)} times (here ${digits(error)} and ${digits(mean)}, on ${held} digits).`;
  };
  kit.root.trained = () => ({ errors: shown()?.curve ?? [], seed: shown()?.seed, weights: Object.values(tensors).map(({ data }) => data), cells: [...done.keys()] });

  return {
    press() {
      if (learning.going()) learning.pause();
      else {
        if (!now || now.trouble) {
          const own = cell(), seed = (done.get(own)?.seed ?? -1) + 1;
          now = { cell: own, curve: [], seed, trouble: "" };
          left = 0;
          learning.reset({ layers, batch: TOGETHER, noise: 0, seed, optimizer: { name: "sgd", rate: rates[get("rate")], momentum: momenta[get("momentum")] } });
        }
        learning.go();
      }
      kit.redraw();
    },
    /** Draws, and gives what is to be said. */
    draw() {
      if (now && now.cell !== cell()) {
        left = now.curve.at(-1)?.[0] ?? 0;
        leave();
      }
      const own = shown(), going = learning.going(), others = [...done.values()].filter((one) => one !== own && one.cell !== now?.cell);
      learn.textContent = going ? "Pause" : now && !now.trouble ? "Go on" : own ? "Learn it again" : "Learn it here";
      clear.hidden = !done.size;
      count.textContent = done.size ? `${done.size} learned here: framed on the map` : "";
      before.setAttribute("d", others.map(({ curve }) => path(curve)).join(""));
      curve.setAttribute("d", own?.curve.length ? path(own.curve) : "");
      head.setAttribute("visibility", own?.curve.length ? "visible" : "hidden");
      if (own?.curve.length) {
        const [batch, error] = own.curve.at(-1);
        head.setAttribute("cx", x(batch / pace));
        head.setAttribute("cy", y(error));
        plot.setAttribute("aria-label", `${plot.getAttribute("aria-label")}; learned here, after ${batch} steps: ${digits(error)}`);
      }
      if (done.size) sheet.setAttribute("aria-label", `${sheet.getAttribute("aria-label")} Framed, as learned here: ${done.size}.`);
      kit.quiet(going);
      return words(own);
    },
  };
}

export default {
  work: trains,
  build(...all) {
    return build(this, ...all);
  },
};
