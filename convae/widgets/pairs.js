// Controls for settings that are a pair, [rows, columns].
import { checkbox, h, matrix, number } from "./kit.js";

/**
 * Controls for settings that are a pair, [rows, columns]: one for both, two once the reader asks for it.
 * settings: [label, limits, now(), change([rows, columns])] each; others are controls that stand beside them.
 */
export function pairs(kit, settings, ...others) {
  let wanted = false;
  const apart = () => wanted || settings.some(([, , now]) => now()[0] !== now()[1]);
  const controls = settings.map(([label, limit, now, change]) => ({
    rows: number(label, limit, (value) => change([value, apart() ? now()[1] : value])),
    columns: number("… columns", limit, (value) => change([now()[0], value]), `${label}, columns`),
    now,
  }));
  const split = checkbox("Rows and columns apart", (on) => {
    wanted = on;
    if (!on) for (const [, , now, change] of settings) change([now()[0], now()[0]]);
    kit.redraw();
  });
  return {
    element: h("div", { class: "convae-controls" }, controls.map(({ rows, columns }) => h("div", null, rows.element, columns.element)), others, split.element),
    draw() {
      for (const { rows, columns, now } of controls) {
        rows.set(now()[0]);
        columns.set(now()[1]);
        columns.element.hidden = !apart();
      }
      split.set(apart());
    },
  };
}

/** The pair settings that are traits, by name. */
export const traitPairs = (kit, ...keys) =>
  keys.map((key) => [key[0].toUpperCase() + key.slice(1).replace("_", " "), kit.limits[key], () => kit.get(key), (value) => kit.set({ [key]: value })]);

/** The size of a matrix trait as a pair setting; what it grows by is small whole numbers. */
export const sizePair = (kit, key, label) => [
  label, [1, kit.limits[key][3], 1],
  () => [kit.get(key).length, kit.get(key)[0].length],
  ([rows, columns]) => kit.set({ [key]: resized(kit.get(key), rows, columns) }),
];
export const resized = (values, rows, columns) => matrix(rows, columns, (r, c) => values[r]?.[c] ?? (r + 2 * c) % 4);
