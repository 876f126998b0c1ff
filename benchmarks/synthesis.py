"""How long a network takes to synthesize, against the same template rebuilt from bare resources.

Each run is a process of its own, the two sides in turn, so that a machine that slows down slows both.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

RUNS: Final = 7

OURS: Final = """
from aws_cdk import App, Environment, Stack
from aws_architect_constructs import EnvironmentType, ThreeTierVpc
app = App()
stack = Stack(app, "Network", env=Environment(account="111111111111", region="eu-west-1"))
EnvironmentType.PROD.apply_to(stack)
ThreeTierVpc(stack, "Network", availability_zones=["eu-west-1a", "eu-west-1b", "eu-west-1c"])
app.synth()
"""

# One CfnResource for each resource: the least that any app of this template can do.
BARE: Final = """
import json, sys
from aws_cdk import App, CfnResource, Environment, Stack
template = json.load(open(sys.argv[1]))
app = App()
stack = Stack(app, "Network", env=Environment(account="111111111111", region="eu-west-1"))
for logical_id, resource in template["Resources"].items():
    made = CfnResource(stack, logical_id, type=resource["Type"], properties=resource.get("Properties"))
    made.override_logical_id(logical_id)
app.synth()
"""

COUNT_CALLS: Final = """
import atexit
from jsii._kernel.providers.process import _NodeProcess
calls = 0
send = _NodeProcess.send
def counted(self, *args):
    global calls
    calls += 1
    return send(self, *args)
_NodeProcess.send = counted
atexit.register(lambda: print("jsii calls:", calls))
"""


def run(code: str, *arguments: str, outdir: str) -> tuple[float, str]:
    """Run a program and return its seconds and its output."""
    environment = os.environ | {"CDK_VALIDATION": "false", "CDK_OUTDIR": outdir}
    start = time.perf_counter()
    result = subprocess.run(  # noqa: S603 -- our own interpreter, our own code
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return time.perf_counter() - start, result.stdout


def main() -> None:
    """Time both sides in turn and print their medians."""
    with tempfile.TemporaryDirectory() as directory:
        _, counted = run(COUNT_CALLS + OURS, outdir=directory)
        template = Path(directory) / "Network.template.json"
        reference = Path(directory) / "reference.json"
        reference.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        resources = len(json.loads(reference.read_text(encoding="utf-8"))["Resources"])
        _, counted_bare = run(COUNT_CALLS + BARE, str(reference), outdir=directory)
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(RUNS):
            times["ours"].append(run(OURS, outdir=directory)[0])
            times["bare"].append(run(BARE, str(reference), outdir=directory)[0])
    sys.stdout.write(f"{resources} resources\n")
    for (name, seconds), calls in zip(times.items(), (counted, counted_bare), strict=True):
        sys.stdout.write(
            f"{name:8} median {statistics.median(seconds):.2f} s  min {min(seconds):.2f} s  max {max(seconds):.2f} s  "
            f"{calls.strip()}\n"
        )


if __name__ == "__main__":
    main()
