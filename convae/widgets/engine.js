// The layers of a small net, computed in the page. A tensor is { shape, data }: [C, H, W] or [N] and a Float32Array or a
// Float64Array, of which the output is made too. Weights have PyTorch's shapes; kernel, stride, padding, dilation and
// outputPadding are a number or [rows, columns]. An impossible setting throws an error that says what would fit.

const pair = (value) => (Array.isArray(value) ? value : [value, value]);
const tensor = (like, shape) => ({ shape, data: new like.data.constructor(shape.reduce((a, b) => a * b, 1)) });

/** Output size of a convolution along one axis. */
export function convolutionSize(size, kernel, stride = 1, padding = 0, dilation = 1) {
  const extent = dilation * (kernel - 1) + 1, padded = size + 2 * padding;
  if (extent > padded)
    throw Error(`A kernel that spans ${extent} does not fit into ${padded}: use a padding of at least ${Math.ceil((extent - size) / 2)}.`);
  return Math.floor((padded - extent) / stride) + 1;
}

/** Output size of a transposed convolution along one axis. */
export function transposedSize(size, kernel, stride = 1, padding = 0, dilation = 1, outputPadding = 0) {
  if (outputPadding >= Math.max(stride, dilation))
    throw Error(`An output_padding of ${outputPadding} has to be smaller than the stride (${stride}) or the dilation (${dilation}).`);
  const output = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1;
  if (output < 1) throw Error(`Nothing is left of the output: use a padding below ${padding} or a larger kernel.`);
  return output;
}

/** Output size of a pooling along one axis; with ceilMode the last window may overhang, but has to begin inside. */
export function poolingSize(size, kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false) {
  if (2 * padding > kernel) throw Error(`A padding of ${padding} is more than half of the kernel (${kernel}).`);
  const steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride;
  const output = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  if (output < 1) throw Error(`A window that spans ${dilation * (kernel - 1) + 1} does not fit into ${size + 2 * padding}.`);
  return ceilMode && (output - 1) * stride >= size + padding ? output - 1 : output;
}

const sizes = (rule, shape, kernel, ...settings) =>
  [0, 1].map((axis) => rule(shape[axis + 1], pair(kernel)[axis], ...settings.map((s) => (typeof s === "boolean" ? s : pair(s)[axis]))));

/** y = W x + b, for x of any shape. */
export function linear(x, weight, bias) {
  const [outputs, inputs] = weight.shape, y = tensor(x, [outputs]);
  for (let o = 0; o < outputs; o++) {
    let sum = bias ? bias.data[o] : 0;
    for (let i = 0; i < inputs; i++) sum += weight.data[o * inputs + i] * x.data[i];
    y.data[o] = sum;
  }
  return y;
}

/** The same maps with rows and columns of zeros around them. */
function framed(x, rows, columns) {
  const [channels, high, wide] = x.shape, y = tensor(x, [channels, high + 2 * rows, wide + 2 * columns]), width = y.shape[2];
  for (let line = 0; line < channels * high; line++) {
    const c = Math.floor(line / high);
    y.data.set(x.data.subarray(line * wide, (line + 1) * wide), (line + (2 * c + 1) * rows) * width + columns);
  }
  return y;
}

/** Weight [O, C / groups, kernel rows, kernel columns]. */
export function convolution(x, weight, bias, { stride = 1, padding = 0, dilation = 1, groups = 1 } = {}) {
  const [channels] = x.shape, [outputs, each, high, wide] = weight.shape;
  const [sr, sc] = pair(stride), [dr, dc] = pair(dilation);
  const [outRows, outColumns] = sizes(convolutionSize, x.shape, [high, wide], stride, padding, dilation);
  if (channels !== each * groups || outputs % groups) throw Error(`${groups} groups do not divide ${channels} and ${outputs} channels.`);
  const { data, shape: [, rows, columns] } = framed(x, ...pair(padding)), y = tensor(x, [outputs, outRows, outColumns]);
  // How far the pixels under the kernel lie from the first of them: then one loop goes over all, without asking for edges.
  const taps = each * high * wide, away = new Int32Array(taps);
  for (let k = 0; k < taps; k++)
    away[k] = (Math.floor(k / (high * wide)) * rows + (Math.floor(k / wide) % high) * dr) * columns + (k % wide) * dc;
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor((o * groups) / outputs) * each * rows * columns, weights = weight.data.subarray(o * taps, (o + 1) * taps);
    for (let i = 0; i < outRows; i++)
      for (let j = 0; j < outColumns; j++) {
        const corner = first + i * sr * columns + j * sc;
        let sum = bias ? bias.data[o] : 0;
        for (let k = 0; k < taps; k++) sum += data[corner + away[k]] * weights[k];
        y.data[at++] = sum;
      }
  }
  return y;
}

/** Weight [C, O / groups, kernel rows, kernel columns]. */
export function transposedConvolution(x, weight, bias, { stride = 1, padding = 0, dilation = 1, outputPadding = 0, groups = 1 } = {}) {
  const [channels, rows, columns] = x.shape, [inputs, each, high, wide] = weight.shape;
  const [sr, sc] = pair(stride), [pr, pc] = pair(padding), [dr, dc] = pair(dilation);
  const [outRows, outColumns] = sizes(transposedSize, x.shape, [high, wide], stride, padding, dilation, outputPadding);
  if (channels !== inputs || channels % groups) throw Error(`${groups} groups do not divide ${channels} channels, or the weight is for ${inputs}.`);
  const y = tensor(x, [each * groups, outRows, outColumns]), area = outRows * outColumns;
  if (bias) for (let o = 0; o < each * groups; o++) y.data.fill(bias.data[o], o * area, (o + 1) * area);
  for (let c = 0; c < channels; c++) {
    const first = Math.floor((c * groups) / channels) * each;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        const value = x.data[(c * rows + i) * columns + j];
        if (value === 0) continue;
        for (let o = 0; o < each; o++)
          for (let u = 0; u < high; u++) {
            const r = i * sr - pr + u * dr;
            if (r < 0 || r >= outRows) continue;
            const line = ((first + o) * outRows + r) * outColumns, weights = ((c * each + o) * high + u) * wide;
            for (let v = 0, q = j * sc - pc; v < wide; v++, q += dc)
              if (q >= 0 && q < outColumns) y.data[line + q] += value * weight.data[weights + v];
          }
      }
  }
  return y;
}

function pool(x, { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false }, start, add, finish) {
  const [channels, rows, columns] = x.shape, [high, wide] = pair(kernel);
  const [sr, sc] = pair(stride), [pr, pc] = pair(padding), [dr, dc] = pair(dilation);
  const [outRows, outColumns] = sizes(poolingSize, x.shape, kernel, stride, padding, dilation, ceilMode);
  const y = tensor(x, [channels, outRows, outColumns]);
  let at = 0;
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < outRows; i++)
      for (let j = 0; j < outColumns; j++) {
        const top = i * sr - pr, left = j * sc - pc;
        let sum = start, inside = 0;
        for (let u = 0, r = top; u < high; u++, r += dr)
          for (let v = 0, q = left; v < wide; v++, q += dc)
            if (r >= 0 && r < rows && q >= 0 && q < columns) {
              sum = add(sum, x.data[(c * rows + r) * columns + q]);
              inside++;
            }
        // How much of the window lies in the padded picture: what ceilMode adds beyond it never counts.
        y.data[at++] = finish(sum, inside, (Math.min(top + high, rows + pr) - top) * (Math.min(left + wide, columns + pc) - left));
      }
  return y;
}

export const maxPool = (x, settings) => pool(x, settings, -Infinity, Math.max, (largest) => largest);

export const averagePool = (x, { countIncludePad = true, ...settings }) =>
  pool(x, settings, 0, (a, b) => a + b, (sum, inside, window) => sum / ((countIncludePad ? window : inside) || 1));

/** Nearest upsampling by whole factors. */
export function upsample(x, factor) {
  const [channels, rows, columns] = x.shape, [down, across] = pair(factor);
  const y = tensor(x, [channels, rows * down, columns * across]);
  const width = columns * across;
  for (let k = 0; k < y.data.length; k++)
    y.data[k] = x.data[Math.floor(k / (width * down)) * columns + Math.floor((k % width) / across)];
  return y;
}

const map = (x, f) => ({ shape: x.shape, data: x.data.map(f) });

/** What BatchNorm does once it is trained: { scale, shift } per channel. */
export function foldBatchNorm({ weight, bias, mean, variance, epsilon = 1e-5 }) {
  const scale = map(variance, (v, c) => (weight ? weight.data[c] : 1) / Math.sqrt(v + epsilon));
  return { scale, shift: map(mean, (m, c) => (bias ? bias.data[c] : 0) - m * scale.data[c]) };
}

/** A folded BatchNorm: every channel times its scale, plus its shift. */
export function batchNorm(x, { scale, shift }) {
  const area = x.data.length / x.shape[0];
  return map(x, (value, k) => value * scale.data[Math.floor(k / area)] + shift.data[Math.floor(k / area)]);
}

export function add(x, y) {
  if (String(x.shape) !== String(y.shape)) throw Error(`Tensors of shape ${x.shape} and ${y.shape} cannot be added.`);
  return map(x, (value, k) => value + y.data[k]);
}

/** Along the channels. */
export function concatenate(...parts) {
  const [, ...area] = parts[0].shape;
  for (const { shape } of parts)
    if (String(shape.slice(1)) !== String(area)) throw Error(`Maps of ${area} and of ${shape.slice(1)} cannot be stacked.`);
  const y = tensor(parts[0], [parts.reduce((sum, part) => sum + part.shape[0], 0), ...area]);
  let at = 0;
  for (const part of parts) {
    y.data.set(part.data, at);
    at += part.data.length;
  }
  return y;
}

/** erf(x), by a series whose terms have all one sign: nothing cancels. */
export function errorFunction(x) {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x), sum = term;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) sum += term *= (2 * x * x) / k;
  return sum;
}

/** Element by element; the parameter is LeakyReLU's slope or ELU's alpha. */
export const activations = {
  identity: (x) => x,
  relu: (x) => map(x, (v) => Math.max(v, 0)),
  leakyRelu: (x, slope = 0.01) => map(x, (v) => (v > 0 ? v : slope * v)),
  elu: (x, alpha = 1) => map(x, (v) => (v > 0 ? v : alpha * Math.expm1(v))),
  gelu: (x) => map(x, (v) => (v * (1 + errorFunction(v / Math.SQRT2))) / 2),
  clip: (x) => map(x, (v) => Math.max(0, Math.min(1, v))),
  sigmoid: (x) => map(x, (v) => 1 / (1 + Math.exp(-v))),
  tanh: (x) => map(x, Math.tanh),
  softmax(x) {
    const largest = x.data.reduce((a, b) => Math.max(a, b)), powers = x.data.map((v) => Math.exp(v - largest));
    const sum = powers.reduce((a, b) => a + b);
    return { shape: x.shape, data: powers.map((v) => v / sum) };
  },
};
