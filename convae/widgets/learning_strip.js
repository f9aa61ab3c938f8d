import { h, widget } from "./kit.js";

const SECONDS = 12;

export default widget("A net that learns", (kit) => {
  const { root } = kit, place = h("div", { class: "convae-strip-place" });
  let strip = null;
  const press = kit.later("Watch it learn", async () => {
    if (strip?.going()) return void strip.stop();
    strip ??= await (await kit.part("lesson")).small(kit, place, SECONDS);
    strip.go();
  });
  const seen = URL.createObjectURL(new Blob([kit.get("pictures").seen], { type: "image/webp" }));
  kit.signal.addEventListener("abort", () => URL.revokeObjectURL(seen));
  place.append(h("img", { src: seen, alt: "Nine digits, and what comes back of them once the net has learned" }));
  root.classList.add("convae-strip");
  root.append(place, h("div", { class: "convae-strip-line" }, press, kit.lines));
  // It starts once, when it comes into view; where motion is not wanted, only the button starts it.
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    watch.disconnect();
    if (!strip && !matchMedia("(prefers-reduced-motion: reduce)").matches) press.click();
  }, { threshold: 0.7 });
  watch.observe(root);
  kit.signal.addEventListener("abort", () => watch.disconnect());
  return () => {
    const label = strip ? (strip.going() ? "Stop" : "Go on") : "Watch it learn";
    if (press.textContent !== label) press.textContent = label;
    kit.say(strip?.words() ?? "Above, what a net of 2,481 numbers gives back once it is trained. Here, in the page, one begins anew.");
  };
});
