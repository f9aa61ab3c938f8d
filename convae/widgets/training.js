// Training that is watched: a net learns in the widget's worker, or in slices between the frames, and the page hears of
// it some twenty times a second: losses, what comes out of pictures it has not learned from, and its weights.
import { drawWeights, learner, uniform } from "./learning.js";
import { normal } from "./noise.js";
import { plainProducts, simdProducts } from "./products.js";

const MESSAGE = 40; // milliseconds of learning between two messages

/** Numbers of pictures, a batch after the other: all once in a random order, then again in another; `chosen` is filled. */
function shuffled(count, chosen, seed) {
  const order = Int32Array.from({ length: count }, (_, k) => k), next = uniform(seed);
  let at = count;
  return () => {
    if (at + chosen.length > count) {
      for (let k = count - 1; k > 0; k--) {
        const other = Math.floor(next() * (k + 1)), kept = order[k];
        order[k] = order[other];
        order[other] = kept;
      }
      at = 0;
    }
    for (let n = 0; n < chosen.length; n++) chosen[n] = order[at++];
  };
}

/** Held-out pictures as a net gets them that learns to take noise away: always the same noise, as in noise.py. */
export const spoiledAlways = (pictures, size, sigma) =>
  pictures.map((level, k) => level + (sigma ? sigma * normal(Math.floor(k / size), k % size) : 0));

/**
 * What `widget` gets as its work. Setup: { train, test: pictures as numbers in PyTorch's order, shape: of one, shown: how
 * many of the test pictures come back, a batch at most }. A job is { run, plan, batches } or, in place of a number of
 * batches, { time } in milliseconds, and { most } at which the run ends; the plan is { layers, tensors, batch, optimizer,
 * noise, seed } as a learner takes it. Where it has no tensors, they are drawn. A new number of a run begins anew. The answer
 * is { batches: so far, losses: since the last answer, error: the test pictures' mean, answers: what came out of those shown,
 * layers and tensors: for chain() of nets.js, problem: what stopped it, products: which pair }.
 */
export function trains({ train, test, shape, shown }) {
  const pair = simdProducts() ?? plainProducts(), size = shape.reduce((a, b) => a * b);
  let own = {};
  const begin = (run, { layers, tensors, seed, ...settings }) => {
    const weights = tensors ? { layers, tensors } : drawWeights(layers, shape, seed), { batch, noise } = settings;
    const net = learner({ ...weights, ...settings, shape, seed: seed + 2, pair }), set = net.arrange(train), chosen = new Int32Array(batch);
    if (set.count < batch) throw Error(`There are ${set.count} pictures for batches of ${batch}: take smaller batches.`);
    const next = shuffled(set.count, chosen, seed + 1);
    const held = net.arrange(spoiledAlways(test, size, noise), test);
    own = { run, net, batch, held, losses: [], layers: weights.layers, at: net.pieces, begin: () => (next(), net.begin(set, chosen)) };
  };
  return function* ({ run, plan, batches, time, most = Infinity }) {
    let problem = "", done = 0;
    try {
      if (own.run !== run) begin(run, plan);
      const until = performance.now() + time;
      const { pieces } = own.net;
      // A step that a dropped job left half-way is ended first: its batch counts as any other.
      while (own.at < pieces || (own.net.steps() < most && (batches === undefined ? !done || performance.now() < until : done < batches))) {
        if (own.at === pieces) {
          own.begin();
          own.at = 0;
        }
        while (own.at < pieces) {
          yield;
          own.net.piece(own.at);
          own.at++;
        }
        own.losses.push(own.net.loss());
        done++;
      }
    } catch (error) {
      if (own.run === run) own.at = own.net.pieces;
      problem = error.message; // of a worker's errors the page would only know that it has to do without
    }
    if (own.run !== run) return { problem, batches: 0, losses: [] };
    const { net, held, batch } = own;
    let sum = 0, answers;
    for (let start = 0; start < held.count; start += batch) {
      const seen = net.look(held, Array.from({ length: Math.min(batch, held.count - start) }, (_, n) => start + n));
      answers ??= seen.answers.slice(0, (shown * seen.answers.length) / seen.errors.length);
      sum += seen.errors.reduce((a, b) => a + b);
      yield;
    }
    const losses = own.losses.splice(0), { layers } = own; // losses of a job that was left in the middle, too
    return { batches: net.steps(), losses, error: sum / held.count, answers, layers, tensors: net.tensors(), problem, products: net.products };
  };
}

/**
 * Has the widget's worker learn: go() until pause(), step() by one batch, reset(plan) to its beginning. A hidden page pauses.
 * `heard` gets each answer of `trains`; a problem ends the learning, and so does having learned from `most` batches. `pace()`
 * may say how much is learned till the next answer, and how many milliseconds to wait before: { batches or time, wait }.
 */
export function training(kit, setup, heard, most = Infinity, pace = () => ({})) {
  let run = 0, plan, going = false, asked = null, owed = 0, timer;
  const ask = kit.worker(setup, (answer, job) => {
    if (job.run !== run) return; // of what was before the reset
    if (job === asked) asked = null;
    if (answer.problem || answer.batches >= most) [going, owed] = [false, 0];
    heard(answer);
    more();
  });
  const have = (job) => ask((asked = { run, plan, most, ...job }));
  const more = () => {
    clearTimeout(timer);
    if (owed && !asked) return void (owed--, have({ batches: 1 }));
    if (!going || asked || document.hidden) return;
    const { wait, ...job } = pace(), next = () => going && !asked && !document.hidden && have("batches" in job ? job : { time: MESSAGE, ...job });
    if (wait) timer = setTimeout(next, wait);
    else next();
  };
  document.addEventListener("visibilitychange", more, { signal: kit.signal });
  return {
    going: () => going,
    go() {
      going = true;
      more();
    },
    pause: () => (going = false),
    step() {
      going = false;
      owed++; // whoever presses faster than it learns gets all of them
      more();
    },
    reset(other = plan) {
      [plan, going, owed] = [other, false, 0];
      run++;
      have({ batches: 0 });
    },
  };
}
