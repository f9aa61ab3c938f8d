// Nets that convae/widgets/nets.py took out of PyTorch, run by the engine.
import { activations, averagePool, batchNorm, convolution, linear, maxPool, transposedConvolution } from "./engine.js";

const LAYERS = {
  linear: (x, settings, weight, bias) => linear(x, weight, bias),
  convolution: (x, settings, weight, bias) => convolution(x, weight, bias, settings),
  transposedConvolution: (x, settings, weight, bias) => transposedConvolution(x, weight, bias, settings),
  maxPool, averagePool,
  batchNorm: (x, settings, scale, shift) => batchNorm(x, { scale, shift }),
  reshape: ({ data }, { shape }) => ({ shape, data }),
  activation: (x, { name, parameter }) => activations[name](x, parameter),
};

/** A function from tensor to tensor: what the layers do, one behind the other, with the tensors that they name. */
export const chain = (layers, tensors) => (x) =>
  layers.reduce((y, { kind, settings, weights }) => LAYERS[kind](y, settings, ...weights.map((name) => tensors[name])), x);
