import { button, checkbox, h, widget } from "./kit.js";

const decibels = (score) => `${score.toFixed(2).replace("-", "−")} dB`;

export default widget("Skips", (kit) => {
  const { get, set } = kit, [rows, columns] = get("size"), names = get("names"), scores = get("scores"), all = scores.length - 1;
  const addresses = Object.fromEntries(Object.entries(get("pictures")).map(([key, bytes]) => [key, URL.createObjectURL(new Blob([bytes], { type: "image/webp" }))]));
  kit.signal.addEventListener("abort", () => Object.values(addresses).forEach(URL.revokeObjectURL));
  const view = (title, src) => {
    const image = h("img", { alt: title, src, width: columns, height: rows }), below = h("span");
    return { image, below, element: h("figure", { class: "convae-figure" }, h("figcaption", null, title), image, below) };
  };
  const output = view("Output"), target = addresses.target && view("Target", addresses.target);
  const boxes = names.map((name, k) => checkbox(name, (on) => set({ combination: get("combination") + (on ? 1 : -1) * 2 ** k })));
  kit.root.classList.add("convae-skips");
  kit.root.append(
    h("fieldset", { class: "convae-paths" }, h("legend", null, "Open paths"), boxes.map(({ element }) => element)),
    h("div", { class: "convae-buttons" }, button("Open all", () => set({ combination: all })), button("Cut all", () => set({ combination: 0 }))),
    h("div", { class: "convae-outputs" }, output.element, target?.element),
    ...kit.lines,
  );

  return () => {
    const now = get("combination"), open = names.map((_, k) => Math.floor(now / 2 ** k) % 2 === 1), cut = names.filter((_, k) => !open[k]);
    boxes.forEach((box, k) => box.set(open[k]));
    const what = cut.length === names.length ? "all paths cut" : cut.length ? `${cut.join(", ")} cut` : "nothing cut";
    if (output.image.src !== addresses[now]) output.image.src = addresses[now];
    output.image.alt = `What the net puts out with ${what}`;
    output.below.textContent = `PSNR ${decibels(scores[now])}`;
    const apart = scores[now] - scores[all], against = apart < 0 ? "below" : "above";
    kit.say(`${what[0].toUpperCase()}${what.slice(1)}: PSNR ${decibels(scores[now])}` + (now === all ? "." : `, ${decibels(Math.abs(apart))} ${against} the whole net.`));
  };
});
