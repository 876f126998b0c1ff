"""The wildcards of the policy language: ``*`` is any run of characters (none too), ``?`` is exactly one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

__all__ = ["Glob", "Wildcard", "compile_glob", "overlap"]


class Wildcard(Enum):
    """The two characters that stand for others."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Glob:
    """A pattern as a sequence of literal characters and wildcards.

    Literal characters are kept apart from wildcards, because a policy variable's value and ``${*}`` put literal
    asterisks into a pattern.
    """

    tokens: tuple[str | Wildcard, ...]

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches.

        Greedy with one point to come back to: time is at most length of pattern times length of text, however many
        asterisks there are (a regular expression would take exponential time on the bad ones).
        """
        position = token = 0
        star = -1
        retry = 0
        while position < len(text):
            wanted = self.tokens[token] if token < len(self.tokens) else None
            if wanted is Wildcard.ANY:
                star, retry = token, position
                token += 1
            elif wanted is Wildcard.ONE or wanted == text[position]:
                token += 1
                position += 1
            elif star >= 0:
                retry += 1
                token, position = star + 1, retry
            else:
                return False
        return all(rest is Wildcard.ANY for rest in self.tokens[token:])

    def casefolded(self) -> "Glob":
        """Return the pattern with its literal characters case-folded."""
        folded: list[str | Wildcard] = []
        for token in self.tokens:
            folded.extend([token] if isinstance(token, Wildcard) else token.casefold())
        return Glob(tuple(folded))

    def literal(self) -> str:
        """Return the pattern as plain text: what an exact comparison compares with."""
        return "".join(token.value if isinstance(token, Wildcard) else token for token in self.tokens)


def tokens_of(text: str) -> Iterable[str | Wildcard]:
    """Yield the characters of a pattern with its wildcards told apart."""
    wildcards = {wildcard.value: wildcard for wildcard in Wildcard}
    return (wildcards.get(character, character) for character in text)


@lru_cache(maxsize=8192)
def compile_glob(pattern: str) -> Glob:
    """Return the pattern of a string without policy variables."""
    return Glob(tuple(tokens_of(pattern)))


@lru_cache(maxsize=8192)
def overlap(one: str, other: str) -> bool:
    """Return whether some text matches both patterns."""
    first, second = compile_glob(one).tokens, compile_glob(other).tokens
    # The positions in `second` up to which what is read of `first` may have come: both patterns read side by side.
    reached = _past_stars({0}, second)
    for token in first:
        if token is Wildcard.ANY:
            # It takes any run, so whatever `second` may still read.
            reached = set(range(min(reached), len(second) + 1))
            continue
        after = {position + 1 for position in reached if position < len(second) and _meet(token, second[position])}
        after |= {position for position in reached if position < len(second) and second[position] is Wildcard.ANY}
        reached = _past_stars(after, second)
        if not reached:
            return False
    return len(second) in reached


def _past_stars(positions: set[int], tokens: tuple[str | Wildcard, ...]) -> set[int]:
    """The positions, and those behind asterisks that match nothing."""
    found = set(positions)
    for position in sorted(positions):
        here = position
        while here < len(tokens) and tokens[here] is Wildcard.ANY:
            here += 1
            found.add(here)
    return found


def _meet(token: str | Wildcard, other: str | Wildcard) -> bool:
    """Whether two tokens may stand for the same one character."""
    return other is not Wildcard.ANY and (token is Wildcard.ONE or other is Wildcard.ONE or token == other)
