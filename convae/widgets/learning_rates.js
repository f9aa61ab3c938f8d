import { h, number, widget } from "./kit.js";

const DRAWN = "http://www.w3.org/2000/svg", WIDE = 300, HIGH = 150, LEFT = 46, FOOT = 34;

export default widget("Learning rates and momenta", (kit) => {
  const { get, set, root } = kit, rates = get("rates"), momenta = get("momenta"), reference = get("reference");
  const [across, up, seeds, told] = get("shape"), values = get("errors"), [count, rows, columns] = get("size");
  const error = (r, m, seed, epoch) => values.getFloat32(4 * (((r * up + m) * seeds + seed) * told + epoch), true);
  const mean = (r, m) => Array.from({ length: seeds }, (_, seed) => error(r, m, seed, told - 1)).reduce((sum, value) => sum + value, 0) / seeds;
  const means = rates.map((_, r) => momenta.map((_, m) => mean(r, m))), all = means.flat(), least = Math.min(...all), most = Math.max(...all);
  const address = (name) => URL.createObjectURL(new Blob([get("pictures")[name]], { type: "image/webp" }));
  const addresses = ["shown", "given"].map(address);
  kit.signal.addEventListener("abort", () => addresses.forEach((one) => URL.revokeObjectURL(one)));
  const make = (kind, attributes, text) => {
    const element = document.createElementNS(DRAWN, kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const digits = (value) => value.toFixed(4);
  // The map: learning rates to the right, momenta upwards, the smaller the error the darker, by its logarithm.
  const share = (value) => (most > least ? Math.log(value / least) / Math.log(most / least) : 0);
  const cells = means.flatMap((column, r) => column.map((value, m) => make("rect", { x: r, y: up - 1 - m, width: 1.02, height: 1.02, style: `--share:${(100 * share(value)).toFixed(1)}%` })));
  // Better than who never looks at the picture:
  const better = means.flatMap((column, r) => column.flatMap((value, m) => (value < reference ? make("circle", { cx: r + 0.5, cy: up - 0.5 - m, r: 0.14 }) : [])));
  const here = make("rect", { class: "convae-rates-here", width: 1, height: 1 });
  const sheet = make("svg", { viewBox: `-.1 -.1 ${across + 0.2} ${up + 0.2}`, role: "img", preserveAspectRatio: "none" });
  const frames = make("g", {}); // of nets that learned here
  sheet.append(...cells, frames, ...better, here);
  const board = h("div", { class: "convae-rates-board", role: "group", tabindex: 0, "aria-label": "Map: the arrow keys choose a net" }, sheet);
  const nearest = (steps, value) => steps.reduce((best, step, k) => (Math.abs(step - value) < Math.abs(steps[best] - value) ? k : best), 0);
  const ends = (steps) => [steps[0], steps.at(-1), 0], within = (place, steps) => Math.max(0, Math.min(steps.length - 1, place));
  const rate = number("Learning rate", ends(rates), (value) => set({ rate: nearest(rates, value) }));
  const momentum = number("Momentum", ends(momenta), (value) => set({ momentum: nearest(momenta, value) }));
  // The arrow keys of a box, and of its slider, go to the next of the list.
  for (const [one, name, steps] of [[rate, "rate", rates], [momentum, "momentum", momenta]])
    one.element.onkeydown = (event) => {
      const slides = event.target.type === "range", step = { ArrowUp: 1, ArrowDown: -1, ...(slides && { ArrowRight: 1, ArrowLeft: -1 }) }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      set({ [name]: within(get(name) + step, steps) });
      event.preventDefault();
    };
  const legend = h("div", { class: "convae-rates-legend" }, h("span", null, digits(least)), h("span", { class: "convae-rates-scale" }), h("span", null, digits(most)));
  const tile = (title) => {
    const picture = h("div", { class: "convae-rates-tile", role: "img", style: `aspect-ratio:${count * columns}/${rows}` });
    return [h("figure", null, h("figcaption", null, title), picture), picture];
  };
  const [shownFigure, shown] = tile("Shown"), [givenFigure, given] = tile("Given back (stored net)");
  shown.style.backgroundImage = `url(${addresses[0]})`;
  shown.setAttribute("aria-label", `${count} test pictures`);
  Object.assign(given.style, { backgroundImage: `url(${addresses[1]})`, backgroundSize: `${100 * across}% ${100 * up}%` });
  // The curve: one line a seed, a broken one for the mean picture.
  const every = Array.from({ length: values.byteLength / 4 }, (_, k) => values.getFloat32(4 * k, true)), low = every.reduce((least, value) => Math.min(least, value), reference) / 1.15, high = every.reduce((most, value) => Math.max(most, value), reference);
  const x = (epoch) => LEFT + ((WIDE - LEFT - 8) * epoch) / Math.max(1, told - 1), y = (value) => 8 + ((HIGH - FOOT - 8) * Math.log(high / Math.max(low, Math.min(high, value)))) / (Math.log(high / low) || 1);
  const plot = make("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", class: "convae-rates-plot" }), lines = Array.from({ length: seeds }, () => make("path", {}));
  const labelled = [low, reference, high].filter((value) => value === reference || Math.abs(y(value) - y(reference)) > 11); // one number does not cover another
  for (const value of labelled) plot.append(make("text", { x: LEFT - 5, y: y(value), class: "convae-rates-error" }, digits(value)));
  plot.append(make("path", { class: "convae-rates-mean", d: `M${LEFT} ${y(reference)}H${WIDE - 8}` }), make("path", { class: "convae-rates-axis", d: `M${LEFT} 8V${HIGH - FOOT}H${WIDE - 8}` }));
  for (let epoch = 0; epoch < told; epoch += Math.ceil(told / 6)) plot.append(make("text", { x: x(epoch), y: HIGH - FOOT + 13 }, epoch));
  plot.append(make("text", { x: (LEFT + WIDE) / 2, y: HIGH - 5 }, "epochs"), ...lines);
  const caption = h("figcaption", null, "Test error of the stored nets; dashed: always the mean picture");
  // What learns comes when it is asked for.
  let learner = null, back = false;
  const learn = get("steps") ? kit.later("Learn it here", async () => {
    if (!learner) {
      learner = await (await kit.part("learning_cell")).build(kit, { learn, make, sheet, frames, plot, caption, x, y, share, digits });
      back = true; // the focus, which a button loses that rests
    }
    learner.press();
  }) : null;
  let held = false;
  const pick = (event) => {
    const { left, top, width, height } = board.getBoundingClientRect();
    const place = (share, length) => Math.max(0, Math.min(length - 1, Math.floor(share * length)));
    set({ rate: place((event.clientX - left) / width, across), momentum: up - 1 - place((event.clientY - top) / height, up) });
  };
  board.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    held = true;
    board.setPointerCapture(event.pointerId);
    board.focus({ preventScroll: true });
    if (event.pointerType === "mouse") pick(event); // a thumb that comes to scroll chooses nothing
  };
  board.onpointermove = (event) => held && pick(event);
  board.onpointerup = (event) => {
    if (held) pick(event);
    held = false;
  };
  board.onpointercancel = () => (held = false);
  board.onkeydown = (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    set({ rate: within(get("rate") + step[0], rates), momentum: within(get("momentum") + step[1], momenta) });
    event.preventDefault();
  };
  root.classList.add("convae-rates");
  root.append(
    h("div", { class: "convae-rates-both convae-result" },
      h("figure", { class: "convae-rates-map" }, h("figcaption", null, `Test error after ${told - 1} epochs`), board, h("p", { class: "convae-rates-below" }, `Learning rate to the right, ${rates[0]} to ${rates.at(-1)}; momentum upwards, ${momenta[0]} to ${momenta.at(-1)}.${better.length ? " A dot: less than the mean picture." : ""}`), legend),
      h("div", { class: "convae-rates-side" }, rate.element, momentum.element, h("div", { class: "convae-rates-pictures" }, shownFigure, givenFigure)),
      h("div", { class: "convae-rates-curve" }, h("figure", null, caption, plot), learn && h("div", { class: "convae-rates-bar" }, learn))),
    ...kit.lines,
  );

  return () => {
    const r = get("rate"), m = get("momentum"), curves = lines.map((_, seed) => Array.from({ length: told }, (_, epoch) => error(r, m, seed, epoch)));
    rate.set(rates[r]);
    momentum.set(momenta[m]);
    here.setAttribute("x", r);
    here.setAttribute("y", up - 1 - m);
    lines.forEach((line, seed) => line.setAttribute("d", "M" + curves[seed].map((value, epoch) => `${x(epoch).toFixed(1)} ${y(value).toFixed(1)}`).join("L")));
    given.style.backgroundPosition = `${(100 * r) / (across - 1)}% ${(100 * m) / (up - 1)}%`;
    root.shown = { curves };
    const name = `learning rate ${rates[r]}, momentum ${momenta[m]}`, last = curves.map((curve) => digits(curve.at(-1))).join(", ");
    given.setAttribute("aria-label", `What the net with ${name} gives back of them`);
    plot.setAttribute("aria-label", `Test error by epoch, ${name}: ${curves[0].map(digits).join(", ")}`);
    sheet.setAttribute("aria-label", `Map of ${across} learning rates and ${up} momenta; chosen: ${name}.`);
    if (back && !learn.disabled) {
      back = false;
      if (document.activeElement === document.body) learn.focus({ preventScroll: true });
    }
    const stored = `${name[0].toUpperCase()}${name.slice(1)}: after ${told - 1} epochs the test error is ${last}${seeds > 1 ? " (a net each)" : ""}; that of the mean picture is ${digits(reference)}.`;
    kit.say(`${stored} ${learner?.draw() ?? ""}`.trim());
  };
});
