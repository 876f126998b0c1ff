"""The two constraints files: exact versions to develop with, lower bounds to hold pyproject.toml to its claims."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from scripts import lower_bounds, pin_constraints

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = ROOT / "constraints.txt"


def pins() -> dict[str, str]:
    """The pins of constraints.txt by normalised name."""
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if not line.startswith("#")]
    return {lower_bounds.normalise(name): version for name, _, version in (line.partition("==") for line in lines)}


def pyproject() -> dict[str, Any]:
    """This project's pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_constraints_hold_exact_versions_and_nothing_else() -> None:
    """No registry address, no path, no option stands in constraints.txt."""
    lines = [line for line in CONSTRAINTS.read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line) is None] == []


def test_every_direct_dependency_is_pinned() -> None:
    """What pyproject.toml names, runtime and development, has one exact version here."""
    names = {lower_bounds.lower_bound(stated)[0] for stated in lower_bounds.direct_requirements(pyproject())}
    assert names - pins().keys() == set()


def test_the_build_backend_is_pinned() -> None:
    """What builds the package is pinned as well."""
    assert {"hatchling", "editables"} - pins().keys() == set()


def test_constraints_are_sorted_without_repetition() -> None:
    """One line a name, in the order of names, however they are spelt; the first line of a name holds."""
    text = pin_constraints.constraints(["zeta==1", "Beta_Two==2.0", "alpha==3", "beta-two==9", "", "# remark"])
    assert text == pin_constraints.HEADER + "alpha==3\nBeta_Two==2.0\nzeta==1\n"


@pytest.mark.parametrize(
    "line", ["pkg @ file:///somewhere/pkg.whl", "-e .", "--find-links wheels", "pkg>=1", "pkg==1.0+local/../x"]
)
def test_anything_but_a_version_is_refused(line: str) -> None:
    """A package from a path or an address would not install elsewhere."""
    with pytest.raises(ValueError, match=r"not a version from an index, got .* allowed 'name==version'"):
        pin_constraints.constraints([line])


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("aws-cdk-lib>=2.275,<3", ("aws-cdk-lib", "2.275")),
        ("PyYAML>=6.0.2", ("pyyaml", "6.0.2")),
        ("coverage[toml] >= 7.10 ; python_version < '3.12'", ("coverage", "7.10")),
        ("types_PyYAML~=6.0.12", ("types-pyyaml", "6.0.12")),
        ("pkg<3,>=2", ("pkg", "2")),
    ],
)
def test_lower_bound(requirement: str, expected: tuple[str, str]) -> None:
    """The bound is found wherever it stands in the requirement."""
    assert lower_bounds.lower_bound(requirement) == expected


@pytest.mark.parametrize("requirement", ["pkg", "pkg<3", "pkg ; python_version >= '3.11'", "!"])
def test_requirement_without_lower_bound_is_refused(requirement: str) -> None:
    """A dependency without a lower bound claims to work with every version ever."""
    with pytest.raises(ValueError, match="a requirement without a lower bound"):
        lower_bounds.lower_bound(requirement)


def test_the_higher_of_two_bounds_holds() -> None:
    """A name stated twice is pinned to the bound that satisfies both, compared as figures."""
    assert lower_bounds.lower_bounds(["b>=1.9", "a>=2", "b>=1.10", "b>=1.2"]) == {"a": "2", "b": "1.10"}


def test_runtime_extras_and_groups_are_covered() -> None:
    """Requirements come from all three places; an included group is not counted twice."""
    document = {
        "project": {"dependencies": ["a>=1"], "optional-dependencies": {"extra": ["b>=1"]}},
        "dependency-groups": {"one": ["c>=1"], "two": [{"include-group": "one"}, "d>=1"]},
    }
    assert list(lower_bounds.direct_requirements(document)) == ["a>=1", "b>=1", "c>=1", "d>=1"]


def test_lower_bounds_are_printed_as_constraints(capsys: pytest.CaptureFixture[str]) -> None:
    """The script's output is a constraints file that begins with the runtime's own bounds."""
    lower_bounds.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(("aws-cdk-lib", "constructs"))] == [
        "aws-cdk-lib==2.275",
        "constructs==10.5.1",
    ]


def test_constraints_are_written_from_what_is_installed_and_what_builds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file holds the frozen packages and the build's; where both name a package, the installed version holds."""
    (tmp_path / "pyproject.toml").write_text('[build-system]\nrequires = ["hatchling>=1.27"]\n')
    asked: list[tuple[str, ...]] = []

    def pip(*arguments: str) -> str:
        asked.append(arguments)
        if arguments[0] == "freeze":
            return "packaging==26.0\npytest==9.0\n"
        found = [("hatchling", "1.30"), ("packaging", "27.0")]
        return json.dumps({"install": [{"metadata": {"name": name, "version": version}} for name, version in found]})

    monkeypatch.setattr(pin_constraints, "ROOT", tmp_path)
    monkeypatch.setattr(pin_constraints, "_pip", pip)
    pin_constraints.main()
    written = (tmp_path / "constraints.txt").read_text()
    assert written == pin_constraints.HEADER + "hatchling==1.30\npackaging==26.0\npytest==9.0\n"
    assert asked[1][-2:] == ("hatchling>=1.27", "editables")
    assert capsys.readouterr().out == "constraints.txt: 3 packages pinned\n"
