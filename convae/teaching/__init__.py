"""What the chapters need beyond the package: figures, tables, numbers for the prose."""
