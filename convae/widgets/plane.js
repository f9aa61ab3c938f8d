import { canvas } from "./canvas.js";
import { choice, h, number, show, widget } from "./kit.js";
import { chain } from "./nets.js";
import { readSafetensors } from "./safetensors.js";

const DRAWN = "http://www.w3.org/2000/svg", FULL = 65535, GLIDE = 900; // milliseconds

export default widget("A plane of codes", (kit) => {
  const { get, set, limits, root } = kit, weights = readSafetensors(get("weights")), [rows, columns] = get("side");
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), labels = get("labels"), count = labels.byteLength, classes = get("classes"), plans = get("plans");
  const placed = (shares) => Array.from({ length: count }, (_, k) => [0, 2].map((a) => (100 * shares.getUint16(4 * k + a, true)) / FULL));
  const drawings = Object.fromEntries(Object.entries(get("drawn")).map(([name, shares]) => [name, placed(shares)]));
  const ways = Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, { ...plan, at: placed(get("codes")[name]), decode: chain(plan.layers, weights) }]));
  // Where the digits lie on the sheet: where their codes are, or where a drawing has them.
  const laid = () => (get("laid") === "t-SNE" && drawings[get("way")]) || ways[get("way")].at;
  const free = () => laid() === ways[get("way")].at;
  const make = (kind, attributes, text) => {
    const element = document.createElementNS(DRAWN, kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  // Each test digit is the digit itself, where its code lies: no colour has to be told from another.
  const names = Array.from({ length: count }, (_, k) => classes[labels.getUint8(k)]);
  const marks = names.map((text, k) => make("text", { class: `convae-class-${labels.getUint8(k)}` }, text));
  // Where the page has the digits' pictures: what whoever points at one of them sees of it.
  const runs = get("runs"), area = rows * columns, near = get("near"), alive = runs.byteLength > 0;
  const pictures = new Uint8Array(alive ? count * area : 0);
  for (let k = 0, at = 0; k < runs.byteLength; k++) {
    const byte = runs.getUint8(k), end = at + (byte & 15) + 1;
    pictures.fill(byte >> 4, at, end);
    at = end;
  }
  const picture = (k) => Float64Array.from(pictures.subarray(k * area, (k + 1) * area), (level) => level / 15);
  const beside = alive ? ["Digit", "Given back", "Nearest in pixels", "Nearest in code"].map((name) => {
    const canvas = h("canvas", { role: "img", height: rows, width: columns }), title = h("figcaption", null, name);
    return {
      element: h("figure", { class: "convae-plane-near" }, title, canvas),
      draw(levels, text) {
        const pen = canvas.getContext("2d"), image = pen.createImageData(columns, rows);
        levels.forEach((level, k) => image.data.set([...Array(3).fill(255 * Math.max(0, Math.min(1, level))), 255], 4 * k));
        pen.putImageData(image, 0, 0);
        canvas.setAttribute("aria-label", `${name}: ${text}`);
      },
    };
  }) : [];
  const ties = ["pixels", "code"].map((kind) => make("line", { class: `convae-plane-tie convae-plane-${kind}` })), ring = make("circle", { class: "convae-plane-ring", r: 2 });
  let over = null;
  const here = make("g", { class: "convae-plane-here" });
  here.append(make("circle", { r: 2.4 }), make("path", { d: "M-5 0H-2.4M2.4 0H5M0-5V-2.4M0 2.4V5" }));
  const sheet = make("svg", { viewBox: "0 0 100 100", role: "img" });
  sheet.append(...(alive ? [...ties, ring] : []), ...marks, here);
  const board = h("div", { class: "convae-plane-board", role: "group", tabindex: 0, "aria-label": "Plane: the arrow keys move the point" }, sheet);
  const decoded = canvas("Decoded", { point() {}, leave() {} });
  const one = (k) => `${names[k] === "8" ? "an" : "a"} ${names[k]}`;
  const nearest = (from = [get("across"), get("up")], among = ways[get("way")].at, most = 10) => {
    const [across, up] = from;
    const far = among.map(([x, y]) => (x - across) ** 2 + (y - up) ** 2);
    return far.map((_, k) => k).sort((a, b) => far[a] - far[b]).slice(0, most);
  };
  // The point goes with the test digit that is nearest to it, which each way puts somewhere else; unmoved, it goes back.
  let left = null;
  const choose = choice("Coded by", limits.way.map((name) => [name, name]), (way) => {
    const own = [get("way"), get("across"), get("up")];
    const back = left && left.from[0] === way && left.to.every((value, k) => value === own[k]);
    const to = back ? left.from : [way, ...ways[way].at[nearest()[0]].map(clamp)];
    left = { from: own, to };
    set({ way: to[0], across: to[1], up: to[2] });
  });
  const clamp = (value) => Math.round(10 * Math.max(0, Math.min(100, value))) / 10;
  // The boxes hold the code itself; a link holds the place in the plane, which both ways have.
  const sides = Object.fromEntries(Object.entries(plans).map(([name, { low, high }]) => [name, ["First number", "Second number"].map((label, a) =>
    number(label, [low[a], high[a], 0], (value) => set({ [["across", "up"][a]]: (100 * (value - low[a])) / (high[a] - low[a]) }), `${label} of the code, ${name}`))]));
  const lay = choice("Digits lie", [["code", alive ? "by PCA" : "by their codes"], ["t-SNE", "by t-SNE"]], (next) => set({ laid: next }));
  let held = false, drawn = null;
  // The digits glide to where they lie next, with what is tied to them.
  let spots = laid(), tied = [];
  const place = () => {
    marks.forEach((mark, k) => ["x", "y"].forEach((axis, a) => mark.setAttribute(axis, (a ? 100 - spots[k][1] : spots[k][0]).toFixed(2))));
    tie();
  };
  const tie = () => {
    if (!tied.length) return;
    const [[x, y], ...ends] = tied.map((k) => spots[k]);
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", 100 - y);
    ends.forEach(([x2, y2], n) => Object.entries({ x1: x, y1: 100 - y, x2, y2: 100 - y2 }).forEach((pair) => ties[n].setAttribute(...pair)));
  };
  const glide = (to) => {
    const from = spots, began = performance.now();
    drawn = to;
    const step = (now) => {
      if (drawn !== to || kit.signal.aborted) return;
      const gone = Math.max(0, Math.min(1, (now - began) / GLIDE)), part = gone * gone * (3 - 2 * gone);
      spots = gone < 1 ? to.map((end, k) => end.map((value, a) => from[k][a] + part * (value - from[k][a]))) : to;
      place();
      if (gone < 1) requestAnimationFrame(step);
    };
    step(from === to || calm.matches ? Infinity : began);
  };
  const pointed = (event) => {
    const { left, top, width, height } = board.getBoundingClientRect();
    return [(100 * (event.clientX - left)) / width, 100 - (100 * (event.clientY - top)) / height].map(clamp);
  };
  // A drawing has no place for another code: there the point goes from digit to digit.
  const goTo = (k) => set({ across: clamp(ways[get("way")].at[k][0]), up: clamp(ways[get("way")].at[k][1]) });
  const move = (event) => {
    const [across, up] = pointed(event);
    over = null;
    if (free()) set({ across, up });
    else goTo(nearest([across, up], laid())[0]);
  };
  const passes = (event) => {
    const k = nearest(pointed(event), laid())[0];
    if (!alive || event.pointerType !== "mouse" || k === over) return;
    over = k;
    kit.redraw();
  };
  board.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    held = true;
    board.setPointerCapture(event.pointerId);
    board.focus({ preventScroll: true }); // so that the arrow keys go on from there
    move(event);
  };
  board.onpointermove = (event) => (held ? move(event) : passes(event));
  board.onpointerleave = () => {
    if (over === null) return;
    over = null;
    kit.redraw();
  };
  board.onpointerup = board.onpointercancel = () => (held = false);
  board.onkeydown = (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    const wide = event.shiftKey ? 10 : 2;
    event.preventDefault();
    over = null;
    if (free()) return set({ across: clamp(get("across") + wide * step[0]), up: clamp(get("up") + wide * step[1]) });
    const [x, y] = laid()[nearest()[0]]; // on to the digit that is nearest in that quarter
    const ahead = nearest([x, y], laid(), count).find((k) => {
      const [right, above] = [laid()[k][0] - x, laid()[k][1] - y], along = right * step[0] + above * step[1];
      return along > 0 && along >= Math.abs(right * step[1]) + Math.abs(above * step[0]);
    });
    if (ahead !== undefined) goTo(ahead);
  };
  const given = Object.fromEntries(Object.entries(plans).filter(() => alive).map(([name, { encoder, whole, shape }]) => {
    const [encode, decode] = [chain(encoder, weights), chain(whole, weights)], kept = new Map();
    return [name, (k) => {
      if (!kept.has(k)) kept.set(k, decode({ shape, data: encode({ shape: [1, rows, columns], data: picture(k) }).data }).data);
      return kept.get(k);
    }];
  }));
  root.classList.add("convae-plane");
  choose.element.hidden = limits.way.length === 1;
  lay.element.hidden = !Object.keys(drawings).length;
  const words = h("figcaption"), nothing = h("p", { class: "convae-plane-nothing" }, "Nothing is decoded here: a drawing has no place for another code.");
  root.append(
    choose.element,
    lay.element,
    h("div", { class: "convae-plane-both convae-result" }, h("figure", null, words, board),
      h("div", { class: "convae-plane-side" }, decoded.element, nothing, ...Object.values(sides).flat().map(({ element }) => element), alive && h("div", { class: "convae-plane-nears" }, beside.map(({ element }) => element)))),
    ...kit.lines,
  );

  return () => {
    const name = get("way"), { at, low, high, decode } = ways[name], point = [get("across"), get("up")];
    choose.set(name);
    const lying = laid(), bound = free();
    lay.set(bound ? "code" : "t-SNE");
    words.textContent = `${count} test digits, each where ${!bound ? "t-SNE draws it" : alive ? "PCA lays its code" : "its code lies"}`;
    if (drawn !== lying) glide(lying);
    here.style.display = bound ? "" : "none";
    here.setAttribute("transform", `translate(${point[0]} ${100 - point[1]})`);
    const code = point.map((share, a) => low[a] + (share / 100) * (high[a] - low[a]));
    const levels = decode({ shape: [2], data: Float64Array.from(code) }).data;
    root.shown = { code, levels };
    for (const [own, pair] of Object.entries(sides)) pair.forEach(({ element, set }, a) => {
      element.hidden = own !== name || !bound;
      if (own === name) set(Math.max(low[a], Math.min(high[a], Math.round(100 * code[a]) / 100)));
    });
    decoded.element.hidden = !bound;
    nothing.hidden = bound;
    decoded.draw(rows, columns, (r, c) => Math.max(0, Math.min(1, levels[r * columns + c])), (r, c) => `row ${r + 1}, column ${c + 1}: ${show(levels[r * columns + c])}`);
    const close = nearest(), around = close.map((k) => names[k]), [first] = close.map((k) => Math.hypot(at[k][0] - point[0], at[k][1] - point[1]));
    const most = classes.map((one) => around.filter((name) => name === one).length), top = most.indexOf(Math.max(...most));
    sheet.setAttribute("aria-label", bound ? `Plane of codes, ${name}: the point is at ${point[0]} per cent across, ${point[1]} per cent up.` : `A drawing of the codes, ${name}, by t-SNE.`);
    const told = `The code (${code.map((value) => show(Math.round(100 * value) / 100)).join(", ")}), decoded by ${name}. Of the ${around.length} test digits nearest to it, ${most[top]} ${most[top] === 1 ? "is" : "are"} of class ${classes[top]}${first > 5 ? ", but none lies near" : ""}.`;
    const k = over ?? close[0];
    if (!alive) return kit.say(bound ? told : `The digits lie as t-SNE draws their codes, ${name}. The chosen one is ${one(k)}.`);
    const [byPixels, byCode] = [near.pixels, near[name]].map((list) => list.getUint16(2 * k, true));
    const back = given[name](k);
    root.shown.digit = { k, byPixels, byCode, back };
    [[picture(k), one(k)], [back, "what its whole code is decoded to"], [picture(byPixels), one(byPixels)], [picture(byCode), one(byCode)]].forEach((drawn, n) => beside[n].draw(...drawn));
    tied = [k, byPixels, byCode];
    tie();
    const said = `${over === null ? "The digit nearest to the point" : "Here"} is ${one(k)}; of the others ${one(byPixels)} is nearest in pixels and ${byCode === byPixels ? "in the whole code, too" : `${one(byCode)} in the whole code`}.`;
    if (bound) return kit.say(over === null ? `${told} ${said}` : said);
    const next = nearest(lying[k], lying, 11).slice(1), alike = next.filter((other) => names[other] === names[k]).length;
    kit.say(`${over === null ? "The chosen digit" : "Here"} is ${one(k)}, as ${alike} of the ${next.length} that t-SNE draws nearest to it; of all others ${one(byPixels)} is nearest in pixels and ${byCode === byPixels ? "in the whole code, too" : `${one(byCode)} in the whole code`}.`);
  };
});
