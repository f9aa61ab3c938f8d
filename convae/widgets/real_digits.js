// The 1,200 digits that a page has for nets that learn in it (digits_script in lesson.py), and how one is painted.

/** The digits as numbers from 0 to 1: { train, test }. */
export async function unpacked({ packed, learned }) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const pairs = new Uint8Array(await new Response(stream).arrayBuffer()), all = new Float32Array(2 * pairs.length);
  pairs.forEach((pair, k) => {
    all[2 * k] = (pair >> 4) / 15;
    all[2 * k + 1] = (pair & 15) / 15;
  });
  return { train: all.slice(0, 28 ** 2 * learned), test: all.slice(28 ** 2 * learned) };
}

/** Paints levels from 0 to 1 of a square picture. */
export function paint(sheet, levels) {
  const side = Math.sqrt(levels.length), pen = sheet.getContext("2d");
  if (sheet.width !== side) sheet.width = sheet.height = side;
  const image = pen.createImageData(side, side);
  levels.forEach((level, k) => image.data.set([...Array(3).fill(255 * level), 255], 4 * k));
  pen.putImageData(image, 0, 0);
}
