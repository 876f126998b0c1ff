"""The one normaliser of templates: what is noise between two syntheses of the same app, and nothing more.

Snapshots are compared after it, and so are the templates of one app under no feature flags and under the recommended
ones. What it does not name it leaves byte for byte: a flag that changes a resource stays a difference.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from aws_architect_constructs.testing._canonical_policy import canonical_policy, is_policy_document
from aws_architect_constructs.testing.templates import TemplateSource, load_template

ASSET_HASH: Final = "ASSET_HASH"
"""What stands for the hash of an asset."""
VERSION_HASH: Final = "VERSION_HASH"
"""What stands for the hash at the end of a Lambda version's logical id."""

# Partitions other than `aws` by how their Regions' names begin
# (https://docs.aws.amazon.com/general/latest/gr/rande.html).
_PARTITIONS: Final = {
    "cn-": "aws-cn",
    "eusc-": "aws-eusc",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "eu-isoe-": "aws-iso-e",
    "us-isof-": "aws-iso-f",
}

# SHA-256 as a file's name (`<hash>.zip`, `.../<hash>.json`, `asset.<hash>.zip`) or as the tag of an image in an asset
# repository (`...-container-assets-...:<hash>`). A digest (`@sha256:<hash>`) pins an image on purpose: it stays.
_ASSET_FILE: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{64}(?=\.[a-z])")
_ASSET_TAG: Final = re.compile(r"(?<=:)(?<!@sha256:)[0-9a-f]{64}$")

_VERSION_ID: Final = re.compile(r"(.+)[0-9a-f]{32}")
_VERSION_IN_NAME: Final = re.compile(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}")

# Names that CDK gives to what one stack hands to another: a readable part and a hash over how it is handed over.
_HANDED_OVER: Final = re.compile(r"(?:Exports|Publish)(Output.+)[0-9A-F]{8}")
# From this length on the readable part is cut, and the hash alone tells two names apart.
_CUT: Final = 240

_PARTITION_REF: Final = {"Ref": "AWS::Partition"}
_PARTITION_VARIABLE: Final = "${AWS::Partition}"


def normalise(template: TemplateSource, *, region: str | None = None) -> dict[str, Any]:
    """A template without what differs between two syntheses that mean the same.

    >>> queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Join": ["-", ["a", "b"]]}}}
    >>> normalise({"Resources": {"Queue": queue}})["Resources"]["Queue"]["Properties"]
    {'QueueName': 'a-b'}

    Dropped, because they tell how a template was made and not what it makes (`cdk synth` adds some that a test's
    synthesis does not have):

    - the parameter `BootstrapVersion`, the rule `CheckBootstrapVersion`, resources of type `AWS::CDK::Metadata` and the
      condition `CDKMetadataAvailable`;
    - the metadata `aws:cdk:path` and `aws:asset:*` of a resource.

    Masked:

    - the hash of an asset, as a file's name (`<hash>.zip`, the URL of a nested stack's template) or as an image's tag
      in a repository of assets: `ASSET_HASH`. An image's digest stays;
    - the hash at the end of a Lambda version's logical id, wherever it is named: `VERSION_HASH`. It changes with the
      function's code, and with flags that change how it is computed.

    Folded, in resources and outputs:

    - `AWS::Partition`, by Ref or in Fn::Sub, becomes the partition of `region` (flag
      `@aws-cdk/core:enablePartitionLiterals`);
    - Fn::Join: a part that is a join with the same delimiter is spliced in, neighbouring literals become one, a join of
      literals becomes text;
    - policy documents, known by their shape, take one form (flag `@aws-cdk/aws-iam:minimizePolicies`): lists are
      sorted, without doubles, and a list of one becomes its element; statements without a Sid that have effect and
      condition in common are taken apart and put together again by principals that may do the same and by actions on
      the same resources; statements are sorted. Conditions stay as they are, and so do documents given as text;
    - what CDK hands from stack to stack: `Fn::ImportValue` of `Stack:ExportsOutput...` and `Fn::GetStackOutput` of
      `PublishOutput...` become `Fn::GetStackOutput` of `Output...`, and the outputs lose their export and their hash
      (flag `@aws-cdk/core:defaultCrossStackReferences`). A name that CDK had to cut stays.

    Args:
        template: Anything that `load_template` reads. Missing references are none of this function's business.
        region: The Region that the stack is deployed to, if it is fixed. `Fn::GetStackOutput` that names it reads from
            the own Region, as Fn::ImportValue does; one that names another Region keeps it.

    Returns:
        A new template. `normalise` of it changes nothing.

    Raises:
        TemplateError: If the source is no template.
    """
    result = load_template(template, references=False)
    _drop_synthesis(result)
    fold = _Folding(region=region, versions=_version_ids(result))
    if "Resources" in result:
        result["Resources"] = {
            fold.text(logical_id): fold.value(resource) for logical_id, resource in result["Resources"].items()
        }
    if "Outputs" in result:
        result["Outputs"] = _outputs({name: fold.value(output) for name, output in result["Outputs"].items()})
    return result


def _drop_synthesis(template: dict[str, Any]) -> None:
    """Drop what the synthesizer and the CLI add to every template."""
    resources = template.get("Resources", {})
    for logical_id in [name for name, body in resources.items() if body.get("Type") == "AWS::CDK::Metadata"]:
        del resources[logical_id]
    for section, name in (
        ("Parameters", "BootstrapVersion"),
        ("Rules", "CheckBootstrapVersion"),
        ("Conditions", "CDKMetadataAvailable"),
    ):
        if name in template.get(section, {}):
            del template[section][name]
            if not template[section]:
                del template[section]
    for resource in resources.values():
        metadata = resource.get("Metadata", {})
        noise = [key for key in metadata if key == "aws:cdk:path" or key.startswith("aws:asset:")]
        for key in noise:
            del metadata[key]
        if noise and not metadata:
            del resource["Metadata"]


def _version_ids(template: Mapping[str, Any]) -> dict[str, str]:
    """Logical ids of Lambda versions and what stands for them, where that leaves them distinct."""
    resources = template.get("Resources", {})
    masked = {
        logical_id: match[1] + VERSION_HASH
        for logical_id, resource in resources.items()
        if resource.get("Type") == "AWS::Lambda::Version" and (match := _VERSION_ID.fullmatch(logical_id))
    }
    taken = [*masked.values(), *resources]
    return {old: new for old, new in masked.items() if taken.count(new) == 1}


def _outputs(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs without what tells by which means they are handed over; one that is handed over by both stands once."""
    result: dict[str, Any] = {}
    for name, output in outputs.items():
        readable = _readable(name)
        body = output
        if readable and str(output.get("Export", {}).get("Name", name)).endswith(name):
            body = {key: value for key, value in output.items() if key != "Export"}
        # Two things under one readable name stay two.
        key = readable if readable and result.get(readable, body) == body and readable not in outputs else name
        result[key] = body if key == readable else output
    return result


def _readable(name: str) -> str | None:
    """The name of an output that CDK made, without means and hash; None for any other name."""
    match = _HANDED_OVER.fullmatch(_VERSION_IN_NAME.sub(rf"\1{VERSION_HASH}", name))
    return match[1] if match and len(name) < _CUT else None


class _Folding:
    """The folds of values, for one template."""

    def __init__(self, *, region: str | None, versions: Mapping[str, str]) -> None:
        self.region = region
        self.partition = next(
            (name for prefix, name in _PARTITIONS.items() if region and region.startswith(prefix)), "aws"
        )
        self.versions = versions

    def value(self, value: Any) -> Any:  # noqa: ANN401 - a template holds anything
        """A value with its parts folded first."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if not isinstance(value, dict):
            return value
        folded = {key: self.value(item) for key, item in value.items()}
        if is_policy_document(folded):
            return canonical_policy(folded)
        return self._intrinsic(folded) if len(folded) == 1 else folded

    def text(self, text: str) -> str:
        """Text with hashes masked."""
        for old, new in self.versions.items():
            text = text.replace(old, new)
        text = _ASSET_FILE.sub(ASSET_HASH, text)
        return _ASSET_TAG.sub(ASSET_HASH, text) if "assets" in text else text

    def _intrinsic(self, value: dict[str, Any]) -> Any:  # noqa: ANN401 - an intrinsic may become text
        if value == _PARTITION_REF:
            return self.partition
        ((name, argument),) = value.items()
        if name == "Fn::Sub":
            return self._sub(argument)
        if name == "Fn::Join":
            return _join(argument)
        if name == "Fn::ImportValue" and isinstance(argument, str):
            stack, _, export = argument.rpartition(":")
            readable = _readable(export)
            return _stack_output({"StackName": stack, "OutputName": readable}) if stack and readable else value
        if name == "Fn::GetStackOutput" and isinstance(argument, dict):
            return self._get_stack_output(argument)
        return value

    def _sub(self, argument: Any) -> Any:  # noqa: ANN401 - text or a list
        text = argument[0] if isinstance(argument, list) and argument else argument
        if not isinstance(text, str) or _PARTITION_VARIABLE not in text:
            return {"Fn::Sub": argument}
        text = text.replace(_PARTITION_VARIABLE, self.partition)
        if "${" not in text:
            return text
        return {"Fn::Sub": [text, *argument[1:]] if isinstance(argument, list) else text}

    def _get_stack_output(self, argument: dict[str, Any]) -> dict[str, Any]:
        output = argument.get("OutputName")
        readable = _readable(output) if isinstance(output, str) else None
        if not readable:
            return {"Fn::GetStackOutput": argument}
        folded = argument | {"OutputName": readable}
        if folded.get("Region") in (self.region, {"Ref": "AWS::Region"}):
            folded.pop("Region", None)
        return _stack_output(folded)


def _stack_output(argument: dict[str, Any]) -> dict[str, Any]:
    return {"Fn::GetStackOutput": argument}


def _join(argument: Any) -> Any:  # noqa: ANN401 - whatever a template has there
    if not _is_join(argument):
        return {"Fn::Join": argument}
    delimiter, parts = argument
    folded: list[Any] = []
    for part in parts:
        nested: Any = part.get("Fn::Join") if isinstance(part, dict) else None
        for item in nested[1] if _is_join(nested) and nested[0] == delimiter else [part]:
            if folded and isinstance(item, str) and isinstance(folded[-1], str):
                folded[-1] = f"{folded[-1]}{delimiter}{item}"
            else:
                folded.append(item)
    return folded[0] if len(folded) == 1 and isinstance(folded[0], str) else {"Fn::Join": [delimiter, folded]}


def _is_join(argument: Any) -> bool:  # noqa: ANN401 - the same
    """Whether these are a delimiter and a list of parts, as opposed to an intrinsic that gives the parts."""
    match argument:
        case [str(), [_, *_]]:
            return True
    return False
