"""What a source directory declares to be installed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.compute.python_dependencies import (
    Dependencies,
    read_dependencies,
    requirement_name,
)


def read(entry: Path, **files: str) -> Dependencies:
    """What an entry with these files declares; `requirements_txt` is requirements.txt."""
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (entry / f"{stem}.{suffix}").write_text(text, encoding="utf-8")
    return read_dependencies(entry)


def test_nothing_is_declared(tmp_path: Path) -> None:
    """An entry of sources alone needs nothing."""
    assert read(tmp_path) == Dependencies()


@pytest.mark.parametrize("text", ["", "# nothing\n", "--no-index\n"])
def test_a_file_that_requires_nothing_declares_nothing(tmp_path: Path, text: str) -> None:
    """An empty file, comments and options install nothing."""
    assert read(tmp_path, requirements_txt=text).origin == ""


def test_a_project_without_dependencies_declares_nothing(tmp_path: Path) -> None:
    """A pyproject.toml for tools alone installs nothing."""
    assert read(tmp_path, pyproject_toml="[tool.ruff]\n").origin == ""


def test_requirements_come_first(tmp_path: Path) -> None:
    """Where there are several declarations, requirements.txt counts: every installer reads it."""
    project = '[project]\ndependencies = ["a"]\n'
    found = read(tmp_path, requirements_txt="b==1\n", pyproject_toml=project, uv_lock="version = 1\n")
    assert (found.origin, found.requirements) == ("requirements.txt", ("b==1",))


def test_a_lock_comes_before_what_it_locks(tmp_path: Path) -> None:
    """With uv.lock nothing is unpinned."""
    found = read(tmp_path, pyproject_toml='[project]\ndependencies = ["a>=1"]\n', uv_lock="version = 1\n")
    assert (found.origin, found.unpinned, found.names) == ("uv.lock", (), frozenset({"a"}))


def test_a_project_alone_pins_what_it_pins(tmp_path: Path) -> None:
    """Without a lock, what has no exact version is unpinned."""
    found = read(tmp_path, pyproject_toml='[project]\ndependencies = ["a>=1", "b==2", "c"]\n')
    assert (found.origin, found.unpinned) == ("pyproject.toml", ("a", "c"))


@pytest.mark.parametrize(
    ("line", "pinned"),
    [
        ("a==1.0", True),
        ("a===1.0", True),
        ("a[x,y]==1.0", True),
        ('a==1.0 ; python_version < "3.13"', True),
        ("a==1.0 --hash=sha256:00", True),
        ("a==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11", True),
        ("a @ https://example.com/a-1.0-py3-none-any.whl", True),
        ("https://example.com/a-1.0-py3-none-any.whl", True),
        ("a", False),
        ("a>=1.0", False),
        ("a~=1.0", False),
        ("a==1.*", False),
        ("a==1.0,<2", False),
        ('a ; python_version == "3.13"', False),
    ],
)
def test_what_is_pinned_is_known(tmp_path: Path, line: str, pinned: bool) -> None:
    """Only an exact version, or a file, is the same on another day."""
    assert read(tmp_path, requirements_txt=f"{line}\n").unpinned == (() if pinned else ("a",))


def test_a_constraint_pins_too(tmp_path: Path) -> None:
    """What a constraints file pins is pinned, and is not required by it."""
    (tmp_path / "pins.txt").write_text("a==1\nother==2\n", encoding="utf-8")
    found = read(tmp_path, requirements_txt="-c pins.txt\nA\nb\n")
    assert (found.names, found.unpinned) == (frozenset({"a", "b"}), ("b",))


@pytest.mark.parametrize("option", ["-r more.txt", "-rmore.txt", "--requirement more.txt", "--requirement=more.txt"])
def test_what_is_included_counts(tmp_path: Path, option: str) -> None:
    """The lines of an included file are lines of the file, and of its digest."""
    (tmp_path / "more.txt").write_text("b==1\n", encoding="utf-8")
    before = read(tmp_path, requirements_txt=f"{option}\n")
    assert before.requirements == ("b==1",)
    (tmp_path / "more.txt").write_text("b==2\n", encoding="utf-8")
    assert read_dependencies(tmp_path).digest != before.digest


def test_comments_and_line_ends_change_nothing(tmp_path: Path) -> None:
    """The digest is of what is said, not of how it is written."""
    plain = read(tmp_path, requirements_txt="a==1\nb==2 --hash=sha256:00\n")
    dressed = read(tmp_path, requirements_txt="# why\r\na==1  # here\r\n\r\nb==2 \\\r\n  --hash=sha256:00\r\n")
    assert dressed.digest == plain.digest


@pytest.mark.parametrize("change", ['["a==2"]', '["a==1", "b==1"]'])
def test_another_declaration_has_another_digest(tmp_path: Path, change: str) -> None:
    """A version, and one requirement more, are other dependencies."""
    before = read(tmp_path, pyproject_toml='[project]\ndependencies = ["a==1"]\n').digest
    assert read(tmp_path, pyproject_toml=f"[project]\ndependencies = {change}\n").digest != before


def test_another_lock_has_another_digest(tmp_path: Path) -> None:
    """What uv.lock says is part of the digest."""
    project = '[project]\ndependencies = ["a"]\n'
    before = read(tmp_path, pyproject_toml=project, uv_lock='[[package]]\nname = "a"\nversion = "1"\n').digest
    assert read(tmp_path, uv_lock='[[package]]\nname = "a"\nversion = "2"\n').digest != before


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"pyproject_toml": '[project]\ndynamic = ["dependencies"]\n'}, "computed while building"),
        ({"pyproject_toml": '[tool.poetry.dependencies]\npython = "^3.13"\n'}, "Poetry's own"),
        ({"poetry_lock": ""}, "not read, got poetry.lock"),
        ({"uv_lock": ""}, "not read, got uv.lock"),
        ({"requirements_txt": "-e .\n"}, "only wheels are installed"),
        ({"requirements_txt": "--editable=../lib\n"}, "only wheels are installed"),
        ({"requirements_txt": "--no-binary a\na==1\n"}, "only wheels are installed, got '--no-binary a'"),
        ({"requirements_txt": "--only-binary=:none:\na==1\n"}, "only wheels are installed"),
        ({"requirements_txt": "../lib\n"}, "only wheels are installed, got '../lib'"),
        ({"requirements_txt": "lib @ file:///lib\n"}, "only wheels are installed"),
        ({"requirements_txt": "wheels/lib-1.0.tar.gz\n"}, "only wheels are installed"),
        ({"requirements_txt": "./gone-1.0-py3-none-any.whl\n"}, "only wheels are installed"),
        ({"requirements_txt": "--find-links gone\na==1\n"}, "no directory of wheels"),
        ({"pyproject_toml": '[project]\ndependencies = ["lib @ file:///lib"]\n'}, "only wheels are installed"),
        (
            {
                "pyproject_toml": '[project]\ndependencies = ["a", "Our_Lib"]\n'
                "[tool.uv.sources]\nour-lib = {workspace = true}\n"
            },
            r"sources that only uv.lock holds, got \[tool.uv.sources\] of our-lib without",
        ),
        ({"requirements_txt": "-r gone.txt\n"}, "a requirements file that is not there"),
        ({"requirements_txt": "-r requirements.txt\n"}, "includes itself"),
    ],
)
def test_what_is_not_read_is_refused(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    """A declaration that would be silently left out is an error."""
    with pytest.raises(ValueError, match=problem):
        read(tmp_path, **files)


@pytest.mark.parametrize(
    "text",
    [
        "./wheels/our_lib-1.0-py3-none-any.whl\n",
        "wheels/our_lib-1.0-py3-none-any.whl[x] ; python_version > '3'\n",
        "our-lib @ ./wheels/our_lib-1.0-py3-none-any.whl\n",
        "--find-links wheels\nour-lib==1.0\n",
    ],
)
def test_a_wheel_of_this_machine_counts_by_what_it_holds(tmp_path: Path, text: str) -> None:
    """Another wheel of the same name is another dependency; it is required, pinned and has its package's name."""
    (tmp_path / "wheels").mkdir()
    wheel = tmp_path / "wheels" / "our_lib-1.0-py3-none-any.whl"
    wheel.write_bytes(b"one")
    before = read(tmp_path, requirements_txt=text)
    assert (before.names, before.unpinned) == (frozenset({"our-lib"}), ())
    wheel.write_bytes(b"another")
    assert read_dependencies(tmp_path).digest != before.digest


def test_links_of_elsewhere_are_the_installers(tmp_path: Path) -> None:
    """A page of links is read when it is installed from, not here: no network at synth but the installer's."""
    found = read(tmp_path, requirements_txt="--find-links https://example.com/wheels\na==1\n")
    assert (found.names, found.unpinned) == (frozenset({"a"}), ())


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    """A wheel named by a `file:` URL is the file."""
    wheel = tmp_path / "our_lib-1.0-py3-none-any.whl"
    wheel.write_bytes(b"one")
    assert read(tmp_path, requirements_txt=f"our-lib @ {wheel.as_uri()}\n").names == {"our-lib"}


def test_a_lock_holds_where_its_sources_are(tmp_path: Path) -> None:
    """With uv.lock a project may have sources of its own."""
    project = '[project]\ndependencies = ["lib"]\n[tool.uv.sources]\nlib = {index = "ours"}\n'
    assert read(tmp_path, pyproject_toml=project, uv_lock="version = 1\n").origin == "uv.lock"


@pytest.mark.parametrize("line", ["--index-url elsewhere", "-c x", "", "# a"])
def test_what_is_no_requirement_has_no_name(line: str) -> None:
    """An option and a comment name no package."""
    assert requirement_name(line) == ""


@given(
    st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?", fullmatch=True),
    st.sampled_from(["", "[x]", "==1", " ; y"]),
)
def test_a_name_is_normal(name: str, rest: str) -> None:
    """The normal form of a name is its own normal form, in lower case, without runs of separators, whatever follows."""
    found = requirement_name(name + rest)
    assert requirement_name(found) == found == found.lower()
    assert not set("._") & set(found)
    assert "--" not in found
