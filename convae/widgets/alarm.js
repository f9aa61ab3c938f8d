import { canvas, line, painted } from "./canvas.js";
import { button, choice, h, matrix, select, widget } from "./kit.js";
import { chain } from "./nets.js";
import { readSafetensors } from "./safetensors.js";

const SIDE = 28, ALL = [...Array(SIDE * SIDE).keys()], BINS = 56, STEPS = 65535;
const SVG = "http://www.w3.org/2000/svg";
const clip = (value) => Math.max(0, Math.min(1, value));
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const capital = (text) => text[0].toUpperCase() + text.slice(1);
/** Three digits that count. */
const brief = (value) => (value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));
const drawing = (tag, properties) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  return element;
};
/** How many of an ordered list are above a value. */
const above = (ordered, value) => {
  let low = 0, high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ordered[middle] > value) high = middle;
    else low = middle + 1;
  }
  return ordered.length - low;
};
/** False alarms and hits at every threshold, from none to all, and the area below. */
const curve = (usual, others) => {
  const at = [Infinity, ...new Set([...usual, ...others].sort((a, b) => b - a)), -1];
  const points = at.map((value) => [above(usual, value) / usual.length, above(others, value) / others.length]);
  const area = points.slice(1).reduce((sum, [x, y], k) => sum + ((x - points[k][0]) * (y + points[k][1])) / 2, 0);
  return { points, area };
};

export default widget("An alarm to set", (kit) => {
  const { get, set, limits, root } = kit, [usual, ...kinds] = get("names"), weights = readSafetensors(get("weights"));
  const encode = chain(get("encoder"), weights), decode = chain(get("decoder"), weights);
  const mean = weights.mean.data, [, across] = weights.whiten.shape;
  const places = Object.fromEntries(Object.entries(get("places")).map(([name, bytes]) =>
    [name, Array.from({ length: bytes.byteLength / 2 }, (_, k) => bytes.getUint16(2 * k, true)).sort((a, b) => a - b)]));
  const pictures = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) =>
    [name, Array.from({ length: bytes.byteLength / SIDE / SIDE }, (_, n) => Float64Array.from(ALL, (k) => bytes.getUint8(n * SIDE * SIDE + k) / 255))]));
  const most = limits.example[1] + 1;
  const at = (score) => get(`${score}_at`), value = (score, place) => {
    const [low, high] = get("axes")[score];
    return 10 ** (low + (place / 100) * (high - low));
  };
  const place = (score, number) => {
    const [low, high] = get("axes")[score];
    return (100 * (Math.log10(number) - low)) / (high - low);
  };
  const move = (to) => set({ [`${get("score")}_at`]: Math.round(10 * Math.max(0, Math.min(100, to))) / 10 });
  const onSheet = () => {
    if (get("own")) return Float64Array.from(ALL, (k) => get("drawing")[Math.floor(k / SIDE)]?.[k % SIDE] ?? 0);
    return pictures[get("example") % 2 ? usual : get("kind")][get("example") >> 1];
  };

  // The sheet, and what comes back.
  const draws = (spots) => {
    const now = onSheet(), own = matrix(SIDE, SIDE, (r, c) => Math.round(100 * now[r * SIDE + c]) / 100);
    set({ own: true, drawing: painted(own, spots, false) });
  };
  const nothing = { point() {}, leave() {} };
  const sheet = canvas("Picture: draw here", { ...nothing, drawn: () => true, press: (r, c) => draws([[r, c]]), stroke: (from, to) => draws(line(from, to)) });
  const back = canvas("What comes back", nothing);
  const under = h("p", { class: "convae-bell-under" }), returned = h("p", { class: "convae-bell-under" }, "what comes back");
  const next = button("Another picture", () => set({ own: false, example: get("own") ? get("example") : (get("example") + 1) % most }));
  const inked = () => get("drawing").some((row) => row.some(Boolean));
  const own = button("Draw your own", () => set(get("own") ? { drawing: [[0]] } : { own: true }));
  const bells = ["error", "code"].map((score) => {
    const icon = drawing("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }), says = h("span");
    icon.append(drawing("path", { d: "M12 3a6 6 0 0 0-6 6v5l-2 3h16l-2-3V9a6 6 0 0 0-6-6zm-2 15a2 2 0 0 0 4 0z" }), drawing("path", { class: "convae-bell-off", d: "M4 4L20 20" }));
    return { score, says, element: h("p", { class: "convae-bell" }, icon, says) };
  });

  // The two hills.
  const whose = select("Digits and", kinds.map((name) => [name, name]), (name) => set({ kind: name, own: false, example: 0 }));
  whose.element.querySelector("label").textContent = `${capital(usual)} and`;
  const heard = choice("The alarm listens to", [["error", "the error"], ["code", "the code"]], (score) => set({ score }));
  const bars = drawing("svg", { viewBox: `0 0 ${BINS} 100`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const rects = [0, 1].map((side) => Array.from({ length: BINS }, (_, k) => bars.appendChild(drawing("rect", { x: k + 0.06, width: 0.88, class: side ? "convae-bell-others" : "convae-bell-usual" }))));
  const limit = h("div", { class: "convae-bell-limit" }), mark = h("div", { class: "convae-bell-mark" });
  const [names, rings] = [0, 1].map((right) => [0, 1].map((side) => h("p", { class: `convae-bell-name${right ? " convae-bell-right" : ""}${side ? " convae-bell-low" : ""}` })));
  const hills = h("div", { class: "convae-bell-hills" }, bars, names, rings, mark, limit);
  const slider = h("input", { type: "range", min: 0, max: 100, step: 0.1, "aria-label": "Threshold", oninput: () => move(Number(slider.value)) });
  const ticks = h("div", { class: "convae-bell-ticks", "aria-hidden": "true" });
  // The curve of all thresholds.
  const [guess, line_] = ["convae-bell-guess", "convae-bell-curve"].map((name) => drawing("polyline", { class: name, "vector-effect": "non-scaling-stroke" }));
  guess.setAttribute("points", "0,100 100,0");
  const chart = drawing("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }), point = h("div", { class: "convae-bell-point" });
  chart.append(guess, line_);
  const areaText = h("p", { class: "convae-bell-area" });
  const plane = h("div", { class: "convae-bell-plane" }, chart, areaText, point);
  const roc = h("div", { class: "convae-bell-roc" }, h("p", { class: "convae-bell-under" }, "hits"), plane, h("p", { class: "convae-bell-under" }, "false alarms"));

  const dragged = (element, go) => {
    let held = false;
    element.onpointerdown = (event) => {
      if (event.button) return;
      held = true;
      element.setPointerCapture(event.pointerId);
      go(event);
    };
    element.onpointermove = (event) => held && go(event);
    element.onpointerup = element.onpointercancel = () => (held = false);
  };
  const share = ({ clientX }, element) => {
    const { left, width } = element.getBoundingClientRect();
    return (clientX - left) / width;
  };
  dragged(hills, (event) => move(100 * share(event, hills)));
  dragged(plane, (event) => {
    const digits = places[`${get("score")}/${usual}`], rank = Math.round((1 - clip(share(event, plane))) * digits.length) - 1;
    move((100 * (digits[rank] ?? digits[0] - 1)) / STEPS + 0.05);
  });

  root.classList.add("convae-bells");
  root.append(
    h("div", { class: "convae-bell-head" }, whose.element, heard.element),
    h("div", { class: "convae-bell-board convae-result" },
      h("div", { class: "convae-bell-sheets" }, h("div", null, sheet.element, under), h("div", null, back.element, returned)),
      h("div", { class: "convae-bell-axis" }, hills, slider, ticks),
      roc),
    h("div", { class: "convae-bell-foot" }, h("div", { class: "convae-buttons" }, next, own), bells.map(({ element }) => element)),
    ...kit.lines,
  );

  let shown = "", ordered, found;
  return () => {
    const score = get("score"), kind = get("kind"), now = at(score);
    whose.set(kind);
    heard.set(score);
    sheet.pens(true);
    if (shown !== `${score}/${kind}`) {
      shown = `${score}/${kind}`;
      ordered = [usual, kind].map((name) => places[`${score}/${name}`]);
      found = curve(...ordered);
      line_.setAttribute("points", found.points.map(([x, y]) => `${(100 * x).toFixed(1)},${(100 - 100 * y).toFixed(1)}`).join(" "));
      const counts = ordered.map((list) => list.reduce((bins, one) => (bins[Math.min(BINS - 1, Math.floor((one / STEPS) * BINS))]++, bins), Array(BINS).fill(0)));
      counts.forEach((bins, side) => bins.forEach((count, k) => {
        const high = (46 * count) / Math.max(...bins);
        rects[side][k].setAttribute("y", side ? 50.5 : 49.5 - high);
        rects[side][k].setAttribute("height", high);
      }));
      const [low, high] = get("axes")[score], steps = [];
      for (let power = Math.floor(low); power <= high; power++) for (const digit of high - low > 1.5 ? [1] : [1, 2, 5]) steps.push(digit * 10 ** power);
      ticks.replaceChildren(...steps.map((step) => [step, place(score, step)]).filter(([, x]) => x > 2 && x < 98)
        .map(([step, x]) => h("span", { style: `left:${x}%` }, String(Number(step.toPrecision(2))))), h("i", null, score === "error" ? "error" : "distance of the code"));
      [usual, kind].forEach((name, side) => (names[side].textContent = `${ordered[side].length.toLocaleString("en")} ${side ? "others: " : ""}${name}`));
    }
    const shares = ordered.map((list) => above(list, (now * STEPS) / 100) / list.length), threshold = value(score, now);
    rings[0].textContent = `${percent(shares[0])} ring: false alarms`;
    rings[1].textContent = `${percent(shares[1])} ring: hits`;
    for (const side of rects) side.forEach((rect, k) => rect.toggleAttribute("data-quiet", (k + 0.5) / BINS < now / 100));
    limit.style.left = `${now}%`;
    slider.value = now;
    slider.setAttribute("aria-valuetext", `${score === "error" ? "error" : "distance of the code"} ${brief(threshold)}`);
    point.style.cssText = `left:${100 * shares[0]}%;top:${100 - 100 * shares[1]}%`;
    areaText.toggleAttribute("data-low", found.area < 0.5); // beside the curve, wherever that lies
    areaText.textContent = `area ${found.area.toFixed(2)}`;

    const input = onSheet(), code = encode({ shape: [1, SIDE, SIDE], data: input }), output = decode(code).data;
    const away = Array.from(code.data, (number, k) => number - mean[k]);
    const distance = Math.hypot(...Array.from({ length: across }, (_, c) => away.reduce((sum, number, k) => sum + number * weights.whiten.data[k * across + c], 0)));
    const scores = { error: input.reduce((sum, level, k) => sum + (level - output[k]) ** 2, 0) / input.length, code: distance };
    root.shown = { input, output, scores: [scores.error, scores.code], shares, area: [found.area] };
    const told = (data) => (r, c) => `row ${r + 1}, column ${c + 1}: ${brief(data[r * SIDE + c])}`;
    sheet.draw(SIDE, SIDE, (r, c) => clip(input[r * SIDE + c]), told(input));
    back.draw(SIDE, SIDE, (r, c) => clip(output[r * SIDE + c]), told(output));
    const empty = get("own") && !input.some(Boolean);
    own.textContent = get("own") ? "Empty sheet" : inked() ? "My drawing" : "Draw your own";
    under.textContent = empty ? "draw here" : "draw on it";
    mark.hidden = empty;
    mark.style.left = `${Math.max(0, Math.min(100, place(score, scores[score])))}%`;
    const does = Object.fromEntries(bells.map((bell) => [bell.score, scores[bell.score] > value(bell.score, at(bell.score))]));
    for (const bell of bells) {
      bell.element.toggleAttribute("data-rings", does[bell.score] && !empty);
      bell.says.textContent = empty ? `${bell.score}: –` : `${bell.score} ${brief(scores[bell.score])}: ${does[bell.score] ? "rings" : "silent"}`;
    }
    const both = does.error && does.code ? "both alarms ring" : does.error ? "the error rings, the code does not" : does.code ? "the code rings, the error does not" : "neither alarm rings";
    const whoseSheet = get("own") ? "your drawing" : get("example") % 2 ? `one of the ${usual}` : `one of the others (${kind})`;
    kit.say(`Threshold ${brief(threshold)} of the ${score === "error" ? "error" : "code’s distance"}: ${percent(shares[1])} hits (${kind}), ${percent(shares[0])} false alarms (${usual}). ` + (empty ? "Draw something that no alarm hears." : `On the sheet ${whoseSheet}: ${both}.`));
  };
});
