import { button, h, number, show, widget } from "./kit.js";
import { player } from "./player.js";

const PLANE = "http://www.w3.org/2000/svg", PACES = 0.25, AT_ONCE = 8, LATTICE = [15, 11], HEAD = 0.11; // of an arrow, as long as the plane counts

export default widget("Arrows uphill", (kit) => {
  const { get, set, limits, root } = kit, marks = get("marks"), [across, up] = get("span");
  const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const make = (kind, attributes) => {
    const element = document.createElementNS(PLANE, kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  // The mean of the clean points that a noisy one may come from, the nearer the more probable.
  const mean = ([x, y]) => {
    const near = marks.map(([a, b]) => ((x - a) ** 2 + (y - b) ** 2) / (2 * get("sigma") ** 2)), least = Math.min(...near);
    const weights = near.map((far) => Math.exp(least - far)), all = weights.reduce((sum, one) => sum + one, 0);
    return [0, 1].map((axis) => marks.reduce((sum, mark, k) => sum + weights[k] * mark[axis], 0) / all);
  };
  const walk = (point) => {
    const way = [point];
    for (let k = 0; k < get("step"); k++) {
      const [x, y] = way[k], [a, b] = mean(way[k]);
      way.push([x + PACES * (a - x), y + PACES * (b - y)]);
    }
    return way;
  };

  const places = Array.from({ length: LATTICE[0] * LATTICE[1] }, (_, k) =>
    [across * ((2 * (k % LATTICE[0]) + 1) / LATTICE[0] - 1), up * ((2 * Math.floor(k / LATTICE[0]) + 1) / LATTICE[1] - 1)]);
  const room = (1.7 * across) / LATTICE[0];
  const darts = places.map(() => make("path", { class: "convae-uphill-dart" }));
  const ways = Array.from({ length: AT_ONCE }, () => [make("polyline", { class: "convae-uphill-way" }), make("circle", { class: "convae-uphill-begin", r: 0.05 }), make("circle", { class: "convae-uphill-point", r: 0.06 })]);
  const cursor = make("path", { class: "convae-uphill-cursor", d: "M-.14 0H.14M0-.14V.14" });
  const sheet = make("svg", { viewBox: `${-across} ${-up} ${2 * across} ${2 * up}`, role: "img" });
  sheet.append(...darts, ...marks.map(([x, y]) => make("circle", { class: "convae-uphill-mark", cx: x, cy: -y, r: 0.05 })), ...ways.flat(), cursor);
  const board = h("div", { class: "convae-uphill-board", role: "group", tabindex: 0, "aria-label": "Plane: arrow keys move a cross, Enter drops a point there" }, sheet);

  const rounded = (point) => point.map((value, axis) => Math.round(100 * Math.max(-[across, up][axis], Math.min([across, up][axis], value))) / 100);
  const drop = (point) => set({ points: [...get("points"), rounded(point)].slice(-AT_ONCE) });
  const pointed = ({ clientX, clientY }) => {
    const box = board.getBoundingClientRect();
    return [across * ((2 * (clientX - box.left)) / box.width - 1), up * (1 - (2 * (clientY - box.top)) / box.height)];
  };
  // Near a point's beginning a pointer takes hold of it, elsewhere it drops a new one; both go along with it.
  let held = null, at = [0, 0];
  board.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    board.setPointerCapture(event.pointerId);
    const [x, y] = pointed(event), far = get("points").map(([a, b]) => Math.hypot(a - x, b - y));
    held = far.findIndex((one) => one < 0.13);
    if (held < 0) {
      drop([x, y]);
      held = get("points").length - 1;
    }
    board.focus({ preventScroll: true });
  };
  board.onpointermove = (event) => held !== null && set({ points: get("points").map((point, k) => (k === held ? rounded(pointed(event)) : point)) });
  board.onpointerup = board.onpointercancel = () => (held = null);
  board.onkeydown = (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || !(step || event.key === "Enter" || event.key === " ")) return;
    event.preventDefault();
    if (!step) return drop(at);
    at = rounded(at.map((value, axis) => value + (event.shiftKey ? 0.5 : 0.1) * step[axis]));
    kit.redraw();
  };
  const sigma = number("Noise σ", limits.sigma, (value) => set({ sigma: value }), "Noise, standard deviation");
  const steps = player(kit, { name: "Step", at: () => get("step") - 1, last: () => limits.step[1] - 1, go: (step) => set({ step: step + 1 }), whole: 6000 });
  const thrown = () => rounded([across, up].map((end) => end * (2 * Math.random() - 1)));
  root.classList.add("convae-uphill");
  root.append(
    h("figure", { class: "convae-result" }, h("figcaption", null, "Arrows lead to the mean of the clean points (dots) that a noisy one may come from. Press to drop a point, or take one by its ring."), board),
    h("div", { class: "convae-choices" }, sigma.element, button(`${AT_ONCE} at random`, () => set({ points: Array.from({ length: AT_ONCE }, thrown) }))),
    steps.element,
    ...kit.lines,
  );

  return () => {
    const points = get("points");
    if (points[0].length !== 2) throw Error(`Points of ${points[0].length} numbers have no place in a plane: give two each.`);
    sigma.set(get("sigma"));
    steps.draw();
    const arrows = places.map((place) => mean(place).map((value, axis) => value - place[axis])), longest = Math.max(...arrows.map(([a, b]) => Math.hypot(a, b)));
    darts.forEach((dart, k) => {
      const [x, y] = places[k], far = Math.hypot(...arrows[k]), length = room * (far / longest) ** 0.55; // short ones are seen, too
      const [a, b] = arrows[k].map((value) => (far ? value / far : 0)), head = Math.min(HEAD, 0.6 * length), shaft = 0.13 * head;
      const corners = [[0, shaft], [length - head, shaft], [length - head, 0.42 * head], [length, 0], [length - head, -0.42 * head], [length - head, -shaft], [0, -shaft]];
      dart.setAttribute("d", `M${corners.map(([along, beside]) => `${x + along * a - beside * b} ${-y - along * b - beside * a}`).join("L")}Z`);
    });
    const gone = points.map(walk);
    ways.forEach(([line, begin, point], k) => {
      for (const one of [line, begin, point]) one.style.display = gone[k] ? "" : "none";
      if (!gone[k]) return;
      line.setAttribute("points", gone[k].map(([x, y]) => `${x},${-y}`).join(" "));
      [[begin, gone[k][0]], [point, gone[k].at(-1)]].forEach(([one, [x, y]]) => (one.setAttribute("cx", x), one.setAttribute("cy", -y)));
    });
    cursor.setAttribute("transform", `translate(${at[0]} ${-at[1]})`);
    root.shown = { ways: gone, arrows, places };
    const ends = gone.map((way) => way.at(-1)), near = ends.filter(([x, y]) => marks.some(([a, b]) => Math.hypot(x - a, y - b) < 0.1)).length;
    sheet.setAttribute("aria-label", `Arrows around ${counted(marks.length, "clean point")}, and the ${points.length === 1 ? "way" : "ways"} of ${counted(points.length, "point")}.`);
    kit.say(`Noise of σ = ${show(get("sigma"))}: after ${counted(get("step"), "step")} ${near} of ${counted(points.length, "point")} ${near === 1 ? "lies" : "lie"} within 0.1 of a clean one.`);
  };
});
