"""Run one slow command with a single readable line of progress instead of its hundred lines of log.

`python scripts/progress.py "Python packages" -- pip install ...` shows what the command is doing now (rewritten in
place on a terminal, every few seconds elsewhere, so that a CI log shows life), how long it took, and the command's
whole output only when it fails. It runs before anything is installed, so it needs nothing but Python.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SECONDS_BETWEEN_LINES = 5.0
"""How often a log that is no terminal hears what is going on."""

_TICK = 0.25
_PROGRESS = re.compile(
    r"^\s*(Collecting|Downloading|Using cached|Building|Preparing|Getting|Installing|added|changed)\b.*"
)
_INTERRUPTED = 130


def activity(line: str) -> str | None:
    """Return what a line of pip's or npm's output says about progress, None where it says nothing."""
    match = _PROGRESS.match(line)
    if match is None:
        return None
    text = " ".join(line.split())
    # The list of all packages that follows is longer than any terminal is wide.
    return "Installing collected packages" if text.startswith("Installing collected packages") else text


def elapsed(seconds: float) -> str:
    """Return a duration as people say it: `7 s`, `2 min 05 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class Progress:
    """Where the one line of progress goes."""

    def __init__(self, label: str, *, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        self._label = label
        self._stream = stream
        self._now = now
        self._started = now()
        self._said_at = self._started
        self._terminal = stream.isatty()
        if not self._terminal:
            self._say(f"{label} ...")

    def _say(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    def _rewrite(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._stream.write("\r" + text[:width].ljust(width))
        self._stream.flush()

    def update(self, doing: str) -> None:
        """Show what the command is doing, as often as the stream can bear."""
        now = self._now()
        if self._terminal:
            self._rewrite(f"{self._label} ... {elapsed(now - self._started)}  {doing}")
        elif now - self._said_at >= SECONDS_BETWEEN_LINES:
            self._said_at = now
            self._say(f"    {elapsed(now - self._started)}  {doing}".rstrip())

    def finish(self, outcome: str) -> None:
        """Close the line with how it ended and how long it took."""
        text = f"{self._label}: {outcome} in {elapsed(self._now() - self._started)}"
        if self._terminal:
            self._rewrite(text)
            self._stream.write("\n")
            self._stream.flush()
        else:
            self._say(text)


def run(label: str, command: Sequence[str], *, stream: TextIO | None = None) -> int:
    """Run the command, show its progress, and return its exit status; print all of its output if it fails."""
    out = sys.stdout if stream is None else stream
    progress = Progress(label, stream=out)
    # Python holds back what it writes into a pipe unless told otherwise: the progress would come all at once, at
    # the end.
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    try:
        child = subprocess.Popen(  # noqa: S603 - the command is this project's own Makefile's, no user's input
            list(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
        )
    except OSError as error:
        progress.finish("failed")
        out.write(f"{command[0]}: {error.strerror}\n")
        return 127
    log: list[str] = []
    with child:
        try:
            _follow(child, progress, log)
        except KeyboardInterrupt:
            progress.finish("interrupted")
            return _INTERRUPTED
    progress.finish("done" if child.returncode == 0 else "failed")
    if child.returncode != 0:
        out.writelines(log)
        out.flush()
    return child.returncode


def _follow(child: subprocess.Popen[str], progress: Progress, log: list[str]) -> None:
    """Read the command's output to its end, and show life also while it prints nothing."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in child.stdout or ():
            lines.put(line)
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    doing = ""
    try:
        while True:
            try:
                line = lines.get(timeout=_TICK)
            except queue.Empty:
                progress.update(doing)
                continue
            if line is None:
                break
            log.append(line)
            doing = activity(line) or doing
            progress.update(doing)
    except KeyboardInterrupt:
        child.terminate()
        raise
    finally:
        reader.join()


def main(arguments: Sequence[str]) -> int:
    """Parse `LABEL -- COMMAND...` and run it."""
    match list(arguments):
        case [label, "--", first, *rest]:
            return run(label, [first, *rest])
        case _:
            sys.stderr.write("usage: progress.py LABEL -- COMMAND [ARGUMENT ...]\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
