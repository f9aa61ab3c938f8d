import { canvas } from "./canvas.js";
import { choice, h, number, show, widget } from "./kit.js";
import { chain } from "./nets.js";
import { readSafetensors } from "./safetensors.js";

const DRAWN = "http://www.w3.org/2000/svg", FULL = 65535;

export default widget("A plane of codes", (kit) => {
  const { get, set, limits, root } = kit, weights = readSafetensors(get("weights")), [rows, columns] = get("side");
  const labels = get("labels"), count = labels.byteLength, classes = get("classes"), plans = get("plans");
  const ways = Object.fromEntries(Object.entries(plans).map(([name, plan]) => {
    const codes = get("codes")[name], at = Array.from({ length: count }, (_, k) => [0, 2].map((a) => (100 * codes.getUint16(4 * k + a, true)) / FULL));
    return [name, { ...plan, at, decode: chain(plan.layers, weights) }];
  }));
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
  const nearest = ([across, up] = [get("across"), get("up")]) => {
    const far = ways[get("way")].at.map(([x, y]) => (x - across) ** 2 + (y - up) ** 2);
    return far.map((_, k) => k).sort((a, b) => far[a] - far[b]).slice(0, 10);
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
  let held = false, drawn = null;
  const pointed = (event) => {
    const { left, top, width, height } = board.getBoundingClientRect();
    return [(100 * (event.clientX - left)) / width, 100 - (100 * (event.clientY - top)) / height].map(clamp);
  };
  const move = (event) => {
    const [across, up] = pointed(event);
    over = null;
    set({ across, up });
  };
  const passes = (event) => {
    const k = nearest(pointed(event))[0];
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
    set({ across: clamp(get("across") + wide * step[0]), up: clamp(get("up") + wide * step[1]) });
    event.preventDefault();
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
  root.append(
    choose.element,
    h("div", { class: "convae-plane-both convae-result" }, h("figure", null, h("figcaption", null, `${count} test digits, each where its code lies`), board),
      h("div", { class: "convae-plane-side" }, decoded.element, ...Object.values(sides).flat().map(({ element }) => element), alive && h("div", { class: "convae-plane-nears" }, beside.map(({ element }) => element)))),
    ...kit.lines,
  );

  return () => {
    const name = get("way"), { at, low, high, decode } = ways[name], place = [get("across"), get("up")];
    choose.set(name);
    if (drawn !== name) marks.forEach((mark, k) => ["x", "y"].forEach((axis, a) => mark.setAttribute(axis, (a ? 100 - at[k][1] : at[k][0]).toFixed(2))));
    drawn = name;
    here.setAttribute("transform", `translate(${place[0]} ${100 - place[1]})`);
    const code = place.map((share, a) => low[a] + (share / 100) * (high[a] - low[a]));
    const levels = decode({ shape: [2], data: Float64Array.from(code) }).data;
    root.shown = { code, levels };
    for (const [own, pair] of Object.entries(sides)) pair.forEach(({ element, set }, a) => {
      element.hidden = own !== name;
      if (own === name) set(Math.max(low[a], Math.min(high[a], Math.round(100 * code[a]) / 100)));
    });
    decoded.title("Decoded");
    decoded.draw(rows, columns, (r, c) => Math.max(0, Math.min(1, levels[r * columns + c])), (r, c) => `row ${r + 1}, column ${c + 1}: ${show(levels[r * columns + c])}`);
    const close = nearest(), around = close.map((k) => names[k]), [first] = close.map((k) => Math.hypot(at[k][0] - place[0], at[k][1] - place[1]));
    const most = classes.map((one) => around.filter((name) => name === one).length), top = most.indexOf(Math.max(...most));
    sheet.setAttribute("aria-label", `Plane of codes, ${name}: the point is at ${place[0]} per cent across, ${place[1]} per cent up.`);
    const told = `The code (${code.map((value) => show(Math.round(100 * value) / 100)).join(", ")}), decoded by ${name}. Of the ${around.length} test digits nearest to it, ${most[top]} ${most[top] === 1 ? "is" : "are"} of class ${classes[top]}${first > 5 ? ", but none lies near" : ""}.`;
    if (!alive) return kit.say(told);
    const k = over ?? close[0], [byPixels, byCode] = [near.pixels, near[name]].map((list) => list.getUint16(2 * k, true));
    const back = given[name](k);
    root.shown.digit = { k, byPixels, byCode, back };
    [[picture(k), `a ${names[k]}`], [back, "what its whole code is decoded to"], [picture(byPixels), `a ${names[byPixels]}`], [picture(byCode), `a ${names[byCode]}`]].forEach((drawn, n) => beside[n].draw(...drawn));
    const [x, y] = at[k];
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", 100 - y);
    [byPixels, byCode].forEach((other, n) => Object.entries({ x1: x, y1: 100 - y, x2: at[other][0], y2: 100 - at[other][1] }).forEach((pair) => ties[n].setAttribute(...pair)));
    const said = `${over === null ? "The digit nearest to the point" : "Here"} is a ${names[k]}; of the others a ${names[byPixels]} is nearest in pixels and ${byCode === byPixels ? "in the whole code, too" : `a ${names[byCode]} in the whole code`}.`;
    kit.say(over === null ? `${told} ${said}` : said);
  };
});
