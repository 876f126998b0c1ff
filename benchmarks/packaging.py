"""How long a function takes to be packed, against `pip install` alone.

The same requirements each time: Powertools with all its extras, for Python 3.14 on arm64. Every run is a process of its
own, the sides in turn, so that a machine that slows down slows all of them; processor seconds stand beside those of the
clock, because they tell less of who else is at work. uv and pip keep their own caches of downloads, which the first
round fills and which is not counted: what is measured is installing, not the network.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

RUNS: Final = 5
REQUIREMENTS: Final = "aws-lambda-powertools[all]==3.37.0\n"

PACK: Final = """
import sys
from pathlib import Path
from aws_architect_constructs.compute import python_installer
from aws_architect_constructs.compute.python_archive import package
if sys.argv[2] == "pip":
    pip = python_installer.Installer(name="pip", command=(sys.executable, "-m", "pip"))
    python_installer.find_installer = lambda **_: pip
found = package(Path(sys.argv[1]), python_installer.PythonTarget(version="3.14", machine="aarch64"))
print(f"{found.size / 1024**2:.0f} MB unpacked, {found.path.stat().st_size / 1024**2:.0f} MB packed")
"""


class Times(NamedTuple):
    """What a run took, in seconds of the clock and of the processor."""

    clock: float
    processor: float


def run(command: list[str], cache: Path) -> tuple[Times, str]:
    """Run a command and return what it took and what it said."""
    environment = os.environ | {"AWS_ARCHITECT_CONSTRUCTS_CACHE": str(cache)}
    start, used = time.perf_counter(), _processor()
    result = subprocess.run(  # noqa: S603 -- our own interpreter, our own code
        command, env=environment, capture_output=True, text=True, check=True
    )
    return Times(time.perf_counter() - start, _processor() - used), result.stdout


def _processor() -> float:
    """Processor seconds of all processes that were started here and have ended."""
    used = os.times()
    return used.children_user + used.children_system


def one_round(here: Path) -> tuple[dict[str, Times], str]:
    """All sides once, in a directory of their own."""
    entry = here / "entry"
    entry.mkdir()
    app, requirements = entry / "app.py", entry / "requirements.txt"
    app.write_text("def handler(event, context): ...\n", encoding="utf-8")
    requirements.write_text(REQUIREMENTS, encoding="utf-8")
    pack = [sys.executable, "-c", PACK, str(entry)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(here / "pip"), "-r", str(requirements)]
    times = {}
    times["pip install alone"], _ = run(pip, here / "none")
    times["packed with pip"], _ = run([*pack, "pip"], here / "with pip")
    times["packed with uv"], said = run([*pack, "uv"], here / "with uv")
    times["packed again"], _ = run([*pack, "uv"], here / "with uv")
    app.write_text("def handler(event, context): return event\n", encoding="utf-8")
    times["packed, other sources"], _ = run([*pack, "uv"], here / "with uv")
    return times, said


def main() -> None:
    """Time all sides in turn and print their medians."""
    rounds = []
    for _ in range(RUNS + 1):
        with tempfile.TemporaryDirectory() as directory:
            rounds.append(one_round(Path(directory)))
    _, *counted = rounds
    sys.stdout.write(counted[0][1])
    for name in counted[0][0]:
        clock = [times[name].clock for times, _ in counted]
        processor = [times[name].processor for times, _ in counted]
        sys.stdout.write(
            f"{name:22} processor {statistics.median(processor):.2f} s ({min(processor):.2f} to {max(processor):.2f})  "
            f"clock {statistics.median(clock):.2f} s ({min(clock):.2f} to {max(clock):.2f})\n"
        )


if __name__ == "__main__":
    main()
