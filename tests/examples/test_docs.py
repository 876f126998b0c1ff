"""The code in the documentation is code that runs, or at least code whose names exist."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
PACKAGE: Final = "aws_architect_constructs"
_FENCE: Final = re.compile(r"^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_SOURCE: Final = re.compile(r"# (?P<path>examples/\S+)\n")
_LINK: Final = re.compile(r"\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")


class Block(NamedTuple):
    """A block of Python in a page."""

    place: str
    text: str

    @property
    def source(self) -> str | None:
        """The file that the block says it is from."""
        found = _SOURCE.match(self.text)
        return found["path"] if found else None


def _blocks() -> list[Block]:
    """Every block of Python in every page."""
    found = []
    for page in sorted(DOCS.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        for fence in _FENCE.finditer(text):
            if fence["language"].lower().startswith("py"):
                line = text.count("\n", 0, fence.start()) + 1
                found.append(Block(f"{page.relative_to(ROOT).as_posix()}:{line}", fence["text"]))
    return found


BLOCKS: Final = _blocks()
FROM_EXAMPLES: Final = [block for block in BLOCKS if block.source]
OF_THEIR_OWN: Final = [block for block in BLOCKS if not block.source]
PAGES: Final = sorted(page.relative_to(ROOT).as_posix() for page in DOCS.rglob("*.md"))


def _unresolved(text: str) -> list[str]:
    """What the code imports from the package although it is not there."""
    missing = []
    for node in ast.walk(ast.parse(text)):
        names: list[tuple[str, str | None]] = []
        if isinstance(node, ast.Import):
            names = [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "", alias.name) for alias in node.names]
        missing += [f"{module}: {name}" for module, name in names if _is_ours(module) and not _exists(module, name)]
    return missing


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE


def _exists(module: str, name: str | None) -> bool:
    """Whether a module has a name, as an attribute or as a module of its own."""
    try:
        if name is None or not hasattr(import_module(module), name):
            import_module(f"{module}.{name}" if name else module)
    except ModuleNotFoundError:
        return False
    return True


@pytest.mark.parametrize("block", FROM_EXAMPLES, ids=lambda block: block.place)
def test_a_block_with_a_source_is_in_it(block: Block) -> None:
    """What a page shows of an example is there, word for word, and so it is linted, typed and run."""
    heading, _, shown = block.text.partition("\n")
    source = heading.removeprefix("# ")
    assert shown.strip()
    assert shown.strip() in (ROOT / source).read_text(encoding="utf-8"), block.place


@pytest.mark.parametrize("block", OF_THEIR_OWN, ids=lambda block: block.place)
def test_any_other_block_compiles(block: Block) -> None:
    """What is no part of an example is at least valid Python."""
    compile(block.text, block.place, "exec")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_imports_what_there_is(block: Block) -> None:
    """Every name that a page imports from this package exists."""
    assert _unresolved(block.text) == [], block.place


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("from aws_architect_constructs import ThreeTierVpc", []),
        ("from aws_architect_constructs.testing import reachability", []),
        ("import aws_architect_constructs.testing.snapshots", []),
        ("from elsewhere import anything", []),
        ("from aws_architect_constructs import ThreeTierVpx", ["aws_architect_constructs: ThreeTierVpx"]),
        ("import aws_architect_constructs.nowhere", ["aws_architect_constructs.nowhere: None"]),
        ("def late():\n    from aws_architect_constructs.gone import it", ["aws_architect_constructs.gone: it"]),
    ],
)
def test_a_name_that_does_not_exist_is_noticed(text: str, missing: list[str]) -> None:
    """A misspelt name or module is found, wherever it is imported."""
    assert _unresolved(text) == missing


@pytest.mark.parametrize("page", PAGES)
def test_a_page_links_to_files_that_exist(page: str) -> None:
    """No link within the project leads nowhere."""
    text = _FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    targets = [link["target"] for link in _LINK.finditer(text) if "://" not in link["target"]]
    assert [target for target in targets if not ((ROOT / page).parent / target).exists()] == []
