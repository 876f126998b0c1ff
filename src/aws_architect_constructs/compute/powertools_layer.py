"""Where Powertools for AWS Lambda (Python) comes from: AWS's public layer, by its ARN or by its parameter.

The pinned version is refreshed with a release of this library: by the table at
https://docs.aws.amazon.com/powertools/python/latest/getting-started/install/, which is what the constants below repeat.
Until then `powertools_layer_version=` names another.

Pure Python.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

LAYER_VERSION: Final = 37
"""The layer's version in commercial Regions and in Beijing, read on 2026-11-24."""
GOVCLOUD_LAYER_VERSION: Final = 27
"""The layer's version in GovCloud, which lags behind."""

PYTHON_VERSIONS: Final = ("3.10", "3.11", "3.12", "3.13", "3.14")
"""Versions that there is a layer for."""

_COMMERCIAL_ACCOUNT: Final = "017000801446"
# Region: the account that publishes there, and the version.
_ELSEWHERE: Final[Mapping[str, tuple[str, int]]] = {
    "cn-north-1": ("498634801083", LAYER_VERSION),
    "us-gov-east-1": ("165087284144", GOVCLOUD_LAYER_VERSION),
    "us-gov-west-1": ("165093116878", GOVCLOUD_LAYER_VERSION),
}
_PARTITIONS_ELSEWHERE: Final = ("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-")


class PowertoolsSource(StrEnum):
    """Where a function's Powertools comes from."""

    PINNED_LAYER = "PINNED_LAYER"
    """AWS's public layer at the version that this library pins: a deployment changes nothing that nobody changed."""
    LATEST_LAYER = "LATEST_LAYER"
    """AWS's public layer at the version that its public SSM parameter names when the stack is deployed."""
    BUNDLED = "BUNDLED"
    """The function's own dependencies, which must name `aws-lambda-powertools`."""


def layer_arn(*, partition: str, region: str, python: str, architecture: str, version: int | None = None) -> str:
    """The ARN of the public layer.

    >>> layer_arn(partition="aws", region="eu-west-1", python="3.14", architecture="arm64", version=37)
    'arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:37'

    Args:
        partition: The partition, or what stands for it.
        region: The Region. What is none of a known one's name is taken for a commercial Region's token.
        python: Python's version, such as `3.14`.
        architecture: `arm64` or `x86_64`.
        version: The layer's version. None: the pinned one.

    Raises:
        ValueError: If AWS publishes no layer there, or none for this Python.
    """
    if python not in PYTHON_VERSIONS:
        raise ValueError(
            f"runtime: no Powertools layer for it, got Python {python}; allowed: {', '.join(PYTHON_VERSIONS)}, or "
            "powertools=PowertoolsSource.BUNDLED"
        )
    if region.startswith(_PARTITIONS_ELSEWHERE) and region not in _ELSEWHERE:
        raise ValueError(
            f"powertools: AWS publishes no layer in this Region, got {region!r}; allowed: PowertoolsSource.BUNDLED, "
            "with aws-lambda-powertools among the dependencies"
        )
    account, pinned = _ELSEWHERE.get(region, (_COMMERCIAL_ACCOUNT, LAYER_VERSION))
    name = f"AWSLambdaPowertoolsPythonV3-python{python.replace('.', '')}-{architecture}"
    return f"arn:{partition}:lambda:{region}:{account}:layer:{name}:{version or pinned}"


def parameter_name(*, python: str, architecture: str) -> str:
    """The public SSM parameter that holds the newest layer's ARN."""
    return f"/aws/service/powertools/python/{architecture}/python{python}/latest"
