import { button, h, number, select, show, widget } from "./kit.js";

export default widget("Compare", (kit) => {
  const { get, set, limits } = kit, [rows, columns] = get("size"), target = get("target"), scores = get("scores");
  const addresses = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) => [name, URL.createObjectURL(new Blob([bytes], { type: "image/webp" }))]));
  kit.signal.addEventListener("abort", () => Object.values(addresses).forEach(URL.revokeObjectURL));
  const score = (name) => (scores[name] ? `PSNR ${scores[name]}` : name === target ? "the target" : "");

  const [left, right] = ["left", "right"].map((key) => {
    const title = key[0].toUpperCase() + key.slice(1);
    const choose = select(title, limits[key].map((name) => [name, name]), (name) => pick(key, key === "left" ? "right" : "left", name));
    return { key, title, choose, image: h("img", { draggable: "false", width: columns, height: rows }), below: h("p") };
  });
  const bar = h("div", { class: "convae-divider", "aria-hidden": "true" }, h("i"));
  const sheet = h("div", { class: "convae-sheet" }, right.image, left.image, bar);
  // The slider is as wide as the picture, and lies right below it: its thumb stands under the line.
  const divider = number("Divider, %", limits.divider, (value) => set({ divider: value }), "Divider, per cent from the left");
  const slide = h("div", { class: "convae-slide" }, divider.element.querySelector("[type=range]"));
  const room = h("div", { class: "convae-room", role: "group", "aria-label": "Both pictures", tabindex: 0 }, sheet, slide);
  // Each picture is on one side only: who asks for the other one's gets both swapped.
  const pick = (key, other, name) => set(name === get(other) ? { [key]: name, [other]: get(key) } : { [key]: name });
  const zoom = number("Zoom", limits.zoom, (value) => set({ zoom: value }));
  const swap = button("Swap", () => set({ left: get("right"), right: get("left") }));

  // A mouse draws from anywhere, a finger at the bar only: elsewhere it scrolls, and a tap brings the bar.
  let held = false, drawn = [];
  const at = (event) => {
    const { left: from, width } = sheet.getBoundingClientRect();
    return Math.round(1000 * Math.max(0, Math.min(1, (event.clientX - from) / width))) / 10;
  };
  const move = (event) => set({ divider: at(event) });
  sheet.onpointerdown = (event) => {
    if (event.button || (event.pointerType !== "mouse" && !bar.contains(event.target))) return;
    event.preventDefault();
    held = true;
    sheet.setPointerCapture(event.pointerId);
    move(event);
  };
  sheet.onpointermove = (event) => held && move(event);
  sheet.onpointerup = sheet.onpointercancel = () => (held = false);
  sheet.onclick = move;

  kit.root.classList.add("convae-compare");
  kit.root.append(
    h("div", { class: "convae-beside" },
      h("div", { class: "convae-choices" }, left.choose.element, swap, right.choose.element),
      h("div", { class: "convae-both" }, room, h("div", { class: "convae-sides" }, left.below, right.below)),
      h("div", { class: "convae-controls" }, divider.element, zoom.element)),
    ...kit.lines,
  );

  return () => {
    const share = get("divider"), side = get("zoom");
    for (const { key, title, choose, image, below } of [left, right]) {
      const name = get(key);
      choose.set(name);
      if (drawn[key] !== name) image.src = addresses[(drawn[key] = name)];
      image.alt = `${title} of the divider: ${name}`;
      below.replaceChildren(h("b", null, name), score(name));
    }
    divider.set(share);
    zoom.set(side);
    room.style.cssText = `--wide:calc(${columns * side}px * var(--scale, 1));--high:calc(${rows * side}px * var(--scale, 1));--share:${share}%`;
    const moved = drawn.share !== share || drawn.side !== side, middle = drawn.side !== side && room.clientHeight / 2;
    const seen = middle && drawn.side ? ((room.scrollTop + middle) / drawn.side) * side - middle : room.scrollTop;
    [drawn.share, drawn.side] = [share, side];
    if (moved) requestAnimationFrame(() => {
      const place = (share / 100) * sheet.offsetWidth, { scrollLeft, clientWidth } = room;
      if (place < scrollLeft || place > scrollLeft + clientWidth) room.scrollLeft = place - clientWidth / 2;
      room.scrollTop = seen;
    });
    const [one, other] = [left, right].map(({ key }) => [get(key), score(get(key))].filter(Boolean).join(", "));
    kit.say(`Left of the divider ${one}; right of it ${other}. The divider stands at column ${show(Math.round((share / 100) * columns))} of ${columns}.`);
  };
});
