// A net that learns in the page: nine digits that come out of the grey, the error beside a stored one, and what decides it.
import { button, checkbox, choice, fold, h, number, select } from "./kit.js";
import { normal } from "./noise.js";
import { drawWeights } from "./learning.js";
import { paint, unpacked } from "./real_digits.js";
import { training, trains } from "./training.js";

const BATCH = 64, FORTY = 40, LAST = 18760; // batches: the first guess is about 40, the report ends after the last
const GUESSED = [[FORTY, "black", "all black"], [400, "mean", "the mean picture"]]; // after so many batches, against what
const SHOWN = 9, SIZE = 784, SOON = 938; // how many digits are seen, pixels of one, batches that the axis holds at first
const KNOWN = { optimizer: "adam", rate: "0.001" }; // the figure's own: with these all its nets learn
const SVG = "http://www.w3.org/2000/svg";
const reduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const many = (count) => count.toLocaleString("en");
const inMilli = (error) => (1000 * error).toFixed(error < 0.00995 ? 1 : 0);

const layer = (kind, settings) => ({ kind, settings });
const bent = (name) => (name === "none" ? [] : [layer("activation", { name })]);

/** The layers of a net, encoder and decoder: see NineBlocks.learner in Python. */
function netOf({ dense, shrinks, bend, code_size }) {
  const size = Number(code_size);
  if (dense)
    return [
      [layer("reshape", { shape: [SIZE] }), layer("linear", { outputs: SHOWN * size }), ...bent(bend)],
      [layer("linear", { outputs: SIZE }), ...bent("sigmoid"), layer("reshape", { shape: [1, 28, 28] })],
    ];
  const down = (outputs) => shrinks === "stride" ? [layer("convolution", { outputs, kernel: 3, stride: 3 })]
    : [layer("convolution", { outputs, kernel: 3, padding: 1 }), layer("maxPool", { kernel: 3 })];
  const up = (outputs, outputPadding) => layer("transposedConvolution", { outputs, kernel: 3, stride: 3, outputPadding });
  return [[...down(8), ...bent(bend), ...down(size)], [up(8, 0), ...bent(bend), up(1, 1), ...bent("sigmoid")]];
}

const BENT_BY = { relu: "ReLU", tanh: "tanh", none: "none" };
const KEYS = ["dense", "shrinks", "bend", "code_size", "optimizer", "rate", "noise"];
const planOf = (own) => ({
  layers: netOf(own).flat(), batch: BATCH, noise: own.noise, seed: 0,
  optimizer: { name: own.optimizer, rate: Number(own.rate), weightDecay: 0.00001 },
});

/** The same from weights that Python gives, in the order of the layers. */
function planFrom(plan, given) {
  const { layers, tensors } = drawWeights(plan.layers, [1, 28, 28], plan.seed);
  Object.values(tensors).forEach((tensor, k) => {
    const { buffer, byteOffset, byteLength } = given[k] ?? new DataView(new ArrayBuffer(0)), data = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
    if (data.length !== tensor.data.length) throw Error("The weights that Python gave are of a net with other settings: choose its settings, or give others.");
    tensor.data = data;
  });
  return { ...plan, layers, tensors };
}

/** Small pictures side by side, as one image for whoever does not see them. */
function strip(kind, count, label) {
  const sheets = Array.from({ length: count }, () => h("canvas", { width: 28, height: 28 }));
  const element = h("div", { class: `convae-lesson-strip convae-lesson-${kind}`, role: "img", "aria-label": label }, sheets);
  return { element, sheets };
}

/** The error against batches on a logarithmic scale, with lines at what others reach and marks where trainings ended. */
function chart() {
  const plot = document.createElementNS(SVG, "svg");
  plot.setAttribute("role", "img");
  return {
    element: plot,
    draw({ curve, stored, called, lines, ends, words }) {
      const wide = plot.clientWidth || 560, high = wide < 480 ? 200 : 250, left = 32, right = wide - 92, low = high - 22;
      const now = curve.at(-1)?.[0] ?? 0, far = Math.min(LAST, Math.max(SOON, Math.round(now * 1.02)));
      // The axis grows with what lies outside of it: a net that runs away, PCA with many numbers.
      const levels = [...curve, ...lines].map((one) => one[1]), top = Math.max(0.3, ...levels), bottom = Math.max(0.0001, Math.min(0.002, 0.85 * Math.min(...levels)));
      const x = (batch) => left + (batch / far) * (right - left), y = (error) => 18 + ((low - 18) * Math.log(top / Math.max(error, bottom))) / Math.log(top / bottom);
      const point = (batch, error) => `${x(batch).toFixed(1)},${y(error).toFixed(1)}`, most = Math.ceil(curve.length / 400);
      const seen = stored.filter(([batch], k) => !k || stored[k - 1][0] < far), mean = seen.map(([batch, own]) => point(batch, own));
      const band = [...seen.map(([batch, , , top]) => point(batch, top)), ...seen.map(([batch, , bottom]) => point(batch, bottom)).reverse()];
      const own = curve.filter((_, k) => k % most === 0 || k === curve.length - 1), [at, error] = curve.at(-1) ?? [0, 0.2];
      // Of both curves' names each stands on the side where the other curve is not.
      const upper = curve.length && error >= (stored.findLast(([batch]) => batch <= at)?.[1] ?? 0), over = upper && y(error) > 40;
      const named = seen.at(-1)?.[0] >= far ? seen.findLast(([batch]) => batch <= far) : seen.at(-1);
      let used = -99;
      const line = ([name, level, end]) => {
        const place = Math.max(y(level) + 4, used + 13), kind = end === true ? "end" : "line";
        used = place;
        return `<path class="convae-lesson-${kind}" d="M${end === true ? right - 12 : left} ${y(level).toFixed(1)}H${right}"/><text x="${right + 6}" y="${place.toFixed(1)}">${name}</text>`;
      };
      // They ended behind the last batch: an axis that does not reach it has no place for them.
      const all = [...lines, ...(far === LAST ? ends.map(([name, level]) => [name, level, true]) : [])];
      plot.setAttribute("viewBox", `0 0 ${wide} ${high}`);
      plot.style.height = `${high}px`;
      plot.setAttribute("aria-label", words);
      plot.innerHTML = [
        `<clipPath id="convae-lesson-clip"><path d="M${left} 0H${right + 4}V${high}H${left}z"/></clipPath>`,
        ...[1000, 500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1].filter((tick) => tick <= 1000 * top && tick >= 1000 * bottom).map((tick) => `<text x="${left - 5}" y="${y(tick / 1000) + 4}" text-anchor="end">${tick}</text>`),
        ...all.sort((one, other) => other[1] - one[1]).map(line),
        `<text x="${left}" y="${high - 5}">0</text><text x="${left + 8}" y="12" class="convae-lesson-unit">error on held-out digits, in thousandths</text><text x="${right}" y="${high - 5}" text-anchor="end">${many(far)} batches of ${BATCH} digits</text>`,
        `<g clip-path="url(#convae-lesson-clip)"><polygon points="${band.join(" ")}"/><polyline class="convae-lesson-stored" points="${mean.join(" ")}"/>`,
        `<polyline class="convae-lesson-own" points="${own.map((one) => point(...one)).join(" ")}"/></g>`,
        named ? `<text class="convae-lesson-soft" x="${right}" y="${upper ? y(named[2]) + 16 : y(named[3]) - 8}" text-anchor="end">${called}${wide < 480 ? "" : ", 60,000 digits"}</text>` : "",
        curve.length ? `<circle cx="${x(at)}" cy="${y(error)}" r="4.5"/><text class="convae-lesson-yours" x="${Math.min(x(at) + 4, right - 38)}" y="${y(error) + (over ? -10 : 18)}">yours</text>` : "",
      ].join("");
    },
  };
}

/** What an error beats, in words; lines: [name, error, name in a sentence] each, the largest error first. */
function beaten(error, lines) {
  const same = ([, own]) => inMilli(error) === inMilli(own), told = ([, own, name]) => `${name} (${inMilli(own)})`;
  const better = lines.findLast((line) => error < line[1] && !same(line)), other = lines.find((line) => same(line)) ?? lines.find(([, own]) => error > own);
  const parts = [better && `better than ${told(better)}`, other && `${same(other) ? "no better than" : "worse than"} ${told(other)}`];
  return parts.filter(Boolean).join(", ");
}

/**
 * What learns below the blocks, behind the button `learn`: `use(encoder, decoder, tensors)` lets the blocks show a net,
 * `usual()` the stored one. `part` is what kit.part gave.
 */
async function build(part, kit, learn, use, usual) {
  const digits = await kit.part("digits"), { train, test } = await unpacked(digits);
  const { get, set, root } = kit, { rivals, learned } = digits, held = test.length / SIZE;
  let key = "", plan, curve = [], last, trouble = "", guess = "", verdict = "", turn = 0, switched = false, batches = 0, wide = 0, first = 0, answer, given;
  const records = get("records");

  const pace = () => {
    const left = GUESSED[turn][0] - batches; // the guess is judged there
    if (reduced()) return left > 0 ? { batches: Math.min(FORTY, left) } : { time: 500 };
    if (batches < FORTY) return { batches: Math.min(2, FORTY - batches), wait: 90 };
    return batches < 400 ? { batches: 8, wait: 40 } : {};
  };
  const learning = training({ ...kit, worker: (setup, done) => kit.worker(setup, done, part) }, { train, test, shape: [1, 28, 28], shown: SHOWN }, heard, LAST, pace);

  function heard(found) {
    answer = found;
    trouble = found.problem;
    if (!found.tensors) return kit.redraw();
    ({ batches } = found);
    if (Number.isFinite(found.error)) curve.push([batches, found.error]);
    if (batches && found.error > 1.5 * curve[0][1]) {
      learning.pause();
      trouble = `By batch ${batches} the error has grown to ${inMilli(found.error)}, from ${inMilli(curve[0][1])}: it runs away.`;
    }
    if (trouble) trouble += ` Adam with a rate of ${KNOWN.rate} learns.`;
    if (guess && !verdict && (trouble || batches >= GUESSED[turn][0])) {
      learning.pause();
      verdict = `You said ${guess}: ${came()}`;
    }
    if (!learning.going()) set({ learned: Object.values(found.tensors).map(({ data }) => new DataView(data.buffer, data.byteOffset, data.byteLength)) });
    show();
  }
  /** What came of the guess. Who runs away is worse than black; who only says black is no better than that. */
  const came = () => {
    const right = (how) => (how === guess ? "right, " : "no, ");
    const [most, rival, than] = GUESSED[turn];
    if (trouble) return `${right("worse")}worse than ${than}.`;
    const [seen, at] = curve.find(([batch]) => batch >= most), own = inMilli(at), level = inMilli(rivals[rival]), black = answer.answers.every((light) => light < 0.05);
    const how = (black && !turn) || own === level ? "no better" : at < rivals[rival] ? "better" : "worse";
    return `${right(how)}after ${seen} batches it is ${how} than ${than}, ${own} against ${level}${black ? ": all that comes out is black." : `${how === "worse" && !turn ? ": most pixels of a digit are black, what comes out is not" : ""}. Go on!`}`;
  };
  function show() {
    if (lesson.on && answer?.tensors) use(answer.layers.slice(0, first), answer.layers.slice(first), answer.tensors);
    kit.redraw();
  }

  const chosen = () => Object.fromEntries(KEYS.map((name) => [name, get(name)]));
  const likeStored = (own) => own.code_size === "16" && own.optimizer === "adam" && own.rate === "0.001" && !own.noise;
  // Where stored trainings of this very net ended, [what they had, error on the held-out digits] each.
  const endsOf = (own) => (likeStored(own) && !own.dense && own.shrinks === "stride" && own.bend === "relu" ? Object.entries(get("ends")) : []);
  const rivalsOf = ({ code_size, noise }) => [
    ["all black", rivals.black, "all black"], ["mean picture", rivals.mean, "the mean picture"],
    noise ? ["noisy picture", noise * noise, "the noisy picture as it is"] : [`PCA, ${9 * code_size}`, rivals[`pca/${9 * code_size}`], `PCA with ${9 * code_size} numbers`],
  ].sort((one, other) => other[1] - one[1]);

  const inputs = strip("in", SHOWN, "Nine held-out digits"), outputs = strip("out", SHOWN, "What comes back of them");
  const kernels = strip("kernels", 8, "The first eight kernels of the first layer"), called = h("small"), plot = chart();
  const go = button("", () => (learning.going() ? learning.pause() : learning.go(), kit.redraw()));
  const step = button("Step", () => (learning.step(), kit.redraw()));
  const again = button("Start over", () => begin());
  const close = button("Stored net", () => {
    learning.pause();
    kit.quiet(false);
    element.remove();
    mark({});
    lesson.on = learn.hidden = false;
    usual();
    kit.redraw();
    learn.focus();
  });
  const guessed = (word) => button(word, () => {
    guess = word;
    go.focus();
    learning.go();
    kit.redraw();
  });
  const question = h("b", { "aria-live": "polite" }), guesses = [guessed("better"), guessed("worse")];
  const mend = button(`Take Adam and ${KNOWN.rate}`, () => {
    set(KNOWN);
    go.focus();
  });
  const asks = h("p", { class: "convae-lesson-asks" }, question, ...guesses, mend); // what came of it stands where it was asked
  const controls = {
    shrinks: choice("Shrinks by", [["stride", "stride 3"], ["pooling", "max-pooling"]], (value) => set({ shrinks: value })),
    bend: select("Activation", Object.entries(BENT_BY), (value) => set({ bend: value })),
    code_size: select("Code", ["2", "4", "8", "16", "32"].map((size) => [size, `${9 * size} numbers`]), (value) => set({ code_size: value })),
    optimizer: select("Optimiser", [["adam", "Adam"], ["sgd", "SGD"]], (value) => set({ optimizer: value })),
    rate: select("Rate", kit.limits.rate.toSorted((one, other) => one - other).map((rate) => [rate, rate]), (value) => set({ rate: value })),
    noise: number("Noise", kit.limits.noise, (value) => set({ noise: value }), "Noise on the input, standard deviation"),
    dense: checkbox("Dense layers in place of convolutions", (value) => set({ dense: value })),
  };
  const whole = h("p", null, "A dense net codes the whole picture at once: it has no blocks to pull apart.");
  const note = h("p"), start = button("Let it learn", () => go.click()), switches = fold("", h("div", { class: "convae-controls" }, Object.values(controls).map((one) => one.element)), note, start);
  const element = h("div", { class: "convae-lesson" },
    whole, asks,
    h("div", { class: "convae-lesson-bar" }, go, step, again, close),
    h("div", { class: "convae-lesson-seen convae-result" }, h("div", null, inputs.element, outputs.element), h("div", null, kernels.element, called), plot.element),
    switches);
  const resized = new ResizeObserver(() => wide !== plot.element.clientWidth && kit.redraw());
  resized.observe(element);
  kit.signal.addEventListener("abort", () => resized.disconnect());

  function begin() {
    if (verdict) turn = 1; // who guesses again is asked something else
    [curve, last, answer, trouble, guess, verdict, batches] = [[], undefined, undefined, "", "", "", 0];
    learning.reset(plan);
    kit.redraw();
  }

  const { reset } = kit;
  kit.reset = () => {
    reset();
    switched = false;
    if (plan) begin();
  };

  const words = () => {
    const lines = rivalsOf(chosen()), error = curve.at(-1)?.[1];
    if (trouble) return trouble;
    if (error === undefined) return "";
    const same = batches && answer?.answers?.every((level, k) => Math.abs(level - answer.answers[k % SIZE]) < 0.002) ? " It puts out the same picture for every digit." : "";
    const left = !batches && get("noise") ? " PCA's line is left out: it was of pictures without noise." : "";
    const slow = batches >= FORTY && get("optimizer") === "sgd" && get("rate") < 0.1 && error > rivals.mean ? " For SGD this rate is small: try 1." : "";
    const ended = batches < LAST ? "" : ` ${many(learned)} digits end here${endsOf(chosen()).map(([name, level]) => `; ${name} ended at ${inMilli(level)}`).join("")}, on the same digits.`;
    return `Batch ${many(batches)} of ${many(LAST)}: error ${inMilli(error)} thousandths, the mean over ${held} held-out digits, ${beaten(error, lines)}.${same}${slow}${left}${ended}`;
  };
  const arrows = [...root.querySelectorAll(".convae-nine-arrow > span:last-child")], usually = arrows.map((one) => one.textContent), pull = root.querySelector(".convae-nine-pull input");
  // What the blocks say of the stored net, the hatch where it reads nothing too, need not hold of this one.
  function mark({ dense, shrinks }) {
    const said = dense ? ["a dense layer", "a dense layer"] : shrinks === "pooling" ? ["two convolu\u00adtions, pooled", usually[1]] : usually;
    arrows.forEach((one, k) => (one.textContent = said[k]));
    root.classList.toggle("convae-lesson-whole", dense || shrinks === "pooling");
    root.classList.remove("convae-lesson-waits");
    pull.disabled = !!dense;
  }
  const lesson = {
    on: false,
    words,
    /** A picture as this net gets it. */
    spoiled: (levels) => lesson.on ? levels.map((level, k) => level + get("noise") * normal(999, k)) : levels,
    open() {
      lesson.on = learn.hidden = true;
      learn.closest(".convae-nine-controls").after(element);
      (guesses[0].hidden ? go : guesses[0]).focus({ preventScroll: true });
      show();
      // What is pressed next is seen, and what it does, as far as one screen holds it.
      requestAnimationFrame(() => [root.querySelector(".convae-line"), asks].forEach((one) => one.scrollIntoView({ block: "nearest" })));
    },
    draw() {
      if (!lesson.on) return;
      const own = chosen(), wanted = JSON.stringify(own), weights = get("given");
      for (const [name, control] of Object.entries(controls)) control.set(own[name]);
      if (own.dense && get("apart")) set({ apart: 0 });
      if (own.dense && own.shrinks !== "stride") set({ shrinks: own.shrinks = "stride" });
      if (wanted !== key || weights !== given) {
        switched = !!key;
        learning.pause();
        plan = weights.length ? planFrom(planOf(own), weights) : planOf(own); // an error here is told until it is mended
        [key, given, first] = [wanted, weights, netOf(own)[0].length];
        begin();
      }
      if (answer && answer !== last && answer.answers) {
        const { shape, data } = Object.values(answer.tensors)[0], side = data.length / shape[0];
        for (let n = 0; n < SHOWN; n++) {
          if (!last) paint(inputs.sheets[n], Array.from(test.subarray(SIZE * n, SIZE * (n + 1)), (level, k) => Math.max(0, Math.min(1, level + (own.noise * normal(n, k))))));
          paint(outputs.sheets[n], Array.from(answer.answers.subarray(SIZE * n, SIZE * (n + 1))));
        }
        const tallest = data.slice(0, 8 * side).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        kernels.sheets.forEach((sheet, k) => paint(sheet, Array.from(data.slice(side * k, side * (k + 1)), (value) => (1 + value / tallest) / 2)));
        last = answer;
      }
      mark(own);
      root.classList.toggle("convae-lesson-waits", !answer?.tensors);
      controls.shrinks.element.disabled = own.dense;
      whole.hidden = !own.dense;
      called.textContent = own.dense ? `8 of ${9 * own.code_size} units' weights` : "8 kernels of the first layer";
      wide = plot.element.clientWidth;
      const stored = (likeStored(own) && records[`${own.dense ? "dense" : own.shrinks}-${own.bend}`]) || [];
      const net = `${own.dense ? "dense" : own.shrinks === "pooling" ? "max-pooling" : "stride 3"}, ${own.bend === "none" ? "no activation" : BENT_BY[own.bend]}`;
      switches.firstChild.textContent = `Other nets, other rates, noise (this one: ${net}, ${9 * own.code_size} numbers, ${own.optimizer === "sgd" ? "SGD" : "Adam"} ${own.rate}${own.noise ? `, noise ${own.noise}` : ""})`;
      note.textContent = `${own.dense ? "A dense net has no windows: no stride, no pooling. " : ""}${switched && !batches ? "A new net, which has learned nothing yet." : ""}`;
      start.hidden = !switched || !!batches || learning.going();
      plot.draw({ curve, stored, called: `stored: ${net}`, lines: rivalsOf(own), ends: endsOf(own), words: words() });
      go.textContent = learning.going() ? "Pause" : batches ? "Go on" : "Go";
      go.disabled = batches >= LAST || !!trouble;
      step.disabled = go.disabled;
      mend.hidden = !trouble;
      const [most, , than] = GUESSED[turn], past = batches >= most;
      question.textContent = verdict || (guess ? `You said ${guess}.` : trouble ? "" : past ? "To guess, start over." : `Guess first: after ${most} batches, better or worse than ${turn ? than : "a picture that is all black"}?`);
      for (const one of guesses) one.hidden = !!(guess || trouble || past);
      kit.quiet(learning.going());
    },
  };
  // For whoever wants to check it, in a browser's console: document.querySelector(".convae").trained() gives the errors that
  // are drawn, [batches, error] each, and what Python would get of the weights, in the order of PyTorch's. While it learns
  // the weights may be older than the errors: pause it first. Before Learn is pressed there is no such function.
  root.trained = () => ({ errors: curve, weights: get("learned").map(({ buffer, byteOffset, byteLength }) => new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength))) });
  return lesson;
}

/** Nine digits that come out of the grey, in `place`: for some seconds, then it stops by itself. */
async function small(part, kit, place, seconds) {
  const digits = await kit.part("digits"), setup = await unpacked(digits), held = setup.test.length / SIZE;
  const inputs = strip("in", SHOWN, "Nine digits that it does not learn from"), outputs = strip("out", SHOWN, "What comes back of them");
  let timer, batches = 0, text = "", wait = 0;
  const learning = training({ ...kit, worker: (own, done) => kit.worker(own, done, part) }, { ...setup, shape: [1, 28, 28], shown: SHOWN }, (answer) => {
    for (let n = 0; n < SHOWN; n++) paint(outputs.sheets[n], Array.from(answer.answers.subarray(SIZE * n, SIZE * (n + 1))));
    ({ batches } = answer);
    text = `${many(digits.learned)} digits, batch ${many(batches)}: error ${inMilli(answer.error)} thousandths on ${held} others, ${beaten(answer.error, [["", digits.rivals.black, "all black"], ["", digits.rivals.mean, "the mean picture"]])}.`;
    kit.redraw();
  }, LAST, () => ({ batches: batches < 200 ? 4 : 12, wait }));
  inputs.sheets.forEach((sheet, n) => paint(sheet, Array.from(setup.test.subarray(SIZE * n, SIZE * (n + 1)))));
  place.replaceChildren(h("div", { class: "convae-lesson-seen" }, h("div", null, inputs.element, outputs.element)));
  learning.reset(planOf({ shrinks: "stride", bend: "relu", code_size: "16", optimizer: "adam", rate: "0.001", noise: 0 }));
  const stop = () => {
    clearTimeout(timer);
    learning.pause();
    kit.quiet(false);
    kit.redraw();
  };
  kit.signal.addEventListener("abort", stop);
  return {
    stop,
    going: () => learning.going(),
    words: () => text,
    go() {
      wait = reduced() ? 500 : 60;
      kit.quiet(true);
      learning.go();
      timer = setTimeout(stop, 1000 * seconds);
      kit.redraw();
    },
  };
}

export default {
  work: trains,
  build(...all) {
    return build(this, ...all);
  },
  small(...all) {
    return small(this, ...all);
  },
};
