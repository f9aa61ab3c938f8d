import { choice, h, widget } from "./kit.js";

const ATOMS_ACROSS = 8;

export default widget("Sparse codes", (kit) => {
  const { get, set, limits, root } = kit, strengths = get("strengths"), rows = get("rows"), [count, high, wide, atoms] = get("size"), numbers = get("numbers");
  const penalties = limits.penalty, side = Math.ceil(Math.sqrt(numbers)), nets = penalties.length * strengths.length, lines = atoms / ATOMS_ACROSS;
  const addresses = Object.fromEntries(Object.entries(get("pictures")).map(([name, bytes]) => [name, URL.createObjectURL(new Blob([bytes], { type: "image/webp" }))]));
  kit.signal.addEventListener("abort", () => Object.values(addresses).forEach(URL.revokeObjectURL));
  // A tile shows one of so many pictures of a sheet across, and down.
  const tile = (sheet, title, across, down, aspect) => {
    const picture = h("div", { class: "convae-sparse-tile", role: "img", style: `background:url(${addresses[sheet]}) 0 0/${100 * across}% ${100 * down}%;aspect-ratio:${aspect}` });
    const share = (place, of) => (of > 1 ? (100 * place) / (of - 1) : 0);
    const go = (x, y, label) => {
      picture.style.backgroundPosition = `${share(x, across)}% ${share(y, down)}%`;
      picture.setAttribute("aria-label", label);
    };
    return { go, element: h("figure", { class: `convae-sparse-${sheet}` }, h("figcaption", null, title), picture) };
  };
  const shown = tile("shown", "Put in", count, 1, `${wide}/${high}`), back = tile("back", "Comes back", count, nets, `${wide}/${high}`);
  const codes = tile("codes", `Its code, ${numbers.toLocaleString("en")} numbers`, count, nets, "1"), drawn = tile("atoms", `What the ${atoms} busiest numbers draw (grey: nothing)`, 1, nets, `${ATOMS_ACROSS * wide}/${lines * high}`);
  const penalty = choice("Penalty", penalties.map((one) => [one, one]), (value) => set({ penalty: value }));
  const slider = h("input", { type: "range", min: 0, max: strengths.length - 1, step: 1, oninput: () => set({ strength: Number(slider.value) }) });
  const strength = h("b", { "aria-hidden": "true" }), picture = h("input", { type: "range", min: 0, max: count - 1, step: 1, oninput: () => set({ picture: Number(picture.value) }) });
  root.classList.add("convae-sparse");
  root.append(
    h("div", { class: "convae-choices" }, penalty.element,
      h("label", { class: "convae-sparse-slide" }, h("span", null, "Strength"), slider, strength),
      h("label", { class: "convae-sparse-slide" }, h("span", null, "Garment"), picture)),
    h("div", { class: "convae-sparse-board convae-result" }, shown.element, codes.element, back.element, drawn.element),
    ...kit.lines,
  );

  return () => {
    const kind = get("penalty"), place = get("strength"), at = get("picture"), net = penalties.indexOf(kind) * strengths.length + place, row = rows[kind][place];
    penalty.set(kind);
    slider.value = place;
    picture.value = at;
    strength.textContent = strengths[place];
    slider.setAttribute("aria-valuetext", strengths[place]);
    picture.setAttribute("aria-valuetext", `${at + 1} of ${count}`);
    shown.go(at, 0, `Garment ${at + 1} of ${count}`);
    codes.go(at, net, `Its code with ${kind}, strength ${strengths[place]}: the brighter a dot, the larger the number`);
    back.go(at, net, "What comes back of it");
    drawn.go(0, net, `What the ${atoms} busiest numbers draw`);
    root.shown = { net, at };
    kit.say(`${kind}, strength ${strengths[place]}: ${(100 * row.active).toFixed(1)} % of ${numbers.toLocaleString("en")} numbers are active at a time, ${row.dead.toLocaleString("en")} never; error ${row.mse.toFixed(4)}.`);
  };
});
