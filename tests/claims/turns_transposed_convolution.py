"""Each verdict of the claims of this chapter, reached by altering what is judged."""

import copy
from dataclasses import replace

import torch

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART, SLIP, UNDECIDED, calderon
from convae.experiments.runs import load_run

WHOLE = tuple(int(value) for value in calderon.U.flatten())
BLURRED = {"bilinear": torch.ones(4, 4) / 4}


def doubling(*learnt):
    """The stored run with the PSNR of its learnt kernels 4×4 and 8×8 on both photographs moved by so many dB a seed."""
    run = load_run("doubling")
    record = copy.deepcopy(run.record)
    for size, moves in zip((4, 8), learnt, strict=True):
        row = record["scores"]["test"][f"learnt-{size}/{record['recipe']['epochs'][-1]}"]
        for photograph in calderon.HELD_OUT:
            row[photograph] = [value + move for value, move in zip(row[photograph], moves, strict=True)]
    return replace(run, record=record)


STAY, FALL, SPREAD = [0.0] * 5, [-9.0] * 5, [-9.0, 9.0, -9.0, 9.0, 0.0]

TURNS = {
    "calderon_layers_reduce": {
        HOLDS: lambda: claims.calderon_layers_reduce(lambda side, layers, pool, filters: (side // pool**layers) ** 2),
        IN_PART: lambda: claims.calderon_layers_reduce(lambda side, layers, pool, filters: filters * side**2),
        FAILS: lambda: claims.calderon_layers_reduce(lambda side, layers, pool, filters: 3 * filters * side**2),
    },
    "calderon_example": {
        HOLDS: lambda: claims.calderon_example(calderon.Y),
        IN_PART: lambda: claims.calderon_example(torch.tensor([[119.0, 148], [121, 143]]).double()),
        FAILS: lambda: claims.calderon_example(calderon.Y + 1),
    },
    "calderon_stride": {
        HOLDS: lambda: claims.calderon_stride(1),
        SLIP: lambda: claims.calderon_stride(3),
        FAILS: lambda: claims.calderon_stride(2, before=2),
    },
    "calderon_size_formula": {
        HOLDS: lambda: claims.calderon_size_formula(lambda m, k, c, p: (m - k + 2 * c) // p + 1),
        IN_PART: lambda: claims.calderon_size_formula(lambda m, k, c, p: (m - k + 2 * c + p - 1) // p + 1),
        FAILS: lambda: claims.calderon_size_formula(lambda m, k, c, p: (m - k + c) // p + 1),
    },
    "calderon_vector": {
        HOLDS: lambda: claims.calderon_vector(WHOLE),
        SLIP: lambda: claims.calderon_vector(WHOLE[:-1]),
        FAILS: lambda: claims.calderon_vector(stated=15),
    },
    "calderon_matrix": {
        HOLDS: lambda: claims.calderon_matrix(4, 16),
        IN_PART: lambda: claims.calderon_matrix(4, 15),
        FAILS: lambda: claims.calderon_matrix(4, 15, row=3),
    },
    "calderon_product": {
        HOLDS: lambda: claims.calderon_product("y"),
        SLIP: lambda: claims.calderon_product("u", said="y"),
        FAILS: lambda: claims.calderon_product("u", said="u"),
    },
    "calderon_obtains_u": {
        HOLDS: lambda: claims.calderon_obtains_u(lambda matrix, y: calderon.U.flatten()),
        FAILS: lambda: claims.calderon_obtains_u(lambda matrix, y: torch.linalg.pinv(matrix) @ y),
    },
    "calderon_one_to_nine": {
        HOLDS: lambda: claims.calderon_one_to_nine(ends=("Y", "U")),
        SLIP: lambda: claims.calderon_one_to_nine(ends=("U", "Y")),
        FAILS: lambda: claims.calderon_one_to_nine(torch.eye(3).double(), ("Y", "U")),
    },
    "calderon_not_a_transposed_result": {
        HOLDS: lambda: claims.calderon_not_a_transposed_result(calderon.F.T),
        FAILS: lambda: claims.calderon_not_a_transposed_result(torch.zeros(3, 3).double()),
    },
    "calderon_enlarges": {
        HOLDS: lambda: claims.calderon_enlarges((2, 1, 0)),
        FAILS: lambda: claims.calderon_enlarges((3, 1, 2)),
    },
    "calderon_interpolations": {
        HOLDS: lambda: claims.calderon_interpolations({"nearest": torch.ones(2, 2)}),
        IN_PART: lambda: claims.calderon_interpolations({"nearest": torch.ones(2, 2)} | BLURRED),
        FAILS: lambda: claims.calderon_interpolations(BLURRED),
    },
    "calderon_learnt": {
        HOLDS: lambda: claims.calderon_learnt(doubling(STAY, STAY)),
        IN_PART: lambda: claims.calderon_learnt(doubling(FALL, STAY)),
        FAILS: lambda: claims.calderon_learnt(doubling(FALL, FALL)),
        UNDECIDED: lambda: claims.calderon_learnt(doubling(STAY, SPREAD)),
    },
}
