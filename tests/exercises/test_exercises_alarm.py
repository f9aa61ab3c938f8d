"""The graders of the chapter on the reconstruction error as an alarm."""

import numpy as np
from graders import Graders

from convae import exercises

ANSWERS = {
    exercises.area_between: lambda usual, unusual: (
        sum((other > one) + 0.5 * (other == one) for one in usual for other in unusual) / len(usual) / len(unusual)
    ),
    exercises.threshold: lambda usual, share: sorted(usual)[len(usual) - 1 - round(share * len(usual))],
}

SLIPS = {
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
        "Pairs of equal scores": lambda usual, unusual: np.mean(
            [other > one for one in usual for other in unusual if one != other] or [0]
        ),
        "number of unusual pictures only": lambda usual, unusual: (
            sum((other > one) + 0.5 * (other == one) for one in usual for other in unusual) / len(unusual)
        ),
        "number of usual pictures only": lambda usual, unusual: (
            sum((other > one) + 0.5 * (other == one) for one in usual for other in unusual) / len(usual)
        ),
        "wins less losses": lambda usual, unusual: np.mean(np.sign(np.subtract.outer(unusual, usual))),
        "two means": lambda usual, unusual: sum(unusual) / len(unusual) > sum(usual) / len(usual),
    },
    exercises.threshold: {
        "one alarm too few": lambda usual, share: sorted(usual)[-round(share * len(usual))],
        "as a quantile does": lambda usual, share: np.quantile(usual, 1 - share),
        "quantile from the other end": lambda usual, share: np.quantile(usual, share),
        "Order the scores": lambda usual, share: usual[round(share * len(usual))],
        "other end": lambda usual, share: sorted(usual)[round(share * len(usual))],
        "one too many": lambda usual, share: sorted(usual)[len(usual) - 2 - round(share * len(usual))],
        "no false alarm": lambda usual, share: max(usual),
        "one of pictures": lambda usual, share: (1 - share) * max(usual),
        "a position": lambda usual, share: round(share * len(usual)),
    },
}


class TestAlarm(Graders):
    theme, answers, slips = exercises.alarm, ANSWERS, SLIPS
