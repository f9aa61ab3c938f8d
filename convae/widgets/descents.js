import { changed, choice, fold, h, widget } from "./kit.js";
import { player } from "./player.js";

const FRAME = [2.4, 1.5], CIRCLE = "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z", TINY = 1e-8, LINES = 14, TURNS = [1, 1, 0, -1, -1, -1, 0, 1];
// As optimisers.py has them: what a step takes off, in units of the rate, from a slope and what was kept of those before.
const square = (keep, slope, kept) => (kept.square = keep * (kept.square ?? 0) + (1 - keep) * slope ** 2);
const RULES = [
  { name: "gradient descent", mark: CIRCLE, take: (slope) => slope },
  { name: "momentum", mark: "M-5-5H5V5H-5Z", take: (slope, kept) => (kept.speed = 0.9 * (kept.speed ?? 0) + slope) },
  { name: "RMSProp", mark: "M0-7 7 5H-7Z", take: (slope, kept) => slope / (Math.sqrt(square(0.99, slope, kept)) + TINY) },
  { name: "Adam", mark: "M0-7 7 0 0 7-7 0Z", take: (slope, kept, step) => {
    kept.mean = 0.9 * (kept.mean ?? 0) + (1 - 0.9) * slope;
    return kept.mean / (1 - 0.9 ** step) / (Math.sqrt(square(0.999, slope, kept) / (1 - 0.999 ** step)) + TINY);
  } },
];
// profile(x) + steep y²/2, in axes that may be turned, by 45 degrees; contour lines lie at squares, times a rise.
const valley = { name: "a long valley", profile: (x) => x ** 2 / 2, bend: (x) => x, steep: 25, lowest: 0, rise: 0.15, turned: 0 };
const SURFACES = {
  valley,
  turned: { ...valley, name: "a turned valley", turned: 1 },
  hollows: { name: "two hollows", profile: (x) => (x ** 2 - 1) ** 2 + 0.3 * x, bend: (x) => 4 * x * (x ** 2 - 1) + 0.3, steep: 1, lowest: -1.0355787140888537, rise: 0.06, turned: 0 },
};
const turn = ([x, y], by) => (by ? [(x - by * y) * Math.SQRT1_2, (by * x + y) * Math.SQRT1_2] : [x, y]);
const above = ({ profile, steep, lowest, turned }, place) => {
  const [x, y] = turn(place, -turned);
  return profile(x) + (steep * y ** 2) / 2 - profile(lowest);
};
const gradient = ({ bend, steep, turned }, place) => {
  const [x, y] = turn(place, -turned);
  return turn([bend(x), steep * y], turned);
};
// The places of one loss: around the middle of each stretch of x where the profile leaves room for y.
const contour = ({ profile, steep, lowest }, level) => {
  const room = (x) => profile(lowest) + level - profile(x), ends = [];
  for (let x = -9; x < 9; x += 0.01) if (room(x) < 0 !== room(x + 0.01) < 0) ends.push(x + (0.01 * room(x)) / (room(x) - room(x + 0.01)));
  const around = (from, to) => Array.from({ length: 96 }, (_, k) => {
    const x = (from + to - (to - from) * Math.cos((Math.PI * k) / 48)) / 2;
    return `${x.toFixed(3)} ${(Math.sign(48 - k) * Math.sqrt((2 * Math.max(0, room(x))) / steep)).toFixed(3)}`;
  });
  return ends.map((from, k) => (k % 2 ? "" : `M${around(from, ends[k + 1]).join("L")}Z`)).join("");
};
const held = (value, most) => Math.max(-most, Math.min(most, value));
const inside = (place) => place.every((value, axis) => Math.abs(value) <= FRAME[axis]);
// What is seen of a way: to where it crosses the frame.
const cut = (way) => {
  const end = way.findIndex((place) => !inside(place)), [last, next] = way.slice(end - 1);
  if (end < 0) return way;
  const share = Math.min(...FRAME.map((edge, axis) => (edge - Math.sign(next[axis] - last[axis]) * last[axis]) / Math.abs(next[axis] - last[axis])));
  return [...way.slice(0, end), last.map((value, axis) => value + share * (next[axis] - value))];
};
const power = (exponent) => (exponent < 0 ? "1/" : "") + Number((10 ** Math.abs(exponent)).toPrecision(6));
const percent = (share) => (share < 0.001 ? "less than 0.1\u00a0%" : `${share < 0.1 ? (100 * share).toFixed(1) : Math.round(100 * share)}\u00a0%`);

export default widget("Four ways down", (kit) => {
  const { get, set, limits, root } = kit;
  const rate = () => Number(`${[1, 2, 5][(get("rate") + 12) % 3]}e${Math.floor(get("rate") / 3)}`);
  const walk = ({ take }, factor) => {
    const surface = SURFACES[get("surface")], times = 10 ** get("scale"), own = rate() * 10 ** factor, kept = [{}, {}], way = [[get("x"), get("y")]];
    while (way.length <= get("step")) {
      const last = way.at(-1), slope = gradient(surface, last);
      way.push(inside(last) ? last.map((value, axis) => value - own * take(times * slope[axis], kept[axis], way.length)) : last);
    }
    return way;
  };
  const each = (draw) => [...RULES, { name: "start", mark: CIRCLE }].map((one, k) => draw(`class="convae-descents-${k}"`, one)).join("");
  const board = h("div", { class: "convae-descents-board", role: "group", tabindex: 0, "aria-label": "Board: arrow keys move the start, with Shift farther" });
  board.innerHTML = `<svg role="img" viewBox="${-FRAME[0]} ${-FRAME[1]} ${2 * FRAME[0]} ${2 * FRAME[1]}"><g></g>${each((own) => `<polyline ${own}/>`)}${each((own, { mark }) => `<path ${own} d="${mark}"/>`)}${each((own, { name }) => `<text ${own}>${name}</text>`)}</svg>`;
  const [[sheet], [lines], ways, marks, labels] = ["svg", "g", "polyline", "path", "text"].map((kind) => board.querySelectorAll(kind));
  const stood = [];
  // A name is as large as letters beside the board are, and stands where it covers least: where it stood before, if
  // nothing is much better.
  const label = (ends, trail) => {
    const pixel = (2 * FRAME[0]) / (board.clientWidth || 600), taken = [];
    for (const k of [4, 0, 1, 2, 3]) {
      const half = [labels[k].getComputedTextLength() / 2 + 3, 8].map((one) => one * pixel);
      const options = Array.from({ length: 48 }, (_, option) => {
        const far = 9 + 17 * (option >> 3), middle = ends[k].map((value, axis) => held(value + TURNS[(option + 2 * axis) % 8] * (far * pixel + half[axis]), FRAME[axis] - half[axis]));
        const near = (place, more = [0, 0]) => place.every((value, axis) => Math.abs(value - middle[axis]) < half[axis] + more[axis]);
        const over = taken.filter((one) => near(one.middle, one.half)).length;
        const hidden = ends.filter((end) => near(end, [6 * pixel, 6 * pixel])).length, crossed = Math.min(5, trail.filter((place) => near(place)).length);
        return { middle, half, option, cost: 400 * over + 60 * hidden + 5 * crossed + far - 25 * (stood[k] === option) };
      });
      const best = options.reduce((best, one) => (one.cost < best.cost ? one : best));
      stood[k] = best.option;
      taken.push(best);
      [[labels, best.middle], [marks, ends[k]]].forEach(([those, place]) => those[k].setAttribute("transform", `translate(${place}) scale(${pixel})`));
    }
  };
  new ResizeObserver(() => kit.redraw()).observe(board);

  const move = (place) => {
    const [x, y] = place.map((value, axis) => Math.round(100 * held(value, FRAME[axis])) / 100);
    set({ x, y });
  };
  let pulled = false;
  board.onpointermove = ({ clientX, clientY }) => {
    const { left, top, width, height } = sheet.getBoundingClientRect();
    if (pulled) move([FRAME[0] * ((2 * (clientX - left)) / width - 1), FRAME[1] * (1 - (2 * (clientY - top)) / height)]);
  };
  board.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    board.setPointerCapture(event.pointerId);
    board.focus({ preventScroll: true });
    pulled = true;
    board.onpointermove(event);
  };
  board.onpointerup = board.onpointercancel = () => (pulled = false);
  board.onkeydown = (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(["x", "y"].map((axis, k) => get(axis) + (event.shiftKey ? 0.5 : 0.1) * step[k]));
  };
  // A slider whose whole numbers stand for what is written beside it.
  const dial = (label, [low, high], said, change, spoken = label) => {
    const slider = h("input", { type: "range", min: low, max: high, "aria-label": spoken, oninput: () => change(Number(slider.value)) }), text = h("b");
    const draw = (value) => {
      slider.value = value;
      slider.setAttribute("aria-valuetext", (text.textContent = said(value)));
    };
    return { element: h("div", { class: "convae-number" }, h("span", null, label), text, slider), draw };
  };
  const surface = choice("Surface", Object.entries(SURFACES).map(([key, one]) => [key, one.name]), (value) => set({ surface: value }));
  const rates = dial("Learning rate", limits.rate, () => `${rate()}`, (value) => set({ rate: value }));
  const scale = dial("The loss times", limits.scale, power, (value) => set({ scale: value }));
  const factors = RULES.map((one, k) => dial(one.name, limits.factors, power, (value) => set({ factors: changed(get("factors"), 0, k, value) }), `Rate of ${one.name}, times`));
  const steps = player(kit, { name: "Step", at: () => get("step") - 1, last: () => limits.step[1] - 1, go: (step) => set({ step: step + 1 }), whole: 6000, least: 60 });
  root.classList.add("convae-descents");
  root.append(h("div", { class: "convae-descents-both" },
    h("div", null, h("figure", { class: "convae-result" }, h("figcaption", null, "A loss over two weights: the bluer, the lower. Drag the start."), board), steps.element),
    h("div", null, surface.element, rates.element, scale.element, kit.lines, fold("Each one’s rate, times …", factors.map(({ element }) => element)))));
  let seen = "";

  return () => {
    const own = get("factors"), key = get("surface"), known = SURFACES[key];
    if (own.length !== 1 || own[0].length !== RULES.length) throw Error(`Factors of ${own.length} × ${own[0].length} numbers: give one row of ${RULES.length}.`);
    surface.set(key);
    rates.draw(get("rate"));
    scale.draw(get("scale"));
    factors.forEach((one, k) => one.draw(own[0][k]));
    steps.draw();
    if (seen !== key) lines.innerHTML = Array.from({ length: LINES }, (_, k) => `<path transform="rotate(${-45 * known.turned})" d="${contour(known, known.rise * (LINES - k) ** 2)}"/>`).join("");
    seen = key;
    const all = RULES.map((one, k) => walk(one, own[0][k])), trails = all.map((way) => cut(way).map(([x, y]) => [x, -y]));
    trails.forEach((trail, k) => ways[k].setAttribute("points", trail.join(" ")));
    label([...trails.map((trail) => trail.at(-1)), trails[0][0]], trails.flat());
    const begun = above(known, all[0][0]), shares = all.map((way) => begun && above(known, way.at(-1)) / begun);
    const told = all.map((way, k) => {
      const end = way.findIndex((place) => !inside(place));
      return `${RULES[k].name} ${own[0][k] ? `(rate times ${power(own[0][k])}) ` : ""}${end < 0 ? percent(shares[k]) : `off the board in step ${end}`}`;
    });
    root.shown = { ways: all, shares };
    sheet.setAttribute("aria-label", `Contour lines of ${known.name}, and the ways of four optimisers from one start.`);
    kit.say(`Left of the loss at the start, above the lowest, after ${get("step")} step${get("step") === 1 ? "" : "s"}: ${told.join(", ")}.`);
  };
});
