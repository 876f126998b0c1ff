"""How long a function takes to be packed, against `pip install` alone.

The same requirements each time: Powertools with all its extras, for Python 3.14 on arm64. Every run is a process of its
own, the sides in turn, so that a machine that slows down slows all of them. uv and pip keep their own caches of downloads,
which the first round fills and which is not counted: what is measured is installing, not the network.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

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


def run(command: list[str], cache: Path) -> tuple[float, str]:
    """Run a command and return its seconds and its output."""
    environment = os.environ | {"AWS_ARCHITECT_CONSTRUCTS_CACHE": str(cache)}
    start = time.perf_counter()
    result = subprocess.run(  # noqa: S603 -- our own interpreter, our own code
        command, env=environment, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - start, result.stdout


def main() -> None:
    """Time all sides in turn and print their medians."""
    times: dict[str, list[float]] = {}
    said = ""
    for number in range(RUNS + 1):
        with tempfile.TemporaryDirectory() as directory:
            here = Path(directory)
            entry = here / "entry"
            entry.mkdir()
            (entry / "app.py").write_text("def handler(event, context): ...\n", encoding="utf-8")
            (entry / "requirements.txt").write_text(REQUIREMENTS, encoding="utf-8")
            pack = [sys.executable, "-c", PACK, str(entry)]
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(here / "pip"), "-r"]
            sides = {
                "pip install alone": (lambda: run([*pip, str(entry / "requirements.txt")], here / "none")),
                "packed with pip": (lambda: run([*pack, "pip"], here / "with pip")),
                "packed with uv": (lambda: run([*pack, "uv"], here / "with uv")),
                "packed again": (lambda: run([*pack, "uv"], here / "with uv")),
                "packed with other sources": (lambda: _changed(entry, [*pack, "uv"], here / "with uv")),
            }
            for name, side in sides.items():
                seconds, output = side()
                said = output or said
                if number:
                    times.setdefault(name, []).append(seconds)
    sys.stdout.write(said)
    for name, found in times.items():
        sys.stdout.write(
            f"{name:26} median {statistics.median(found):.2f} s  min {min(found):.2f} s  max {max(found):.2f} s\n"
        )


def _changed(entry: Path, command: list[str], cache: Path) -> tuple[float, str]:
    (entry / "app.py").write_text("def handler(event, context): return event\n", encoding="utf-8")
    return run(command, cache)


if __name__ == "__main__":
    main()
