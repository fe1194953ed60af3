"""Exports: the files in which a history travels, and how they are written and read."""
