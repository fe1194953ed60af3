"""What the program is made of: few packages, each declared, pinned and accounted for."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DECLARED = PROJECT["project"]["dependencies"]
PART_OF = {"pydantic-core": "pydantic"}
"""What comes with another at one exact version, chosen by that one."""


def name_of(requirement: str) -> str:
    """Return the name of the package that a requirement is about."""
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def pinned(name: str) -> dict[str, str]:
    """Return the versions that a constraints file pins, and see that it does nothing else."""
    lines = (ROOT / "constraints" / f"{name}.txt").read_text("utf-8").splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            package, version = re.fullmatch(r"([a-z0-9-]+)==([0-9][\w.]*)", line).groups()  # type: ignore[union-attr]  # else it is the failure
            assert package not in found
            found[package] = version
    return found


def test_every_dependency_is_pinned_to_one_version() -> None:
    """Those of the program, of its build and of its checks; no address is ever named."""
    run, dev = pinned("run"), pinned("dev")
    assert not set(run) & set(dev)
    wanted = [*DECLARED, *PROJECT["build-system"]["requires"]]
    assert {name_of(one) for one in wanted} <= set(run)
    assert {name_of(one) for one in PROJECT["dependency-groups"]["dev"]} <= set(run) | set(dev)


@pytest.mark.parametrize("requirement", DECLARED, ids=name_of)
def test_every_dependency_is_accounted_for(requirement: str) -> None:
    """docs/decisions.md says what each is for."""
    decisions = (ROOT / "docs/decisions.md").read_text("utf-8")
    assert re.search(rf"\b{name_of(requirement)}\b", decisions)


def test_the_program_imports_nothing_else() -> None:
    """A package that only happens to be there is none of ours."""
    distributions = packages_distributions()
    used = set()
    for path in (ROOT / "reminderd").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                used |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                used.add(node.module.partition(".")[0])
    others = used - sys.stdlib_module_names - {"reminderd", "_blake2"}
    packages = {name_of(name) for module in others for name in distributions[module]}
    assert {PART_OF.get(name, name) for name in packages} <= {name_of(one) for one in DECLARED}
