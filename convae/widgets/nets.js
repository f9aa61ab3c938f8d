// Nets that convae/widgets/nets.py took out of PyTorch, run by the engine.
import { activations, averagePool, batchNorm, concatenate, convolution, linear, maxPool, pixelShuffle, transposedConvolution } from "./engine.js";

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

/** A function from tensor to tensor: what the layers do, one behind the other, with the tensors that they name. */
export const chain = (layers, tensors) => (x) => {
  const kept = [];
  return layers.reduce((y, { kind, settings, weights }) =>
    PATHS[kind]?.(y, kept) ?? LAYERS[kind](y, settings, ...weights.map((name) => tensors[name])), x);
};
