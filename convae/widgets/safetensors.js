// Weights that Python saved with safetensors, as a bytes trait hands them over.

const half = (bits) => {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
};

/** { name: { shape, data: Float32Array } } of an ArrayBuffer or DataView; float32 and float16 only. */
export function readSafetensors(source) {
  const view = source instanceof DataView ? source : new DataView(source);
  const length = Number(view.getBigUint64(0, true)), start = view.byteOffset + 8;
  const bytes = (from, to) => view.buffer.slice(start + from, start + to);
  const header = JSON.parse(new TextDecoder().decode(bytes(0, length)));
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(header).filter(([n]) => n !== "__metadata__")) {
    const data = bytes(length + from, length + to);
    if (dtype === "F32") tensors[name] = { shape, data: new Float32Array(data) };
    else if (dtype === "F16") tensors[name] = { shape, data: Float32Array.from(new Uint16Array(data), half) };
    else throw Error(`${name} is stored as ${dtype}: save it as F32 or F16.`);
  }
  return tensors;
}
