// Runs the cases that tests/widgets/test_learning.py wrote: node learning_cases.mjs WIDGETS FOLDER.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [widgets, folder] = process.argv.slice(2);
const { learner } = await import(pathToFileURL(`${widgets}/learning.js`));
const { plainProducts, simdProducts } = await import(pathToFileURL(`${widgets}/products.js`));
const pairs = { double: plainProducts(Float64Array), plain: plainProducts(), simd: simdProducts() };
const bytes = readFileSync(`${folder}/numbers.bin`);
const revive = ({ shape, at }) =>
  ({ shape, data: new Float64Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 8 * shape.reduce((a, b) => a * b, 1))) });

const outputs = [], answers = [];
for (const { tensors, inputs, targets, batches, pair, ...rest } of JSON.parse(readFileSync(`${folder}/cases.json`))) {
  const own = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, revive(tensor)])), names = Object.keys(own);
  try {
    const net = learner({ tensors: own, pair: pairs[pair], ...rest });
    const set = net.arrange(revive(inputs).data, revive(targets).data);
    let losses, found;
    if (batches) {
      losses = batches.map((chosen) => net.step(set, chosen));
      found = net.tensors();
    } else {
      const { loss, slopes } = net.gradient(set, Array.from({ length: rest.batch }, (_, n) => n));
      [losses, found] = [[loss], slopes];
    }
    const { answers: seen, errors } = net.look(set, Array.from({ length: Math.min(set.count, 2 * rest.batch) }, (_, n) => n));
    const parts = [losses, ...names.map((name) => found[name].data), seen, errors].map((part) => Float64Array.from(part));
    answers.push({ lengths: parts.map(({ length }) => length), shapes: names.map((name) => found[name].shape) });
    outputs.push(...parts);
  } catch (error) {
    answers.push({ error: error.message });
  }
}
writeFileSync(`${folder}/answers.json`, JSON.stringify(answers));
writeFileSync(`${folder}/outputs.bin`, Buffer.concat(outputs.map((o) => Buffer.from(o.buffer))));
