"""The answer to a question about the network, with its reasons."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether packets arrive and answers come back."""

    REACHABLE = "reachable"
    BLOCKED = "blocked"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether A reaches B, by which path, or what stops it.

    Attributes:
        verdict: REACHABLE if any pair of places can talk, BLOCKED if surely none can, UNDECIDED if the templates do not
            tell.
        question: What was asked.
        path: What lets the packet and its answer pass, in order; on the way to a block, as far as it gets.
        explanation: The whole in one sentence.
        blocked_by: The logical id of the rule, gateway, table or group that stops it; None unless BLOCKED.
        exceptions: The answers for those places (other subnets, other Availability Zones) that cannot talk although
            others can.
    """

    verdict: Verdict
    question: str
    path: tuple[str, ...] = ()
    explanation: str = ""
    blocked_by: str | None = None
    exceptions: tuple["Answer", ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether every pair of places can talk, not only some."""
        return self.verdict is Verdict.REACHABLE and not self.exceptions

    def __str__(self) -> str:
        lines = [
            f"{self.verdict.upper()}: {self.question}",
            *(f"  {number}. {hop}" for number, hop in enumerate(self.path, 1)),
        ]
        if self.explanation:
            lines.append(f"  => {self.explanation}")
        lines += [f"  except {answer.question}: {answer.explanation}" for answer in self.exceptions]
        return "\n".join(lines)
