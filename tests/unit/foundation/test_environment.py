"""The environment: declared once, read everywhere."""

import pytest
from aws_cdk import App, Environment, NestedStack, RemovalPolicy, Stack, Stage
from constructs import Construct

from aws_architect_constructs import EnvironmentType
from aws_architect_constructs.foundation.environment import CONTEXT_KEY, protect_state
from support.synthesis import new_app, new_stack


def test_undeclared_is_production() -> None:
    """Where nobody declares an environment, constructs take production's defaults."""
    stack = new_stack(None)
    assert EnvironmentType.declared_for(stack) is None
    assert EnvironmentType.of(stack) is EnvironmentType.PROD


def test_an_app_declares_for_all_its_stacks() -> None:
    """A declaration on the app reaches every stack."""
    app = new_app()
    EnvironmentType.STAGING.apply_to(app)
    assert EnvironmentType.of(Stack(Stage(app, "Stage"), "Stack")) is EnvironmentType.STAGING


def test_the_nearest_scope_wins() -> None:
    """A stage's declaration comes before its app's."""
    app = new_app()
    EnvironmentType.PROD.apply_to(app)
    stage = Stage(app, "Dev")
    EnvironmentType.DEV.apply_to(stage)
    assert EnvironmentType.of(Stack(stage, "Stack")) is EnvironmentType.DEV


@pytest.mark.parametrize("text", ["SHARED", "shared"])
def test_cdk_json_declares_too(text: str) -> None:
    """The context key of cdk.json declares the environment, in whatever case."""
    assert EnvironmentType.of(Stack(new_app({CONTEXT_KEY: text}), "Stack")) is EnvironmentType.SHARED


def test_an_unknown_name_is_refused() -> None:
    """A misspelt environment in cdk.json is an error that names the key, the value and what is allowed."""
    stack = Stack(new_app({CONTEXT_KEY: "production"}), "Stack")
    with pytest.raises(ValueError, match=f"{CONTEXT_KEY}.*'production'.*DEV, STAGING, PROD, SHARED"):
        EnvironmentType.of(stack)


@pytest.mark.parametrize(("scope", "path"), [("app", "App"), ("stack", "Stack")])
def test_declaring_late_is_refused(scope: str, path: str) -> None:
    """After the first child, which may have read another environment, declaring is an error that names the child."""
    app = new_app()
    stack = Stack(app, "Stack")
    Construct(stack, "First")
    child = "Stack" if scope == "app" else "First"
    with pytest.raises(ValueError, match=f"^{path}: .*DEV after '{child}'.*allowed"):
        EnvironmentType.DEV.apply_to(app if scope == "app" else stack)


def test_data_is_retained_where_it_matters() -> None:
    """Production and shared data outlive their stacks; development and staging data do not."""
    policies = {environment: environment.defaults.removal_policy for environment in EnvironmentType}
    assert policies == {
        EnvironmentType.DEV: RemovalPolicy.DESTROY,
        EnvironmentType.STAGING: RemovalPolicy.DESTROY,
        EnvironmentType.PROD: RemovalPolicy.RETAIN,
        EnvironmentType.SHARED: RemovalPolicy.RETAIN,
    }


def test_state_protects_a_production_stack() -> None:
    """A stack that holds state cannot be deleted by accident where PROD is declared."""
    stack = new_stack(EnvironmentType.PROD)
    protect_state(stack, None)
    assert stack.termination_protection is True


def test_an_argument_declares_too() -> None:
    """A construct's own environment_type=PROD protects its stack."""
    stack = new_stack(None)
    protect_state(stack, EnvironmentType.PROD)
    assert stack.termination_protection is True


@pytest.mark.parametrize("declared", [None, EnvironmentType.DEV])
def test_other_stacks_stay_as_they_are(declared: EnvironmentType | None) -> None:
    """Nothing is locked where PROD is not declared, though its defaults may be assumed."""
    stack = new_stack(declared)
    protect_state(stack, None)
    assert stack.termination_protection is False


def test_a_nested_stack_protects_the_outermost() -> None:
    """State in a nested stack protects the stack that can be deleted."""
    app = App()
    outer = new_stack(EnvironmentType.PROD, app=app, env=Environment())
    protect_state(NestedStack(NestedStack(outer, "Middle"), "Inner"), None)
    assert outer.termination_protection is True
