"""Studies of trained nets, each leaving one table: `rows, kept = study(settings, splits, nets)`."""
