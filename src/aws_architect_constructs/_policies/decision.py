"""What an evaluation answers: allowed or denied, by which layer, by which statement."""

from dataclasses import dataclass
from enum import StrEnum

from aws_architect_constructs._policies.documents import Effect

__all__ = ["Decision", "Layer", "MatchedStatement"]


class Layer(StrEnum):
    """The layers of policies, and the one decision that needs none."""

    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    VPC_ENDPOINT = "VPC endpoint policy"
    RESOURCE = "resource-based policy"
    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    ROOT_USER = "root user"


@dataclass(frozen=True)
class MatchedStatement:
    """The statement that decided.

    Attributes:
        policy: The document's name, such as ``identity[0]`` or ``service_control[1][0]``.
        index: The statement's position in it, from 0.
        sid: Its Sid, or None.
        effect: Allow or Deny.
    """

    policy: str
    index: int
    sid: str | None
    effect: Effect


@dataclass(frozen=True)
class Decision:
    """The answer. It is true when the request is allowed.

    Attributes:
        allowed: Whether the request is allowed.
        layer: The layer that decided.
        statement: The statement that allowed or explicitly denied; None for an implicit deny.
        explanation: One sentence for people.
    """

    allowed: bool
    layer: Layer
    statement: MatchedStatement | None
    explanation: str

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def explicit_deny(self) -> bool:
        """Whether a Deny statement decided."""
        return not self.allowed and self.statement is not None
