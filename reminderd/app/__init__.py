"""USE CASES: read, decide, act, record. Knows only the core and its ports."""
