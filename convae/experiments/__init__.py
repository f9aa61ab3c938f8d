"""Every experiment of the book: what is trained and measured, and what that left in runs/."""
