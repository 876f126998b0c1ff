"""The organization's tree: a flat description of units and accounts, checked, and what hangs where at each step.

Pure Python: nothing here knows CDK.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

ROOT: Final = "Root"
"""The name of the root in every mapping by node."""

DEEPEST: Final = 5
"""How many levels of OUs an organization may have below its root."""

_UNIT_ID: Final = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
ROOT_ID: Final = re.compile(r"r-[0-9a-z]{4,32}")
_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_NAME: Final = re.compile(r"[A-Za-z0-9][\w .-]{0,49}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class OrganizationalUnit:
    """One OU.

    Attributes:
        name: Its name, which is its own in the whole description: others refer to it.
        parent: The name of the OU above it. Default: the root. It can never change in place: another one makes another
            OU, and the first stays with what is in it.
        unit_id: The id of an OU that exists already, which is then left as it is. Default None: it is made.
    """

    name: str
    parent: str = ROOT
    unit_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class OrganizationAccount:
    """One member account.

    Attributes:
        name: Its name.
        unit: The name of the OU that it is in, or `Root`.
        email: The root user's address, of which no other account of AWS has had it. Needed to make the account.
        account_id: The id of an account that exists already, which is then left as it is. Default None: it is made.
    """

    name: str
    unit: str
    email: str | None = None
    account_id: str | None = None


def standard_units(*, sandbox: bool = False, suspended: bool = False) -> tuple[OrganizationalUnit, ...]:
    """The OUs of AWS's recommended organization.

    Security (audit, log archive), Infrastructure (shared services, network), Workloads with Production and SDLC.

    Args:
        sandbox: Whether there is a Sandbox OU, where a roll-out begins.
        suspended: Whether there is a Suspended OU, where accounts wait for their closure.

    See https://docs.aws.amazon.com/whitepapers/latest/organizing-your-aws-environment/recommended-ous-and-accounts.html.
    """
    units = [
        OrganizationalUnit(name="Security"),
        OrganizationalUnit(name="Infrastructure"),
        OrganizationalUnit(name="Workloads"),
        OrganizationalUnit(name="Production", parent="Workloads"),
        OrganizationalUnit(name="SDLC", parent="Workloads"),
    ]
    if sandbox:
        units.append(OrganizationalUnit(name="Sandbox"))
    if suspended:
        units.append(OrganizationalUnit(name="Suspended"))
    return tuple(units)


@dataclass(frozen=True, kw_only=True)
class OrganizationTree:
    """Units and accounts that fit together.

    Attributes:
        units: The OUs, in the order that they were given in.
        accounts: The member accounts likewise.
        parents: The node above each OU and account, by name.
    """

    units: tuple[OrganizationalUnit, ...]
    accounts: tuple[OrganizationAccount, ...]
    parents: Mapping[str, str]

    @classmethod
    def of(
        cls, units: Sequence[OrganizationalUnit], accounts: Sequence[OrganizationAccount], *, account_quota: int
    ) -> "OrganizationTree":
        """Check a description.

        Args:
            units: The OUs.
            accounts: The member accounts.
            account_quota: How many accounts the organization may have, the management account among them.

        Raises:
            ValueError: If a name stands twice, a parent is unknown, OUs are in a circle or too deep, an id or address
                is malformed or stands twice, or there are more accounts than the quota.
        """
        _check_names([ROOT, *(unit.name for unit in units), *(account.name for account in accounts)])
        known = {ROOT, *(unit.name for unit in units)}
        for node, parent in [
            *((unit.name, unit.parent) for unit in units),
            *((account.name, account.unit) for account in accounts),
        ]:
            if parent not in known:
                raise ValueError(f"{node}: no such OU above it, got {parent!r}; allowed: {', '.join(sorted(known))}")
        parents = {unit.name: unit.parent for unit in units} | {account.name: account.unit for account in accounts}
        for unit in units:
            _check_depth(unit.name, parents)
        _check_ids("unit_id", [unit.unit_id for unit in units], _UNIT_ID, "such as 'ou-ab12-c3d4e5f6'")
        _check_ids("account_id", [account.account_id for account in accounts], _ACCOUNT_ID, "12 digits")
        emails = [account.email for account in accounts if account.account_id is None]
        for account in accounts:
            if account.account_id is None and account.email is None:
                raise ValueError(f"{account.name}: nothing to make it from, got no email; allowed: email or account_id")
        _check_ids("email", [None if email is None else email.lower() for email in emails], _EMAIL, "an address")
        if len(accounts) + 1 > account_quota:
            raise ValueError(
                f"accounts: too many, got {len(accounts)} and the management account; allowed: {account_quota} "
                "(account_quota=, once AWS has raised it)"
            )
        return cls(units=tuple(units), accounts=tuple(accounts), parents=parents)

    @property
    def nodes(self) -> tuple[str, ...]:
        """Every node's name: the root, the OUs, the accounts."""
        return (ROOT, *(unit.name for unit in self.units), *(account.name for account in self.accounts))

    def path(self, node: str) -> tuple[str, ...]:
        """The nodes from the root down to this one."""
        found = [node]
        while found[-1] != ROOT:
            found.append(self.parents[found[-1]])
        return tuple(reversed(found))

    def accounts_below(self, node: str) -> tuple[str, ...]:
        """The accounts that inherit what is attached to a node."""
        return tuple(account.name for account in self.accounts if node in self.path(account.name))

    def units_in_order(self) -> tuple[OrganizationalUnit, ...]:
        """The OUs, each after the one above it, otherwise in the order that they were given in."""
        return tuple(sorted(self.units, key=lambda unit: len(self.path(unit.name))))


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ValueError(f"no name, got {name!r}; allowed: 1 to 50 letters, digits, spaces and '_.-'")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"names: one name twice, got {', '.join(twice)}; allowed: each once ('Root' is the root's)")
    # Logical ids drop everything but letters and digits.
    ids = [re.sub(r"[^A-Za-z0-9]", "", name) for name in names]
    alike = sorted({name for name, own in zip(names, ids, strict=True) if ids.count(own) > 1})
    if alike:
        raise ValueError(f"names: alike but for their punctuation, got {', '.join(alike)}; allowed: others")


def _check_depth(name: str, parents: Mapping[str, str]) -> None:
    seen = [name]
    while (parent := parents[seen[-1]]) != ROOT:
        if parent in seen:
            circle = " in ".join([*seen[seen.index(parent) :], parent])
            raise ValueError(f"units: a circle, got {circle}; allowed: a tree below the root")
        seen.append(parent)
    if len(seen) > DEEPEST:
        raise ValueError(f"{name}: too deep, got level {len(seen)}; allowed: {DEEPEST} levels below the root")


def _check_ids(what: str, values: Sequence[str | None], pattern: re.Pattern[str], allowed: str) -> None:
    given = [value for value in values if value is not None]
    for value in given:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"{what}: malformed, got {value!r}; allowed: {allowed}")
    twice = sorted({value for value in given if given.count(value) > 1})
    if twice:
        raise ValueError(f"{what}: one twice, got {', '.join(twice)}; allowed: each once")


@dataclass(frozen=True, kw_only=True)
class RollOut:
    """Guardrails step by step: first where nobody is hurt, then outward, each step a deployment of its own.

    A step reaches its nodes and keeps those of the steps before. A policy that is meant for a node above is attached to
    the reached nodes below it meanwhile, and moves up when its own node is reached: the policy stays the same, its
    targets change.

    Attributes:
        order: The nodes that each step reaches, such as `(("Sandbox",), ("SDLC",), ("Root",))`. The last step has to be
            the root's, or guardrails meant for it would never bind everybody.
        step: The step that is deployed, from 1.
    """

    order: tuple[tuple[str, ...], ...]
    step: int

    def check(self, tree: OrganizationTree) -> None:
        """Check against the tree.

        Raises:
            ValueError: If a node is unknown or stands twice, the last step is not the root's, or there is no such step.
        """
        named = [node for step in self.order for node in step]
        unknown = sorted(set(named) - set(tree.nodes))
        if unknown:
            raise ValueError(f"roll_out: no such node, got {', '.join(unknown)}; allowed: {', '.join(tree.nodes)}")
        if len(set(named)) < len(named):
            raise ValueError(f"roll_out: a node twice, got {', '.join(named)}; allowed: each once")
        if not self.order or self.order[-1] != (ROOT,):
            raise ValueError(
                f"roll_out: it does not end at the root, got {self.order!r}; allowed: a last step ('Root',)"
            )
        if type(self.step) is not int or not 1 <= self.step <= len(self.order):
            raise ValueError(f"roll_out: no such step, got {self.step!r}; allowed: 1 to {len(self.order)}")

    @property
    def reached(self) -> frozenset[str]:
        """The nodes that this step and those before it reach."""
        return frozenset(node for step in self.order[: self.step] for node in step)


def targets_of(node: str, tree: OrganizationTree, reached: Iterable[str] | None) -> tuple[str, ...]:
    """What a policy that is meant for a node is attached to, when only some nodes are reached.

    Args:
        node: The node that it is meant for.
        tree: The tree.
        reached: The nodes that are reached; None means all.

    Returns:
        The node, where it or one above it is reached; else the highest reached nodes below it, perhaps none.
    """
    if reached is None or set(tree.path(node)) & set(reached):
        return (node,)
    below = [candidate for candidate in tree.nodes if candidate in set(reached) and node in tree.path(candidate)]
    return tuple(candidate for candidate in below if not any(other in tree.path(candidate)[:-1] for other in below))
