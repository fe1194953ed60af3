"""reminderd: a quiet companion that brings one small practice at a time to the desktop.

The map, in one breath: at every wake-up the daemon (`daemon.py`) takes a snapshot through the use
cases in `app/`, the pure `core/` decides, an adapter in `adapters/` acts, and the SQLite store
remembers. `cli/` parses and prints, `launch.py` begins a daemon, `facts.py` records what it tells
of itself, `bootstrap.py` is the one place where objects are wired, and `errors.py` is the tree of
everything that is expected to go wrong. Imports point one way:
`cli -> launch -> daemon -> facts -> bootstrap -> {adapters | app} -> core -> errors`.
`docs/architecture.md` says where a new line belongs.
"""

__version__ = "0.1.0"
