"""From statements to as few policies as fit: merged where nothing but actions or resources differ, minified, packed.

What an organization may attach to a node is counted in policies, and a policy in characters. Statements are placed in
the order that they are given in, each into the first policy that has room: so a statement that is added at the end
moves no other (unless it merges with one that then outgrows its policy), and the catalogue adds its new ones at the
end. Only where that order does not fit are the largest placed first.

Two statements become one where their effects are the same and nothing but the actions, or nothing but the resources,
differ: what the pair decides of any request is what the one decides.

Pure Python: nothing here knows CDK.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

Statement = Mapping[str, object]
"""One statement of a policy document."""


class PolicyType(StrEnum):
    """The types of policies that this library writes; AWS::Organizations::Policy has them all."""

    SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"
    RESOURCE_CONTROL = "RESOURCE_CONTROL_POLICY"
    DECLARATIVE_EC2 = "DECLARATIVE_POLICY_EC2"
    S3 = "S3_POLICY"
    TAG = "TAG_POLICY"
    BACKUP = "BACKUP_POLICY"
    AI_SERVICES_OPT_OUT = "AISERVICES_OPT_OUT_POLICY"


@dataclass(frozen=True, kw_only=True)
class PolicyQuota:
    """How many policies of a type a node may have attached, and how long each may be.

    Attributes:
        attached: Policies of the type that may be attached to the root, to one OU or to one account.
        characters: Characters of one policy document, without white space between its elements.
        built_in: How many of them AWS attaches itself: FullAWSAccess, RCPFullAWSAccess.
    """

    attached: int
    characters: int
    built_in: int = 0


QUOTAS_AS_OF: Final = "2026-11"
"""When the quotas below were looked up."""

QUOTAS: Final[Mapping[PolicyType, PolicyQuota]] = {
    PolicyType.SERVICE_CONTROL: PolicyQuota(attached=10, characters=10_240, built_in=1),
    PolicyType.RESOURCE_CONTROL: PolicyQuota(attached=5, characters=5_120, built_in=1),
    PolicyType.DECLARATIVE_EC2: PolicyQuota(attached=10, characters=10_000),
    PolicyType.S3: PolicyQuota(attached=10, characters=10_000),
    PolicyType.TAG: PolicyQuota(attached=10, characters=10_000),
    PolicyType.BACKUP: PolicyQuota(attached=10, characters=10_000),
    PolicyType.AI_SERVICES_OPT_OUT: PolicyQuota(attached=5, characters=2_500),
}
"""The default quotas.

SCPs: 10 for each node and 10,240 characters since 2026-05-15 (5 and 5,120 before). The others are as AWS publishes
them: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html. That of S3 policies is not
on that page and is taken to be that of the other declarative ones. An organization with other quotas, raised or not
raised yet, gives its own.
"""

_ACTION_KEYS: Final = ("Action", "NotAction")
_RESOURCE_KEYS: Final = ("Resource", "NotResource")
_VERSION: Final = "2012-10-17"


@dataclass(frozen=True, kw_only=True)
class PackedPolicy:
    """One policy document, and where its statements are from.

    Attributes:
        statements: The statements, merged.
        sources: The Sids that each statement was made from, in the statements' order.
    """

    statements: tuple[Statement, ...]
    sources: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def document(self) -> dict[str, object]:
        """The policy document."""
        return {"Version": _VERSION, "Statement": [dict(statement) for statement in self.statements]}

    @property
    def characters(self) -> int:
        """How long the document is, minified."""
        return len(minified(self.document))


def minified(document: Mapping[str, object]) -> str:
    """A document as JSON without white space between its elements, which AWS does not count where it drops it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def pack(statements: Sequence[Statement], quota: PolicyQuota, *, taken: int = 0) -> tuple[PackedPolicy, ...]:
    """Pack statements into as few policies as fit.

    Args:
        statements: The statements in order, each with a Sid of its own.
        quota: What the node may have.
        taken: How many policies of the type are attached to this very node besides: Control Tower's, or others'.
            Inherited policies do not count.

    Returns:
        The policies in order; none for no statements.

    Raises:
        ValueError: If a statement alone is too long, or all together are; the message says by how much, and which
            statement to drop or move to another node.
    """
    merged = merge(statements)
    room = quota.attached - quota.built_in - taken
    for group in merged:
        length = PackedPolicy(statements=(group.statement,)).characters
        if length > quota.characters:
            raise ValueError(
                f"the statement {'+'.join(group.sources)} alone is {length - quota.characters} characters too long for "
                f"one policy, got {length}; allowed: {quota.characters}"
            )
    if not merged:
        return ()
    bins = _first_fit(merged, quota.characters)
    if len(bins) > room:
        largest_first = sorted(merged, key=lambda group: -len(minified(group.statement)))
        bins = _first_fit(largest_first, quota.characters)
    if len(bins) > room:
        raise ValueError(_too_much(merged, bins, quota, room, taken))
    return tuple(
        PackedPolicy(
            statements=tuple(group.statement for group in held), sources=tuple(group.sources for group in held)
        )
        for held in bins
    )


@dataclass(frozen=True, kw_only=True)
class MergedStatement:
    """A statement, and the Sids of those that it was made from."""

    statement: Statement
    sources: tuple[str, ...]


def merge(statements: Iterable[Statement]) -> tuple[MergedStatement, ...]:
    """Merge statements that differ in nothing but their actions, then those that differ in nothing but resources.

    A merged statement stands where the first of its parts stood, and its Sid names them all. Statements with NotAction
    or NotResource are merged with their equals alone: there, a longer list would decide less.
    """
    singles = [
        MergedStatement(statement=_with_sorted_lists(statement), sources=(str(statement.get("Sid", "")),))
        for statement in statements
    ]
    return _merge_by(_merge_by(singles, "Action"), "Resource")


def _merge_by(groups: Iterable[MergedStatement], key: str) -> tuple[MergedStatement, ...]:
    found: dict[str, MergedStatement] = {}
    for group in groups:
        rest = {name: value for name, value in group.statement.items() if name not in ("Sid", key)}
        alike = json.dumps([rest, key in group.statement], sort_keys=True)
        first = found.get(alike)
        if first is None:
            found[alike] = group
            continue
        statement = dict(first.statement)
        if key in statement:
            values = {*_listed(statement[key]), *_listed(group.statement[key])}
            statement[key] = _short("*" if "*" in values else sorted(values))
        sources = (*first.sources, *group.sources)
        if "Sid" in statement:
            statement["Sid"] = "".join(sources)  # so that whoever is denied reads by what
        found[alike] = MergedStatement(statement=statement, sources=sources)
    return tuple(found.values())


def _with_sorted_lists(statement: Statement) -> dict[str, object]:
    """The statement with its actions and resources in order, so that order makes no difference to what merges."""
    keys = (*_ACTION_KEYS, *_RESOURCE_KEYS)
    return {name: _short(sorted(set(_listed(value)))) if name in keys else value for name, value in statement.items()}


def _listed(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(item) for item in _items(value))


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, Iterable) else ()


def _short(value: object) -> object:
    """A list of one as the one: shorter, and the same to AWS."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _first_fit(groups: Iterable[MergedStatement], characters: int) -> list[list[MergedStatement]]:
    """Each statement into the first policy that has room for it."""
    empty = PackedPolicy(statements=()).characters
    bins: list[list[MergedStatement]] = []
    used: list[int] = []
    for group in groups:
        length = len(minified(group.statement)) + 1  # the comma; the first statement of a policy needs none
        for index, filled in enumerate(used):
            if filled + length <= characters:
                bins[index].append(group)
                used[index] += length
                break
        else:
            bins.append([group])
            used.append(empty + length - 1)
    return bins


def _too_much(
    merged: Sequence[MergedStatement],
    bins: Sequence[Sequence[MergedStatement]],
    quota: PolicyQuota,
    room: int,
    taken: int,
) -> str:
    overflow = [group for held in bins[max(room, 0) :] for group in held]
    excess = sum(len(minified(group.statement)) + 1 for group in overflow)
    drop = _smallest_sufficient(merged, quota.characters, room)
    advice = f"drop {drop}, or" if drop else "drop several, or"
    return (
        f"{len(bins)} policies are needed where {max(room, 0)} fit, {excess} characters too many, got "
        f"{quota.attached} for each node less {quota.built_in} of AWS's own and {taken} attached otherwise, of "
        f"{quota.characters} characters each; allowed: {advice} attach some to another node, as inherited policies do "
        "not count"
    )


def _smallest_sufficient(merged: Sequence[MergedStatement], characters: int, room: int) -> str:
    """The shortest one statement without which the rest fits, or nothing."""
    for group in sorted(merged, key=lambda group: len(minified(group.statement))):
        rest = sorted((other for other in merged if other is not group), key=lambda g: -len(minified(g.statement)))
        if len(_first_fit(rest, characters)) <= room:
            return "+".join(group.sources)
    return ""
