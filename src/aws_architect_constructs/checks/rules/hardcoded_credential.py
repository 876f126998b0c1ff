"""Secrets are referred to, never written down."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.credentials import ANY_FORMAT, by_format, by_name, in_script, names_a_secret
from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template
from aws_architect_constructs.checks.values import Values, is_true, literals

# Properties that hold the secret itself, of whatever type.
_SECRETS: Final = frozenset(
    {
        "AdminPassword",
        "ApiKeyValue",
        "AuthToken",
        "ClientSecret",
        "MasterUserPassword",
        "OAuthToken",
        "Password",
        "SecretString",
        "SecretToken",
    }
)
_SCRIPTS: Final = (
    "UserData",
    "AWS::CloudFormation::Init",
    "ZipFile",
    "InlineCode",
    "BuildSpec",
    "SecretStringTemplate",
    "Command",
    "EntryPoint",
)

# Properties that hold environment variables, or arguments that are as easily read.
_HOLDERS: Final = (
    "ConnectionProperties",
    "DefaultArguments",
    "EnvironmentVariables",
    "OptionSettings",
    "OriginCustomHeaders",
    "ProviderDetails",
    "RuntimeEnvironmentVariables",
    "Variables",
)

# What is handed on to another template, or to a function of one's own, by any name.
_HANDED: Final = ("AWS::CloudFormation::Stack", "AWS::CloudFormation::CustomResource", "Custom::")

# A resource without any of these words has nothing to be found, and most resources have none.
_WORTH_A_LOOK: Final = re.compile("|".join([ANY_FORMAT.pattern, *_SECRETS, *_SCRIPTS, *_HOLDERS, "Environment"]))


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at parameters' defaults, environment variables, properties made for secrets, scripts, and every text."""
    yield from _parameters(template)
    yield from _sections(template)
    for resource in template.resources.values():
        if resource.type.startswith(("AWS::SSM::Parameter", *_HANDED)) or _WORTH_A_LOOK.search(
            f"{resource.properties}{resource.body.get('Metadata')}"
        ):
            yield from _resource(resource)


def _parameters(template: Template) -> Iterator[Finding]:
    """Defaults, which everybody reads who may read the template."""
    for name, parameter in template.section("Parameters").items():
        default = parameter.get("Default") if isinstance(parameter, Mapping) else None
        if isinstance(default, int) and not isinstance(default, bool):
            default = str(default)
        if isinstance(default, str) and default:
            found = by_format(default) or by_name(name, default)
            if found is None and is_true(parameter.get("NoEcho")):
                found = "a default of a parameter that is not to be shown"
            if found:
                yield Finding(None, f"the default of the parameter {name} is {found}", f"Parameters.{name}.Default")


def _sections(template: Template) -> Iterator[Finding]:
    """Mappings and outputs."""
    for section in ("Mappings", "Outputs"):
        for place, text in literals(template.section(section), section):
            names = place.split(".")
            if not _is_a_name(names):
                found = by_format(text) or (by_name(names[-1], text) if section == "Mappings" else None)
                if found:
                    yield Finding(None, f"{names[-1]} of {section} is {found}", place)


def _resource(resource: Resource) -> Iterator[Finding]:
    seen = set()
    for place, found in [*_variables(resource), *_texts(resource)]:
        if place not in seen:
            seen.add(place)
            yield Finding(resource.logical_id, f"{place.rsplit('.', 1)[-1]} is {found}", place)


def _variables(resource: Resource) -> Iterator[tuple[str, str]]:
    """Environment variables, as a mapping of names or as a list of name and value."""
    values = resource.template.values
    for place, written in _holders(resource.properties, "Properties"):
        for holder in values.outcomes(written):
            for name, value, where in _pairs(values, holder, place):
                for outcome in values.outcomes(value):
                    if found := by_name(name, outcome):
                        yield where, found
    yield from _handed_on(resource)
    if resource.type == "AWS::SSM::Parameter":
        named = (resource.text("Name") or "").rsplit("/", 1)[-1]
        for outcome in resource.outcomes("Value"):
            if isinstance(outcome, str) and (found := by_name(named, outcome) or in_script(outcome)):
                yield "Properties.Value", found


def _handed_on(resource: Resource) -> Iterator[tuple[str, str]]:
    """What goes to a nested stack or a custom resource, and properties made for secrets, by any function."""
    values = resource.template.values
    if resource.type.startswith(_HANDED):
        name = "Parameters" if resource.type == "AWS::CloudFormation::Stack" else ""
        held = resource.properties.get(name) if name else resource.properties
        for key, value, where in _pairs(values, held, f"Properties.{name}".rstrip(".")):
            for outcome in values.outcomes(value):
                if found := by_name(key, outcome):
                    yield where, found
    for name in sorted(_SECRETS & resource.properties.keys()):
        written = resource.properties[name]
        if isinstance(written, Mapping) and names_a_secret(str(written.get("Ref"))):
            continue  # the parameter's default is reported by itself
        for outcome in values.outcomes(written):
            if found := by_name("Password", outcome):
                yield f"Properties.{name}", found


def _pairs(values: Values, holder: object, place: str) -> Iterator[tuple[str, object, str]]:
    """Name, value and place of each variable."""
    if isinstance(holder, Mapping):
        for name, value in holder.items():
            yield str(name).lstrip("-"), value, f"{place}.{name}"
    elif isinstance(holder, list):
        for index, written in enumerate(holder):
            for item in values.outcomes(written):
                if isinstance(item, Mapping) and item.get("Type", "PLAINTEXT") == "PLAINTEXT":
                    name = str(item.get("Name", item.get("OptionName", item.get("HeaderName"))))
                    yield name, item.get("Value", item.get("HeaderValue")), f"{place}.{index}.{name}"


def _holders(value: object, place: str, depth: int = 0) -> Iterator[tuple[str, object]]:
    """Whatever holds environment variables, with its place."""
    if depth > 12:  # noqa: PLR2004 - no property is deeper
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if name in _HOLDERS or (name == "Environment" and not _holds_more(item)):
                yield f"{place}.{name}", item
            yield from _holders(item, f"{place}.{name}", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _holders(item, f"{place}.{index}", depth + 1)


def _holds_more(environment: object) -> bool:
    """Whether an `Environment` has the variables below it, as a function's or a build's has."""
    return isinstance(environment, Mapping) and any(name in _HOLDERS for name in environment)


def _texts(resource: Resource) -> Iterator[tuple[str, str]]:
    """Every literal text of a resource, read as what the property above it is."""
    for place, command in _commands(resource.properties, "Properties"):
        if found := in_script(command):
            yield place, found
    for section in ("Properties", "Metadata"):
        for place, text in literals(resource.body.get(section), section):
            names = place.split(".")
            script = next((index for index, name in enumerate(names) if name in _SCRIPTS), None)
            if script is not None:
                if found := in_script(text):
                    yield ".".join(names[: script + 1]), found
            elif not _is_a_name(names) and (found := by_format(text) or _by_property(names, text)):
                yield place, found


def _commands(value: object, place: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Commands in their list form as one text: an option and its value stand in two items. References become `$`."""
    if depth > 12:  # noqa: PLR2004 - no property is deeper
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if name in {"Command", "EntryPoint"} and isinstance(item, list):
                yield f"{place}.{name}", " ".join(part if isinstance(part, str) else "$" for part in item)
            elif name == "UserData":
                yield from ((f"{place}.{name}", script) for script in _joins(item))
            yield from _commands(item, f"{place}.{name}", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _commands(item, f"{place}.{index}", depth + 1)


def _joins(value: object) -> Iterator[str]:
    """The text of a `Fn::Join` of user data: a name and its value may stand in two items. References become `$`."""
    held = value.get("Fn::Base64", value) if isinstance(value, Mapping) else None
    match held.get("Fn::Join") if isinstance(held, Mapping) else None:
        case [str() as delimiter, list() as items]:
            yield delimiter.join(item if isinstance(item, str) else "$" for item in items)


def _is_a_name(names: list[str]) -> bool:
    """Whether a text is the name of something in the template, which may look like anything."""
    return names[-1] in {"Ref", "Fn::GetAtt"} or names[-2:-1] == ["Fn::GetAtt"]


def _by_property(names: list[str], text: str) -> str | None:
    """What a text is by the property that it is the value of, by itself or in a branch."""
    written = names
    while len(written) > 1 and _is_a_choice(written):
        written = written[: -1 if written[-1] == "Fn::Sub" else -2]
    return by_name("Password", text) if written[-1] in _SECRETS else None


def _is_a_choice(names: list[str]) -> bool:
    """Whether a text is the whole of a `Fn::Sub`, or one of the two values of a `Fn::If`."""
    return names[-1] == "Fn::Sub" or (names[-2] == "Fn::If" and names[-1] in {"1", "2"})


RULE: Final = Rule(
    id="HardcodedCredential",
    title="No secret is written into a template",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ERROR,
    rationale=(
        "A template is kept in version control, in the assembly, in CloudFormation's history and in everybody's "
        "terminal. A secret in it is known to all who can read one of those, and is never rotated."
    ),
    fix=(
        "Keep it in Secrets Manager or as a SecureString, and refer to it: "
        "`{{resolve:secretsmanager:...}}`, ECS `Secrets`, or `manage_master_user_password=True`; a function reads it "
        "at run time. Revoke what was written down: it is in the history."
    ),
    reference="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
    limits=(
        "Formats that issuers publish, and names that say `password`, `secret`, `api_key`, `auth_token` and the like. "
        "A secret under an innocent name and without a format of its own is not seen; neither is what assets contain. "
        "Random text of 40 letters, digits, `+` and `/` counts as the secret half of an AWS access key, "
        "unless it reads like a generated name: about 4 of 100 keys are missed so that names of 40 letters are left "
        "alone."
    ),
    check=check,
)
