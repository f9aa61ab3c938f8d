// A net with a code of two numbers that learns in the page: where the codes of digits lie that it does not learn from.
import { button, choice, h, number, select, widget } from "./kit.js";
import { chain } from "./nets.js";
import { paint, unpacked } from "./real_digits.js";
import { training, trains } from "./training.js";

const END = 2000, SEEN = 10, LEAST = 6; // batches; digits whose pictures are seen; how wide the plane is at least
const GUESSES = [["under 30 %", 0], ["30 to 70 %", 30], ["over 70 %", 70.01]]; // what they begin at, per cent
const SHEET = "http://www.w3.org/2000/svg";

/** Encoder and decoder: LearningPlane.net in Python. */
function plansOf(bend) {
  const linear = (outputs) => ({ kind: "linear", settings: { outputs } }), apply = (name) => ({ kind: "activation", settings: { name } });
  const shaped = (shape) => ({ kind: "reshape", settings: { shape } }), bent = bend === "none" ? [] : [apply("leakyRelu")];
  return [
    [shaped([784]), linear(64), ...bent, linear(32), ...bent, linear(2)],
    [linear(32), ...bent, linear(64), ...bent, linear(784), apply("sigmoid"), shaped([1, 28, 28])],
  ];
}

/** What trains does, and the codes of all test digits in place of the weights, which are many. */
function places(setup) {
  const learn = trains(setup), { test, shape, coded } = setup, size = test.length / coded.count;
  return function* (job) {
    const { layers, tensors, ...answer } = yield* learn(job);
    if (!tensors) return answer;
    const encode = chain(layers.slice(0, coded.layers[job.plan.bend]), tensors), codes = new Float32Array(2 * coded.count);
    for (let n = 0; n < coded.count; n++) {
      codes.set(encode({ shape, data: test.subarray(size * n, size * (n + 1)) }).data, 2 * n);
      if (n % 20 === 19) yield;
    }
    return { ...answer, codes };
  };
}

/** Of how many points the nearest other one is of their class. */
function alike(codes, labels) {
  const nearest = (n) => {
    let least = Infinity, best = n;
    for (let k = 0; k < labels.length; k++) {
      const far = (codes[2 * k] - codes[2 * n]) ** 2 + (codes[2 * k + 1] - codes[2 * n + 1]) ** 2;
      if (k !== n && far < least) [least, best] = [far, k];
    }
    return best;
  };
  return [...labels].filter((label, n) => labels[nearest(n)] === label).length;
}

const whole = (value) => Math.round(value).toString().replace("-", "−");
const inThousandths = (error) => (1000 * error).toFixed(0);
const called = (count) => count.toLocaleString("en");

export default widget("A plane that fills", (kit) => {
  const { get, set, root } = kit;
  let digits, learning, test, marks = [], key, last, drawn, trouble = "", guess = "", errors = [], begun = 0, ends = [], back = false, rests = false, only = "";
  const pieces = (n, from) => from.subarray(784 * n, 784 * (n + 1));

  const sheet = document.createElementNS(SHEET, "svg");
  sheet.setAttribute("viewBox", "0 0 100 100");
  sheet.setAttribute("role", "img");
  sheet.innerHTML = `<path d="M0 50H100M50 0V100"/>`;
  const cross = sheet.firstChild;
  // What the axes reach at their ends; and one class in the light, chosen or under the pointer, for colours come twice.
  const reach = ["left", "right", "low", "high"].map((end) => h("span", { class: `convae-filling-end convae-filling-${end}`, "aria-hidden": "true" }));
  const lit = (label) => {
    only = label;
    kit.redraw();
  };
  const classes = select("Show", [["", "all digits"], ...Array.from("0123456789", (label) => [label, `only ${label}`])], (label) => lit((chosen = label)));
  let chosen = "";
  sheet.onpointerover = ({ target }) => lit(marks.includes(target) ? target.textContent : chosen);
  sheet.onpointerleave = () => lit(chosen);
  const edge = h("figcaption"), rows = ["in", "out"].map((kind) => Array.from({ length: SEEN }, () => h("canvas", { width: 28, height: 28, class: `convae-filling-${kind}` })));
  const strips = rows.map((sheets, k) => h("div", { class: "convae-filling-strip", role: "img", "aria-label": ["Ten of them", "What comes back of these by two numbers"][k] }, sheets));

  async function load() {
    digits = await kit.part("digits");
    const real = await unpacked(digits);
    ({ test } = real);
    for (const label of digits.labels) {
      const mark = document.createElementNS(SHEET, "text");
      mark.setAttribute("class", `convae-filling-${label % 5}`);
      mark.textContent = label;
      sheet.append(mark);
      marks.push(mark);
    }
    rows[0].forEach((one, n) => paint(one, Array.from(pieces(n, test))));
    const layers = Object.fromEntries(kit.limits.bend.map((bend) => [bend, plansOf(bend)[0].length]));
    learning = training(kit, { ...real, shape: [1, 28, 28], shown: SEEN, coded: { count: marks.length, layers } }, heard, END, () =>
      matchMedia("(prefers-reduced-motion: reduce)").matches ? { time: 600 } : errors.length < 40 ? { batches: 4, wait: 60 } : { time: 80 });
  }
  /** The ends of an axis: it holds all codes at once, and leaves empty room little by little. */
  function room(values, [low, high] = [Infinity, -Infinity]) {
    const least = Math.min(...values), most = Math.max(...values), half = Math.max(LEAST, 1.08 * (most - least)) / 2;
    const [from, to] = [(least + most) / 2 - half, (least + most) / 2 + half], nearer = (old, now) => (Number.isFinite(old) ? old + 0.1 * (now - old) : now);
    return [Math.min(from, nearer(low, from)), Math.max(to, nearer(high, to))];
  }
  function heard(answer) {
    trouble = answer.problem;
    if (answer.codes) {
      last = answer;
      if (!answer.batches) begun = share();
      errors.push([answer.batches, answer.error]);
      ends = [0, 1].map((a) => room(answer.codes.filter((_, k) => k % 2 === a), ends[a]));
    }
    kit.redraw();
  }
  /** From the first batch again, at rest. */
  function begin() {
    [errors, last, trouble, guess, ends, rests] = [[], null, "", "", [], false];
    const bend = get("bend"), seed = get("seed");
    learning?.reset({ bend, layers: plansOf(bend).flat(), batch: 64, noise: 0, seed, optimizer: { name: "adam", rate: 0.003 } });
    kit.redraw();
  }

  const go = kit.later("Go", async () => {
    if (!learning) {
      await load();
      const said = guess;
      begin();
      guess = said;
      back = true; // the focus, which a button loses that rests
    }
    if (learning.going()) learning.pause();
    else learning.go();
  });
  // Out of sight it learns no more than in a hidden tab.
  const watch = new IntersectionObserver((entries) => {
    const seen = entries.at(-1).isIntersecting;
    if (!seen && learning?.going()) {
      learning.pause();
      rests = true;
    } else if (seen && rests) {
      learning.go();
      rests = false;
    }
    kit.redraw();
  });
  watch.observe(root);
  kit.signal.addEventListener("abort", () => watch.disconnect());

  // The guess is made by going on; its answer comes with the last batch.
  const question = h("b"), guesses = GUESSES.map(([word]) => button(word, () => ((guess = word), learning?.going() || go.click(), go.focus({ preventScroll: true }))));
  const asks = h("p", { class: "convae-filling-asks" }, question, guesses);
  const step = button("Step", () => (learning.step(), kit.redraw()));
  const again = button("Start over", () => (kit.fine(), begin()));
  const reset = button("Reset", () => {
    kit.reset();
    begin();
  });
  const bends = choice("Activation", [["leaky-relu", "leaky ReLU"], ["none", "none"]], (bend) => set({ bend }));
  const seeds = number("Seed", kit.limits.seed, (seed) => set({ seed }), "Seed", { slider: false });
  root.classList.add("convae-filling");
  root.append(
    h("div", { class: "convae-filling-both" },
      h("figure", null, h("div", { class: "convae-filling-board convae-result" }, reach, sheet), edge),
      h("div", null,
        asks,
        h("div", { class: "convae-filling-bar" }, go, step, again, reset),
        h("div", { class: "convae-filling-strips convae-result" }, strips),
        h("div", { class: "convae-filling-bar" }, bends.element, seeds.element, classes.element),
        kit.lines)));
  root.trained = () => ({ errors, codes: last && Array.from(last.codes) });

  /** Where a number of the code lies on the sheet. */
  const at = (value, a) => {
    const [low, high] = ends[a], share = (100 * (value - low)) / (high - low);
    return (a ? 100 - share : share).toFixed(2);
  };
  const reaches = (a) => ends[a].map(whole).join(" to ");
  const share = () => Math.round((100 * alike(last.codes, digits.labels)) / marks.length);
  /** What share it would be if neighbours had nothing to do with classes. */
  const chance = () => {
    const many = [...digits.labels].reduce((sum, label) => sum + digits.labels.split(label).length - 2, 0);
    return Math.round((100 * many) / (marks.length * (marks.length - 1)));
  };
  const words = () => {
    if (trouble) return trouble;
    if (!last) return `A net of ${called(get("parameters"))} numbers, not yet trained: it learns here, in the page, from 1,000 digits, and ends by itself after ${called(END)} batches. Press Go.`;
    const error = inThousandths(last.error), [mean, pca] = ["mean", "pca/2"].map((name) => inThousandths(digits.rivals[name]));
    return `Batch ${called(last.batches)} of ${called(END)}: error ${error} thousandths on ${marks.length} digits it does not learn from (the mean picture ${mean}, PCA with two numbers ${pca}). For ${share()} % of them the nearest in the plane is of the same class (by chance, for ${chance()} %; before it learned, for ${begun} %).${last.batches < END ? "" : " It has finished: start over, or take another seed."}`;
  };
  return () => {
    const own = JSON.stringify([get("bend"), get("seed")]);
    bends.set(get("bend"));
    seeds.set(get("seed"));
    if (own !== key) {
      key = own;
      begin();
    }
    const going = learning?.going() ?? false;
    if (last !== drawn) {
      drawn = last;
      marks.forEach((mark, n) => {
        mark.setAttribute("visibility", last ? "visible" : "hidden");
        if (last) ["x", "y"].forEach((axis, a) => mark.setAttribute(axis, at(last.codes[2 * n + a], a)));
      });
      cross.setAttribute("d", last ? `M0 ${at(0, 1)}H100M${at(0, 0)} 0V100` : "M0 50H100M50 0V100");
      rows[1].forEach((one, n) => last && paint(one, Array.from(pieces(n, last.answers))));
    }
    classes.set(chosen);
    for (const mark of marks) mark.classList.toggle("convae-filling-dim", only && mark.textContent !== only);
    reach.forEach((one, k) => {
      one.textContent = last ? whole(ends[k >> 1][k % 2]) : "";
      one.style.setProperty("--at", last ? `${Math.max(8, Math.min(92, at(0, 1 - (k >> 1))))}%` : "50%");
    });
    edge.textContent = last ? `The codes of ${marks.length} digits: first number across, ${reaches(0)}; second up, ${reaches(1)}` : "A code of two numbers: a place in the plane";
    sheet.setAttribute("aria-label", last ? `${edge.textContent}. Each digit stands where its code lies.` : edge.textContent);
    go.textContent = going ? "Pause" : last?.batches ? "Go on" : "Go";
    if (!go.disabled && back) {
      back = false;
      if (document.activeElement === document.body) go.focus({ preventScroll: true });
    }
    const over = last?.batches >= END, right = over && GUESSES.findLast(([, from]) => share() >= from)[0];
    again.disabled = !learning;
    step.disabled = !learning || !!trouble || over;
    if (learning) go.disabled = !!trouble || over;
    question.textContent = !guess ? `Guess first: after ${called(END)} batches, for how many digits is the nearest one of the same class?` : over ? `You said ${guess}: ${guess === right ? "right" : "no"}, it is ${share()} %.` : `You said ${guess}.`;
    asks.hidden = !guess && !!(last?.batches || trouble);
    for (const one of guesses) one.hidden = !!guess;
    kit.quiet(going);
    kit.say(words());
  };
}, places);
