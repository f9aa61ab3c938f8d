"""What turns the verdicts of the claims of *Convolution arithmetic*: for each verdict, figures that give it."""

from torch.nn import functional

from convae import claims
from convae.arithmetic.shapes import convolution_size
from convae.claims import FAILS, HOLDS, IN_PART, SLIP
from convae.claims.dumoulin import POOLS

TURNS = {
    "robledo_cross_correlation": {
        HOLDS: claims.robledo_cross_correlation,
        FAILS: lambda: claims.robledo_cross_correlation(turn=True),
    },
    "robledo_weights_formula": {
        HOLDS: claims.robledo_weights_formula,
        FAILS: lambda: claims.robledo_weights_formula(lambda kernel, c, n: kernel**2 * c * n),
    },
    "robledo_stride_one": {
        IN_PART: claims.robledo_stride_one,
        HOLDS: lambda: claims.robledo_stride_one(kernel=1),
        FAILS: lambda: claims.robledo_stride_one(kernel=5),
    },
    "robledo_stride_two": {
        HOLDS: claims.robledo_stride_two,
        FAILS: lambda: claims.robledo_stride_two(kernel=5),
    },
    "dumoulin_any_setting": {
        IN_PART: claims.dumoulin_any_setting,
        HOLDS: lambda: claims.dumoulin_any_setting(kernels=(1,)),
        FAILS: lambda: claims.dumoulin_any_setting(lambda i, k, p, s: (i + p - k) // s + 1),
    },
    "dumoulin_shared_size": {
        HOLDS: claims.dumoulin_shared_size,
        IN_PART: lambda: claims.dumoulin_shared_size(lambda i, k, s, p: i if k == 1 else convolution_size(i, k, s, p)),
        FAILS: lambda: claims.dumoulin_shared_size(lambda i, k, s, p: i),
    },
    "dumoulin_odd_caption": {
        SLIP: claims.dumoulin_odd_caption,
        HOLDS: lambda: claims.dumoulin_odd_caption(stated=3),
    },
    "dumoulin_pooling_nonlinear": {
        IN_PART: claims.dumoulin_pooling_nonlinear,
        HOLDS: lambda: claims.dumoulin_pooling_nonlinear(
            {"root mean square": lambda x: functional.lp_pool2d(x, 2, 3, 2)}
        ),
        FAILS: lambda: claims.dumoulin_pooling_nonlinear({"average": POOLS["average"]}),
    },
    "dumoulin_emulation": {
        HOLDS: claims.dumoulin_emulation,
        IN_PART: lambda: claims.dumoulin_emulation(lambda size, kernel: size),
        FAILS: lambda: claims.dumoulin_emulation(lambda size, kernel: size - kernel),
    },
}
