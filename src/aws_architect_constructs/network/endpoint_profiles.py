"""Which AWS services a VPC reaches through interface endpoints, and what that costs.

Pure Python. Service names: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from .prices import INTERFACE_ENDPOINT_PER_AZ_HOUR, monthly

_SESSION_MANAGER: Final = ("ssm", "ssmmessages")
_CONTAINERS: Final = ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
_LAMBDA: Final = ("events", "secretsmanager", "sns", "sqs", "ssm")
_FURTHER: Final = ("kms", "lambda", "monitoring", "states", "sts", "xray")
_GATEWAYS: Final = ("dynamodb", "s3", "s3express")
_SERVICE: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


class EndpointProfile(StrEnum):
    """A set of interface endpoints for a kind of workload.

    Interface endpoints cost money: 7.30 USD a month for each endpoint in each AZ, and 0.01 USD a GB. The gateway
    endpoints of S3 and DynamoDB, which every VPC of this library has, cost nothing. Where a NAT gateway stands anyway,
    endpoints are a choice for privacy and for large volumes (0.01 against 0.045 USD a GB: an endpoint pays for itself
    from about 210 GB a month in each AZ), not for savings: five endpoints cost as much in an AZ as a NAT gateway with
    its address (36.50 USD). Without NAT they are the private tier's only way to AWS. Prices are us-east-1's a month and
    AZ.
    """

    NONE = "NONE"
    """No interface endpoint. 0 USD."""
    SESSION_MANAGER = "SESSION_MANAGER"
    """Session Manager and Parameter Store: ssm, ssmmessages (SSM Agent 3.3.40 and newer needs no ec2messages).
    14.60 USD.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html"""
    CONTAINERS = "CONTAINERS"
    """What a Fargate task needs to start without NAT: ecr.api, ecr.dkr, logs, secretsmanager; image layers come through
    the S3 gateway endpoint. Add ssmmessages for ECS Exec. 29.20 USD.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html"""
    LAMBDA = "LAMBDA"
    """What functions in a VPC usually call: events, secretsmanager, sns, sqs, ssm; their own logs and traces do not
    pass through the VPC. 36.50 USD, as much as a NAT gateway."""
    FULL = "FULL"
    """All of these, and kms, lambda, monitoring, states, sts, xray. 109.50 USD: NAT is cheaper."""

    @property
    def services(self) -> tuple[str, ...]:
        """The services' names behind `com.amazonaws.<region>.`, in alphabetical order."""
        return _SERVICES[self]

    def monthly_price_usd(self, availability_zones: int) -> float:
        """What the profile costs a month in us-east-1 while idle."""
        return monthly(INTERFACE_ENDPOINT_PER_AZ_HOUR, len(self.services) * availability_zones)


_SERVICES: Final[Mapping[EndpointProfile, tuple[str, ...]]] = {
    EndpointProfile.NONE: (),
    EndpointProfile.SESSION_MANAGER: _SESSION_MANAGER,
    EndpointProfile.CONTAINERS: _CONTAINERS,
    EndpointProfile.LAMBDA: _LAMBDA,
    EndpointProfile.FULL: tuple(sorted({*_SESSION_MANAGER, *_CONTAINERS, *_LAMBDA, *_FURTHER})),
}


def endpoint_services(profile: EndpointProfile, additional: Sequence[str]) -> tuple[str, ...]:
    """The services of a profile and further ones, each once.

    Raises:
        ValueError: If a further service's name is malformed, or has a gateway endpoint already.
    """
    spelt: dict[str, str] = {}
    for service in (*profile.services, *additional):
        other = spelt.setdefault(service.replace("-", "."), service)
        if other != service:
            raise ValueError(
                f"additional_endpoints: differs from {other!r} in punctuation alone, got {service!r}; "
                "allowed: one of them"
            )
    for service in additional:
        if service in _GATEWAYS:
            raise ValueError(
                f"additional_endpoints: has a gateway endpoint, which is free, got {service!r}; "
                "allowed: services without one (vpc.add_interface_endpoint for access from other networks)"
            )
        if not _SERVICE.fullmatch(service) or service.startswith("com.amazonaws"):
            raise ValueError(
                f"additional_endpoints: not the short name of a service, got {service!r}; "
                "allowed: what follows 'com.amazonaws.<region>.', as 'kms' or 'ecr.api'"
            )
    return tuple(dict.fromkeys([*profile.services, *additional]))
