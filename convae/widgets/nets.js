// Nets that convae/widgets/nets.py took out of PyTorch, run by the engine.
import { activations, averagePool, batchNorm, concatenate, convolution, linear, maxPool, transposedConvolution } from "./engine.js";

/** Every factor² channels as one that is so many times higher and wider, as nn.PixelShuffle lays them. */
function pixelShuffle({ shape: [channels, rows, columns], data }, { factor }) {
  const high = rows * factor, wide = columns * factor;
  const from = (_, k) => {
    const c = k % wide, line = Math.floor(k / wide), r = line % high;
    const channel = ((line - r) / rows + (r % factor)) * factor + (c % factor);
    return data[(channel * rows + Math.floor(r / factor)) * columns + Math.floor(c / factor)];
  };
  return { shape: [channels / factor ** 2, high, wide], data: data.map(from) };
}

const LAYERS = {
  linear: (x, settings, weight, bias) => linear(x, weight, bias),
  convolution: (x, settings, weight, bias) => convolution(x, weight, bias, settings),
  transposedConvolution: (x, settings, weight, bias) => transposedConvolution(x, weight, bias, settings),
  maxPool, averagePool, pixelShuffle,
  batchNorm: (x, settings, scale, shift) => batchNorm(x, { scale, shift }),
  reshape: ({ data }, { shape }) => ({ shape, data }),
  activation: (x, { name, parameter }) => activations[name](x, parameter),
};

// What stands between the layers of a U-Net: each gets the map and those that were kept.
const PATHS = {
  keep: (x, kept) => (kept.push(x), x),
  join: (x, kept) => concatenate(x, kept.pop()),
  subtract({ shape, data }, kept) {
    const { data: from } = kept.pop();
    return { shape, data: data.map((value, k) => from[k] - value) };
  },
};

/** What the layers make of a tensor, one behind the other, with the tensors that they name; it yields between them. */
export function* layerwise(layers, tensors, x) {
  const kept = [];
  let y = x;
  for (const { kind, settings, weights } of layers) {
    y = PATHS[kind]?.(y, kept) ?? LAYERS[kind](y, settings, ...weights.map((name) => tensors[name]));
    yield;
  }
  return y;
}

/** The same at once: a function from tensor to tensor. */
export const chain = (layers, tensors) => (x) => {
  const steps = layerwise(layers, tensors, x);
  let step;
  do step = steps.next();
  while (!step.done);
  return step.value;
};
