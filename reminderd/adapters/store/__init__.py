"""What is remembered: one SQLite database, and nothing else in this package knows SQL."""
