"""The description of a tree, and where policies hang while they are rolled out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.organization.tree import OrganizationAccount as Account
from aws_architect_constructs.organization.tree import OrganizationalUnit as Unit
from aws_architect_constructs.organization.tree import (
    OrganizationTree,
    RollOut,
    standard_units,
    targets_of,
)


def tree(*units: Unit, accounts: tuple[Account, ...] = (), account_quota: int = 10) -> OrganizationTree:
    """The checked tree of these units and accounts."""
    return OrganizationTree.of(units, accounts, account_quota=account_quota)


STANDARD = tree(
    *standard_units(sandbox=True, suspended=True),
    accounts=(
        Account(name="Audit", unit="Security", account_id="222222222222"),
        Account(name="Shop", unit="Production", email="shop@example.com"),
        Account(name="Play", unit="Sandbox", email="play@example.com"),
    ),
)


def test_the_standard_units() -> None:
    """Security, Infrastructure, Workloads with Production and SDLC; Sandbox and Suspended by choice."""
    assert [unit.name for unit in standard_units()] == [
        "Security",
        "Infrastructure",
        "Workloads",
        "Production",
        "SDLC",
    ]
    assert STANDARD.path("Shop") == ("Root", "Workloads", "Production", "Shop")
    assert [unit.name for unit in standard_units(suspended=True)][-1] == "Suspended"


def test_units_stand_below_their_parents() -> None:
    """A description in any order is made from the root down, and otherwise keeps its order."""
    found = tree(Unit(name="C", parent="B"), Unit(name="B"), Unit(name="A"))
    assert [unit.name for unit in found.units_in_order()] == ["B", "A", "C"]


def test_accounts_inherit_from_all_above() -> None:
    """What hangs at Workloads binds the accounts of Production."""
    assert STANDARD.accounts_below("Workloads") == ("Shop",)
    assert STANDARD.accounts_below("Root") == ("Audit", "Shop", "Play")


@pytest.mark.parametrize(
    ("units", "accounts", "message"),
    [
        ([Unit(name="A"), Unit(name="A")], [], "one name twice, got A"),
        ([Unit(name="Root")], [], "one name twice, got Root"),
        ([Unit(name="A b"), Unit(name="A-b")], [], "alike but for their punctuation"),
        ([Unit(name="-")], [], "no name, got '-'"),
        ([Unit(name="A", parent="B")], [], "A: no such OU above it, got 'B'; allowed: A, Root"),
        ([Unit(name="A", parent="B"), Unit(name="B", parent="A")], [], "a circle, got A in B in A"),
        ([Unit(name="A", parent="A")], [], "a circle, got A in A"),
        ([Unit(name="A", unit_id="ou-1")], [], "unit_id: malformed, got 'ou-1'"),
        (
            [Unit(name="A", unit_id="ou-ab12-c3d4e5f6"), Unit(name="B", unit_id="ou-ab12-c3d4e5f6")],
            [],
            "unit_id: one twice",
        ),
        ([], [Account(name="A", unit="Nowhere", email="a@example.com")], "no such OU above it, got 'Nowhere'"),
        ([], [Account(name="A", unit="Root")], "A: nothing to make it from"),
        ([], [Account(name="A", unit="Root", email="a.example.com")], "email: malformed"),
        ([], [Account(name="A", unit="Root", account_id="123")], "account_id: malformed, got '123'; allowed: 12 dig"),
        (
            [],
            [
                Account(name="A", unit="Root", email="a@example.com"),
                Account(name="B", unit="Root", email="A@example.com"),
            ],
            "email: one twice, got a@example.com",
        ),
        (
            [],
            [Account(name=f"A{n}", unit="Root", email=f"a{n}@example.com") for n in range(10)],
            "too many, got 10 and",
        ),
    ],
)
def test_a_description_that_is_no_tree(units: Any, accounts: Any, message: str) -> None:
    """Unknown and doubled names, circles, malformed and doubled ids and addresses, and too many accounts."""
    with pytest.raises(ValueError, match=message):
        OrganizationTree.of(units, accounts, account_quota=10)


def test_five_levels_and_no_more() -> None:
    """AWS nests OUs five deep."""
    chain = [Unit(name=f"L{n}", parent=f"L{n - 1}" if n > 1 else "Root") for n in range(1, 7)]
    assert tree(*chain[:5]).path("L5")[1] == "L1"
    with pytest.raises(ValueError, match="L6: too deep, got level 6; allowed: 5"):
        tree(*chain)


def test_a_raised_quota_of_accounts() -> None:
    """The quota is an argument, because AWS raises it."""
    accounts = tuple(Account(name=f"A{n}", unit="Root", email=f"a{n}@example.com") for n in range(30))
    assert len(tree(accounts=accounts, account_quota=31).accounts) == 30


ORDER = (("Sandbox",), ("SDLC", "Security"), ("Root",))


@pytest.mark.parametrize(
    ("order", "step", "message"),
    [
        ((("Nowhere",), ("Root",)), 1, "no such node, got Nowhere"),
        ((("SDLC",), ("SDLC",), ("Root",)), 1, "a node twice"),
        ((("Sandbox",),), 1, "does not end at the root"),
        ((), 1, "does not end at the root"),
        (ORDER, 0, "no such step, got 0; allowed: 1 to 3"),
        (ORDER, 4, "no such step, got 4"),
        (ORDER, True, "no such step, got True"),
    ],
)
def test_a_roll_out_that_makes_no_sense(order: Any, step: Any, message: str) -> None:
    """Unknown or doubled nodes, one that never binds everybody, and a step that is none."""
    with pytest.raises(ValueError, match=message):
        RollOut(order=order, step=step).check(STANDARD)


@pytest.mark.parametrize(
    ("step", "node", "targets"),
    [
        (1, "Root", ("Sandbox",)),
        (2, "Root", ("Security", "SDLC", "Sandbox")),
        (3, "Root", ("Root",)),
        (1, "Workloads", ()),
        (2, "Workloads", ("SDLC",)),
        (3, "Workloads", ("Workloads",)),
        (1, "Play", ("Play",)),
        (1, "Shop", ()),
    ],
)
def test_a_policy_moves_outward(step: int, node: str, targets: tuple[str, ...]) -> None:
    """What is meant for the root hangs at the reached nodes until the root is reached."""
    assert targets_of(node, STANDARD, RollOut(order=ORDER, step=step).reached) == targets


@given(st.sets(st.sampled_from(STANDARD.nodes)), st.sampled_from(STANDARD.nodes))
def test_who_is_bound_during_a_roll_out(reached: set[str], node: str) -> None:
    """Exactly the accounts below both the node and a reached node are bound, and by one attachment each."""
    targets = targets_of(node, STANDARD, reached)
    for account in STANDARD.accounts:
        path = set(STANDARD.path(account.name))
        bound = [target for target in targets if target in path]
        expected = node in path and any(other in path for other in reached)
        assert len(bound) == int(expected)
