"""The two pairs of products with which a page trains, and the bytes of the one that is compiled."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import numpy
import pytest

from book.tools import products
from book.tools.browser import NODE
from convae import widgets

FOLDER = Path(widgets.__file__).parent
CASES = 400
# Each answer stands between numbers that have to stay as they are.
SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
const { plainProducts, simdProducts } = await import("PRODUCTS");
const bytes = readFileSync("numbers.bin");
const given = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
const KEPT = 7, MARK = 123.5, outputs = [];
for (const pair of [plainProducts(), simdProducts()]) {
  let at = 0;
  for (const { rows, inputs, outputs: columns, biased } of JSON.parse(readFileSync("cases.json"))) {
    const sizes = [rows * inputs, inputs * columns, columns, rows * columns];
    const answers = [rows * columns, inputs * columns, columns];
    const arrays = pair.arrays([...sizes, ...answers.map((size) => size + 2 * KEPT)]);
    sizes.forEach((size, k) => arrays[k].set(given.subarray(at, (at += size))));
    const inside = (array) => array.subarray(KEPT, array.length - KEPT), between = arrays.slice(4);
    const [x, w, bias, d] = arrays, [y, g, sums] = between.map((array) => inside(array.fill(MARK)));
    pair.product(x, w, biased ? bias : null, y, rows, inputs, columns);
    pair.gradient(x, d, g, sums, rows, inputs, columns);
    for (const array of between) {
      const around = [...array.subarray(0, KEPT), ...array.subarray(array.length - KEPT)];
      if (around.some((value) => value !== MARK)) throw Error("written beyond");
      outputs.push(Float32Array.from(inside(array)));
    }
  }
}
writeFileSync("outputs.bin", Buffer.concat(outputs.map(({ buffer }) => Buffer.from(buffer))));
"""


def test_both_pairs_give_products(tmp_path: Path) -> None:
    """Of all sizes around those of a tile; nothing beside the answers is written."""
    draw, noise, cases, numbers, wanted = random.Random(0), numpy.random.default_rng(0), [], [], []
    for _ in range(CASES):
        rows, inputs, outputs = (draw.randint(1, most) for most in (14, 30, 30))
        biased = draw.random() < 0.5
        x, w = noise.standard_normal((rows, inputs)), noise.standard_normal((inputs, outputs))
        bias, d = noise.standard_normal(outputs), noise.standard_normal((rows, outputs))
        cases.append({"rows": rows, "inputs": inputs, "outputs": outputs, "biased": biased})
        given = [array.astype(numpy.float32) for array in (x, w, bias, d)]
        numbers += given
        x, w, bias, d = (array.astype(numpy.float64) for array in given)
        wanted += [x @ w + biased * bias, x.T @ d, d.sum(0)]
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    (tmp_path / "numbers.bin").write_bytes(b"".join(array.tobytes() for array in numbers))
    script = SCRIPT.replace("PRODUCTS", (FOLDER / "products.js").as_uri())
    subprocess.run([NODE, "--input-type=module", "-e", script], cwd=tmp_path, check=True, timeout=60)
    found = numpy.fromfile(tmp_path / "outputs.bin", dtype=numpy.float32)
    expected = numpy.concatenate([array.ravel() for array in [*wanted, *wanted]])
    numpy.testing.assert_allclose(found, expected, rtol=0, atol=3e-5)
    assert not numpy.array_equal(*found.reshape(2, -1))  # they add in another order: these are two pairs


def test_compiled_bytes_are_those_of_the_source() -> None:
    """The checksum says so everywhere; where the compiler is at hand, it makes them again."""
    checksum, module = products.stored()
    assert checksum == products.checksum(), "run python -m book.tools.products"
    assert module.startswith(b"\0asm")
    assert len(module) < 4_096  # what any browser compiles at once
    assert products.MODULE.read_text("utf-8") == products.text(module)
    if products.available():
        assert products.compiled() == module


def test_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "COMPILER", ("no-such-compiler", "1.0"))
    with pytest.raises(ModuleNotFoundError, match=r"install no-such-compiler==1\.0"):
        products.compiled()


@pytest.mark.parametrize(
    "broken", ["delete globalThis.WebAssembly", "WebAssembly.Module = function () { throw Error() }"]
)
def test_without_webassembly_there_are_plain_loops(broken: str) -> None:
    script = f"""
        {broken};
        const {{ plainProducts, simdProducts }} = await import({json.dumps((FOLDER / "products.js").as_uri())});
        console.log((simdProducts() ?? plainProducts()).name);
    """
    command = [NODE, "--input-type=module", "-e", script]
    result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert result.stdout == "plain loops\n"
