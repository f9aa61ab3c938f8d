// Normal random numbers for pages: those of convae/widgets/noise.py.

const hash = (value) => {
  for (const [shift, factor] of [[16, 0x7feb352d], [15, 0x846ca68b]]) value = Math.imul(value ^ (value >>> shift), factor);
  return (value ^ (value >>> 16)) >>> 0;
};
/** The k-th number of a seed: the same on every machine. */
export const normal = (seed, k) => {
  const [radius, angle] = [0, 1].map((part) => (hash(seed * 2048 + 2 * k + part + 1) + 0.5) / 2 ** 32);
  return Math.sqrt(-2 * Math.log(radius)) * Math.cos(2 * Math.PI * angle);
};
