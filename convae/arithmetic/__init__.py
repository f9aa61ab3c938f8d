"""Layers on paper: sizes, counts, receptive fields, and a convolution as a matrix."""
