import { button, select, widget } from "./kit.js";
import { training, trains } from "./training.js";

const layer = (kind, settings) => ({ kind, settings }), act = (name) => layer("activation", { name });
const up = (outputs, outputPadding) => layer("transposedConvolution", { outputs, kernel: 3, stride: 3, outputPadding });
const thin = (outputs) => layer("convolution", { outputs, kernel: 3, padding: 1 }), pool = layer("maxPool", { kernel: 3 });
const back = [up(8, 0), act("relu"), up(1, 1), act("sigmoid")];
const NETS = {
  strided: [layer("convolution", { outputs: 8, kernel: 3, stride: 3 }), act("relu"), layer("convolution", { outputs: 16, kernel: 3, stride: 3 }), ...back],
  pooled: [thin(8), pool, act("tanh"), thin(4), pool, ...back],
  dense: [
    layer("reshape", { shape: [784] }), layer("linear", { outputs: 36 }), act("relu"),
    layer("linear", { outputs: 784 }), act("sigmoid"), layer("reshape", { shape: [1, 28, 28] }),
  ],
};

export default widget("Training", (kit) => {
  const { get, set, root } = kit, levels = (key) => Float32Array.from({ length: get(key).byteLength }, (_, k) => get(key).getUint8(k) / 255);
  const optimizer = () => ({ name: get("optimizer"), rate: get("rate"), weightDecay: 0.00001 });
  const plan = () => ({ layers: NETS[get("net")], batch: get("batch"), noise: get("noise"), seed: 0, optimizer: optimizer() });
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
    button("Step", () => learning.step()), button("Reset", () => learning.reset(plan())),
    select("Net", Object.keys(NETS).map((name) => [name, name]), (net) => (set({ net }), learning.reset(plan()))).element, ...kit.lines,
  );
  return () => {
    const { batches, error, problem } = root.answers.at(-1) ?? {};
    root.dataset.going = learning.going();
    kit.say(problem || (error === undefined ? "" : `Batch ${batches}: ${error.toFixed(5)}`));
  };
}, trains);
