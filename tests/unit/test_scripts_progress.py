"""The progress line of set-up steps."""

from __future__ import annotations

import io
import sys

import pytest
from scripts.progress import Progress, activity, elapsed, main, run


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.time


def python(code: str) -> list[str]:
    """A command that runs the code."""
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Collecting pytest==9.0 (from x)\n", "Collecting pytest==9.0 (from x)"),
        ("  Downloading a-1.whl (48 MB)\n", "Downloading a-1.whl (48 MB)"),
        ("Installing collected packages: a, b, c\n", "Installing collected packages"),
        ("added 1 package in 600ms\n", "added 1 package in 600ms"),
        ("WARNING: something\n", None),
        ("\n", None),
    ],
)
def test_activity(line: str, expected: str | None) -> None:
    """Lines that tell what is going on are shown, others are not."""
    assert activity(line) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.2, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (125, "2 min 05 s")]
)
def test_elapsed(seconds: float, expected: str) -> None:
    """Durations read as people say them."""
    assert elapsed(seconds) == expected


def test_success_says_what_and_how_long() -> None:
    """A step that went well leaves its label and its time, and nothing of its output."""
    stream = io.StringIO()
    assert run("Step", python("print('noise')"), stream=stream) == 0
    first, last = stream.getvalue().splitlines()
    assert (first, last[:16]) == ("Step ...", "Step: done in 0 ")


def test_failure_shows_all_output_and_keeps_the_status() -> None:
    """What failed is shown in full, standard error included, and make sees the status."""
    stream = io.StringIO()
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert run("Step", python(code), stream=stream) == 3
    lines = stream.getvalue().splitlines()
    assert "Step: failed in" in lines[1]
    assert lines[2:] == ["out", "err"]


def test_missing_command_is_named() -> None:
    """A command that does not exist is reported, not thrown."""
    stream = io.StringIO()
    assert run("Step", ["./no-such-command"], stream=stream) == 127
    assert "./no-such-command: No such file or directory" in stream.getvalue()


def test_silent_command_shows_life() -> None:
    """A step that prints nothing is still seen to run."""
    stream = Terminal()
    assert run("Step", python("import time; time.sleep(0.7)"), stream=stream) == 0
    assert stream.getvalue().count("\rStep ... ") >= 2


def test_log_hears_every_few_seconds() -> None:
    """A stream that is no terminal gets a line every five seconds, not one for each line of output."""
    stream, clock = io.StringIO(), Clock()
    progress = Progress("Step", stream=stream, now=clock)
    for second in range(1, 12):
        clock.time = float(second)
        progress.update(f"Collecting {second}")
    assert stream.getvalue().splitlines() == ["Step ...", "    5 s  Collecting 5", "    10 s  Collecting 10"]


def test_terminal_line_is_rewritten_within_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal there is one line, cut to the width: a longer one would scroll."""
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    progress = Progress("Step", stream=stream, now=Clock())
    progress.update("Downloading " + "x" * 100)
    progress.finish("done")
    assert [len(line) for line in stream.getvalue().rstrip("\n").split("\r")] == [0, 39, 39]


def test_interrupt_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the command too, and the status is the shell's for it."""

    def interrupt(_self: Progress, _doing: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "update", interrupt)
    stream = io.StringIO()
    assert run("Step", python("import time; time.sleep(60)"), stream=stream) == 130
    assert "interrupted" in stream.getvalue()


def test_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """`LABEL -- COMMAND` runs the command."""
    assert main(["Step", "--", *python("import sys; sys.exit(4)")]) == 4
    assert "Step: failed" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["Step"], ["Step", "--"], ["Step", "echo"]])
def test_wrong_command_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Anything else is a usage error."""
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage: progress.py LABEL -- COMMAND")
