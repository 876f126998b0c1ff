"""The generated pages of docs/checks: current, complete, and written by the script alone."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from aws_architect_constructs.checks.prices import shipped_price_book
from aws_architect_constructs.checks.rules import RULES

ROOT: Final = Path(__file__).parents[2]


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check_docs: Final = _script("check_docs")
taggable_types: Final = _script("taggable_types")


def test_the_committed_pages_are_current() -> None:
    """Whoever changes a rule or a price runs the script, and commits what it wrote."""
    assert check_docs.outdated() == []


def test_sources_have_one_order() -> None:
    """A set has another order at every run: two lists of one title and date are told apart by who quotes them."""
    book = shipped_price_book()
    sources = {price.source for price in book} | {price.one_year.source for price in book if price.one_year}
    assert len({check_docs.in_order(source) for source in sources}) == len(sources)


def test_there_is_a_page_for_each_rule() -> None:
    """The table links to every rule's page, which names its acknowledgement."""
    table = (ROOT / "docs/checks/rules.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"[{rule.id}](rules/{rule.id}.md)" in table
        page = (ROOT / f"docs/checks/rules/{rule.id}.md").read_text(encoding="utf-8")
        assert f"`WellArchitectedChecks::{rule.id}`" in page
        assert rule.reference in page


def test_what_is_outdated_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that is missing, changed or left over fails `--check`; writing mends all but the last."""
    monkeypatch.setattr(check_docs, "DOCS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["check_docs.py"])
    assert check_docs.main() == 0
    assert check_docs.outdated() == []
    (tmp_path / "rules.md").write_text("changed", encoding="utf-8")
    (tmp_path / "rules" / "IamUser.md").unlink()
    (tmp_path / "rules" / "Gone.md").write_text("left over", encoding="utf-8")
    assert check_docs.outdated() == ["rules.md", "rules/IamUser.md", "rules/Gone.md"]
    monkeypatch.setattr(sys, "argv", ["check_docs.py", "--check"])
    assert check_docs.main() == 1
    assert "docs/checks/rules/Gone.md is not what the code says" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"properties": {"Tags": {}}}, "Tags"),
        ({"properties": {"Tags": {}}, "tagging": {"taggable": True, "tagProperty": "/properties/Tags"}}, "Tags"),
        (
            {"properties": {"HostedZoneTags": {}}, "tagging": {"tagProperty": "/properties/HostedZoneTags"}},
            "HostedZoneTags",
        ),
        ({"properties": {"Tags": {}}, "tagging": {"taggable": False}}, None),
        ({"properties": {"Tags": {}}, "taggable": False}, None),
        ({"properties": {}, "tagging": {"taggable": True}}, None),
    ],
)
def test_where_a_type_keeps_its_tags(schema: dict[str, object], name: str | None) -> None:
    """A schema says whether a type takes tags, and under which property."""
    assert taggable_types.tag_property(schema) == name
