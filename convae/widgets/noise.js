// Random numbers for pages: those of convae/widgets/noise.py.

const hash = (value) => {
  for (const [shift, factor] of [[16, 0x7feb352d], [15, 0x846ca68b]]) value = Math.imul(value ^ (value >>> shift), factor);
  return (value ^ (value >>> 16)) >>> 0;
};
/** The k-th number of a seed, evenly between 0 and 1: the same on every machine. */
export const even = (seed, k) => (hash(seed * 2048 + k + 1) + 0.5) / 2 ** 32;
/** A normal one. */
export const normal = (seed, k) => Math.sqrt(-2 * Math.log(even(seed, 2 * k))) * Math.cos(2 * Math.PI * even(seed, 2 * k + 1));
