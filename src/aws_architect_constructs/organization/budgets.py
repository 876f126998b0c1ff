"""Budgets, commitments and cost categories as data.

Pure Python: nothing here knows CDK.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_POLICY: Final = re.compile(r"p-[0-9a-zA-Z_]{8,128}")
_TARGET: Final = re.compile(r"[0-9]{12}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
MOST_NOTIFICATIONS: Final = 5
"""https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html"""
MOST_EMAILS: Final = 10
"""The same page: ten addresses and one topic for each notification."""
MOST_MONITOR_VALUES: Final = 10
"""https://docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html: values of a custom monitor."""


@dataclass(frozen=True, kw_only=True)
class CostBudget:
    """What may be spent in a month, by whom.

    Attributes:
        name: Its name, at most 93 characters. A mark of six is added that stands for whom it warns and when, which can
            change no other way than in a budget of another name.
        monthly_usd: The amount.
        account: The account whose costs count. Default None: those of all.
        tag: A cost-allocation tag and its value, `("team", "red")`, whose costs count. Default None: all.
        actual: At which percentages of the amount it warns once they are spent. Default 80 and 100.
        forecast: At which percentages it warns once they are forecast. Default 100.
        action: What is done about it. Default None: nothing but warnings.
    """

    name: str
    monthly_usd: float
    account: str | None = None
    tag: tuple[str, str] | None = None
    actual: tuple[float, ...] = (80, 100)
    forecast: tuple[float, ...] = (100,)
    action: "BudgetAction | None" = None

    def check(self) -> None:
        """Check it.

        Raises:
            ValueError: If it is malformed, or warns of nothing or too often.
        """
        if not re.fullmatch(r"[^:\\/]{1,93}", self.name):
            raise ValueError(
                f"budgets: no name, got {self.name!r}; allowed: 1 to 93 characters other than ':', '/', '\\'"
            )
        if not 0 < self.monthly_usd < inf:
            raise ValueError(f"{self.name}: no amount, got {self.monthly_usd!r}; allowed: more than 0 USD")
        if self.account is not None and not _ACCOUNT.fullmatch(self.account):
            raise ValueError(f"{self.name}: no account, got {self.account!r}; allowed: 12 digits")
        thresholds = [*self.actual, *self.forecast]
        twice = len({*self.actual}) + len({*self.forecast}) < len(thresholds)
        if not thresholds or len(thresholds) > MOST_NOTIFICATIONS or min(thresholds) <= 0 or twice:
            raise ValueError(
                f"{self.name}: no thresholds, or too many, got actual {self.actual!r} and forecast {self.forecast!r}; "
                f"allowed: 1 to {MOST_NOTIFICATIONS} percentages above 0, each once"
            )
        if self.action is not None:
            self.action.check(self.name)

    @property
    def filters(self) -> dict[str, list[str]]:
        """Which costs count, as AWS Budgets takes it."""
        found = {} if self.account is None else {"LinkedAccount": [self.account]}
        return found if self.tag is None else {**found, "TagKeyValue": [f"user:{self.tag[0]}${self.tag[1]}"]}


@dataclass(frozen=True, kw_only=True)
class BudgetAction:
    """A service control policy that is attached when a budget is spent, and detached with the next month.

    Attributes:
        policy_id: The policy, such as one with `expensive_instances_denied` in it: `p-...`.
        targets: The accounts and OUs that it is attached to.
        threshold: At which percentage. Default 100.
        automatic: Whether it happens by itself. Default False: somebody approves it.
    """

    policy_id: str
    targets: Sequence[str]
    threshold: float = 100
    automatic: bool = False

    def check(self, budget: str) -> None:
        """Check it.

        Raises:
            ValueError: If the policy or a target is malformed, or there is none.
        """
        if not _POLICY.fullmatch(self.policy_id):
            raise ValueError(f"{budget}: no policy, got {self.policy_id!r}; allowed: its id, p-...")
        if isinstance(self.targets, str) or not self.targets or not all(map(_TARGET.fullmatch, self.targets)):
            raise ValueError(f"{budget}: no targets, got {self.targets!r}; allowed: ids of accounts and OUs")
        if self.threshold <= 0:
            raise ValueError(f"{budget}: no threshold, got {self.threshold!r}; allowed: a percentage above 0")

    def resources(self, partition: str, account: str) -> list[str]:
        """The ARNs that attaching is about, in any organization of the management account."""
        prefix = f"arn:{partition}:organizations::{account}"
        found = [f"{prefix}:policy/o-*/service_control_policy/{self.policy_id}"]
        for target in self.targets:
            kind = "root" if target.startswith("r-") else "ou" if target.startswith("ou-") else "account"
            found.append(f"{prefix}:{kind}/o-*/{target}")
        return found


@dataclass(frozen=True, kw_only=True)
class CommitmentTargets:
    """What is expected of Savings Plans or reservations.

    Attributes:
        utilization: Below how many percent of use it warns. Default 95: what is paid for is used.
        coverage: Below how many percent of the eligible costs it warns. Default 70.
    """

    utilization: float = 95
    coverage: float = 70

    def check(self, name: str) -> None:
        """Check it.

        Raises:
            ValueError: If a percentage is none.
        """
        for kind, value in (("utilization", self.utilization), ("coverage", self.coverage)):
            if not 0 < value <= 100:  # noqa: PLR2004 -- percent
                raise ValueError(f"{name}: no {kind}, got {value!r}; allowed: above 0, up to 100 percent")


def category_rules(values: Mapping[str, Sequence[str]]) -> list[dict[str, object]]:
    """The rules of a cost category: each value, and the accounts that it stands for.

    Raises:
        ValueError: If an account is malformed or stands for two values.
    """
    accounts = [account for listed in values.values() for account in listed]
    for account in accounts:
        if not _ACCOUNT.fullmatch(account):
            raise ValueError(f"cost_categories: no account, got {account!r}; allowed: 12 digits")
    twice = sorted({account for account in accounts if accounts.count(account) > 1})
    if twice or not accounts:
        raise ValueError(f"cost_categories: none, or an account twice, got {', '.join(twice)!r}; allowed: each once")
    return [
        {"Value": value, "Rule": {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": sorted(listed)}}}
        for value, listed in sorted(values.items())
    ]
