"""The canonical instances of every construct: snapshot, nag, flags, golden ids and validity are all proven on these.

Each stands alone in the stack `Stack`, in PROD unless it says otherwise. Those of a construct are the `INSTANCES` of
`instances_<stem>.py`, each named `<stem>-<what it shows>`.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from support.instance import Instance
from support.synthesis import Template, synthesize


def _all_instances() -> dict[str, Instance]:
    found: dict[str, Instance] = {}
    for path in sorted(Path(__file__).parent.glob("instances_*.py")):
        found |= import_module(f"support.{path.stem}").INSTANCES
    return found


INSTANCES: Final[Mapping[str, Instance]] = _all_instances()


def by_instance(directory: Path) -> dict[str, Any]:
    """What was reviewed of the instances: the files of a directory, one a construct, as one mapping by instance."""
    found: dict[str, Any] = {}
    for path in sorted(directory.glob("*.json")):
        found |= json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def template_of_instance(name: str) -> Template:
    """The template of a canonical instance, synthesized once a process. Do not change it."""
    instance = INSTANCES[name]
    return synthesize(instance.build, environment_type=instance.environment_type, env=instance.env)


def template_under(name: str, context: Mapping[str, Any]) -> Template:
    """The template of a canonical instance under feature flags."""
    instance = INSTANCES[name]
    return synthesize(instance.build, environment_type=instance.environment_type, env=instance.env, context=context)
