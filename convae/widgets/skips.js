import { button, h, widget } from "./kit.js";

const decibels = (score) => `${score.toFixed(2).replace("-", "−")} dB`;

export default widget("Skips", (kit) => {
  const { get, set } = kit, [rows, columns] = get("size"), names = get("names"), scores = get("scores"), all = scores.length - 1;
  const addresses = Object.fromEntries(Object.entries(get("pictures")).map(([key, bytes]) => [key, URL.createObjectURL(new Blob([bytes], { type: "image/webp" }))]));
  kit.signal.addEventListener("abort", () => Object.values(addresses).forEach(URL.revokeObjectURL));
  const view = (title, src, below = "") => {
    const image = h("img", { alt: title, src, width: columns, height: rows }), under = h("span", null, below);
    return { image, under, element: h("figure", { class: "convae-figure" }, h("figcaption", null, title), image, under) };
  };
  const given = addresses.given && view("Put in", addresses.given, `PSNR ${decibels(get("given_score"))}`);
  const output = view("Came out"), target = addresses.target && view("Target", addresses.target);
  // What is lost where one path alone is cut; the arrow is as thick and as full as that.
  const carried = names.map((_, k) => scores[all] - scores[all - 2 ** k]), most = Math.max(...carried, 1e-9);
  const paths = names.map((name, k) => {
    const box = h("input", { type: "checkbox", onchange: () => set({ combination: get("combination") + (box.checked ? 1 : -1) * 2 ** k }) });
    const under = h("small", { "aria-hidden": "true" }), title = h("span", null, name);
    const element = h("label", { class: "convae-check convae-u-path", style: `--carried:${Math.max(0, carried[k] / most).toFixed(3)}` }, box, title, h("b", { "aria-hidden": "true" }), under);
    return { box, under, element: h("div", { class: "convae-u-level", style: `--depth:${k}` }, h("i"), element, h("i")) };
  });
  kit.root.classList.add("convae-skips");
  kit.root.append(
    h("div", { class: "convae-board-u" },
      h("div", null,
        h("fieldset", { class: "convae-u" }, h("legend", null, "Open paths"), h("p", { class: "convae-u-ends", "aria-hidden": "true" }, h("span", null, "encoder"), h("span", null, "decoder")), paths.map(({ element }) => element)),
        h("div", { class: "convae-buttons" }, button("Open all", () => set({ combination: all })), button("Cut all", () => set({ combination: 0 })))),
      h("div", { class: "convae-restored" }, given?.element, output.element, target?.element)),
    ...kit.lines,
  );

  return () => {
    const now = get("combination"), open = names.map((_, k) => Math.floor(now / 2 ** k) % 2 === 1), cut = names.filter((_, k) => !open[k]);
    paths.forEach(({ box, under }, k) => {
      box.checked = open[k];
      under.textContent = open[k] ? `cut, it costs ${decibels(carried[k])}` : "cut";
    });
    const what = cut.length === names.length ? "all paths cut" : cut.length ? `${cut.join(", ")} cut` : "nothing cut";
    if (output.image.src !== addresses[now]) output.image.src = addresses[now];
    output.image.alt = `What the net puts out with ${what}`;
    output.under.textContent = `PSNR ${decibels(scores[now])}`;
    const apart = scores[now] - scores[all], against = apart < 0 ? "below" : "above";
    const gain = scores[now] - get("given_score"), made = gain < 0 ? "worse" : "better";
    const bar = given ? `. What was put in has ${decibels(get("given_score"))}: the net has made it ${made} by ${decibels(Math.abs(gain))}` : "";
    kit.say(`${what[0].toUpperCase()}${what.slice(1)}: PSNR ${decibels(scores[now])}` + (now === all ? "" : `, ${decibels(Math.abs(apart))} ${against} the whole net`) + `${bar}.`);
  };
});
