// Steps that are walked through, one by one or by themselves.
import { button, h, still } from "./kit.js";

const SHAPES = { Back: "M11 3 5 8l6 5z", Play: "M4 2v12l10-6z", Pause: "M3 2h4v12H3zm6 0h4v12H9z", Step: "M5 3l6 5-6 5z" };
const label = (name) => {
  const picture = h("span", { "aria-hidden": "true", class: "convae-icon" });
  picture.innerHTML = `<svg viewBox="0 0 16 16"><path d="${SHAPES[name]}"/></svg>`;
  return [picture, name];
};

/** Back, play or pause, forward, and a slider over the steps 0 to last(); a long way takes so many milliseconds in all. */
export function player(kit, { name, at, last, go, whole = 16000, least = 250 }) {
  let timer = null;
  const slider = h("input", { type: "range", min: 0, tabindex: -1, "aria-label": name, oninput: () => (halt(), go(Number(slider.value))) });
  const count = h("span", { class: "convae-count" });
  const halt = () => {
    clearTimeout(timer);
    timer = null;
    play.replaceChildren(...label("Play"));
    kit.quiet(false);
  };
  // A long way is walked faster; who wants reduced motion gets jumps, and time to look.
  const wait = () => (timer = setTimeout(advance, Math.max(least, Math.min(800, whole / last())) * (still() ? 2 : 1)));
  const advance = () => {
    if (at() >= last()) return halt();
    go(at() + 1);
    wait();
  };
  const play = button("", () => {
    if (timer) return halt();
    play.replaceChildren(...label("Pause"));
    kit.quiet(true);
    if (at() >= last()) go(0);
    wait();
  });
  const back = button(label("Back"), () => (halt(), go(Math.max(at() - 1, 0))));
  const step = button(label("Step"), () => (halt(), go(Math.min(at() + 1, last()))));
  halt();
  kit.signal.addEventListener("abort", halt);
  // One stop for the tab key; the arrows go from button to button.
  const buttons = [back, play, step], bar = h("div", { class: "convae-buttons", role: "toolbar", "aria-label": name }, buttons);
  const stand = (at) => buttons.forEach((one) => (one.tabIndex = one === at ? 0 : -1));
  stand(play);
  bar.addEventListener("focusin", ({ target }) => stand(target));
  bar.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    buttons[Math.max(0, Math.min(buttons.indexOf(event.target) + by, 2))].focus();
    event.preventDefault();
  };
  return {
    element: h("div", { class: "convae-player" }, bar, slider, count),
    draw() {
      slider.max = last();
      slider.value = at();
      count.textContent = `${name} ${at() + 1} of ${last() + 1}`;
      slider.setAttribute("aria-valuetext", count.textContent);
    },
  };
}
