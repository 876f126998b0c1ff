"""The door to CDK's Validations."""

import pytest
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, argument_error, is_concrete, warn
from support.synthesis import new_stack, warnings_of

REASON = "An auditor would believe this sentence."


def test_an_acknowledgement_is_recorded_under_its_pack() -> None:
    """The rule and the reason stand in the construct's metadata."""
    stack = new_stack()
    acknowledge(stack, "AwsSolutions::AwsSolutions-VPC3", REASON)
    (entry,) = [entry for entry in stack.node.metadata if entry.type == "aws:cdk:acknowledged-rules"]
    assert entry.data == {"AwsSolutions::AwsSolutions-VPC3": REASON}


@pytest.mark.parametrize("rule_id", ["AwsSolutions-VPC3", "::AwsSolutions-VPC3", "AwsSolutions::"])
def test_a_rule_without_its_pack_is_refused(rule_id: str) -> None:
    """Without its pack an acknowledgement would hide the finding and leave no reason: it is an error."""
    with pytest.raises(ValueError, match=f"^Stack: .*'{rule_id}'.*allowed: 'Pack::RuleId'"):
        acknowledge(new_stack(), rule_id, REASON)


def test_an_idle_reason_is_refused() -> None:
    """A reason that says nothing is an error."""
    with pytest.raises(ValueError, match="convince no auditor, got 'n/a'"):
        acknowledge(new_stack(), "AwsSolutions::AwsSolutions-VPC3", "n/a")


def test_a_warning_bears_the_librarys_name() -> None:
    """Warnings can be acknowledged by a public id."""
    stack = new_stack()
    warn(stack, "SingleNatGateway", "One gateway.")
    assert any("aws-architect-constructs::SingleNatGateway" in text for text in warnings_of(stack))


def test_a_warning_can_be_acknowledged() -> None:
    """Acknowledged by its public id as the docs show, a warning is gone."""
    stack = new_stack()
    warn(stack, "SingleNatGateway", "One gateway.")
    acknowledge(stack, "aws-architect-constructs::SingleNatGateway", REASON)
    assert warnings_of(stack) == []


def test_an_argument_error_names_path_value_and_what_is_allowed() -> None:
    """The message has everything that its reader needs."""
    error = argument_error(Construct(new_stack(), "Web"), "Api", "too many tasks", got=7, allowed="1 to 5")
    assert str(error) == "Stack/Web/Api: too many tasks, got 7; allowed: 1 to 5"


def test_tokens_are_not_concrete() -> None:
    """A token is told from a value that is known."""
    assert (is_concrete("eu-west-1"), is_concrete(new_stack(env=None).region)) == (True, False)
