// Runs the cases that tests/widgets/test_engine.py wrote: node engine_cases.mjs ENGINE FOLDER.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [engine, folder] = process.argv.slice(2);
const { activations, ...layers } = await import(pathToFileURL(engine));
const kinds = { float64: Float64Array, float32: Float32Array };
const bytes = readFileSync(`${folder}/numbers.bin`);

function revive({ shape, dtype, at }) {
  const length = shape.reduce((a, b) => a * b, 1);
  const kind = kinds[dtype];
  return { shape, data: new kind(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + length * kind.BYTES_PER_ELEMENT)) };
}

const run = {
  linear: (s, x, w, b) => layers.linear(x, w, b),
  convolution: (s, x, w, b) => layers.convolution(x, w, b, s),
  transposedConvolution: (s, x, w, b) => layers.transposedConvolution(x, w, b, s),
  maxPool: (s, x) => layers.maxPool(x, s),
  averagePool: (s, x) => layers.averagePool(x, s),
  upsample: (s, x) => layers.upsample(x, s.factor),
  add: (s, x, y) => layers.add(x, y),
  concatenate: (s, ...parts) => layers.concatenate(...parts),
  batchNorm: (s, x, mean, variance, weight, bias) =>
    layers.batchNorm(x, layers.foldBatchNorm({ mean, variance, weight, bias, epsilon: s.epsilon })),
  activation: (s, x) => activations[s.name](x, s.parameter),
};

const outputs = [], shapes = [];
for (const { layer, settings, tensors } of JSON.parse(readFileSync(`${folder}/cases.json`))) {
  try {
    const { shape, data } = run[layer](settings, ...tensors.map(revive));
    shapes.push({ shape, dtype: data.constructor.name });
    outputs.push(Float64Array.from(data));
  } catch (error) {
    shapes.push({ error: error.message });
  }
}
writeFileSync(`${folder}/shapes.json`, JSON.stringify(shapes));
writeFileSync(`${folder}/outputs.bin`, Buffer.concat(outputs.map((o) => Buffer.from(o.buffer))));
