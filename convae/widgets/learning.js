// Nets that learn in the page: the mean squared error of a batch, its gradient, and a step down. Layers are those of
// nets.js, and weights have PyTorch's shapes outside. Inside, maps lie place by place, the channels of a place side by
// side, and every layer with weights is a product of matrices (see products.js). Where windows lie side by side, the
// pixels of a window lie one behind the other too, windows in windows: then the maps are the matrix, and nothing moves.
import { convolutionSize, errorFunction, poolingSize, transposedSize } from "./engine.js";
import { plainProducts } from "./products.js";

const TINY = 1e-30; // moments below become 0: subnormal numbers, to which they would fall, take five times as long
const both = (value) => (Array.isArray(value) ? value : [value, value]);
const counted = (shape) => shape.reduce((a, b) => a * b, 1);
const counting = (length) => Int32Array.from({ length }, (_, k) => k);

// --- activations: in place, and the slope from what they gave ----------------------------------------------------------

const BENDS = {
  identity: { forward() {}, backward() {} },
  relu: {
    // Without a branch, which a processor would guess wrongly every other time.
    forward(y) {
      for (let k = 0; k < y.length; k++) y[k] = Math.max(y[k], 0);
    },
    backward(y, d) {
      for (let k = 0; k < y.length; k++) d[k] *= +(y[k] > 0);
    },
  },
  leakyRelu: {
    usual: 0.01,
    forward(y, slope) {
      for (let k = 0; k < y.length; k++) if (y[k] < 0) y[k] *= slope;
    },
    backward(y, d, slope) {
      for (let k = 0; k < y.length; k++) if (y[k] <= 0) d[k] *= slope;
    },
  },
  elu: {
    usual: 1,
    forward(y, alpha) {
      for (let k = 0; k < y.length; k++) if (y[k] < 0) y[k] = alpha * Math.expm1(y[k]);
    },
    backward(y, d, alpha) {
      for (let k = 0; k < y.length; k++) if (y[k] <= 0) d[k] *= y[k] + alpha;
    },
  },
  gelu: {
    kept: true, // the slope does not follow from the value: what was put in is kept
    forward(y, _, x) {
      x.set(y);
      for (let k = 0; k < y.length; k++) y[k] = (x[k] * (1 + errorFunction(x[k] / Math.SQRT2))) / 2;
    },
    backward(y, d, _, x) {
      for (let k = 0; k < y.length; k++)
        d[k] *= (1 + errorFunction(x[k] / Math.SQRT2)) / 2 + (x[k] * Math.exp((-x[k] * x[k]) / 2)) / Math.sqrt(2 * Math.PI);
    },
  },
  clip: {
    forward(y) {
      for (let k = 0; k < y.length; k++) y[k] = Math.max(0, Math.min(1, y[k]));
    },
    backward(y, d) {
      for (let k = 0; k < y.length; k++) if (y[k] === 0 || y[k] === 1) d[k] = 0;
    },
  },
  sigmoid: {
    forward(y) {
      for (let k = 0; k < y.length; k++) y[k] = 1 / (1 + Math.exp(-y[k]));
    },
    backward(y, d) {
      for (let k = 0; k < y.length; k++) d[k] *= y[k] * (1 - y[k]);
    },
  },
  tanh: {
    forward(y) {
      for (let k = 0; k < y.length; k++) y[k] = Math.tanh(y[k]);
    },
    backward(y, d) {
      for (let k = 0; k < y.length; k++) d[k] *= 1 - y[k] * y[k];
    },
  },
};

// --- where pixels lie ---------------------------------------------------------------------------------------------------

/**
 * Which pixel of the larger map each pixel of the smaller one sees through each place of its window, [pixels × taps]; −1
 * beyond the edge. A convolution's larger map is its input, a transposed one's its output.
 */
function windows([, rows, columns], [, high, wide], { kernel, stride = 1, padding = 0, dilation = 1 }) {
  const [tall, broad] = both(kernel), [sr, sc] = both(stride), [pr, pc] = both(padding), [dr, dc] = both(dilation);
  const seen = new Int32Array(rows * columns * tall * broad);
  let at = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      for (let u = 0; u < tall; u++)
        for (let v = 0; v < broad; v++) {
          const r = i * sr - pr + u * dr, c = j * sc - pc + v * dc;
          seen[at++] = r < 0 || c < 0 || r >= high || c >= wide ? -1 : r * wide + c;
        }
  return seen;
}

/** Whether each window lies within the map and no two of them share a pixel. */
const apart = (seen) => seen.every((pixel) => pixel >= 0) && new Set(seen).size === seen.length;

/** The order in which each window's pixels follow each other, windows in the order of the smaller map; the rest behind. */
function nested({ order, runs }, seen, pixels) {
  const taps = seen.length / order.length, inside = [], met = new Set(seen);
  for (const pixel of order) for (let tap = 0; tap < taps; tap++) inside.push(seen[pixel * taps + tap]);
  const rest = [...Array(pixels).keys()].filter((pixel) => !met.has(pixel));
  return { order: Int32Array.from([...inside, ...rest]), runs: [...runs.map((run) => run * taps), ...(rest.length ? [rest.length] : [])] };
}

/**
 * Of each map between the stages, the order of its pixels, and into which runs it falls: the pixels of a run lie together
 * for all pictures of a batch, before those of the next run.
 */
function orders(stages, shapes) {
  const pixels = (k) => counted(shapes[k].slice(1)), known = [];
  const side = (k) => stages[k]?.seen && stages[k].kind !== "linear" && apart(stages[k].seen);
  const order = (k) => (known[k] ??= found(k));
  const found = (k) => {
    const [before, after] = [stages[k - 1], stages[k]];
    if (side(k) && after.kind !== "transposedConvolution" && before?.kind !== "linear") return nested(order(k + 1), after.seen, pixels(k));
    if (side(k - 1) && before.kind === "transposedConvolution") return nested(order(k - 1), before.seen, pixels(k));
    return { order: counting(pixels(k)), runs: [pixels(k)] };
  };
  return shapes.map((_, k) => order(k));
}

/** Maps of a batch: pixel p of picture n lies in row first[p] + n pace[p], its channels side by side. */
function laid(batch, shape, { order, runs }) {
  const first = new Int32Array(order.length), pace = new Int32Array(order.length);
  let start = 0;
  for (const run of runs) {
    for (let k = 0; k < run; k++) {
      first[order[start + k]] = batch * start + k;
      pace[order[start + k]] = run;
    }
    start += run;
  }
  return { shape, channels: shape[0], pixels: order.length, order, runs, first, pace, batch };
}

/** Whether the larger map's rows are, as they lie, the windows of the smaller one. */
function together(large, small, seen) {
  const taps = seen.length / small.pixels;
  return seen.every((pixel, k) => {
    const own = Math.floor(k / taps);
    return pixel >= 0 && large.first[pixel] === taps * small.first[own] + (k % taps) && large.pace[pixel] === taps * small.pace[own];
  });
}

/** What windows see, for loops over a batch: of picture n the number at starts[k] + n strides[k] and its channels; −1 is none. */
function sight(large, small, seen) {
  const { first, pace, channels } = large;
  const starts = seen.map((pixel) => (pixel < 0 ? -1 : first[pixel] * channels)), strides = seen.map((pixel) => (pixel < 0 ? 0 : pace[pixel] * channels));
  return { starts, strides, channels, taps: seen.length / small.pixels, pixels: small.pixels, first: small.first, pace: small.pace, batch: large.batch };
}

/** The windows of `numbers`, one a row of `patches`. */
function gather(numbers, patches, { starts, strides, channels, taps, pixels, first, pace, batch }) {
  for (let n = 0; n < batch; n++)
    for (let own = 0, k = 0; own < pixels; own++) {
      let to = (first[own] + n * pace[own]) * taps * channels;
      const end = k + taps;
      if (channels === 1) // as in the first layer, which has most windows: a loop over one channel takes longer
        for (; k < end; k++) patches[to++] = starts[k] < 0 ? 0 : numbers[starts[k] + n * strides[k]];
      for (; k < end; k++)
        if (starts[k] < 0) for (let c = 0; c < channels; c++) patches[to++] = 0;
        else for (let c = 0, from = starts[k] + n * strides[k]; c < channels; c++) patches[to++] = numbers[from++];
    }
}

/** Back again: every number of the patches is added where it came from. */
function scatter(patches, numbers, { starts, strides, channels, taps, pixels, first, pace, batch }) {
  for (let n = 0; n < batch; n++)
    for (let own = 0, k = 0; own < pixels; own++) {
      let from = (first[own] + n * pace[own]) * taps * channels;
      for (const end = k + taps; k < end; k++)
        if (starts[k] < 0) from += channels;
        else for (let c = 0, to = starts[k] + n * strides[k]; c < channels; c++) numbers[to++] += patches[from++];
    }
}

/** The columns of w[rows, columns] as rows of v. */
function turn(w, v, rows, columns) {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) v[j * rows + i] = w[i * columns + j];
}

/** The same numbers, one a column, in every row from `row` on. */
function repeat(numbers, to, row) {
  const columns = numbers.length;
  for (let at = row * columns; at < to.length; ) for (let c = 0; c < columns; c++) to[at++] = numbers[c];
}

/** Adds all rows from `row` on, column by column. */
function addRows(from, sums, row) {
  const columns = sums.length;
  for (let at = row * columns; at < from.length; ) for (let c = 0; c < columns; c++) sums[c] += from[at++];
}

// --- layers -------------------------------------------------------------------------------------------------------------

// A stage is a layer and the activation behind it; x and y are its maps. Each kind says how its numbers are made, and how
// the slopes of the loss against its output become those against weights and input (unless that is the picture itself).

/** A convolution; or a linear layer, which is one with a single window over all there is. */
const seeing = {
  /** Where each weight and each bias stands in PyTorch's tensors. */
  origin({ kind, x, y, seen }) {
    const taps = seen.length / (kind === "linear" ? 1 : y.pixels), weight = [];
    const output = (o) => (kind === "linear" ? (o % y.channels) * y.pixels + Math.floor(o / y.channels) : o);
    const outputs = kind === "linear" ? counting(counted(y.shape)) : counting(y.channels);
    for (let tap = 0; tap < taps; tap++)
      for (let c = 0; c < x.channels; c++)
        for (const o of outputs) weight.push((output(o) * x.channels + c) * taps + (kind === "linear" ? seen[tap] : tap));
    return { weight, bias: Array.from(outputs, output) };
  },
  sizes: ({ small, x, y, seen, kind }) => ({
    inputs: (seen.length / small.pixels) * x.channels,
    outputs: kind === "linear" ? counted(y.shape) : y.channels,
  }),
  forward(stage, pair) {
    const { x, y, view, blocked, patches } = stage;
    if (!blocked) gather(x.numbers, patches, view);
    pair.product(blocked ? x.numbers : patches, stage.weight, stage.bias, y.numbers, stage.rows, stage.inputs, stage.outputs);
  },
  backward(stage, pair, whole) {
    const { x, y, view, blocked, patches, rows, inputs, outputs } = stage;
    pair.gradient(blocked ? x.numbers : patches, y.slopes, stage.weightSlopes, stage.sums, rows, inputs, outputs);
    if (stage.bias) for (let o = 0; o < outputs; o++) stage.biasSlopes[o] = stage.sums[o];
    if (!whole) return;
    turn(stage.weight, stage.turned, inputs, outputs);
    pair.product(y.slopes, stage.turned, null, blocked ? x.slopes : patches, rows, outputs, inputs);
    if (blocked) return; // pixels that no window sees keep their slope of 0
    x.slopes.fill(0);
    scatter(patches, x.slopes, view);
  },
};

/** A transposed convolution: each pixel puts its windows into the larger map. */
const stamping = {
  origin({ x, y, seen }) {
    const taps = seen.length / x.pixels, weight = [];
    for (let c = 0; c < x.channels; c++)
      for (let tap = 0; tap < taps; tap++) for (let o = 0; o < y.channels; o++) weight.push((c * y.channels + o) * taps + tap);
    return { weight, bias: [...Array(y.channels).keys()] };
  },
  sizes: ({ x, y, seen }) => ({ inputs: x.channels, outputs: (seen.length / x.pixels) * y.channels }),
  forward(stage, pair) {
    const { x, y, view, seen, blocked, patches, tiled, bias, none } = stage;
    if (blocked) repeat(bias ?? none, tiled, 0);
    pair.product(x.numbers, stage.weight, blocked ? tiled : null, blocked ? y.numbers : patches, stage.rows, stage.inputs, stage.outputs);
    repeat(bias ?? none, y.numbers, blocked ? seen.length * y.batch : 0); // pixels without a window have nothing else
    if (!blocked) scatter(patches, y.numbers, view);
  },
  backward(stage, pair, whole) {
    const { x, y, view, seen, blocked, patches, rows, inputs, outputs, sums, biasSlopes } = stage;
    if (!blocked) gather(y.slopes, patches, view);
    const slopes = blocked ? y.slopes : patches;
    pair.gradient(x.numbers, slopes, stage.weightSlopes, sums, rows, inputs, outputs);
    if (stage.bias) {
      biasSlopes.fill(0);
      if (blocked) addRows(sums, biasSlopes, 0);
      addRows(y.slopes, biasSlopes, blocked ? seen.length * y.batch : 0);
    }
    if (!whole) return;
    turn(stage.weight, stage.turned, inputs, outputs);
    pair.product(slopes, stage.turned, null, x.slopes, rows, outputs, inputs);
  },
};

/** Max-pooling; `chosen` holds where each maximum came from. */
const largest = {
  forward({ x, y, view, chosen }) {
    const { starts, strides, channels, taps, pixels, first, pace, batch } = view, [from, to] = [x.numbers, y.numbers];
    for (let n = 0; n < batch; n++)
      for (let own = 0, k = 0; own < pixels; own++) {
        const begin = (first[own] + n * pace[own]) * channels, end = begin + channels;
        for (let at = begin; at < end; at++) {
          to[at] = -Infinity;
          chosen[at] = -1;
        }
        for (const last = k + taps; k < last; k++) {
          if (starts[k] < 0) continue;
          for (let at = begin, own = starts[k] + n * strides[k]; at < end; at++, own++)
            if (!(from[own] <= to[at])) { // the first of equals; and what is no number
              to[at] = from[own];
              chosen[at] = own;
            }
        }
      }
  },
  backward({ x, y, chosen }, pair, whole) {
    if (!whole) return;
    x.slopes.fill(0);
    for (let k = 0; k < chosen.length; k++) if (chosen[k] >= 0) x.slopes[chosen[k]] += y.slopes[k];
  },
};

/** Average-pooling. */
const average = {
  forward({ x, y, view, shares }) {
    const { starts, strides, channels, taps, pixels, first, pace, batch } = view, [from, to] = [x.numbers, y.numbers];
    to.fill(0);
    for (let n = 0; n < batch; n++)
      for (let own = 0, k = 0; own < pixels; own++)
        for (const last = k + taps; k < last; k++) {
          if (starts[k] < 0) continue;
          const begin = (first[own] + n * pace[own]) * channels, seen = starts[k] + n * strides[k];
          for (let c = 0; c < channels; c++) to[begin + c] += from[seen + c] * shares[own];
        }
  },
  backward({ x, y, view, shares }, pair, whole) {
    if (!whole) return;
    const { starts, strides, channels, taps, pixels, first, pace, batch } = view, [to, from] = [x.slopes, y.slopes];
    to.fill(0);
    for (let n = 0; n < batch; n++)
      for (let own = 0, k = 0; own < pixels; own++)
        for (const last = k + taps; k < last; k++) {
          if (starts[k] < 0) continue;
          const begin = (first[own] + n * pace[own]) * channels, seen = starts[k] + n * strides[k];
          for (let c = 0; c < channels; c++) to[seen + c] += from[begin + c] * shares[own];
        }
  },
};

/** By what a sum over each window is multiplied to be its mean. */
function sharesOf([, rows, columns], [, high, wide], { kernel, stride = kernel, padding = 0, countIncludePad = true }, seen) {
  const [tall, broad] = both(kernel), [sr, sc] = both(stride), [pr, pc] = both(padding);
  return Float64Array.from({ length: rows * columns }, (_, own) => {
    const top = Math.floor(own / columns) * sr - pr, left = (own % columns) * sc - pc;
    // How much of the window lies in the padded picture: what ceilMode adds beyond it never counts.
    const window = (Math.min(top + tall, high + pr) - top) * (Math.min(left + broad, wide + pc) - left);
    const taps = seen.subarray(own * tall * broad, (own + 1) * tall * broad);
    return 1 / ((countIncludePad ? window : taps.filter((pixel) => pixel >= 0).length) || 1);
  });
}

const WAYS = { linear: seeing, convolution: seeing, transposedConvolution: stamping, maxPool: largest, averagePool: average };

// --- the net as a chain of stages ---------------------------------------------------------------------------------------

const sized = (rule, shape, kernel, ...settings) =>
  [0, 1].map((axis) => rule(shape[axis + 1], both(kernel)[axis], ...settings.map((s) => (typeof s === "boolean" ? s : both(s)[axis]))));

/** What a layer makes of maps: { shape, weight: the shape of its weights, large and small: the maps that windows join }. */
const MADE = {
  linear(before, { outputs }, given) {
    const inputs = counted(before), weight = given ?? [outputs, inputs];
    if (weight[1] !== inputs) throw Error(`A linear layer for ${weight[1]} numbers gets ${inputs}: give it ${inputs} inputs.`);
    return { shape: [weight[0], 1, 1], weight };
  },
  convolution(before, { outputs, kernel, stride = 1, padding = 0, dilation = 1 }, given) {
    const weight = given ?? [outputs, before[0], ...both(kernel)];
    if (weight[1] !== before[0]) throw Error(`A convolution of ${weight[1]} channels gets ${before[0]}: give it ${before[0]}.`);
    const shape = [weight[0], ...sized(convolutionSize, before, weight.slice(2), stride, padding, dilation)];
    return { shape, weight, large: before, small: shape };
  },
  transposedConvolution(before, { outputs, kernel, stride = 1, padding = 0, dilation = 1, outputPadding = 0 }, given) {
    const weight = given ?? [before[0], outputs, ...both(kernel)];
    if (weight[0] !== before[0]) throw Error(`A transposed convolution of ${weight[0]} channels gets ${before[0]}: give it ${before[0]}.`);
    const shape = [weight[1], ...sized(transposedSize, before, weight.slice(2), stride, padding, dilation, outputPadding)];
    return { shape, weight, large: shape, small: before };
  },
  maxPool(before, { kernel, stride = kernel, padding = 0, dilation = 1, ceilMode = false }) {
    const shape = [before[0], ...sized(poolingSize, before, kernel, stride, padding, dilation, ceilMode)];
    return { shape, large: before, small: shape };
  },
};
MADE.averagePool = MADE.maxPool;

/** The layers as stages; a stage that has weights takes them from `tensors`, where there are any. */
function staged(layers, input, tensors) {
  if (!([1, 3].includes(input?.length) && input.every((size) => Number.isInteger(size) && size > 0)))
    throw Error(`Pictures have the shape ${input}: give channels, rows and columns, or one number.`);
  const stages = [], begin = input.length === 1 ? [...input, 1, 1] : [...input];
  let shape = begin, flat = input.length === 1;
  layers.forEach(({ kind, settings, weights = [] }, at) => {
    const last = stages.at(-1), where = `Layer ${at + 1} (${kind})`;
    if (kind === "reshape") {
      const wanted = settings.shape.length === 1 ? [...settings.shape, 1, 1] : settings.shape;
      flat = settings.shape.length === 1;
      if (counted(wanted) !== counted(shape)) throw Error(`${where} makes ${counted(wanted)} numbers of ${counted(shape)}: keep their number.`);
      if (flat || String(wanted) === String(shape)) return;
      if (!last) return void (shape = begin.splice(0, 3, ...wanted) && begin);
      if (last.kind !== "linear") throw Error(`${where} cuts maps into others: put it behind a linear layer.`);
      return void (shape = last.shape = wanted);
    }
    if (kind === "activation") {
      if (!BENDS[settings.name]) throw Error(`${where} is ${settings.name}, which cannot be trained here: use one of ${Object.keys(BENDS).join(", ")}.`);
      if (!last || last.bend) throw Error(`${where} stands behind no other layer: leave it out, or put a layer before it.`);
      const bend = BENDS[settings.name];
      return void Object.assign(last, { bend, parameter: settings.parameter ?? bend.usual });
    }
    if (!MADE[kind]) throw Error(`${where} cannot be trained here: use one of ${Object.keys(MADE).join(", ")}, activation, reshape.`);
    if ((settings.groups ?? 1) !== 1) throw Error(`${where} has ${settings.groups} groups: train one with 1.`);
    if (flat && kind !== "linear") throw Error(`${where} gets numbers in a row: put a reshape to channels, rows and columns before it.`);
    const found = weights.map((name) => {
      if (tensors && !tensors[name]) throw Error(`${where} has no tensor ${name}: give one.`);
      return tensors?.[name];
    });
    const made = MADE[kind](shape, settings, found[0]?.shape);
    for (const size of made.shape.concat(made.weight ?? []))
      if (!(Number.isInteger(size) && size > 0)) throw Error(`${where} has ${size} numbers along one side: give whole numbers above 0.`);
    const pool = made.weight ? settings : { stride: settings.kernel, ...settings };
    const seen = made.small && windows(made.small, made.large, { ...pool, kernel: made.weight?.slice(2) ?? settings.kernel });
    stages.push({ kind, settings, at, seen, names: weights, tensors: found, shape: made.shape, weightShape: made.weight, large: made.large });
    shape = made.shape;
    flat = kind === "linear";
  });
  if (!stages.some(({ weightShape }) => weightShape)) throw Error("There is nothing to train: give at least one layer with weights.");
  return { stages, shapes: [begin, ...stages.map((stage) => stage.shape)] };
}

/** Numbers from 0 to 1, evenly spread: the same ones for a seed on every machine. */
export function uniform(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return () => {
    let value = (state = (state + 0x9e3779b9) | 0);
    value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
    value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
    return (((value ^ (value >>> 15)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** Adds independent normal numbers of deviation sigma: two at a time, by Box and Muller's formula. */
function spoil(numbers, sigma, next) {
  for (let k = 0; k < numbers.length; k += 2) {
    const radius = sigma * Math.sqrt(-2 * Math.log(next())), angle = 2 * Math.PI * next();
    numbers[k] += radius * Math.cos(angle);
    if (k + 1 < numbers.length) numbers[k + 1] += radius * Math.sin(angle);
  }
}

/**
 * Weights as PyTorch draws them, evenly within ±1/√n, n the products that a number of the output is a sum of (of a
 * transposed convolution: that it would be if it were none). Layers say their `outputs`, `kernel` and `bias: false`;
 * those given back name their tensors, as chain() of nets.js wants them.
 */
export function drawWeights(layers, shape, seed) {
  const next = uniform(seed), tensors = {}, named = layers.map((layer) => ({ weights: [], ...layer }));
  for (const { kind, settings, at, weightShape } of staged(layers, shape).stages) {
    if (!weightShape) continue;
    const bound = 1 / Math.sqrt(counted(weightShape.slice(1))), outputs = weightShape[kind === "transposedConvolution" ? 1 : 0];
    const weights = [`${at}.weight`, ...(settings.bias === false ? [] : [`${at}.bias`])];
    [weightShape, [outputs]].slice(0, weights.length).forEach((size, k) => {
      tensors[weights[k]] = { shape: size, data: Float32Array.from({ length: counted(size) }, () => bound * (2 * next() - 1)) };
    });
    named[at] = { kind, settings, weights };
  }
  return { layers: named, tensors };
}

// --- steps --------------------------------------------------------------------------------------------------------------

// As torch.optim has them, weight decay added to the gradient. The state of a weight is what `one` and `two` hold of it.
const OPTIMIZERS = {
  sgd: {
    usual: { momentum: 0, weightDecay: 0 },
    update({ rate, momentum, weightDecay }, weights, slopes, one) {
      for (let k = 0; k < weights.length; k++) {
        let first = momentum * one[k] + slopes[k] + weightDecay * weights[k];
        if (Math.abs(first) < TINY) first = 0;
        one[k] = first;
        weights[k] -= rate * first;
      }
    },
  },
  adam: {
    usual: { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0 },
    update({ rate, betas: [own, square], epsilon, weightDecay }, weights, slopes, one, two, steps) {
      const start = rate / (1 - own ** steps), spread = 1 / Math.sqrt(1 - square ** steps);
      for (let k = 0; k < weights.length; k++) {
        const slope = slopes[k] + weightDecay * weights[k];
        let first = own * one[k] + (1 - own) * slope, second = square * two[k] + (1 - square) * slope * slope;
        if (Math.abs(first) < TINY) first = 0;
        if (second < TINY) second = 0;
        one[k] = first;
        two[k] = second;
        weights[k] -= (start * first) / (Math.sqrt(second) * spread + epsilon);
      }
    },
  },
};

/** The optimiser's settings, complete; one that cannot be is refused. */
function checked({ name, ...settings }) {
  const kind = OPTIMIZERS[name];
  if (!kind) throw Error(`There is no optimiser ${name}: use one of ${Object.keys(OPTIMIZERS).join(", ")}.`);
  const all = { ...kind.usual, ...settings };
  const share = (value) => value >= 0 && value < 1;
  if (!(all.rate > 0 && all.rate < Infinity)) throw Error(`The rate is ${all.rate}: give a number above 0, 0.001 for example.`);
  if (!(all.weightDecay >= 0 && all.weightDecay < Infinity)) throw Error(`The weight decay is ${all.weightDecay}: give 0 or more.`);
  if ("momentum" in all && !share(all.momentum)) throw Error(`The momentum is ${all.momentum}: give a number from 0 to below 1.`);
  if ("betas" in all && !all.betas.every(share)) throw Error(`The betas are ${all.betas}: give two numbers from 0 to below 1.`);
  if ("epsilon" in all && !(all.epsilon > 0 && all.epsilon < Infinity)) throw Error(`The epsilon is ${all.epsilon}: give a number above 0, 1e-8 for example.`);
  const unknown = Object.keys(settings).filter((key) => key !== "rate" && !(key in kind.usual));
  if (unknown.length) throw Error(`${name} knows no ${unknown[0]}: its settings are rate, ${Object.keys(kind.usual).join(", ")}.`);
  return all;
}

/**
 * A net that learns: its layers and tensors as chain() of nets.js takes them, pictures of `shape`, so many in a batch.
 * `optimizer` is { name: "adam" or "sgd", rate, … }, `noise` the deviation of what is added to the pictures anew in each step
 * (drawn from `seed`), `pair` one of products.js. An impossible setting throws an error that says what would fit.
 */
export function learner({ layers, tensors, shape, batch, optimizer, noise = 0, seed = 0, pair = plainProducts() }) {
  const settings = checked(optimizer), { update } = OPTIMIZERS[optimizer.name];
  if (!(Number.isInteger(batch) && batch > 0)) throw Error(`A batch is of ${batch} pictures: give a whole number above 0.`);
  if (!(noise >= 0 && noise < Infinity)) throw Error(`The noise has a deviation of ${noise}: give 0 or more.`);
  const { stages, shapes } = staged(layers, shape, tensors), random = uniform(seed);
  const maps = orders(stages, shapes).map((order, k) => laid(batch, shapes[k], order));
  const input = maps[0], output = maps.at(-1), numbers = output.pixels * output.channels;
  let steps = 0, problem = "";

  // Everything that a step works on is asked for at once, so that nothing moves later.
  const wanted = [], want = (object, key, length) => wanted.push([object, key, length]);
  const state = {}, length = stages.reduce((sum, { weightShape, tensors: own }) => sum + (weightShape ? own.reduce((n, { data }) => n + data.length, 0) : 0), 0);
  for (const key of ["weights", "slopes", "one", "two"]) want(state, key, length);
  maps.forEach((map, k) => {
    want(map, "numbers", batch * map.pixels * map.channels);
    if (k) want(map, "slopes", batch * map.pixels * map.channels);
  });
  want(state, "targets", batch * numbers);
  stages.forEach((stage, k) => {
    const [x, y] = [maps[k], maps[k + 1]], { kind } = stage, linear = kind === "linear", up = kind === "transposedConvolution";
    const seen = linear ? x.order : stage.seen, small = linear ? laid(batch, [1, 1, 1], { order: counting(1), runs: [1] }) : up ? x : y;
    const large = up ? y : x, blocked = Boolean(stage.weightShape) && together(large, small, seen);
    Object.assign(stage, { way: WAYS[kind], bend: stage.bend ?? BENDS.identity, x, y, seen, small, blocked });
    if (!blocked) stage.view = sight(large, small, seen);
    if (stage.bend.kept) want(stage, "before", batch * y.pixels * y.channels);
    if (kind === "maxPool") stage.chosen = new Int32Array(batch * y.pixels * y.channels);
    if (kind === "averagePool") stage.shares = sharesOf(y.shape, stage.large, stage.settings, seen);
    if (!stage.weightShape) return;
    Object.assign(stage, stage.way.sizes(stage), { rows: batch * small.pixels, origin: stage.way.origin(stage) });
    const { inputs, outputs, rows } = stage;
    want(stage, "sums", outputs);
    want(stage, "turned", inputs * outputs);
    if (up) want(stage, "tiled", outputs);
    if (up) want(stage, "none", y.channels);
    if (!stage.blocked) want(stage, "patches", rows * (up ? outputs : inputs));
  });
  pair.arrays(wanted.map(([, , size]) => size)).forEach((array, k) => (wanted[k][0][wanted[k][1]] = array));
  const Kind = state.weights.constructor;

  let next = 0;
  const held = []; // { name, shape, origin, from, to }: where each tensor lies
  for (const stage of stages)
    stage.names.forEach((name, k) => {
      const { shape: size, data } = stage.tensors[k], part = ["weight", "bias"][k], origin = Int32Array.from(stage.origin[part]);
      if (data.length !== origin.length) throw Error(`${name} holds ${data.length} numbers: give it ${origin.length}.`);
      stage[part] = state.weights.subarray(next, (next += data.length));
      stage[`${part}Slopes`] = state.slopes.subarray(next - data.length, next);
      stage[part].forEach((_, own) => (stage[part][own] = data[origin[own]]));
      const odd = stage[part].findIndex((number) => !Number.isFinite(number)); // also what only the page's single precision cannot hold
      if (odd >= 0) throw Error(`${name} holds ${data[origin[odd]]} at place ${origin[odd]}: give it finite numbers, no larger than single precision holds.`);
      held.push({ name, shape: size, origin, from: next - data.length });
    });
  const named = (array) =>
    Object.fromEntries(held.map(({ name, shape: size, origin, from }) => {
      const data = new Kind(origin.length);
      origin.forEach((place, own) => (data[place] = array[from + own]));
      return [name, { shape: size, data }];
    }));

  /** Pictures in PyTorch's order, [count × numbers], as they are copied into a batch. */
  const arranged = (pictures, map, what) => {
    const { channels, pixels, order } = map, size = channels * pixels;
    if (!pictures.length || pictures.length % size) throw Error(`${pictures.length} numbers are no ${what} of ${map.shape.join("×")}: give ${size} for each.`);
    const numbers = new Kind(pictures.length);
    for (let start = 0, to = 0; start < pictures.length; start += size)
      for (let k = 0; k < pixels; k++) for (let c = 0; c < channels; c++) numbers[to++] = pictures[start + c * pixels + order[k]];
    const odd = numbers.findIndex((number) => !Number.isFinite(number));
    if (odd >= 0) throw Error(`The ${what} hold ${numbers[odd]}, in number ${Math.floor(odd / size)} of them: give finite numbers.`);
    return numbers;
  };
  /** Pictures of a set into a batch, run by run. */
  const fill = (to, from, chosen, map) => {
    const { channels, pixels, runs } = map, size = channels * pixels;
    for (let r = 0, start = 0; r < runs.length; start += runs[r++] * channels) {
      const run = runs[r] * channels;
      let at = batch * start;
      for (let n = 0; n < batch; n++) for (let k = 0, own = chosen[n] * size + start; k < run; k++) to[at++] = from[own++];
    }
  };
  const forward = (k) => {
    const stage = stages[k];
    stage.way.forward(stage, pair);
    stage.bend.forward(stage.y.numbers, stage.parameter, stage.before);
  };
  /** The mean squared error; the slopes of the loss against the output lie ready behind it. */
  const compare = () => {
    const { numbers: own, slopes } = output, { targets } = state, scale = 2 / own.length;
    let sum = 0;
    for (let k = 0; k < own.length; k++) {
      const difference = own[k] - targets[k];
      sum += difference * difference;
      slopes[k] = scale * difference;
    }
    return sum / own.length;
  };
  const backward = (k) => {
    const stage = stages[k];
    stage.bend.backward(stage.y.numbers, stage.y.slopes, stage.parameter, stage.before);
    stage.way.backward(stage, pair, k > 0);
  };
  const use = (set, chosen) => {
    if (set.of !== input) throw Error("These pictures were arranged for another net: arrange them for this one.");
    if (chosen.length !== batch) throw Error(`A batch has ${batch} pictures, not ${chosen.length}: choose as many.`);
    for (let n = 0; n < batch; n++)
      if (!(chosen[n] >= 0 && chosen[n] < set.count)) throw Error(`There is no picture ${chosen[n]}: choose from 0 to ${set.count - 1}.`);
    fill(input.numbers, set.inputs, chosen, input);
    fill(state.targets, set.targets, chosen, output);
  };

  const diverged = () =>
    `At batch ${steps + 1} the loss is no number any more: start again with a smaller rate than ${settings.rate}.`;

  const net = {
    products: pair.name,
    /** A set of pictures, and of what is to come out of them, to be learned from; numbers in PyTorch's order. */
    arrange(pictures, targets = pictures) {
      const inputs = arranged(pictures, input, "pictures"), wished = arranged(targets, output, "targets");
      const count = inputs.length / (input.channels * input.pixels), others = wished.length / numbers;
      if (others !== count) throw Error(`${count} pictures have ${others} targets: give as many.`);
      return { of: input, count, inputs, targets: wished };
    },
    /**
     * A step down the gradient of a batch's loss, which it gives back; `chosen` are the numbers of pictures of a set. In
     * pieces, for a page that has something else to do in between: begin(), then piece(k) for each k below `pieces`; what
     * is left in the middle was no step.
     */
    step(set, chosen) {
      net.begin(set, chosen);
      for (let k = 0; k < net.pieces; k++) net.piece(k);
      return state.loss;
    },
    pieces: 2 * stages.length,
    begin(set, chosen) {
      if (problem) throw Error(problem);
      use(set, chosen);
      if (noise) spoil(input.numbers, noise, random);
    },
    piece(k) {
      const last = stages.length - 1;
      if (k <= last) forward(k);
      else backward(2 * last + 1 - k);
      if (k === last) {
        state.loss = compare();
        if (!Number.isFinite(state.loss)) throw Error((problem = diverged()));
      }
      if (k === 2 * last + 1) update(settings, state.weights, state.slopes, state.one, state.two, ++steps);
    },
    loss: () => state.loss,
    /** The gradient of a batch's loss, { loss, slopes: tensors by their names }. */
    gradient(set, chosen) {
      use(set, chosen);
      for (let k = 0; k < stages.length; k++) forward(k);
      const loss = compare();
      for (let k = stages.length - 1; k >= 0; k--) backward(k);
      return { loss, slopes: named(state.slopes) };
    },
    /** What comes out of pictures of a set, { answers in PyTorch's order, errors: each picture's }. */
    look(set, chosen) {
      const answers = new Kind(chosen.length * numbers), errors = new Float64Array(chosen.length), { channels, pixels, first, pace } = output;
      for (let start = 0; start < chosen.length; start += batch) {
        use(set, Array.from({ length: batch }, (_, n) => chosen[Math.min(start + n, chosen.length - 1)]));
        for (let k = 0; k < stages.length; k++) forward(k);
        for (let n = 0; n < batch && start + n < chosen.length; n++)
          for (let p = 0; p < pixels; p++)
            for (let c = 0; c < channels; c++) {
              const at = (first[p] + n * pace[p]) * channels + c;
              answers[(start + n) * numbers + c * pixels + p] = output.numbers[at];
              errors[start + n] += (output.numbers[at] - state.targets[at]) ** 2 / numbers;
            }
      }
      return { answers, errors };
    },
    /** The weights as they are now, in PyTorch's shapes. */
    tensors: () => named(state.weights),
    steps: () => steps,
  };
  return net;
}
