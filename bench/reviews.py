"""What is kept of a prompt, against FSRS itself, in every state that random histories reach.

Each history is a life with one prompt (tests/unit/core/histories.py). After each answer of it
stability, difficulty, due date, rest, and how much is still present at several later moments have
to be what FSRS says that is called directly.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.unit.core.histories import LATER, compared, history


def main() -> None:
    """Compare and print what was reached; exit with 1 at the first difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="histories (at least 10)")
    parser.add_argument("--seed", default="20261123", help="other histories for another seed")
    arguments = parser.parse_args()
    runs, answers = max(arguments.runs, 10), 0
    reviews, intervals = set(), set()
    start = time.perf_counter()
    for number in range(runs):
        for step in history(f"{arguments.seed}-{number}"):
            try:
                review = compared(step)
            except AssertionError as difference:
                sys.exit(f"History {number} of seed {arguments.seed} differs: {difference}")
            answers += 1
            reviews.add((review.stability, review.difficulty, review.hards))
            if review.due_at and review.last_at:
                intervals.add((review.due_at - review.last_at).days)
    took = time.perf_counter() - start
    print(f"{runs:,} histories, seed {arguments.seed}, {took:.0f} s: no difference")
    print(f"{answers:>12,}  answers, compared after each")
    print(f"{len(reviews):>12,}  distinct states of stability, difficulty and hard in a row")
    longest = f"{min(intervals)} to {max(intervals):,} days"
    print(f"{len(intervals):>12,}  lengths of interval, {longest}")
    print(f"{answers * len(LATER):>12,}  retrievabilities compared, at {len(LATER)} moments each")


if __name__ == "__main__":
    main()
