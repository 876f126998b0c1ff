"""The house's own rules, held by looking at the code: who may know whom, and that the same thing has the same name."""

import ast
import inspect
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Environment
from constructs import Construct

import aws_architect_constructs
from support.instances import INSTANCES, template_of_instance
from support.synthesis import synthesize

PACKAGE = Path(aws_architect_constructs.__file__).parent
NAME = "aws_architect_constructs"
GROUND = {"_validations", "foundation"}
PURE_GROUND = {"_policies", "_templates"}  # plain Python without CDK: readers stand on it too
ROOMS = {"network", "identity", "compute", "data", "edge", "organization"}
READERS = {"checks", "testing"}


def modules() -> Iterator[tuple[str, Path]]:
    """Each module with the room that it is in; the package's own face is in none."""
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if relative.name != "__init__.py" or len(relative.parts) > 1:
            yield relative.parts[0].removesuffix(".py"), path


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a module imports from, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        found |= {parts[1] for parts in (name.split(".") for name in names) if parts[0] == NAME and len(parts) > 1}
    return found


@pytest.mark.parametrize(("room", "path"), list(modules()), ids=lambda value: str(value).removeprefix(f"{PACKAGE}/"))
def test_a_room_knows_only_what_it_stands_on(room: str, path: Path) -> None:
    """The ground knows no room, construct rooms know the ground alone, readers know no construct."""
    allowed = {room} | PURE_GROUND | (GROUND if room in GROUND | ROOMS else set())
    assert room in GROUND | PURE_GROUND | ROOMS | READERS
    assert imported_rooms(path) <= allowed


PURE = (
    "compute/cloudfront_prefix_lists",
    "compute/cold_start",
    "compute/container_settings",
    "compute/deployment_plan",
    "compute/fargate_sizes",
    "compute/powertools_layer",
    "compute/python_archive",
    "compute/python_dependencies",
    "compute/python_installer",
    "compute/python_sources",
    "data/aurora_prices",
    "data/engine_facts",
    "data/instance_memory",
    "data/maintenance_windows",
    "edge/content_security_policy",
    "edge/firewall",
    "edge/functions",
    "edge/security_headers",
    "foundation/finding_ids",
    "foundation/lifecycle",
    "foundation/lifecycle_profiles",
    "foundation/lifecycle_simulation",
    "identity/aws_managed_policies",
    "identity/boundary_denials",
    "identity/boundary_document",
    "identity/boundary_size",
    "identity/boundary_statements",
    "identity/platform_baseline",
    "network/address_plan",
    "network/endpoint_policies",
    "network/endpoint_profiles",
    "network/nat",
    "network/network_acls",
    "network/prices",
    "organization/budgets",
    "organization/guardrails",
    "organization/management_policies",
    "organization/policy_packing",
    "organization/policy_plan",
    "organization/resource_controls",
    "organization/runbook",
    "organization/service_controls",
    "organization/stack_set_plan",
    "organization/tree",
)


@pytest.mark.parametrize(
    "path", [path for room, path in modules() if room in PURE_GROUND], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_the_pure_ground_knows_no_cdk(path: Path) -> None:
    """The policy engine and the reading of templates need Python alone."""
    assert not re.search(
        r"^\s*(from|import) (aws_cdk|constructs|jsii)\b", path.read_text(encoding="utf-8"), re.MULTILINE
    )


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_know_no_cdk(module: str) -> None:
    """Logic that needs no CDK imports none, nor any module that does."""
    text = (PACKAGE / f"{module}.py").read_text(encoding="utf-8")
    assert not re.search(r"^(from|import) (aws_cdk|constructs|aws_architect_constructs)", text, re.MULTILINE)


def constructs() -> list[type[Any]]:
    """Every public construct."""
    values = [getattr(aws_architect_constructs, name) for name in aws_architect_constructs.__all__]
    return [value for value in values if inspect.isclass(value) and issubclass(value, Construct)]


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.__name__)
def test_constructs_take_keywords_alone(construct: type[Any]) -> None:
    """After scope and id every argument is keyword-only, and there is no catch-all."""
    _, scope, identifier, *rest = inspect.signature(construct.__init__).parameters.values()
    assert (scope.name, identifier.name) == ("scope", "id")
    assert {parameter.kind for parameter in rest} <= {inspect.Parameter.KEYWORD_ONLY}


def type_name(annotation: Any) -> str:
    """A parameter's type, written out or loaded, and without the None of an optional one."""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\baws_cdk\.(aws_)?", "", text).removesuffix(" | None")


def test_the_same_argument_is_the_same_everywhere() -> None:
    """A parameter has one type and one default over all public constructs, but that some may require it."""
    seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for construct in constructs():
        for parameter in list(inspect.signature(construct.__init__).parameters.values())[3:]:
            annotation = type_name(parameter.annotation)
            default = "None" if parameter.default is inspect.Parameter.empty else str(parameter.default)
            seen[parameter.name].add((annotation, default))
    assert {name: forms for name, forms in seen.items() if len(forms) > 1} == {}


COMMON_ORDER = ["encryption_key", "alarm_topic", "log_retention", "removal_policy", "access_log_bucket"]


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.__name__)
def test_common_arguments_stand_in_one_order(construct: type[Any]) -> None:
    """What every construct may take comes in the same order, the environment last."""
    names = list(inspect.signature(construct.__init__).parameters)
    common = [name for name in names if name in COMMON_ORDER]
    assert common == [name for name in COMMON_ORDER if name in common]
    assert "environment_type" not in names or names[-1] == "environment_type"


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.__name__)
def test_every_argument_is_explained(construct: type[Any]) -> None:
    """The docstring of a construct that users make names each of its arguments."""
    if construct.__name__ in {"SubnetTier", "WorkloadKey"}:
        pytest.skip("made by the library, not by its users")
    documented = set(re.findall(r"^\s+(\w+): ", inspect.getdoc(construct) or "", re.MULTILINE))
    assert set(list(inspect.signature(construct.__init__).parameters)[1:]) <= documented


@pytest.mark.parametrize("name", [name for name, instance in INSTANCES.items() if instance.env is None])
def test_agnostic_templates_name_no_partition(name: str) -> None:
    """A stack without an environment deploys to China and GovCloud too: no ARN names a partition."""
    assert "arn:aws:" not in str(template_of_instance(name))


def test_keys_are_used_through_one_name_in_every_partition() -> None:
    """A service uses keys as `SERVICE.REGION.amazonaws.com` in China too, where its endpoints are named otherwise.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#viaService_table
    """
    suffixed = re.compile(r"kms:ViaService.*(url_suffix|URL_SUFFIX)")
    assert [str(path) for _, path in modules() if suffixed.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1"])
def test_templates_of_other_partitions_name_no_commercial_one(region: str) -> None:
    """In China and GovCloud no ARN is of the commercial partition, whatever is switched on."""
    template = synthesize(
        lambda stack: aws_architect_constructs.ThreeTierVpc(
            stack,
            "Network",
            availability_zones=[f"{region}a", f"{region}b"],
            endpoints=aws_architect_constructs.EndpointProfile.FULL,
            organization_id="o-abcdefghij",
            restrict_default_security_group=True,
        ),
        env=Environment(account="111111111111", region=region),
    )
    assert "arn:aws:" not in str(template)


def named_warnings() -> Iterator[str]:
    """The names of the warnings that the library's modules give, as their calls of `warn` spell them."""
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "warn":
                name = node.args[1]
                if isinstance(name, ast.Constant):
                    yield str(name.value)


def test_every_warning_is_listed() -> None:
    """The page of conventions lists each named warning, and none whose name the library does not know."""
    page = (PACKAGE.parents[1] / "docs" / "conventions.md").read_text(encoding="utf-8")
    table = page[page.index("| Warning | When |") : page.index("**Alarms.**")]
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    sources = "".join(path.read_text(encoding="utf-8") for _, path in modules())
    assert set(named_warnings()) - listed == set()
    assert {name for name in listed if f'"{name}"' not in sources} == set()
