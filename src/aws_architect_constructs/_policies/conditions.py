"""The Condition element: keys of the request against values of the policy, with the rules for absent keys.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aws_architect_constructs._policies.context_keys import ContextKeyTable
from aws_architect_constructs._policies.errors import PolicyError, UndecidedError
from aws_architect_constructs._policies.glob import Glob, compile_glob
from aws_architect_constructs._policies.operators import Family, Operator, SetQuantifier, parse_operator
from aws_architect_constructs._policies.variables import expand, variables_in

__all__ = ["Condition", "RequestContext", "conditions_hold", "parse_conditions"]


class RequestContext(Protocol):
    """What a request says about itself."""

    def values(self, key: str) -> tuple[str, ...] | None:
        """Return the values of a key, or None when it is absent; UndecidedError when the request does not say."""
        ...  # pragma: no cover - a protocol has no body

    def variable(self, key: str) -> str | None:
        """Return the one value of a key, for a policy variable, or None when it is absent."""
        ...  # pragma: no cover - a protocol has no body


@dataclass(frozen=True)
class Condition:
    """One key of one operator.

    Attributes:
        place: Where it stands, for errors.
        operator: The operator.
        key: The context key as written.
        wanted: The values of the policy, in order.
        has_variables: Whether ``${...}`` means a policy variable here.
    """

    place: str
    operator: Operator
    key: str
    wanted: tuple[str, ...]
    has_variables: bool

    def holds(self, context: RequestContext, unresolved: list[str]) -> bool:
        """Return whether the request meets the condition.

        Args:
            context: The request's context.
            unresolved: Takes the keys of policy variables that the request has no value for.
        """
        operator = self.operator
        values = context.values(self.key)
        # For set operators AWS counts an empty string as an empty set of values: last page above.
        is_empty = not values or (operator.quantifier is not None and set(values) == {""})
        if operator.family is Family.NULL:
            return any(operator.compare(str(is_empty), compile_glob(wanted)) for wanted in self.wanted)
        if values is None and operator.if_exists:
            return True
        if is_empty or values is None:
            return self._holds_without_key()
        if operator.quantifier is None and len(values) > 1:
            raise UndecidedError(
                f"{self.place}: {operator.name} compares one value, got {self.key} with {list(values)}; "
                "a key with several values needs ForAllValues or ForAnyValue"
            )
        patterns = self._patterns(context, unresolved)
        met = [self._meets(value, patterns) for value in values]
        return any(met) if operator.quantifier is SetQuantifier.FOR_ANY_VALUE else all(met)

    def _holds_without_key(self) -> bool:
        if self.operator.quantifier is not None:
            return self.operator.quantifier is SetQuantifier.FOR_ALL_VALUES
        return self.operator.negated

    def _patterns(self, context: RequestContext, unresolved: list[str]) -> list[Glob]:
        patterns: list[Glob] = []
        for wanted in self.wanted:
            if not self.has_variables:
                patterns.append(compile_glob(wanted))
                continue
            pattern, missing = expand(wanted, context.variable, self.place)
            unresolved.extend(missing)
            if pattern is not None:
                patterns.append(pattern)
        return patterns

    def _meets(self, value: str, patterns: list[Glob]) -> bool:
        try:
            matched = any(self.operator.compare(value, pattern) for pattern in patterns)
        except PolicyError as error:
            raise PolicyError(f"{self.place}: {self.operator.name} on {self.key} compares {error}") from None
        # Several values after a negated operator are a NOR: none of them may match.
        return matched is not self.operator.negated


def _as_text(value: object, place: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise PolicyError(f"{place}: a condition value, got {value!r}; allowed are strings, numbers and Booleans")


def parse_conditions(
    block: object, *, place: str, keys: ContextKeyTable, policy_variables: bool
) -> tuple[Condition, ...]:
    """Return the conditions of a Condition element, checked.

    Args:
        block: The element, or None.
        place: Where it stands, for errors.
        keys: The context keys that exist.
        policy_variables: Whether the document's Version knows policy variables.

    Raises:
        PolicyError: When the element is malformed; its subclasses name unknown operators and keys.
    """
    if block is None:
        return ()
    if not isinstance(block, Mapping):
        raise PolicyError(f"{place}: Condition, got {block!r}; allowed is a map of operators")
    conditions: list[Condition] = []
    for name, tests in block.items():
        operator = parse_operator(str(name), place)
        if not isinstance(tests, Mapping):
            raise PolicyError(f"{place}: {name}, got {tests!r}; allowed is a map of context keys")
        for key, value in tests.items():
            here = f"{place}, {name} {key}"
            keys.check(str(key), here)
            listed = value if isinstance(value, list | tuple) else [value]
            wanted = tuple(_as_text(item, here) for item in listed)
            for text in wanted:
                _check_value(text, operator=operator, place=here, keys=keys, policy_variables=policy_variables)
            has_variables = policy_variables and operator.family.takes_variables
            conditions.append(Condition(here, operator, str(key), wanted, has_variables))
    return tuple(conditions)


def _check_value(text: str, *, operator: Operator, place: str, keys: ContextKeyTable, policy_variables: bool) -> None:
    if policy_variables:
        for variable in variables_in(text, place):
            if not operator.family.takes_variables:
                raise PolicyError(
                    f"{place}: a policy variable with {operator.name}, got {text!r}; "
                    "allowed are string, ARN and Boolean operators"
                )
            if not variable.is_escape:
                keys.check(variable.key, place)
    try:
        operator.check(text)
    except PolicyError as error:
        raise PolicyError(f"{place}: {error}") from None


def conditions_hold(conditions: tuple[Condition, ...], context: RequestContext, unresolved: list[str]) -> bool:
    """Return whether every condition holds; what cannot be decided matters only when nothing else is false.

    Raises:
        UndecidedError: When the request does not say enough and no other condition is false.
    """
    undecided: UndecidedError | None = None
    for condition in conditions:
        try:
            if not condition.holds(context, unresolved):
                return False
        except UndecidedError as error:
            undecided = undecided or error
    if undecided is not None:
        raise undecided
    return True
