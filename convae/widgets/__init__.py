"""Widgets that compute in the browser: alive on the book's static pages, in JupyterLab, in Colab.

How a widget is added:

1. `pooling.py`: a class `Pooling(Widget)` with `module = "pooling.js"` and its state as traits of `kit.py`: `Number`,
   `Pair`, `Matrix`, `Choice`, `Switch`. They check what Python sets, tell the page its limits and go into deep links.
   A method gives the same in PyTorch, for the cells that have a kernel and for the tests.
2. `pooling.js`: `import { grid, h, number, widget } from "./kit.js";` (one statement a line; engine.js, kit.js and
   safetensors.js are in the library, which a page holds once, and their top-level names are unique; canvas.js, for
   pictures of many pixels, grid.js, for a few numbers, pairs.js and player.js, nets.js, for nets out of `nets.py`,
   noise.js, real_digits.js and what trains a net, training.js over learning.js over products.js, are put into each
   widget that imports them)
   and `export default widget("Title", (kit) => { build; return draw; });`. Build the elements once, into `kit.root`;
   write changes with `kit.set({ key: value })`; `draw` shows what `kit.get(key)` says, and throws an `Error` whose
   message says what would fit where a setting is impossible. No string runs over a line end.
   What is needed to play stands in a `convae-play`: on a phone its `convae-sticky` stays in sight above the controls,
   and a `drawer` folds the settings; a `fold` is closed on wide pages, too. `kit.keep(element)` keeps the height of the
   largest case, `kit.worker` runs what takes longer than a frame: its work is `widget`'s third argument, a generator
   that yields between slices.
   A widget whose net learns in the page gives `trains` of training.js there, and steers it by `training`.
   What few readers want comes later: `await kit.part("lesson")` gives what lesson.js exports, a script that the book
   has beside its pages and a kernel sends (`later` in Python names them); `kit.later` is a button for that. On a page's
   first screen learning comes so, too (learning_cell.js).
   `still()` and `sentence()` in Python are what is seen where no script runs; `Pooling.address(stride=3)` is the end of
   a link that brings the page's widget into these settings.
3. `kit.css` holds what widgets share, `pooling.css` what only this one needs; use its variables, and say nothing by
   colour alone.
4. `tests/widget_page.py` shows widgets on a page without building the book; the tests in `tests/widgets/` drive them.
"""

from convae.widgets.activations import Activations
from convae.widgets.alarm import Alarm
from convae.widgets.as_matrix import AsMatrix
from convae.widgets.compare import Compare
from convae.widgets.convolution import Convolution
from convae.widgets.denoiser import Denoiser
from convae.widgets.descents import Descents
from convae.widgets.drawn_codes import DrawnCodes
from convae.widgets.first_look import FirstLook
from convae.widgets.from_noise import FromNoise
from convae.widgets.kernels import Kernels
from convae.widgets.latent_explorer import LatentExplorer
from convae.widgets.learning_plane import LearningPlane
from convae.widgets.learning_rates import LearningRates
from convae.widgets.learning_strip import LearningStrip
from convae.widgets.nine_blocks import NineBlocks
from convae.widgets.plane import Plane
from convae.widgets.pooling import Pooling
from convae.widgets.skips import Skips
from convae.widgets.sparse_codes import SparseCodes
from convae.widgets.stack import Stack
from convae.widgets.transposed_convolution import TransposedConvolution
from convae.widgets.uphill import Uphill

__all__ = [
    "Activations",
    "Alarm",
    "AsMatrix",
    "Compare",
    "Convolution",
    "Denoiser",
    "Descents",
    "DrawnCodes",
    "FirstLook",
    "FromNoise",
    "Kernels",
    "LatentExplorer",
    "LearningPlane",
    "LearningRates",
    "LearningStrip",
    "NineBlocks",
    "Plane",
    "Pooling",
    "Skips",
    "SparseCodes",
    "Stack",
    "TransposedConvolution",
    "Uphill",
]
