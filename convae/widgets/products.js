// What learning.js trains with: two products of matrices, and arrays for them to work on. There are two such pairs, plain
// loops and a WebAssembly module. Matrices lie row by row, in arrays that the same pair has given.
import { PRODUCT_BYTES } from "./product_bytes.js";

/** y[rows, outputs] = x[rows, inputs] w[inputs, outputs] + bias[outputs], where there is one. */
function multiply(x, w, bias, y, rows, inputs, outputs) {
  let i = 0;
  // Two rows and four columns at a time: each number that is read takes part in as many products as fit the registers.
  for (; i + 1 < rows; i += 2) {
    let j = 0;
    for (; j + 3 < outputs; j += 4) {
      const first = i * outputs + j, second = first + outputs;
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      if (bias) {
        a0 = b0 = bias[j];
        a1 = b1 = bias[j + 1];
        a2 = b2 = bias[j + 2];
        a3 = b3 = bias[j + 3];
      }
      for (let k = 0, p = i * inputs, q = p + inputs, at = j; k < inputs; k++, p++, q++, at += outputs) {
        const a = x[p], b = x[q], w0 = w[at], w1 = w[at + 1], w2 = w[at + 2], w3 = w[at + 3];
        a0 += a * w0;
        a1 += a * w1;
        a2 += a * w2;
        a3 += a * w3;
        b0 += b * w0;
        b1 += b * w1;
        b2 += b * w2;
        b3 += b * w3;
      }
      y[first] = a0;
      y[first + 1] = a1;
      y[first + 2] = a2;
      y[first + 3] = a3;
      y[second] = b0;
      y[second + 1] = b1;
      y[second + 2] = b2;
      y[second + 3] = b3;
    }
    if (j < outputs) singly(x, w, bias, y, i, i + 2, j, inputs, outputs);
  }
  if (i < rows) singly(x, w, bias, y, i, rows, 0, inputs, outputs);
}

/** The same for rows from `row` to `end` and columns from `column` on, one number at a time. */
function singly(x, w, bias, y, row, end, column, inputs, outputs) {
  for (let i = row; i < end; i++)
    for (let j = column; j < outputs; j++) {
      let sum = bias ? bias[j] : 0;
      for (let k = 0; k < inputs; k++) sum += x[i * inputs + k] * w[k * outputs + j];
      y[i * outputs + j] = sum;
    }
}

/** g[inputs, outputs] = x[rows, inputs] transposed times d[rows, outputs], and the sums of d's columns. */
function multiplyBack(x, d, g, sums, rows, inputs, outputs) {
  const whole = outputs - (outputs % 4);
  for (let k = 0; k < inputs; k++) {
    for (let j = 0; j < whole; j += 4) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (let i = 0, p = k, q = j; i < rows; i++, p += inputs, q += outputs) {
        const a = x[p];
        s0 += a * d[q];
        s1 += a * d[q + 1];
        s2 += a * d[q + 2];
        s3 += a * d[q + 3];
      }
      const at = k * outputs + j;
      g[at] = s0;
      g[at + 1] = s1;
      g[at + 2] = s2;
      g[at + 3] = s3;
    }
    for (let j = whole; j < outputs; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += x[i * inputs + k] * d[i * outputs + j];
      g[k * outputs + j] = sum;
    }
  }
  for (let j = 0; j < outputs; j++) {
    let sum = 0;
    for (let i = j; i < rows * outputs; i += outputs) sum += d[i];
    sums[j] = sum;
  }
}

/** Plain loops, on numbers of either kind. */
export const plainProducts = (Kind = Float32Array) => ({
  name: "plain loops",
  product: multiply,
  gradient: multiplyBack,
  arrays: (lengths) => lengths.map((length) => new Kind(length)),
});

const PAGE = 65536; // bytes by which the memory of a module grows
const slot = (length) => 4 * Math.ceil((length + 3) / 4); // what is read beyond the end is still the array's own
const at = (array) => (array ? array.byteOffset : 0);
let compiled;

/**
 * The same by the module, four numbers at a time, on arrays in its memory; null where a page can have none. It serves one
 * learner at a time: its arrays are gone as soon as others are asked for.
 */
export function simdProducts() {
  let parts;
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(PRODUCT_BYTES), (letter) => letter.charCodeAt(0)));
    parts = new WebAssembly.Instance(compiled).exports;
  } catch {
    return null; // no WebAssembly here, or none with vectors
  }
  const { memory } = parts, begin = memory.buffer.byteLength; // what it has at first is its own
  return {
    name: "SIMD",
    product: (x, w, bias, y, rows, inputs, outputs) => parts.product(at(x), at(w), at(bias), at(y), rows, inputs, outputs),
    gradient: (x, d, g, sums, rows, inputs, outputs) => parts.gradient(at(x), at(d), at(g), at(sums), rows, inputs, outputs),
    arrays(lengths) {
      const needed = begin + 4 * lengths.reduce((sum, length) => sum + slot(length), 0), missing = needed - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      let next = begin;
      return lengths.map((length) => {
        const array = new Float32Array(memory.buffer, next, length).fill(0);
        next += 4 * slot(length);
        return array;
      });
    },
  };
}
