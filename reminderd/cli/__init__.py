"""The command line: parse, call a use case, print. One file per section of the help."""
