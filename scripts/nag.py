"""Run a CDK app with cdk-nag's packs on: `python scripts/nag.py examples/three_tier_vpc/app.py`.

The examples are what users copy, so they hold nothing about this project's own checking. This runner (cdk.json's
`app`) executes the app's file as Python itself would, and registers the packs that NAG_PACKS names (AwsSolutions if
it is not set) in the moment the app is synthesized.
"""

from __future__ import annotations

import os
import runpy
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from aws_cdk import App

from aws_architect_constructs.testing.nag import NagPack, add_packs, parse_packs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk.cx_api import CloudAssembly


@contextmanager
def packs_on_synth(packs: Sequence[NagPack]) -> Iterator[None]:
    """Register the packs on every app that is synthesized within the context, once each."""
    synth = App.synth
    seen: list[App] = []

    def synth_with_packs(self: App, **options: Any) -> CloudAssembly:  # noqa: ANN401 - whatever CDK's synth takes
        # By identity: a jsii object's equality is not ours to rely on.
        if not any(app is self for app in seen):
            seen.append(self)
            add_packs(self, packs)
        return synth(self, **options)

    with mock.patch.object(App, "synth", synth_with_packs):
        yield


def run(app_file: Path, packs: Sequence[NagPack]) -> None:
    """Execute the file as `python app_file` would: as `__main__`, its own directory first on the module path."""
    sys.path[0] = str(app_file.resolve().parent)
    with packs_on_synth(packs):
        runpy.run_path(str(app_file), run_name="__main__")


def main(arguments: Sequence[str]) -> int:
    """Parse `APP_FILE` and run it with the packs of the environment."""
    match list(arguments):
        case [app_file]:
            run(Path(app_file), parse_packs(os.environ.get("NAG_PACKS", NagPack.AWS_SOLUTIONS)))
            return 0
        case _:
            sys.stderr.write("usage: nag.py APP_FILE\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
