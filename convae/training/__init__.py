"""One loop, its checkpoints, and where it runs."""
