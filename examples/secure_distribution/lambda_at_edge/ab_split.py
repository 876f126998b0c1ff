"""Lambda@Edge: shows each visitor one of two variants of a site, and the same one each time.

Before the cache, the variant becomes the beginning of the path (`/a/...`, `/b/...`), so the cache keeps the variants
apart without a word of the cookie. On the way back, a visitor without a cookie gets one.
"""

import hashlib
from typing import Any, Final

COOKIE: Final = "variant"
VARIANTS: Final = ("a", "b")
DAYS: Final = 30


def choose(event: dict[str, Any], _: object) -> dict[str, Any]:
    """At viewer-request: put the visitor's variant in front of the path."""
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    request["uri"] = f"/{variant_of(request)}{request['uri']}"
    return request


def remember(event: dict[str, Any], _: object) -> dict[str, Any]:
    """At viewer-response: have the visitor's browser remember the variant."""
    record = event["Records"][0]["cf"]
    response: dict[str, Any] = record["response"]
    if _remembered(record["request"]) is None:
        age = DAYS * 86_400
        cookie = f"{COOKIE}={variant_of(record['request'])}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax"
        response["headers"].setdefault("set-cookie", []).append({"key": "Set-Cookie", "value": cookie})
    return response


def variant_of(request: dict[str, Any]) -> str:
    """The remembered variant, else one by the visitor's address: the same for both events of a request."""
    remembered = _remembered(request)
    if remembered is not None:
        return remembered
    digest = hashlib.sha256(request["clientIp"].encode()).digest()
    return VARIANTS[digest[0] % len(VARIANTS)]


def _remembered(request: dict[str, Any]) -> str | None:
    for header in request["headers"].get("cookie", []):
        for part in header["value"].split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE and value in VARIANTS:
                return str(value)
    return None
