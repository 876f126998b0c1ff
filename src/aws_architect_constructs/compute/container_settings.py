"""What is worth saying of a container's settings.

Pure Python.
"""

import re
from collections.abc import Mapping
from typing import Final

_CREDENTIAL_NAME: Final = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY", re.IGNORECASE
)
# The name of a secret, or where it lies, is no secret.
_ABOUT_ONE: Final = re.compile(
    r"_(ARN|ENDPOINT|FILE|ID|LIFETIME|NAME|PATH|REGION|TTL|URI|URL|EXPIRY|ENABLED)$", re.IGNORECASE
)
_CREDENTIAL_VALUE: Final = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]+:[^/\s@]+@"
)
_MUTABLE_TAG: Final = re.compile(r":latest$")
_TAGGED: Final = re.compile(r"(:[^/:]+|@sha256:[0-9a-f]{64})$")
_ROOT: Final = re.compile(r"(root|0)(:.*)?")
_PATH: Final = re.compile(r"(/[\w.@+-]+)+", re.ASCII)


def credentials_in(environment: Mapping[str, str]) -> list[str]:
    """The names of the variables that look like a credential: by their name, or by a value that is one by its shape."""
    return sorted(
        name
        for name, value in environment.items()
        if (_CREDENTIAL_NAME.search(name) and not _ABOUT_ONE.search(name)) or _CREDENTIAL_VALUE.search(value)
    )


def is_root(user: str) -> bool:
    """Whether a user is root, by name or number, with or without a group."""
    return _ROOT.fullmatch(user) is not None


def is_mutable(image: str) -> bool:
    """Whether an image's name means another image tomorrow: it ends in `latest`, or in no tag and no digest."""
    return _MUTABLE_TAG.search(image) is not None or _TAGGED.search(image) is None


def check_path(argument: str, path: str) -> str:
    """Read an absolute path in a container.

    Raises:
        ValueError: If it is none, or the root itself.
    """
    if not isinstance(path, str) or not _PATH.fullmatch(path) or ".." in path.split("/"):
        raise ValueError(f"{argument}: no absolute path in a container, got {path!r}; allowed: such as '/tmp'")
    return path
