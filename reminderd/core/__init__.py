"""DECIDES. Pure: no clock, no randomness of its own, no input or output."""
