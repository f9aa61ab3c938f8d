"""Graders: the right answer passes, each usual slip gets its own message, and nothing that a learner writes raises."""

import math

import numpy as np
import pytest
import torch

from convae import exercises


def unanswered(**arguments): ...


ANSWERS = {
    exercises.decoder_inputs: lambda channels: [2 * count for count in reversed(channels)],
    exercises.linear_share: lambda side, channels, code_size: (
        code_size + (2 * code_size + 1) * channels[-1] * (side >> len(channels)) ** 2
    ),
    exercises.posterior_mean: lambda spoiled, candidates, sigma: weighed(
        spoiled, candidates, lambda d: math.exp(-(d**2) / (2 * sigma**2))
    ),
    exercises.wiener_of_one_pixel: lambda spoiled, mean, variance, sigma: (
        (mean * sigma**2 + spoiled * variance) / (variance + sigma**2)
    ),
    exercises.score_of_a_denoiser: lambda spoiled, restored, sigma: (restored - spoiled) / sigma**2,
    exercises.parameters: lambda kernel, channels_in, channels_out: (
        kernel**2 * channels_in * channels_out + channels_out
    ),
    exercises.pixels_seen: lambda row, column: (9 * row, 9 * row + 8, 9 * column, 9 * column + 8),
    exercises.output_size: lambda size, kernel, stride, padding, dilation: (
        (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    ),
    exercises.output_padding: lambda size, kernel, stride, padding: (size + 2 * padding - kernel) % stride,
    exercises.pooled_multiplications: lambda size, kernel, channels_in, channels_out, pool: (
        kernel**2 * channels_in * channels_out * size**2
    ),
    exercises.equivalent_kernel: lambda kernel, pool: (kernel + pool - 1, pool),
    exercises.transposed_output: lambda size, kernel, stride, padding, output_padding: (
        (size - 1) * stride - 2 * padding + kernel + output_padding
    ),
    exercises.same_pixel: lambda index, stride, padding_strided, padding: stride * index + padding - padding_strided,
    exercises.meeting_inputs: lambda position, kernel, stride: -(-(kernel - position % stride) // stride),
    exercises.numbers_behind: lambda row, column: (
        {9 * channel + 3 * (row // 9) + column // 9 for channel in range(16)} if max(row, column) < 27 else set()
    ),
    exercises.participation: lambda variances: sum(variances) ** 2 / sum(value**2 for value in variances),
    exercises.area_between: lambda usual, unusual: (
        sum((other > one) + 0.5 * (other == one) for one in usual for other in unusual) / len(usual) / len(unusual)
    ),
    exercises.threshold: lambda usual, share: sorted(usual)[len(usual) - 1 - round(share * len(usual))],
}


def weighed(spoiled, candidates, weigh):
    weights = [weigh(spoiled - each) for each in candidates]
    return sum(weight * each for weight, each in zip(weights, candidates, strict=True)) / sum(weights)


SLIPS = {
    exercises.decoder_inputs: {
        "twice that": lambda channels: list(reversed(channels)),
        "begins at the innermost map": lambda channels: tuple(2 * count for count in channels),
        "Only the first layer": lambda channels: [2 * channels[-1], *reversed(channels[:-1])],
        "The first layer sees two maps as well": lambda channels: [
            channels[-1],
            *(2 * count for count in reversed(channels[:-1])),
        ],
        "not as the next smaller one": lambda channels: [
            2 * channels[-1],
            *(channels[level] + channels[level + 1] for level in reversed(range(len(channels) - 1))),
        ],
    },
    exercises.linear_share: {
        "Each output has a bias": lambda side, channels, code_size: (
            2 * code_size * channels[-1] * (side >> len(channels)) ** 2
        ),
        "one to z, and one back": lambda side, channels, code_size: (
            code_size + code_size * channels[-1] * (side >> len(channels)) ** 2
        ),
        "add the one to z": lambda side, channels, code_size: (
            (code_size + 1) * channels[-1] * (side >> len(channels)) ** 2
        ),
        "square what is left": lambda side, channels, code_size: (
            code_size + (2 * code_size + 1) * channels[-1] * (side >> len(channels))
        ),
        "Every layer halves": lambda side, channels, code_size: (
            code_size + (2 * code_size + 1) * channels[-1] * (side >> 1) ** 2
        ),
        "by the last of them": lambda side, channels, code_size: (
            code_size + (2 * code_size + 1) * (side >> len(channels)) ** 2
        ),
    },
    exercises.posterior_mean: {
        "most probable": lambda spoiled, candidates, sigma: sorted(candidates, key=lambda each: (each - spoiled) ** 2)[
            0
        ],
        "before x̃ was seen": lambda spoiled, candidates, sigma: sum(candidates) / len(candidates),
        "add up to 1": lambda spoiled, candidates, sigma: sum(
            math.exp(-((spoiled - each) ** 2) / (2 * sigma**2)) * each for each in candidates
        ),
        "The 2 is missing": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-((d / sigma) ** 2))
        ),
        "σ has to be squared": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-(d**2) / sigma / 2)
        ),
        "σ is missing": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-(d**2) / 2)
        ),
        "difference has to be squared": lambda spoiled, candidates, sigma: weighed(
            spoiled, candidates, lambda d: math.exp(-abs(d) / sigma**2 / 2)
        ),
    },
    exercises.wiener_of_one_pixel: {
        "towards 0": lambda spoiled, mean, variance, sigma: spoiled * variance / (variance + sigma**2),
        "other way round": lambda spoiled, mean, variance, sigma: (
            (mean * variance + spoiled * sigma**2) / (variance + sigma**2)
        ),
        "square it": lambda spoiled, mean, variance, sigma: mean + (spoiled - mean) * variance / (variance + sigma),
        "add the mean": lambda spoiled, mean, variance, sigma: (spoiled - mean) * variance / (variance + sigma**2),
        "both of them": lambda spoiled, mean, variance, sigma: mean + (spoiled - mean) * variance / sigma**2,
        "gives the noisy pixel back": lambda spoiled, mean, variance, sigma: spoiled,
        "nothing was seen": lambda spoiled, mean, variance, sigma: mean,
    },
    exercises.score_of_a_denoiser: {
        "The sign": lambda spoiled, restored, sigma: (spoiled - restored) / sigma**2,
        "not by the deviation": lambda spoiled, restored, sigma: (restored - spoiled) / sigma,
        "The direction is right": lambda spoiled, restored, sigma: restored - spoiled,
        "do not multiply": lambda spoiled, restored, sigma: (restored - spoiled) * sigma**2,
        "no 2 in it": lambda spoiled, restored, sigma: (restored - spoiled) / sigma**2 / 2,
    },
    exercises.share_of_the_way: {
        "one step less": lambda index, count: index / count,
        "Equation 3 as it stands": lambda index, count: (1 + index) / count,
        "Neither end": lambda index, count: (index + 1) / (count + 1),
        "backwards": lambda index, count: (count - 1 - index) / (count - 1),
        "A share lies": lambda index, count: index,
    },
    exercises.divergence_of_one_number: {
        "Twice too much": lambda mean, deviation: mean**2 + deviation**2 - math.log(deviation**2) - 1,
        "subtract 1 inside": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 - math.log(deviation**2)),
        "is 2 log σ": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 - math.log(deviation) - 1),
        "not squared": lambda mean, deviation: 0.5 * (mean**2 + deviation - math.log(deviation) - 1),
        "wrong sign": lambda mean, deviation: 0.5 * (mean**2 + deviation**2 + math.log(deviation**2) - 1),
        "mean is missing": lambda mean, deviation: 0.5 * (deviation**2 - math.log(deviation**2) - 1),
        "other way round": lambda mean, deviation: 0.5 * ((1 + mean**2) / deviation**2 + math.log(deviation**2) - 1),
        "in bits": lambda mean, deviation: (
            0.5 * (mean**2 + deviation**2 - math.log(deviation**2) - 1) * math.log2(math.e)
        ),
    },
    exercises.frechet_of_two: {
        "its root": lambda mean, deviation, other_mean, other_deviation: math.hypot(
            mean - other_mean, deviation - other_deviation
        ),
        "spreads differ": lambda mean, deviation, other_mean, other_deviation: (mean - other_mean) ** 2,
        "last term is missing": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + deviation**2 + other_deviation**2
        ),
        "The root of the last term": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + deviation**2 + other_deviation**2 - 2 * deviation**2 * other_deviation**2
        ),
        "square the deviations": lambda mean, deviation, other_mean, other_deviation: (
            (mean - other_mean) ** 2 + deviation + other_deviation - 2 * (deviation * other_deviation) ** 0.5
        ),
        "each of the two": lambda mean, deviation, other_mean, other_deviation: (
            abs(mean - other_mean) + abs(deviation - other_deviation)
        ),
    },
    exercises.numbers_behind: {
        "Right up to row": lambda row, column: [9 * channel + 3 * (row // 9) + column // 9 for channel in range(16)],
        "no block": lambda row, column: [
            9 * channel + 3 * min(row // 9, 2) + min(column // 9, 2) for channel in range(16)
        ],
        "one channel": lambda row, column: (3 * (row // 9) + column // 9,) if max(row, column) < 27 else (),
        "exchanged": lambda row, column: (
            [9 * channel + 3 * (column // 9) + row // 9 for channel in range(16)] if max(row, column) < 27 else []
        ),
        "channel, row, column": lambda row, column: (
            [16 * (3 * (row // 9) + column // 9) + channel for channel in range(16)] if max(row, column) < 27 else []
        ),
        "9×9 maps": lambda row, column: (
            [81 * channel + 9 * (row // 3) + column // 3 for channel in range(8)] if max(row, column) < 27 else []
        ),
        "all of the code": lambda row, column: range(144),
    },
    exercises.participation: {
        "other way round": lambda variances: sum(value**2 for value in variances) / sum(variances) ** 2,
        "two things": lambda variances: 1.0,
        "has to be squared, or": lambda variances: sum(variances) / sum(value**2 for value in variances),
        "one by one": lambda variances: sum(variances) ** 2 / sum(variances),
        "any variance at all": lambda variances: len([value for value in variances if value]),
        "no root": lambda variances: sum(value**0.5 for value in variances) ** 2 / sum(variances),
        "once more": lambda variances: sum(value**2 for value in variances) ** 2 / sum(value**4 for value in variances),
    },
    exercises.area_between: {
        "nobody wins": lambda usual, unusual: (
            sum(other > one for one in usual for other in unusual) / len(usual) / len(unusual)
        ),
        "no win": lambda usual, unusual: (
            sum(other >= one for one in usual for other in unusual) / len(usual) / len(unusual)
        ),
        "sides are exchanged": lambda usual, unusual: (
            sum((other < one) + 0.5 * (other == one) for one in usual for other in unusual) / len(usual) / len(unusual)
        ),
        "how many pairs there are": lambda usual, unusual: sum(
            (other > one) + 0.5 * (other == one) for one in usual for other in unusual
        ),
        "same place": lambda usual, unusual: (
            sum((other > one) + 0.5 * (other == one) for one, other in zip(usual, unusual, strict=False))
            / min(len(usual), len(unusual))
        ),
        "two means": lambda usual, unusual: sum(unusual) / len(unusual) > sum(usual) / len(usual),
    },
    exercises.threshold: {
        "one alarm too few": lambda usual, share: sorted(usual)[-round(share * len(usual))],
        "Order the scores": lambda usual, share: usual[round(share * len(usual))],
        "other end": lambda usual, share: sorted(usual)[round(share * len(usual))],
        "one too many": lambda usual, share: sorted(usual)[len(usual) - 2 - round(share * len(usual))],
        "no false alarm": lambda usual, share: max(usual),
        "one of pictures": lambda usual, share: (1 - share) * max(usual),
        "a position": lambda usual, share: round(share * len(usual)),
    },
    exercises.equivalent_kernel: {
        "One too many": lambda kernel, pool: [kernel + pool, pool],
        "overlap": lambda kernel, pool: (kernel * pool, pool),
        "moves on by its own size": lambda kernel, pool: (kernel + pool - 1, 1),
        "The order": lambda kernel, pool: (pool, kernel + pool - 1),
        "reads more pixels": lambda kernel, pool: (kernel, pool),
    },
    exercises.transposed_output: {
        "n − 1 steps": lambda size, kernel, stride, padding, output_padding: (
            size * stride - 2 * padding + kernel + output_padding
        ),
        "subtract it": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride + 2 * padding + kernel + output_padding
        ),
        "take it twice": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride - padding + kernel + output_padding
        ),
        "one side only": lambda size, kernel, stride, padding, output_padding: (
            (size - 1) * stride - 2 * padding + kernel + 2 * output_padding
        ),
        "is missing": lambda size, kernel, stride, padding, output_padding: (size - 1) * stride - 2 * padding + kernel,
        "behind a convolution": lambda size, kernel, stride, padding, output_padding: (
            (size + 2 * padding - kernel) // stride + 1
        ),
    },
    exercises.same_pixel: {
        "add the difference": lambda index, stride, padding_strided, padding: stride * index,
        "the wrong sign": lambda index, stride, padding_strided, padding: stride * index - padding + padding_strided,
        "do not multiply it": lambda index, stride, padding_strided, padding: (
            stride * (index + padding - padding_strided)
        ),
        "multiply the index": lambda index, stride, padding_strided, padding: index + padding - padding_strided,
    },
    exercises.meeting_inputs: {
        "where the stride divides": lambda position, kernel, stride: kernel // stride,
        "the largest number": lambda position, kernel, stride: -(-kernel // stride),
        "exchanged": lambda position, kernel, stride: (kernel + position % stride) // stride,
        "the other way round": lambda position, kernel, stride: kernel,
    },
    exercises.parameters: {
        "also has a bias": lambda kernel, channels_in, channels_out: kernel**2 * channels_in * channels_out,
        "not for each input channel": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in * channels_out + channels_in
        ),
        "One bias for the whole layer": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in * channels_out + 1
        ),
        "multiply the weights by channels_in": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_out + channels_out
        ),
        "square it": lambda kernel, channels_in, channels_out: kernel * channels_in * channels_out + channels_out,
        "multiply the weights by channels_out": lambda kernel, channels_in, channels_out: (
            kernel**2 * channels_in + channels_out
        ),
    },
    exercises.pixels_seen: {
        "the last row is 9 row + 8": lambda row, column: (9 * row, 9 * row + 9, 9 * column, 9 * column + 9),
        "the first map": lambda row, column: (3 * row, 3 * row + 2, 3 * column, 3 * column + 2),
        "steps of 9, not 3": lambda row, column: (3 * row, 3 * row + 8, 3 * column, 3 * column + 8),
        "exchanged": lambda row, column: (9 * column, 9 * column + 8, 9 * row, 9 * row + 8),
    },
    exercises.output_size: {
        "Use // in place of /": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
        ),
        "Rounded up": lambda size, kernel, stride, padding, dilation: (
            math.ceil((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
        ),
        "add 1": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - dilation * (kernel - 1) - 1) // stride
        ),
        "it counts twice": lambda size, kernel, stride, padding, dilation: (
            (size + padding - dilation * (kernel - 1) - 1) // stride + 1
        ),
        "Right without dilation": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - kernel) // stride + 1
        ),
        "No gap follows": lambda size, kernel, stride, padding, dilation: (
            (size + 2 * padding - dilation * kernel) // stride + 1
        ),
    },
    exercises.output_padding: {
        "what the kernel walks over": lambda size, kernel, stride, padding: (size - kernel) % stride,
        "it counts twice": lambda size, kernel, stride, padding: (size + padding - kernel) % stride,
        "remainder of the size": lambda size, kernel, stride, padding: size % stride,
        "Almost": lambda size, kernel, stride, padding: (size + 2 * padding) % stride,
        "the next multiple": lambda size, kernel, stride, padding: -(size + 2 * padding - kernel) % stride,
        "% in place of //": lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride,
    },
    exercises.pooled_multiplications: {
        "without padding": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out * (size - kernel + 1) ** 2
        ),
        "thrown away": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out * (size // pool) ** 2
        ),
        "Those are the weights": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out
        ),
        "kernel × kernel": lambda size, kernel, channels_in, channels_out, pool: (
            kernel * channels_in * channels_out * size**2
        ),
        "size × size": lambda size, kernel, channels_in, channels_out, pool: (
            kernel**2 * channels_in * channels_out * size
        ),
        "both numbers": lambda size, kernel, channels_in, channels_out, pool: kernel**2 * channels_out * size**2,
        "Comparing": lambda size, kernel, channels_in, channels_out, pool: (
            (kernel**2 * channels_in + 1) * channels_out * size**2
        ),
    },
}


@pytest.mark.parametrize("grader", ANSWERS)
def test_the_right_answer_is_right(grader):
    grade = grader(ANSWERS[grader])
    assert grade.right is True
    assert "Right" in grade._repr_html_()


@pytest.mark.parametrize(("grader", "message"), [(grader, message) for grader in SLIPS for message in SLIPS[grader]])
def test_each_slip_gets_its_own_message(grader, message):
    grade = grader(SLIPS[grader][message])
    assert grade.right is False
    assert message in grade.message


@pytest.mark.parametrize("grader", ANSWERS)
def test_no_answer_is_no_error(grader):
    grade = grader(unanswered)
    assert grade.right is None
    assert "No answer yet" in grade._repr_html_()


@pytest.mark.parametrize("grader", ANSWERS)
def test_an_answer_that_stops_is_told_where(grader):
    grade = grader(lambda **case: 1 / 0)
    assert grade.right is False
    assert "ZeroDivisionError" in grade.message


@pytest.mark.parametrize("grader", ANSWERS)
def test_another_wrong_answer_is_shown_a_case(grader):
    grade = grader(lambda **case: -1)
    assert grade.right is False
    assert "-1, but should give" in grade.message


@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_a_tensor_with_one_number_counts_as_that_number(kind):
    def answer(spoiled, candidates, sigma):
        pixels = torch.tensor(candidates, dtype=kind)
        return ((-((spoiled - pixels) ** 2) / (2 * sigma**2)).softmax(0) * pixels).sum()

    assert exercises.posterior_mean(answer).right
    assert exercises.posterior_mean(lambda **case: answer(**case).item()).right
    assert exercises.posterior_mean(lambda **case: answer(**case).numpy()[()]).right  # NumPy's own kind of number
    assert exercises.posterior_mean(lambda **case: answer(**case).numpy()).right
    assert exercises.posterior_mean(lambda **case: answer(**case).view(1)).right
    assert exercises.posterior_mean(lambda **case: answer(**case) + 0.001).right is False
    assert exercises.posterior_mean(lambda **case: answer(**case).expand(2)).right is False


def test_text_for_a_number_is_wrong_and_no_error():
    assert exercises.share_of_the_way(lambda index, count: "half").right is False


@pytest.mark.parametrize("kind", [tuple, np.array, torch.tensor])
def test_other_collections_count_as_a_list(kind):
    assert exercises.decoder_inputs(lambda channels: kind([2 * count for count in channels[::-1]])).right
    assert exercises.decoder_inputs(lambda channels: kind([*channels[::-1]])).right is False


def test_a_list_counts_as_a_tuple():
    assert exercises.pixels_seen(lambda row, column: [9 * row, 9 * row + 8, 9 * column, 9 * column + 8]).right


@pytest.mark.parametrize(
    ("kernel", "right", "message"),
    [
        ([[1, -1, 1], [-1, 1, -1], [1, -1, 1]], True, "none of the other 511"),
        ([[2, -1, 2], [-1, 9, -1], [2, -1, 2]], True, "The X gets 17"),
        (None, None, "in place of the three dots"),
        (..., None, "in place of the three dots"),
        ([[1, 0, 1], [0, 1, 0], [1, 0, 1]], False, "white everywhere gets 5, the X 5"),
        ([[1, -1, 1], [-1, 0, -1], [1, -1, 1]], False, "row 1, column 1"),
        ([[1, -1, 1], [-1, 1, 0], [1, -1, 1]], False, "1 other patches"),
        ([1, 0, 1, 0, 1, 0, 1, 0, 1], False, "not three rows"),
        ([["a", 1, 1]] * 3, False, "not three rows"),
        ([[float("nan")] * 3] * 3, False, "not a finite number"),
        ([[1, 0, 1], [0, 1, 0]], False, "6 numbers"),
        ([[1, 0, 1, 0, 1, 0, 1, 0, 1]], False, "9 numbers"),
    ],
)
def test_a_filter_for_the_cross_is_judged_on_all_patches(kernel, right, message):
    grade = exercises.cross_filter(kernel)
    assert grade.right is right
    assert message in grade.message
