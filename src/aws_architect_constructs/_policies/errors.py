"""What goes wrong when a policy is read or evaluated: each error names the place, the value and what is allowed."""

__all__ = [
    "PolicyError",
    "UndecidedError",
    "UnknownConditionOperatorError",
    "UnknownContextKeyError",
]


class PolicyError(ValueError):
    """A policy document or a request that AWS would refuse, or that makes no sense."""


class UnknownConditionOperatorError(PolicyError):
    """A condition operator that the policy language does not have: never a silent pass."""


class UnknownContextKeyError(PolicyError):
    """A context key that AWS does not publish and that the caller did not declare: never a silent pass."""


class UndecidedError(PolicyError):
    """The answer depends on something the request does not say, or on which AWS's documentation is silent."""
