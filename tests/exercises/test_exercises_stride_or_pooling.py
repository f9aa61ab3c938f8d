"""The graders of the chapter on stride and pooling."""

from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.equivalent_kernel: lambda kernel, pool: (kernel + pool - 1, pool),
    exercises.same_pixel: lambda index, stride, padding_strided, padding: stride * index + padding - padding_strided,
}

SLIPS = {
    exercises.equivalent_kernel: {
        "One too many": lambda kernel, pool: [kernel + pool, pool],
        "overlap": lambda kernel, pool: (kernel * pool, pool),
        "moves on by its own size": lambda kernel, pool: (kernel + pool - 1, 1),
        "The order": lambda kernel, pool: (pool, kernel + pool - 1),
        "reads more pixels": lambda kernel, pool: (kernel, pool),
        "Right along both axes": lambda kernel, pool: ((kernel + pool - 1,) * 2, (pool,) * 2),
        "Give its stride as well": lambda kernel, pool: kernel + pool - 1,
    },
    exercises.same_pixel: {
        "add the difference": lambda index, stride, padding_strided, padding: stride * index,
        "the wrong sign": lambda index, stride, padding_strided, padding: stride * index - padding + padding_strided,
        "do not multiply it": lambda index, stride, padding_strided, padding: (
            stride * (index + padding - padding_strided)
        ),
        "multiply the index": lambda index, stride, padding_strided, padding: index + padding - padding_strided,
        "later by that map's padding": lambda index, stride, padding_strided, padding: stride * index - padding_strided,
        "a padding of its own": lambda index, stride, padding_strided, padding: stride * index + padding,
    },
}


class TestStrideOrPooling(Graders):
    theme, answers, slips = exercises.stride_or_pooling, ANSWERS, SLIPS
