"""Each verdict of the claims of this chapter, reached by altering what is judged."""

from torch import nn

from convae import claims
from convae.claims import FAILS, HOLDS, IN_PART

TURNS = {
    "robledo_same_reduction": {
        HOLDS: lambda: claims.robledo_same_reduction((0, 1)),
        IN_PART: lambda: claims.robledo_same_reduction((1,)),
        FAILS: lambda: claims.robledo_same_reduction((9,)),
    },
    "robledo_pooling_free": {
        HOLDS: lambda: claims.robledo_pooling_free(nn.AvgPool2d(3)),
        FAILS: lambda: claims.robledo_pooling_free(nn.Conv2d(8, 8, 3, 3)),
    },
    "robledo_learnt_pooling": {
        HOLDS: lambda: claims.robledo_learnt_pooling({"the last": lambda windows: windows[:, 3]}),
        IN_PART: lambda: claims.robledo_learnt_pooling(
            {"the last": lambda windows: windows[:, 3], "the least": lambda windows: windows.amin(1)}
        ),
        FAILS: lambda: claims.robledo_learnt_pooling({"the least": lambda windows: windows.amin(1)}),
    },
}
