"""Graders of the chapter on super-resolution."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from convae.exercises.grading import Exercise, Function, Grade

__all__ = ["decoder_inputs", "linear_share", "one_more_run", "sub_pixel_layer"]


def decoder_inputs(answer: Function) -> Grade:
    """Exercise: channels into each transposed convolution, the innermost first, of a decoder whose every layer sees
    what comes up to it beside the encoder's map of that size, from the encoder's `channels`."""
    return EXERCISES["decoder_inputs"].grade(answer)


def linear_share(answer: Function) -> Grade:
    """Exercise: parameters of the two linear layers around z, from the `side` of a square picture, the encoder's
    `channels` (kernel 4, stride 2, padding 1 each) and the `code_size`."""
    return EXERCISES["linear_share"].grade(answer)


def one_more_run(answer: Function) -> Grade:
    """Exercise: how far one more run lies from the mean of `count` others in 19 cases of 20, from the standard
    `deviation` of these and Student's factor `t`."""
    return EXERCISES["one_more_run"].grade(answer)


def sub_pixel_layer(answer: Function) -> Grade:
    """Exercise: parameters of a convolution from `width` maps with a square `kernel` and a bias, to the channels that a
    sub-pixel layer lays into squares of `factor`×`factor` pixels for each of `colours` colours."""
    return EXERCISES["sub_pixel_layer"].grade(answer)


def _encoders() -> list[dict[str, Any]]:
    """The source's three layers, and thirty encoders drawn at random."""
    chance = random.Random(0)
    return [{"channels": [64, 128, 256]}] + [
        {"channels": chance.sample(range(2, 99), chance.randint(2, 5))} for _ in range(30)
    ]


def _nets() -> list[dict[str, Any]]:
    """The source's two layers, and thirty nets drawn at random."""
    chance = random.Random(0)
    cases: list[dict[str, Any]] = [{"side": 256, "channels": [64, 128], "code_size": 256}]
    for _ in range(30):
        depth = chance.randint(1, 4)
        channels = [chance.randint(2, 64) for _ in range(depth)]
        cases.append(
            {"side": 2**depth * chance.randint(2, 9), "channels": channels, "code_size": chance.randint(2, 99)}
        )
    return cases


def _runs() -> list[dict[str, Any]]:
    """Five runs, and others, with Student's factor for 95 % each."""
    factors = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776, 8: 2.365, 10: 2.262, 20: 2.093}
    deviations = {5: 0.002, 2: 0.5, 3: 1.0, 4: 0.03, 8: 0.25, 10: 4.0, 20: 0.1}
    return [{"deviation": size, "count": count, "t": factors[count]} for count, size in deviations.items()]


def _last_layers() -> list[dict[str, Any]]:
    """That of a small net for a factor of 4, and twenty drawn at random."""
    chance = random.Random(0)
    return [{"width": 32, "kernel": 3, "factor": 4, "colours": 3}] + [
        {
            "width": chance.randint(4, 99),
            "kernel": chance.choice([1, 5, 7, 9]),
            "factor": chance.randint(2, 9),
            "colours": chance.choice([1, 3, 4]),
        }
        for _ in range(20)
    ]


def _numbers(side: int, channels: Sequence[int]) -> int:
    """In the innermost map."""
    inner: int = side // 2 ** len(channels)
    return channels[-1] * inner**2


EXERCISES = {
    "decoder_inputs": Exercise.of(
        _encoders(),
        lambda channels: [2 * count for count in channels[::-1]],
        {
            "That is what comes up to each layer. The map that is laid beside it has as many channels again: twice "
            "that.": lambda channels: channels[::-1],
            "A list times 2, or a tuple, is the same list twice, one behind the other. Double each of its numbers.": (
                lambda channels: channels[::-1] * 2
            ),
            "The numbers are right, the order is not: a decoder begins at the innermost map.": (
                lambda channels: [2 * count for count in channels]
            ),
            "Only the first layer sees two maps in this answer; every layer has one laid beside what comes up.": (
                lambda channels: [2 * channels[-1], *channels[-2::-1]]
            ),
            "The first layer sees two maps as well: what the linear layer gives, and the innermost map of the "
            "encoder.": lambda channels: [channels[-1], *(2 * count for count in channels[-2::-1])],
            "What comes up has as many channels as the map of that size, not as the next smaller one: the layer "
            "before has brought them down already.": (
                lambda channels: [
                    2 * channels[-1],
                    *(one + other for one, other in zip(channels[-2::-1], channels[:0:-1], strict=True)),
                ]
            ),
            "Those are the channels that come out, the picture's three last. What goes in?": (
                lambda channels: [*channels[-2::-1], 3]
            ),
        },
        asked="a list, as long as channels",
    ),
    "linear_share": Exercise.of(
        _nets(),
        lambda side, channels, code_size: (2 * code_size + 1) * _numbers(side, channels) + code_size,
        {
            "The weights are right. Each output has a bias as well: code_size of them on the way in, and as many as "
            "the map has numbers on the way out.": (
                lambda side, channels, code_size: 2 * _numbers(side, channels) * code_size
            ),
            "The layer back has a bias for each of its outputs, and these are the numbers of the map, not those of the "
            "code.": lambda side, channels, code_size: 2 * (_numbers(side, channels) + 1) * code_size,
            "The layer to z has a bias for each of its outputs, and these are the numbers of the code, not those of "
            "the map.": lambda side, channels, code_size: 2 * _numbers(side, channels) * (code_size + 1),
            "That is one of the two layers: there is one to z, and one back.": (
                lambda side, channels, code_size: (_numbers(side, channels) + 1) * code_size
            ),
            "That is the layer back from z alone: add the one to z.": (
                lambda side, channels, code_size: _numbers(side, channels) * (code_size + 1)
            ),
            "Both rows and columns get smaller: square what is left of the side.": (
                lambda side, channels, code_size: (
                    (2 * code_size + 1) * channels[-1] * (side // 2 ** len(channels)) + code_size
                )
            ),
            "Every layer halves the side, not only one of them.": (
                lambda side, channels, code_size: (2 * code_size + 1) * channels[-1] * (side // 2) ** 2 + code_size
            ),
            "The map has channels: multiply its places by the last of them.": (
                lambda side, channels, code_size: (2 * code_size + 1) * (side // 2 ** len(channels)) ** 2 + code_size
            ),
        },
        asked="a whole number",
    ),
    "one_more_run": Exercise.of(
        _runs(),
        lambda deviation, count, t: t * deviation * (1 + 1 / count) ** 0.5,
        {
            "That is the interval of the mean. One more run spreads as single runs do, whose variance comes on top.": (
                lambda deviation, count, t: t * deviation / count**0.5
            ),
            "That takes the mean for known. It rests on so many runs itself: add its own variance.": (
                lambda deviation, count, t: t * deviation
            ),
            "Variances add up, not deviations: take the root of the sum, not the sum of the roots.": (
                lambda deviation, count, t: t * deviation * (1 + count**-0.5)
            ),
            "That adds deviation and mean's variance without a root: the root is taken of 1 + 1 / count.": (
                lambda deviation, count, t: t * deviation * (1 + 1 / count)
            ),
            "That is the standard deviation of the difference. In 19 cases of 20 it is t times that at most.": (
                lambda deviation, count, t: deviation * (1 + 1 / count) ** 0.5
            ),
            "That is the whole width; asked is the distance from the middle to an end.": (
                lambda deviation, count, t: 2 * t * deviation * (1 + 1 / count) ** 0.5
            ),
        },
        close=True,
        asked="a number",
    ),
    "sub_pixel_layer": Exercise.of(
        _last_layers(),
        lambda width, kernel, factor, colours: (width * kernel**2 + 1) * colours * factor**2,
        {
            "The weights are right. Each channel that comes out has a bias as well.": (
                lambda width, kernel, factor, colours: width * kernel**2 * colours * factor**2
            ),
            "A square of factor × factor pixels has factor² places, and each is a channel of its own.": (
                lambda width, kernel, factor, colours: (width * kernel**2 + 1) * colours * factor
            ),
            "That is enough for a grey picture: each colour has its own channels.": (
                lambda width, kernel, factor, colours: (width * kernel**2 + 1) * factor**2
            ),
            "Those are the channels of the picture alone. Before they are laid into squares there are factor² as "
            "many.": lambda width, kernel, factor, colours: (width * kernel**2 + 1) * colours,
            "The kernel is a square: it has kernel² pixels.": (
                lambda width, kernel, factor, colours: (width * kernel + 1) * colours * factor**2
            ),
            "There is one bias a channel, not one a weight of the kernel or a map.": (
                lambda width, kernel, factor, colours: (width + 1) * kernel**2 * colours * factor**2
            ),
            "A channel that comes out has weights for every map that goes in: multiply by width.": (
                lambda width, kernel, factor, colours: (kernel**2 + 1) * colours * factor**2
            ),
        },
        asked="a whole number",
    ),
}
