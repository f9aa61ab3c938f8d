"""Rivals without gradient descent: fitted in closed form, or classical and tuned."""
