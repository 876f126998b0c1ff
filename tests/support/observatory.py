"""The scoring of Mozilla's HTTP Observatory, as far as headers decide it.

The rules and figures are those that MDN publishes (read 2026-11):
https://developer.mozilla.org/en-US/observatory/docs/tests_and_scoring
A site that redirects to HTTPS, sets no cookies, shares nothing by CORS and loads its own scripts alone gains and loses
nothing by the other tests, so the score here is the site's.
"""

import re
from collections.abc import Mapping
from typing import Final

_GRADES: Final = (
    (100, "A+"),
    (90, "A"),
    (85, "A-"),
    (80, "B+"),
    (70, "B"),
    (65, "B-"),
    (60, "C+"),
    (50, "C"),
    (45, "C-"),
    (40, "D+"),
    (30, "D"),
    (25, "D-"),
)
_SIX_MONTHS: Final = 15_768_000
_PRELOAD: Final = 31_536_000
_UNSAFE: Final = {"'unsafe-inline'", "data:"}
_BROAD: Final = {"*", "http:", "https:", "http://*", "https://*"}
_SECURE_REFERRERS: Final = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
_CREDIT: Final = 90
"""Bonuses are for those that reach this without them."""


def grade(headers: Mapping[str, str]) -> str:
    """The letter."""
    points = score(headers)
    return next((letter for least, letter in _GRADES if points >= least), "F")


def score(headers: Mapping[str, str]) -> int:
    """The points: 100, less what is lacking, and bonuses if little is."""
    found = modifiers(headers).values()
    points = 100 + sum(modifier for modifier in found if modifier < 0)
    if points >= _CREDIT:
        points += sum(modifier for modifier in found if modifier > 0)
    return max(points, 0)


def modifiers(headers: Mapping[str, str]) -> dict[str, int]:
    """What each test adds or takes."""
    policy = parse(headers.get("content-security-policy", ""))
    return {
        "content-security-policy": _csp(policy),
        "strict-transport-security": _hsts(headers.get("strict-transport-security")),
        "referrer-policy": _referrer(headers.get("referrer-policy")),
        "x-content-type-options": 0 if headers.get("x-content-type-options", "").lower() == "nosniff" else -5,
        "x-frame-options": _frames(headers.get("x-frame-options"), policy),
        "cross-origin-resource-policy": _resources(headers.get("cross-origin-resource-policy")),
    }


def parse(value: str) -> dict[str, set[str]]:
    """A policy's sources by directive; of a directive that is there twice, browsers go by the first."""
    found: dict[str, set[str]] = {}
    for part in value.split(";"):
        name, *sources = part.split() or [""]
        if name:
            found.setdefault(name.lower(), set(sources))
    return found


def _csp(policy: Mapping[str, set[str]]) -> int:
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    scripts = policy.get("script-src", default)
    objects = policy.get("object-src", default)
    styles = policy.get("style-src", default)
    active = scripts | objects | styles | policy.get("connect-src", default) | policy.get("frame-src", default)
    passive = policy.get("img-src", default) | policy.get("media-src", default)
    hashed = any(source.startswith(("'sha", "'nonce-")) for source in scripts)
    unsafe_scripts = _UNSAFE - ({"'unsafe-inline'"} if hashed else set())
    insecure = ("http:", "ftp:")
    if scripts & unsafe_scripts or (scripts | objects) & _BROAD or any(one.startswith(insecure) for one in active):
        return -20
    if "'unsafe-eval'" in scripts | styles or any(one.startswith(insecure) for one in passive):
        return -10
    if styles & (_UNSAFE | _BROAD):
        return 0
    forms = policy.get("form-action", {"*"})
    return 10 if default == {"'none'"} and forms <= {"'none'", "'self'"} else 5


def _hsts(value: str | None) -> int:
    match = re.fullmatch(r"max-age=([0-9]+)(; ?includesubdomains)?(; ?preload)?", (value or "").lower())
    if match is None:
        return -20
    age = int(match.group(1))
    if age < _SIX_MONTHS:
        return -10
    return 5 if match.group(2) and match.group(3) and age >= _PRELOAD else 0


def _referrer(value: str | None) -> int:
    if value is None:
        return 0
    # Of several the last one that a browser knows counts.
    last = value.split(",")[-1].strip().lower()
    if last in _SECURE_REFERRERS:
        return 5
    return -5


def _frames(value: str | None, policy: Mapping[str, set[str]]) -> int:
    if "frame-ancestors" in policy and not policy["frame-ancestors"] & _BROAD:
        return 5
    return 0 if (value or "").upper() in {"DENY", "SAMEORIGIN"} else -20


def _resources(value: str | None) -> int:
    if value is None:
        return 0
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0}.get(value.lower(), -5)
