"""What one picture costs in a page, with the engine of the widgets run by Node (limit for the two-layer net: 2 ms)."""

import json
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import torch

from book.tools.browser import NODE
from convae import widgets
from convae.models import MODELS, Autoencoder
from convae.teaching.tables import Table
from convae.widgets.nets import described, halved, packed

SCRIPT = """
import { readFileSync } from "node:fs";
import { chain } from "NETS";
import { readSafetensors } from "SAFETENSORS";
const { layers, size } = JSON.parse(readFileSync("net.json")), bytes = readFileSync("weights.safetensors");
const tensors = readSafetensors(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
const [encode, decode] = layers.map((part) => chain(part, tensors));
const length = size.reduce((a, b) => a * b);
const picture = { shape: size, data: Float32Array.from({ length }, (_, k) => (k % 7) / 7) };
const times = Array.from({ length: 300 }, () => {
  const began = performance.now(), code = encode(picture), between = performance.now();
  decode(code);
  return [between - began, performance.now() - between];
}).slice(100);
console.log(JSON.stringify([0, 1].map((part) => times.map((both) => both[part]).sort((a, b) => a - b)[100])));
"""


def milliseconds(model: Autoencoder) -> tuple[float, float]:
    """To encode one picture and to decode its code, medians of 200 after 100 others.

    Raises:
        ValueError: a page cannot compute the net, or it is too large for one.
    """
    net = halved(model).eval()
    with torch.no_grad():
        code = net.encode(torch.zeros(1, *net.image_shape))
    encoder, first = described(net.encoder, net.image_shape, "encoder.")
    decoder, second = described(net.decoder, code.shape[1:], "decoder.")
    folder = Path(widgets.__file__).parent
    script = SCRIPT.replace("NETS", (folder / "nets.js").as_uri())
    script = script.replace("SAFETENSORS", (folder / "safetensors.js").as_uri())
    with tempfile.TemporaryDirectory() as place:
        Path(place, "net.json").write_text(json.dumps({"layers": [encoder, decoder], "size": net.image_shape}))
        Path(place, "weights.safetensors").write_bytes(packed(first | second, half=True))
        command = [NODE, "--input-type=module", "-e", script]
        result = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True, timeout=60)
    encoding, decoding = json.loads(result.stdout)
    return encoding, decoding


def measure() -> Table:
    """Of the book's nets that a page can hold."""
    rows = []
    for name, build in MODELS.items():
        if name.startswith("utec"):  # 17 million parameters and more
            continue
        model = build()
        parameters = f"{sum(weight.numel() for weight in model.parameters()):,}"
        if isinstance(model, Autoencoder):
            with suppress(ValueError):
                encoding, decoding = milliseconds(model)
                rows.append([name, parameters, f"{encoding:.2f} ms", f"{decoding:.2f} ms"])
    return Table(["net", "parameters", "to encode", "to decode"], rows)


if __name__ == "__main__":
    print(measure())
