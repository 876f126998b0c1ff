"""From guardrails by node to policies by node: rendered, packed, counted, with what each is attached to.

Pure Python: nothing here knows CDK.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .guardrails import Exemptions, Guardrail, ManagementPolicy
from .policy_packing import QUOTAS, PolicyQuota, PolicyType, minified, pack
from .tree import OrganizationTree, RollOut, targets_of

_SHORT: Final[Mapping[PolicyType, str]] = {
    PolicyType.SERVICE_CONTROL: "ServiceControl",
    PolicyType.RESOURCE_CONTROL: "ResourceControl",
}
LONGEST_DESCRIPTION: Final = 512


@dataclass(frozen=True, kw_only=True)
class PlannedPolicy:
    """One policy of the organization.

    Attributes:
        node: The node that it is meant for.
        label: Its name within the node, the same as long as its place in the packing is.
        policy_type: Its type.
        content: Its document.
        guardrails: The Sids or names that it holds, for its description.
        targets: The names of the nodes that it is attached to at this step.
    """

    node: str
    label: str
    policy_type: PolicyType
    content: Mapping[str, object]
    guardrails: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def description(self) -> str:
        """What it holds, in at most 512 characters."""
        text = f"Guardrails for {self.node}: {', '.join(self.guardrails)}."
        return text if len(text) <= LONGEST_DESCRIPTION else f"{text[: LONGEST_DESCRIPTION - 3]}..."


def plan_policies(
    guardrails: Mapping[str, Sequence[Guardrail | ManagementPolicy]],
    *,
    tree: OrganizationTree,
    exemptions: Exemptions,
    quotas: Mapping[PolicyType, PolicyQuota] | None = None,
    attached_elsewhere: Mapping[str, Mapping[PolicyType, int]] | None = None,
    roll_out: RollOut | None = None,
) -> tuple[PlannedPolicy, ...]:
    """Plan the policies.

    Args:
        guardrails: The guardrails of each node.
        tree: The tree.
        exemptions: Who is exempt.
        quotas: Quotas that differ from `QUOTAS`.
        attached_elsewhere: How many policies of a type others (Control Tower) have attached to a node.
        roll_out: The step of the roll-out. Default None: everything is attached.

    Returns:
        The policies, by node in the tree's order.

    Raises:
        ValueError: If a node is unknown, a guardrail stands twice at a node, or policies do not fit.
    """
    known = set(tree.nodes)
    for argument, mapping in (("guardrails", guardrails), ("attached_elsewhere", attached_elsewhere or {})):
        unknown = sorted(set(mapping) - known)
        if unknown:
            raise ValueError(f"{argument}: no such node, got {', '.join(unknown)}; allowed: {', '.join(sorted(known))}")
    if roll_out is not None:
        roll_out.check(tree)
    all_quotas = {**QUOTAS, **(quotas or {})}
    elsewhere = attached_elsewhere or {}
    found: list[PlannedPolicy] = []
    for node in tree.nodes:
        reached = None if roll_out is None else roll_out.reached
        targets = targets_of(node, tree, reached)
        found += _of_node(
            node,
            guardrails.get(node, ()),
            targets=targets,
            exemptions=exemptions,
            quotas=all_quotas,
            elsewhere=elsewhere.get(node, {}),
        )
    _check_targets(found, all_quotas, elsewhere)
    return tuple(found)


def _of_node(
    node: str,
    listed: Sequence[Guardrail | ManagementPolicy],
    *,
    targets: tuple[str, ...],
    exemptions: Exemptions,
    quotas: Mapping[PolicyType, PolicyQuota],
    elsewhere: Mapping[PolicyType, int],
) -> Iterator[PlannedPolicy]:
    names = [guardrail.name for guardrail in listed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{node}: a guardrail twice, got {', '.join(twice)}; allowed: each once")
    for policy_type, short in _SHORT.items():
        statements = [
            statement
            for guardrail in listed
            if isinstance(guardrail, Guardrail) and guardrail.policy_type is policy_type
            for statement in guardrail.render(exemptions)
        ]
        try:
            packed = pack(statements, quotas[policy_type], taken=elsewhere.get(policy_type, 0))
        except ValueError as error:
            raise ValueError(f"{node}: {policy_type}: {error}") from None
        for number, policy in enumerate(packed, 1):
            yield PlannedPolicy(
                node=node,
                label=f"{short}{number}",
                policy_type=policy_type,
                content=policy.document,
                guardrails=tuple(source for sources in policy.sources for source in sources),
                targets=targets,
            )
    for guardrail in listed:
        if isinstance(guardrail, ManagementPolicy):
            length = len(minified(guardrail.content))
            limit = quotas[guardrail.policy_type].characters
            if length > limit:
                raise ValueError(
                    f"{node}: {guardrail.name} is {length - limit} characters too long, got {length}; allowed: {limit}"
                )
            yield PlannedPolicy(
                node=node,
                label=guardrail.name,
                policy_type=guardrail.policy_type,
                content=guardrail.content,
                guardrails=(guardrail.name,),
                targets=targets,
            )


def _check_targets(
    planned: Sequence[PlannedPolicy],
    quotas: Mapping[PolicyType, PolicyQuota],
    elsewhere: Mapping[str, Mapping[PolicyType, int]],
) -> None:
    """Count what is attached to each node: ours, AWS's own, and others'; inherited ones do not count."""
    attached = Counter((target, policy.policy_type) for policy in planned for target in policy.targets)
    for (target, policy_type), ours in attached.items():
        quota, others = quotas[policy_type], elsewhere.get(target, {}).get(policy_type, 0)
        if ours + quota.built_in + others > quota.attached:
            raise ValueError(
                f"{target}: {ours + quota.built_in + others - quota.attached} policies too many of the type "
                f"{policy_type}, got {ours}, {quota.built_in} of AWS's own and {others} attached otherwise; allowed: "
                f"{quota.attached} (move some to another node; inherited policies do not count)"
            )


def roll_out_report(
    guardrails: Mapping[str, Sequence[Guardrail | ManagementPolicy]], *, tree: OrganizationTree, roll_out: RollOut
) -> str:
    """What each step of a roll-out denies, and to whom, as text.

    Args:
        guardrails: The guardrails of each node.
        tree: The tree.
        roll_out: The roll-out; which of its steps is deployed makes no difference.

    Returns:
        For each step, its nodes with the accounts below them, and what begins to bind them: the actions of each
        guardrail and what stops working.
    """
    lines: list[str] = []
    before: set[tuple[str, str]] = set()
    for number, nodes in enumerate(roll_out.order, 1):
        reached = RollOut(order=roll_out.order, step=number).reached
        lines.append(f"Step {number}: {', '.join(nodes)}")
        bound = {
            (target, guardrail.name)
            for node, listed in guardrails.items()
            for target in targets_of(node, tree, reached)
            for guardrail in listed
        }
        news = False
        for node, listed in guardrails.items():
            for target in targets_of(node, tree, reached):
                for guardrail in listed:
                    if (target, guardrail.name) not in before:
                        news = True
                        lines += _lines_of(guardrail, target, tree)
        if not news:
            lines.append("  nothing new")
        before |= bound
    return "\n".join(lines)


def _lines_of(guardrail: Guardrail | ManagementPolicy, target: str, tree: OrganizationTree) -> list[str]:
    accounts = ", ".join(tree.accounts_below(target)) if target not in {a.name for a in tree.accounts} else target
    lines = [f"  {guardrail.name} at {target} (accounts: {accounts or 'none described'})"]
    if isinstance(guardrail, Guardrail):
        for statement in guardrail.statements:
            named = "Action" if "Action" in statement else "NotAction"
            value = statement[named]
            actions = value if isinstance(value, str) else ", ".join(str(item) for item in _listed(value))
            lines.append(f"    denies {'all but ' if named == 'NotAction' else ''}{actions}{_when(statement)}")
    lines.append(f"    stops: {guardrail.blast_radius}")
    return lines


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) else ()


def _when(statement: Mapping[str, object]) -> str:
    condition = statement.get("Condition")
    return f" where {minified(condition)}" if isinstance(condition, Mapping) else ""
