"""Lambda@Edge: signs each request, so that the origin knows that it came through the distribution, and when.

The origin compares `Authorization: Edge <seconds>:<hex>` with its own HMAC-SHA-256 of `<seconds> <method> <path>` and
refuses what is older than a minute. The secret is in Secrets Manager, read once in five minutes in each place that the
function runs in: Lambda@Edge has no environment variables, and code is no place for secrets.
"""

import hashlib
import hmac
import time
from importlib import import_module
from typing import Any, Final

SECRET: Final = "edge/signing"  # noqa: S105 -- the secret's name
SECRETS_REGION: Final = "us-east-1"
KEPT_SECONDS: Final = 300

_kept: dict[str, Any] = {"until": 0.0, "secret": b""}


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """At viewer-request: replace whatever authorization the visitor sent by the distribution's own."""
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    now = int(time.time())
    signature = sign(secret(now), now, request["method"], request["uri"])
    request["headers"]["authorization"] = [{"key": "Authorization", "value": f"Edge {now}:{signature}"}]
    return request


def sign(key: bytes, seconds: int, method: str, path: str) -> str:
    """The signature that the origin computes too."""
    return hmac.new(key, f"{seconds} {method} {path}".encode(), hashlib.sha256).hexdigest()


def secret(now: float) -> bytes:
    """The secret, as it was at most five minutes ago."""
    if now >= _kept["until"]:
        _kept.update(secret=read_secret().encode(), until=now + KEPT_SECONDS)
    found: bytes = _kept["secret"]
    return found


def read_secret() -> str:
    """Ask Secrets Manager."""
    boto3 = import_module("boto3")  # the runtime has it; a test needs none
    client = boto3.client("secretsmanager", region_name=SECRETS_REGION)
    value: str = client.get_secret_value(SecretId=SECRET)["SecretString"]
    return value
