"""Which files of a source directory are packed, and whether the handler is among them."""

from pathlib import Path

import pytest

from aws_architect_constructs.compute.python_sources import check_handler, source_files


def make(entry: Path, *names: str, text: str = "x = 1\n") -> Path:
    """An entry with files."""
    for name in names:
        path = entry / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return entry


def names(entry: Path) -> list[str]:
    """What is packed of an entry."""
    return [file.name for file in source_files(entry)]


def test_sources_are_packed_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Modules, packages and data are packed, sorted."""
    make(tmp_path, "b.py", "a.py", "shop/__init__.py", "shop/data.json")
    assert names(tmp_path) == ["a.py", "b.py", "shop/__init__.py", "shop/data.json"]


@pytest.mark.parametrize(
    "name",
    [
        "__pycache__/app.cpython-314.pyc",
        "app.pyc",
        ".env",
        ".git/config",
        ".venv/lib/x.py",
        "env/pyvenv.cfg",
        "venv/lib/x.py",
        "tests/test_app.py",
        "shop/tests/data.json",
        "test/x.py",
        "test_app.py",
        "app_test.py",
        "conftest.py",
        "node_modules/x.js",
        "cdk.out/x.json",
        "pyproject.toml",
        "uv.lock",
        "requirements.txt",
        "requirements-dev.txt",
    ],
)
def test_what_no_function_needs_stays_behind(tmp_path: Path, name: str) -> None:
    """Tests, byte code, virtual environments, dot files and manifests are not packed."""
    make(tmp_path, "app.py", name)
    assert names(tmp_path) == ["app.py"]


@pytest.mark.parametrize("name", ["testing.py", "contest.py", "shop/pyproject.toml", "latest/x.py"])
def test_what_looks_like_it_is_packed(tmp_path: Path, name: str) -> None:
    """A name that only begins or ends like a test's, or a manifest below the top, is packed."""
    assert names(make(tmp_path, name)) == [name]


def test_whether_a_file_is_executable_is_known(tmp_path: Path) -> None:
    """An executable stays executable."""
    make(tmp_path, "run", "app.py")
    (tmp_path / "run").chmod(0o755)
    (tmp_path / "app.py").chmod(0o644)
    assert [file.executable for file in source_files(tmp_path)] == [False, True]


def test_an_entry_is_a_directory(tmp_path: Path) -> None:
    """A file, or nothing, is refused."""
    with pytest.raises(ValueError, match=r"entry: no directory, got .*nowhere"):
        source_files(tmp_path / "nowhere")


def test_a_linked_directory_is_refused(tmp_path: Path) -> None:
    """What a link points at may be another thing on another machine."""
    entry = make(tmp_path / "entry", "app.py")
    (entry / "shared").symlink_to(make(tmp_path / "elsewhere", "x.py"))
    with pytest.raises(ValueError, match="a directory that is a symbolic link"):
        source_files(entry)


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    """A link whose file is gone is an error that names it."""
    entry = make(tmp_path, "app.py")
    (entry / "shared.py").symlink_to(tmp_path / "gone.py")
    with pytest.raises(ValueError, match=r"neither a file nor a link to one, got .*shared.py"):
        source_files(entry)


def test_a_linked_file_is_what_it_points_at(tmp_path: Path) -> None:
    """A link to a file is packed as the file."""
    entry = make(tmp_path / "entry", "app.py")
    make(tmp_path, "shared.py", text="y = 2\n")
    (entry / "shared.py").symlink_to(tmp_path / "shared.py")
    (_, linked) = source_files(entry)
    assert linked.path.read_text(encoding="utf-8") == "y = 2\n"


@pytest.mark.parametrize(
    "text",
    [
        "def handler(event, context): ...",
        "async def handler(event, context): ...",
        "class handler: ...",
        "handler = print",
        "from elsewhere import handler",
        "from elsewhere import start as handler",
        "from elsewhere import *",
        "import handler.inner",
        "if True:\n    def handler(event, context): ...",
        "this is a newer Python\n",
    ],
)
def test_a_handler_that_may_be_there_passes(tmp_path: Path, text: str) -> None:
    """However a module binds the name, the handler is found; what cannot be read may have it."""
    check_handler(make(tmp_path, "app.py", text=text), "app.handler")


def test_a_handler_in_a_package_is_found(tmp_path: Path) -> None:
    """Dots are directories, and a package's own module is its __init__."""
    make(tmp_path, "shop/__init__.py", "shop/orders.py", text="def handler(event, context): ...\n")
    check_handler(tmp_path, "shop.handler")
    check_handler(tmp_path, "shop.orders.handler")


@pytest.mark.parametrize(
    ("handler", "problem"),
    [
        ("handler", "not a module and a function"),
        (".handler", "not a module and a function"),
        ("app.not-a-name", "not a module and a function"),
        ("other.handler", "no module of the entry.*other.py"),
        ("app.other", "app.py has no 'other'"),
        ("app.used", "app.py has no 'used'"),
    ],
)
def test_a_handler_that_is_not_there_is_refused(tmp_path: Path, handler: str, problem: str) -> None:
    """A function that could not begin is refused; a name that is only used is not bound."""
    make(tmp_path, "app.py", text="def handler(event, context):\n    return used\n")
    with pytest.raises(ValueError, match=problem):
        check_handler(tmp_path, handler)
