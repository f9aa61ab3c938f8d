"""Rivals without gradient descent. Each is a module like any net, so that the same task scores it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from convae.arithmetic.shapes import check_whole
from convae.models import Autoencoder
from convae.models.limits import check_code_size
from convae.names import lookup
from convae.tensors import check_set, check_shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convae.data import ImageSet
    from convae.tasks import Corruption
    from convae.tensors import Codes, Images, ImageShape

__all__ = [
    "ConstantImage",
    "allotted_block_pca",
    "best_stretch",
    "black_image",
    "block_pca",
    "dct",
    "linear_restorer",
    "local_pca",
    "mean_image",
    "mixture_restorer",
    "pca",
    "stretched",
]


THRESHOLDS = tuple(step / 100 for step in range(40))  # that a stretch is tried with


class ConstantImage(nn.Module):
    """Puts out the same picture [C, H, W], whatever it is shown: a code of no numbers."""

    def __init__(self, image: Tensor) -> None:
        super().__init__()
        self.register_buffer("image", image)

    def forward(self, images: Images) -> Images:
        image: Images = self.get_buffer("image")
        return image.expand_as(images)


def black_image(train: ImageSet) -> ConstantImage:
    """All pixels zero."""
    check_set(train)
    return ConstantImage(torch.zeros(train.image_shape))


def mean_image(train: ImageSet) -> ConstantImage:
    """The mean of the training pictures: the constant of least squared error on them."""
    check_set(train)
    return ConstantImage(_mean(train).float())


def pca(train: ImageSet, code_size: int, clip: bool = True) -> Autoencoder:
    """The linear autoencoder of least squared error on the training pictures: r = μ + V Vᵀ (x − μ) [baldi1989neural].

    The columns of V are the eigenvectors of the pixels' covariance that belong to the `code_size` largest eigenvalues.

    Args:
        code_size: Numbers in the code, from 1 to the number of pixels.
        clip: End in [0, 1], as a sigmoid does; squared error can only gain by it.

    Raises:
        ValueError: a code size out of its range.
    """
    check_set(train)
    pixels = math.prod(train.image_shape)
    check_code_size(code_size, pixels)
    mean, directions, _ = _principal_directions(train.images.flatten(1), code_size)
    return _along(directions, mean, train.image_shape, clip)


ORDERS = {"zigzag": False, "variance": True}  # whether the training pictures choose


def dct(train: ImageSet, code_size: int, order: str = "zigzag", clip: bool = True) -> Autoencoder:
    """Coefficients of the discrete cosine transform [ahmed1974discrete], what is left being set to their mean.

    Of the training pictures only the mean is learnt, and with "variance" which coefficients are kept.

    Args:
        code_size: Coefficients kept, from 1 to the number of pixels.
        order: "zigzag" keeps those of lowest frequency, diagonal after diagonal, as JPEG counts them; "variance" those
            that differ most from training picture to training picture.
        clip: End in [0, 1].

    Raises:
        ValueError: a code size out of its range, an unknown order, or colour pictures.
    """
    check_set(train)
    channels, rows, columns = train.image_shape
    pixels = rows * columns
    if channels != 1:
        raise ValueError(f"pictures of {channels} channels: give grey ones, each has one transform")
    check_code_size(code_size, pixels)
    basis = torch.kron(_cosines(rows), _cosines(columns))  # [coefficients, pixels], at right angles
    mean, covariance = _moments(train.images.flatten(1))
    if lookup(ORDERS, order, "order"):
        kept = ((basis @ covariance) * basis).sum(1).argsort(descending=True)
    else:
        kept = _zigzag(rows, columns)
    return _along(basis[kept[:code_size]].T, mean, train.image_shape, clip)


def _cosines(size: int) -> Tensor:
    """The orthonormal DCT-II of a line of so many pixels, [frequencies, pixels]."""
    at = torch.arange(size, dtype=torch.float64)
    waves: Tensor = torch.cos(math.pi / size * at[:, None] * (at + 0.5)) * (2 / size) ** 0.5
    waves[0] /= 2**0.5  # the constant one is as long as the others
    return waves


def _zigzag(rows: int, columns: int) -> Tensor:
    """Places in a table of frequencies, diagonal after diagonal, up one and down the next."""
    places = [(row, column) for row in range(rows) for column in range(columns)]
    order = sorted(places, key=lambda place: (sum(place), place[sum(place) % 2 == 0]))
    return torch.tensor([row * columns + column for row, column in order])


class _Stretch(nn.Module):
    """clip((r − t) / (1 − 2t)): what lies below t becomes black, what lies above 1 − t white."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, images: Images) -> Images:
        restored: Images = ((images - self.threshold) / (1 - 2 * self.threshold)).clamp(0, 1)
        return restored


def stretched(plain: Autoencoder, train: ImageSet, seen: int = 10_000) -> Autoencoder:
    """An autoencoder that ends in clip((r − t) / (1 − 2t)), with the t of least squared error on training pictures.

    It is to a linear method what a trained sigmoid's steepness is to a net: its code stays as it was.

    Args:
        plain: Ends without clipping.
        seen: How many of the training pictures t is fitted on, the first ones.

    Raises:
        ValueError: seen is no whole number from 1 on.
    """
    check_set(train)
    check_whole(1, seen=seen)
    _, best = best_stretch(plain, train[:seen])
    return Autoencoder(plain.encoder, nn.Sequential(plain.decoder, _Stretch(best)), plain.image_shape)


@torch.no_grad()
def best_stretch(plain: nn.Module, train: ImageSet, inputs: Tensor | None = None) -> tuple[nn.Sequential, float]:
    """What ends without clipping, and behind it clip((r − t) / (1 − 2t)), with its t: that of least squared error.

    Args:
        plain: Gives pictures back.
        inputs: What it is given for each of these pictures; without them the pictures.

    Raises:
        ValueError: no pictures, or not an input for each.
    """
    check_set(train)
    if inputs is not None and len(inputs) != len(train):
        raise ValueError(f"{len(inputs)} inputs for {len(train)} pictures: give one for each")
    images = train.all().images
    restored = torch.cat([plain(part) for part in (images if inputs is None else inputs).split(500)])
    errors = {t: (_Stretch(t)(restored) - images).square().mean().item() for t in THRESHOLDS}
    best = min(errors, key=errors.__getitem__)
    return nn.Sequential(plain, _Stretch(best)), best


class _BlockDecoder(nn.Module):
    """Puts each block together from its numbers, on top of the mean image."""

    def __init__(self, directions: Tensor, mean: Tensor, block: int) -> None:
        super().__init__()
        self.register_buffer("directions", directions.float())  # [positions or 1, block², K]
        self.register_buffer("mean", mean.float())  # [1, H, W]
        self.block = block

    def forward(self, codes: Codes) -> Images:
        rows, columns = codes.shape[-2:]
        blocks = torch.einsum("pdk,nkp->ndp", self._each(rows * columns), codes.flatten(2))
        size = (rows * self.block, columns * self.block)
        tiled = nn.functional.fold(blocks, size, self.block, stride=self.block)
        mean = self.get_buffer("mean")
        rest = (0, mean.shape[-1] - size[1], 0, mean.shape[-2] - size[0])
        return nn.functional.pad(tiled, rest) + mean

    def _each(self, positions: int) -> Tensor:
        directions = self.get_buffer("directions")
        return directions.expand(positions, *directions.shape[1:])


class _BlockEncoder(_BlockDecoder):
    """Gives each block's numbers, [N, K, rows, columns]."""

    def forward(self, images: Images) -> Codes:
        rows, columns = (size // self.block for size in images.shape[-2:])
        centred = (images - self.get_buffer("mean"))[..., : rows * self.block, : columns * self.block]
        blocks = nn.functional.unfold(centred, self.block, stride=self.block)  # [N, block², positions]
        codes = torch.einsum("pdk,ndp->nkp", self._each(rows * columns), blocks)
        return torch.unflatten(codes, 2, (rows, columns))


def block_pca(train: ImageSet, block: int, numbers: int, shared: bool = True, clip: bool = True) -> Autoencoder:
    """PCA on blocks of the picture, each coded by itself; the code is [N, numbers, rows, columns].

    What is left at the right and below, where no whole block fits, is taken from the mean image.

    Args:
        block: Side of a block in pixels.
        numbers: In the code of each block, from 1 to block².
        shared: The same directions and the same mean for every block, as a convolution has; otherwise each position
            has its own.
        clip: End in [0, 1].

    Raises:
        ValueError: a block that does not fit, colour pictures, or too many numbers.
    """
    blocks = _cut(train, block, numbers)
    rows, columns = (side // block for side in train.image_shape[1:])
    parts = [blocks.flatten(0, 1)] if shared else list(blocks)
    means, directions, _ = zip(*(_principal_directions(part, numbers) for part in parts), strict=True)
    mean = _mean(train)
    tiles = torch.stack(means).expand(rows * columns, -1).T[None]  # [1, block², positions]
    size = (rows * block, columns * block)
    mean[:, : size[0], : size[1]] = nn.functional.fold(tiles, size, block, stride=block)[0]
    encoder = _BlockEncoder(torch.stack(directions), mean, block)
    decoder = nn.Sequential(_BlockDecoder(torch.stack(directions), mean, block), *_clipping(clip))
    return Autoencoder(encoder, decoder, train.image_shape)


def allotted_block_pca(train: ImageSet, block: int, code_size: int, clip: bool = True) -> Autoencoder:
    """PCA on blocks that know nothing of each other, each with its own directions and with as many numbers as it needs.

    Of all blocks' directions those are taken along which the training pictures differ most: no other shares of the code
    leave less squared error on them. What is left at the right and below is taken from the mean image.

    Args:
        block: Side of a block in pixels.
        code_size: Numbers of all blocks together, from 1 to the pixels in them; the code is [N, code_size].
        clip: End in [0, 1].

    Raises:
        ValueError: a block that does not fit, colour pictures, or too many numbers.
    """
    blocks = _cut(train, block, 1)
    _, height, width = train.image_shape
    columns, pixels = width // block, len(blocks) * block**2
    check_code_size(code_size, pixels)
    places = torch.arange(height * width).view(height, width)
    whole = torch.zeros(height * width, pixels, dtype=torch.float64)  # a direction a column, 0 outside its block
    spreads = torch.zeros(pixels, dtype=torch.float64)
    for position, part in enumerate(blocks):
        row, column = (block * index for index in divmod(position, columns))
        own = slice(position * block**2, (position + 1) * block**2)
        _, directions, spreads[own] = _principal_directions(part, block**2)
        whole[places[row : row + block, column : column + block].flatten(), own] = directions
    return _along(whole[:, spreads.topk(code_size).indices], _mean(train).flatten(), train.image_shape, clip)


def _cut(train: ImageSet, block: int, numbers: int) -> Tensor:
    """The bytes of each block [positions, N, block²]."""
    check_set(train)
    channels, height, width = train.image_shape
    if channels != 1 or not 1 <= block <= min(height, width) or not 1 <= numbers <= block**2:
        raise ValueError(
            f"{numbers} numbers for blocks of {block}×{block} in pictures of {channels}×{height}×{width}: give grey "
            f"pictures, a block from 1 to {min(height, width)} and from 1 to block² numbers"
        )
    rows, columns = height // block, width // block
    whole = train.images[..., : rows * block, : columns * block]
    blocks = whole.reshape(len(train), rows, block, columns, block)
    return blocks.permute(1, 3, 0, 2, 4).reshape(rows * columns, len(train), block**2)


def _along(directions: Tensor, mean: Tensor, image_shape: ImageShape, clip: bool) -> Autoencoder:
    """Codes along directions [pixels, K] at right angles, on top of a mean [pixels]."""
    encoder = nn.Sequential(nn.Flatten(), _linear(directions.T, -(directions.T @ mean)))
    decoder = nn.Sequential(_linear(directions, mean), nn.Unflatten(1, image_shape), *_clipping(clip))
    return Autoencoder(encoder, decoder, image_shape)


class _Pixels(nn.Flatten):
    """Flattens images of one shape, and refuses others: the map behind it has a weight for each place."""

    def __init__(self, shape: ImageShape) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, images: Images) -> Tensor:
        check_shape(images, self.shape)
        return super().forward(images)


def linear_restorer(train: ImageSet, corrupt: Corruption, seed: int = 0, clip: bool = True) -> nn.Sequential:
    """The affine map of least squared error from spoiled training pictures to clean ones: r = A x̃ + b.

    For noise it is the Wiener filter, learnt from pairs and not from assumptions.

    Args:
        corrupt: Spoils every picture once; it has to keep their shape.
        seed: Of the corruption.
        clip: End in [0, 1].

    Raises:
        ValueError: a corruption that changes the shape, or fewer pictures than pixels.
    """
    check_set(train)
    pixels = math.prod(train.image_shape)
    if len(train) <= pixels:
        raise ValueError(f"{len(train)} pictures of {pixels} pixels: give more pictures than pixels")
    generator = torch.Generator(train.images.device).manual_seed(seed)
    left = torch.zeros(pixels + 1, pixels + 1, dtype=torch.float64, device=train.images.device)
    right = torch.zeros(pixels + 1, pixels, dtype=torch.float64, device=train.images.device)
    for batch in train.batches(10_000):
        spoiled = corrupt(batch.images, generator)
        if spoiled.shape != batch.images.shape:
            raise ValueError(
                f"the corruption makes {tuple(spoiled.shape[1:])} of {tuple(batch.images.shape[1:])}: "
                "use one that keeps the shape, LowResolution with enlarge=True for instance"
            )
        known = nn.functional.pad(spoiled.flatten(1).double(), (0, 1), value=1.0)
        left += known.T @ known
        right += known.T @ batch.images.flatten(1).double()
    # Pixels that nothing spoils leave directions without any spread; the smallest solution has nothing to say there.
    solution = torch.linalg.pinv(left, hermitian=True) @ right
    layer = _linear(solution[:-1].T, solution[-1])
    return nn.Sequential(_Pixels(train.image_shape), layer, nn.Unflatten(1, train.image_shape), *_clipping(clip))


class _Mixture(nn.Module):
    """x̃ + σ² ∇ log p(x̃), where p is a mixture of normal densities: the mean of what may lie behind x̃."""

    def __init__(self, sigma: float, constants: Tensor, means: Tensor, precisions: Tensor) -> None:
        super().__init__()
        self.sigma = sigma
        self.register_buffer("means", means.float())  # [K, D]
        self.register_buffer("precisions", precisions.float())  # [K, D, D], of the noisy pictures
        self.register_buffer("constants", constants.float())  # [K], of the log density

    def forward(self, images: Images) -> Images:
        seen = images.flatten(1)
        exponents, slopes = [], []
        for mean, precision, constant in zip(
            self.get_buffer("means"), self.get_buffer("precisions"), self.get_buffer("constants"), strict=True
        ):
            slopes.append((mean - seen) @ precision)
            exponents.append(constant + ((seen - mean) * slopes[-1]).sum(1) / 2)
        shares = torch.stack(exponents).softmax(0)  # [K, N]
        answer = seen + self.sigma**2 * sum(share[:, None] * slope for share, slope in zip(shares, slopes, strict=True))
        restored: Images = answer.view_as(images)
        return restored


def mixture_restorer(
    train: ImageSet, sigma: float, groups: int, seed: int = 0, steps: int = 20, clip: bool = True
) -> nn.Sequential:
    """A linear map for each of several groups of the training pictures, mixed by how well each explains what is seen.

    The groups are those of k-means; each is taken to be a normal density with its own mean and covariance (for
    mixtures of these [yu2012solving]). Then the mean of what may lie behind a noisy picture is known.

    Args:
        sigma: Standard deviation of Gaussian noise in units of the pixels, above 0.
        groups: At least 1; one of them is `linear_restorer`.
        seed: Of the pictures from which the groups start.
        steps: Of k-means.
        clip: End in [0, 1].

    Raises:
        ValueError: σ not above 0, or groups that are not between 1 and the number of pictures.
    """
    check_set(train)
    if not 0 < sigma < math.inf:
        raise ValueError(f"sigma is {sigma!r}: give a standard deviation above 0")
    if not 1 <= groups <= len(train):
        raise ValueError(
            f"{groups} groups of {len(train)} pictures: give at least 1 and no more than there are pictures"
        )
    pixels = train.all().images.flatten(1)
    of_group = _grouped(pixels, groups, seed, steps)
    noise = sigma**2 * torch.eye(pixels.shape[1], dtype=torch.float64)
    constants, means, precisions = [], [], []
    for group in of_group.unique():
        members = pixels[of_group == group].double()
        means.append(members.mean(0))
        centred = members - means[-1]
        factor = torch.linalg.cholesky(centred.T @ centred / len(members) + noise)
        precisions.append(torch.cholesky_inverse(factor).float())
        constants.append(math.log(len(members) / len(pixels)) - factor.diagonal().log().sum())
    mixture = _Mixture(sigma, torch.stack(constants), torch.stack(means), torch.stack(precisions))
    return nn.Sequential(mixture, *_clipping(clip))


class _LocalPca(nn.Module):
    """Each picture by that one of several PCAs which gives it back best; its number is one of the code's."""

    def __init__(self, means: Tensor, directions: Tensor) -> None:
        super().__init__()
        self.register_buffer("means", means)  # [G, D]
        self.register_buffer("directions", directions)  # [G, D, K]

    def lost(self, pixels: Tensor) -> Tensor:
        """The squared error of each picture by each PCA, [N, G]."""
        parts = []
        for mean, directions in zip(self.get_buffer("means"), self.get_buffer("directions"), strict=True):
            centred = pixels - mean
            parts.append(centred.square().sum(1) - (centred @ directions).square().sum(1))
        return torch.stack(parts, 1)

    def forward(self, images: Images) -> Images:
        pixels = images.flatten(1)
        chosen = self.lost(pixels).argmin(1)
        restored = torch.empty_like(pixels)
        for group in chosen.unique():
            mean, directions = self.get_buffer("means")[group], self.get_buffer("directions")[group]
            own = chosen == group
            restored[own] = mean + (pixels[own] - mean) @ directions @ directions.T
        return restored.view_as(images)


def local_pca(
    train: ImageSet, code_size: int, groups: int, seed: int = 0, rounds: int = 10, clip: bool = True
) -> nn.Sequential:
    """Several PCAs, each of the training pictures that it gives back best [kambhatla1997dimension].

    The groups begin as those of k-means; then each picture goes to the PCA that loses least of it, and each PCA is
    fitted anew. Which one it was is one number of the code, `code_size` − 1 are left for its directions.

    Args:
        code_size: Numbers in the code, from 2 to the number of pixels.
        groups: At least 1; with one it is PCA with a number less.
        seed: Of the pictures from which the groups start.
        rounds: At most, of going over and fitting.
        clip: End in [0, 1].

    Raises:
        ValueError: a code size out of its range, or groups that are not between 1 and the number of pictures.
    """
    check_set(train)
    pixels = train.all().images.flatten(1)
    check_code_size(code_size, pixels.shape[1])
    if code_size < 2:
        raise ValueError(f"code_size is {code_size}: one number says which PCA it is, so give at least 2")
    if not 1 <= groups <= len(train):
        raise ValueError(
            f"{groups} groups of {len(train)} pictures: give at least 1 and no more than there are pictures"
        )
    of_group = _grouped(pixels, groups, seed, steps=10)
    for _ in range(rounds):
        fitted = []
        for group in of_group.unique():
            members = train.images.flatten(1)[of_group == group]
            mean, directions, _ = _principal_directions(members, code_size - 1)
            fitted.append((mean.float(), directions.float()))
        local = _LocalPca(torch.stack([mean for mean, _ in fitted]), torch.stack([each for _, each in fitted]))
        before, of_group = of_group, local.lost(pixels).argmin(1)
        if torch.equal(before, of_group):
            break
    return nn.Sequential(local, *_clipping(clip))


def _grouped(pixels: Tensor, groups: int, seed: int, steps: int) -> Tensor:
    """k-means: to which group each picture belongs; one that loses all of its pictures starts again at another."""
    generator = torch.Generator().manual_seed(seed)
    centres = pixels[torch.randperm(len(pixels), generator=generator)[:groups]]
    for _ in range(steps):
        nearest = torch.cdist(pixels, centres).argmin(1)
        sizes = torch.bincount(nearest, minlength=groups)
        sums = torch.zeros_like(centres).index_add_(0, nearest, pixels)
        centres = sums / sizes.clamp(min=1)[:, None]
        empty = sizes == 0
        centres[empty] = pixels[torch.randint(len(pixels), (int(empty.sum()),), generator=generator)]
    return torch.cdist(pixels, centres).argmin(1)


def _mean(train: ImageSet) -> Tensor:
    """[C, H, W] in float64; sums of bytes are exact there."""
    total = torch.zeros(train.image_shape, dtype=torch.float64, device=train.images.device)
    for part in _parts(train.images):
        total += part.sum(0)
    return total / len(train) / 255


def _parts(pictures: Tensor) -> Iterator[Tensor]:
    """Some bytes after the other in float64: all of MNIST would take 0.4 GB."""
    if not len(pictures):
        raise ValueError("the training set has 0 pictures: give at least 1")
    for part in torch.split(pictures, 10_000):
        yield part.double()


def _principal_directions(pixels: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Mean [D], and the covariance's leading eigenvectors [D, count] and eigenvalues, of bytes [N, D]; in float64."""
    mean, covariance = _moments(pixels)
    values, vectors = torch.linalg.eigh(covariance)  # eigenvalues rise
    return mean, vectors[:, -count:].flip(1), values[-count:].flip(0)


def _moments(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [D] and covariance [D, D] of bytes [N, D] as numbers from 0 to 1; in float64."""
    total = torch.zeros(pixels.shape[1], dtype=torch.float64, device=pixels.device)
    products = torch.outer(total, total)
    for part in _parts(pixels):
        scaled = part / 255
        total += scaled.sum(0)
        products += scaled.T @ scaled
    mean = total / len(pixels)
    return mean, products / len(pixels) - torch.outer(mean, mean)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], device="meta")  # draws nothing from the global generator
    layer.load_state_dict({"weight": weight.float(), "bias": bias.float()}, assign=True)
    return layer


def _clipping(clip: bool) -> list[nn.Module]:
    return [nn.Hardtanh(0.0, 1.0)] if clip else []
