// Training that is watched: a net learns in the widget's worker, or in slices between the frames, and the page hears of
// it some twenty times a second: losses, what comes out of pictures it has not learned from, and its weights.
import { drawWeights, learner, uniform } from "./learning.js";
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

/**
 * What `widget` gets as its work. Setup: { train, test: pictures as numbers in PyTorch's order, shape: of one, shown: how
 * many of the test pictures come back }. A job is { run, plan, batches } or, in place of a number of batches, { time } in
 * milliseconds; the plan is { layers, tensors, batch, optimizer, seed } as a learner takes it. Where it has no tensors, they
 * are drawn. A new number of a run begins anew. The answer is { batches: so far, losses: of the job's, error: the test
 * pictures' mean, answers: what came out of those shown, tensors, problem: what stopped it, products: which pair }.
 */
export function trains({ train, test, shape, shown }) {
  const pair = simdProducts() ?? plainProducts();
  let own = {};
  const begin = (run, { layers, tensors, seed, ...settings }) => {
    const weights = tensors ? { layers, tensors } : drawWeights(layers, shape, seed);
    const net = learner({ ...weights, ...settings, shape, pair }), set = net.arrange(train), chosen = new Int32Array(settings.batch);
    if (set.count < settings.batch) throw Error(`There are ${set.count} pictures for batches of ${settings.batch}: take smaller batches.`);
    const held = net.arrange(test), next = shuffled(set.count, chosen, seed + 1);
    own = { run, net, held, all: Int32Array.from({ length: held.count }, (_, n) => n), step: () => (next(), net.step(set, chosen)) };
  };
  return function* ({ run, plan, batches, time }) {
    const losses = [];
    let problem = "";
    try {
      if (own.run !== run) begin(run, plan);
      for (const until = performance.now() + time; batches === undefined ? performance.now() < until || !losses.length : losses.length < batches; ) {
        losses.push(own.step());
        yield;
      }
    } catch (error) {
      problem = error.message; // of a worker's errors the page would only know that it has to do without
    }
    if (own.run !== run) return { problem, batches: 0, losses };
    const { answers, errors } = own.net.look(own.held, own.all), size = answers.length / own.held.count;
    const error = errors.reduce((sum, value) => sum + value, 0) / errors.length;
    const { pair: products } = own.net;
    return { batches: own.net.steps(), losses, error, answers: answers.slice(0, shown * size), tensors: own.net.tensors(), problem, products };
  };
}

/**
 * Has the widget's worker learn: go() until pause(), step() by one batch, reset(plan) to its beginning. A hidden page pauses.
 * `heard` gets each answer of `trains`; a problem ends the learning, and so does having learned from `most` batches.
 */
export function training(kit, setup, heard, most = Infinity) {
  let run = 0, plan, going = false, asked = null;
  const ask = kit.worker(setup, (answer, job) => {
    if (job !== asked) return; // something else was asked for meanwhile
    asked = null;
    if (answer.problem || answer.batches >= most) going = false;
    heard(answer);
    more();
  });
  const have = (job) => ask((asked = { run, plan, ...job }));
  const more = () => going && !asked && !document.hidden && have({ time: MESSAGE });
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
      have({ batches: 1 });
    },
    reset(other = plan) {
      [plan, going] = [other, false];
      run++;
      have({ batches: 0 });
    },
  };
}
