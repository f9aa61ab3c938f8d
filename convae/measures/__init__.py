"""Numbers about pictures and about numbers: losses, metrics, distances, spectra, intervals."""
