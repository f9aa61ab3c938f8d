"""Graders of the chapter on stride and pooling."""

from __future__ import annotations

import random

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["equivalent_kernel", "same_pixel"]


def same_pixel(answer: Function) -> Grade:
    """Exercise: where `y_strided[index]` stands in the map of stride 1, from `index`, `stride` and both paddings."""
    return EXERCISES["same_pixel"].grade(answer)


def equivalent_kernel(answer: Function) -> Grade:
    """Exercise: (kernel, stride) of the one convolution that equals a convolution with an average pooling behind it."""
    return EXERCISES["equivalent_kernel"].grade(answer)


def _places() -> list[dict[str, int]]:
    chance = random.Random(0)
    cases: list[dict[str, int]] = []
    while len(cases) < 60:
        case = {
            "index": chance.randint(2, 9),
            "stride": chance.randint(2, 4),
            "padding_strided": chance.randint(0, 2),
            "padding": chance.randint(0, 3),
        }
        if case not in cases:
            cases.append(case)
    return cases


EXERCISES = {
    "same_pixel": Exercise.of(
        _places(),
        lambda index, stride, padding_strided, padding: stride * index + padding - padding_strided,
        {
            "Right as long as both have the same padding. More rows above push a map down: add the difference.": (
                lambda index, stride, padding_strided, padding: stride * index
            ),
            "The difference of the paddings has the wrong sign: the map with more padding begins earlier.": (
                lambda index, stride, padding_strided, padding: stride * index - padding + padding_strided
            ),
            "The padding is counted in pixels of the input, where stride 1 steps as well: do not multiply it.": (
                lambda index, stride, padding_strided, padding: stride * (index + padding - padding_strided)
            ),
            "From one output to the next the strided kernel moves on by `stride` pixels: multiply the index.": (
                lambda index, stride, padding_strided, padding: index + padding - padding_strided
            ),
            "At this pixel the strided kernel begins. In the other map its place is later by that map's padding.": (
                lambda index, stride, padding_strided, padding: stride * index - padding_strided
            ),
            "The strided kernel has a padding of its own, and begins earlier by it: subtract that.": (
                lambda index, stride, padding_strided, padding: stride * index + padding
            ),
        },
        asked="a whole number",
    ),
    "equivalent_kernel": Exercise.of(
        [{"kernel": kernel, "pool": pool} for kernel in (1, 3, 5, 7) for pool in (2, 3, 4)],
        lambda kernel, pool: (kernel + pool - 1, pool),
        {
            "One too many: the last kernel of a window begins pool − 1 pixels after the first, not pool.": (
                lambda kernel, pool: (kernel + pool, pool)
            ),
            "The kernels inside a window overlap, they do not stand side by side: count the pixels that they cover.": (
                lambda kernel, pool: (kernel * pool, pool)
            ),
            "The kernel is right. The pooling moves on by its own size, and so does the one convolution.": (
                lambda kernel, pool: (kernel + pool - 1, 1)
            ),
            "The order is (kernel, stride).": (lambda kernel, pool: (pool, kernel + pool - 1)),
            "The stride is right; but a window of the pooling reads more pixels than one kernel does.": (
                lambda kernel, pool: (kernel, pool)
            ),
            "Right along both axes, which are alike: give one number for the kernel and one for the stride.": (
                lambda kernel, pool: ((kernel + pool - 1, kernel + pool - 1), (pool, pool))
            ),
            "That is the kernel. Give its stride as well: (kernel, stride).": (lambda kernel, pool: kernel + pool - 1),
        },
        asked="two numbers with a comma between them, kernel and stride",
    ),
}
