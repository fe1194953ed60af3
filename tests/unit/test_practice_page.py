"""docs/practice.md is what the code gives, and what it promises holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.uncounted

SCRIPT = Path(__file__).resolve().parents[2] / "bench/practice.py"


def test_the_page_is_what_the_code_gives_now() -> None:
    """Eight simulated years; the script ends with an error where a promise does not hold."""
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
