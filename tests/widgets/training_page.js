import { button, h, widget } from "./kit.js";
import { training, trains } from "./training.js";

const layer = (kind, settings) => ({ kind, settings }), act = (name) => layer("activation", { name });
const PLAN = {
  layers: [
    layer("convolution", { outputs: 8, kernel: 3, stride: 3 }), act("relu"),
    layer("convolution", { outputs: 16, kernel: 3, stride: 3 }),
    layer("transposedConvolution", { outputs: 8, kernel: 3, stride: 3 }), act("relu"),
    layer("transposedConvolution", { outputs: 1, kernel: 3, stride: 3, outputPadding: 1 }), act("sigmoid"),
  ],
  batch: 64, seed: 0,
};

export default widget("Training", (kit) => {
  const { get, root } = kit, levels = (key) => Float32Array.from({ length: get(key).byteLength }, (_, k) => get(key).getUint8(k) / 255);
  const plan = () => ({ ...PLAN, optimizer: { name: get("optimizer"), rate: get("rate"), weightDecay: 0.00001 } });
  let frames = 0;
  root.answers = [];
  const learning = training(kit, { train: levels("train"), test: levels("test"), shape: [1, 28, 28], shown: 9 }, (answer) => {
    root.answers.push(answer);
    kit.redraw();
  }, get("most"));
  learning.reset(plan());
  const tick = () => ((root.frames = frames++), requestAnimationFrame(tick));
  tick();
  root.append(
    button("Learn", () => (learning.go(), kit.redraw())), button("Pause", () => (learning.pause(), kit.redraw())),
    button("Step", () => learning.step()), button("Reset", () => learning.reset(plan())), ...kit.lines,
  );
  return () => {
    const { batches, error, problem } = root.answers.at(-1) ?? {};
    root.dataset.going = learning.going();
    kit.say(problem || (error === undefined ? "" : `Batch ${batches}: ${error.toFixed(5)}`));
  };
}, trains);
