"""Run the command line with `python -m reminderd`."""

from reminderd.cli.main import main

if __name__ == "__main__":
    main()
