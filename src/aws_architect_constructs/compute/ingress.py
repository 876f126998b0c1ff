"""How requests reach a service: by a load balancer of its own, by another's listener, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final, Self

from aws_cdk import aws_ec2 as ec2

from aws_architect_constructs._validations import integer, is_concrete, listed, texts

if TYPE_CHECKING:  # a service without a load balancer need not load these
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from aws_cdk import aws_route53 as route53

_HIGHEST_PRIORITY: Final = 50_000
_MOST_CONDITIONS: Final = 5
_EVERYBODY: Final = "0.0.0.0/0"


class IngressKind(StrEnum):
    """What stands before a service."""

    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    VPC_ORIGIN = "VPC_ORIGIN"
    LISTENER = "LISTENER"
    NONE = "NONE"


@dataclass(frozen=True, kw_only=True)
class Ingress:
    """How requests reach a service. Make one with `public`, `internal`, `vpc_origin`, `listener` or `none`.

    See https://docs.aws.amazon.com/elasticloadbalancing/latest/application/introduction.html.
    """

    kind: IngressKind
    allowed_cidrs: tuple[str, ...] = ()
    domain_name: str | None = None
    hosted_zone: "route53.IHostedZone | None" = None
    web_acl_arn: str | None = None
    vpc_subnets: ec2.SubnetSelection | None = None
    prefix_list_id: str | None = None
    from_subnets: bool = False
    existing_listener: "elbv2.IApplicationListener | None" = None
    priority: int | None = None
    conditions: "tuple[elbv2.ListenerCondition, ...]" = ()
    test_listener: "elbv2.IApplicationListener | None" = None

    @classmethod
    def public(
        cls,
        *,
        domain_name: str | None = None,
        hosted_zone: "route53.IHostedZone | None" = None,
        allowed_cidrs: Sequence[str] | None = None,
        web_acl_arn: str | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> Self:
        """An Application Load Balancer on the internet: HTTPS, and HTTP that redirects to it.

        Args:
            domain_name: The service's name, which gets an alias record in `hosted_zone`, and, where the service has no
                `certificate`, one that DNS validates. Default None: neither.
            hosted_zone: The public zone that the name is in. Default None.
            allowed_cidrs: The blocks that may connect. Default None: everybody, over IPv4.
            web_acl_arn: The Regional web ACL (AWS WAF) that looks at requests first. Default None: none, which gets
                the warning `NoWebAcl` in PROD where everybody may connect.
            vpc_subnets: The load balancer's subnets. Default None: the VPC's public tier.

        Raises:
            ValueError: If a block is malformed, or a name has no zone or the other way round.
        """
        return cls(
            kind=IngressKind.PUBLIC,
            allowed_cidrs=(_EVERYBODY,) if allowed_cidrs is None else _blocks(allowed_cidrs),
            vpc_subnets=vpc_subnets,
            web_acl_arn=web_acl_arn,
            domain_name=domain_name,
            hosted_zone=_zone(domain_name, hosted_zone),
        )

    @classmethod
    def internal(
        cls,
        *,
        domain_name: str | None = None,
        hosted_zone: "route53.IHostedZone | None" = None,
        allowed_cidrs: Sequence[str] = (),
        web_acl_arn: str | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> Self:
        """A load balancer in the private tier: HTTPS alone, from whoever is let in.

        Clients of this app connect by `client.connections.allow_to(api.load_balancer, ec2.Port.tcp(443))`, which
        keeps the rules in the client's stack.

        Args:
            domain_name: The service's name; as in `public`. Where there is no `certificate`, the zone has to be public,
                as DNS validation asks it.
            hosted_zone: The zone that the name is in. Default None.
            allowed_cidrs: The blocks that may connect. Default: none.
            web_acl_arn: As in `public`.
            vpc_subnets: The load balancer's subnets. Default None: the VPC's private tier.

        Raises:
            ValueError: As in `public`.
        """
        return cls(
            kind=IngressKind.INTERNAL,
            allowed_cidrs=_blocks(allowed_cidrs),
            vpc_subnets=vpc_subnets,
            web_acl_arn=web_acl_arn,
            domain_name=domain_name,
            hosted_zone=_zone(domain_name, hosted_zone),
        )

    @classmethod
    def vpc_origin(
        cls,
        *,
        prefix_list_id: str | None = None,
        from_subnets: bool = False,
        web_acl_arn: str | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
    ) -> Self:
        """A load balancer in the private tier that only CloudFront reaches, as a VPC origin: it is never public.

        CloudFront connects over HTTPS, through interfaces that it puts into the load balancer's subnets. Their security
        group `CloudFront-VPCOrigins-Service-SG` is there with the VPC's first origin, and can be let in alone from then
        on: `api.load_balancer.connections.allow_from(group, ec2.Port.tcp(443))`.
        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html

        Args:
            prefix_list_id: The Region's prefix list of CloudFront's origin-facing addresses. Default None: from a table
                in this library, which an unknown Region is an error of. The list counts as 55 rules of a security
                group, out of 60.
            from_subnets: Whether to let the load balancer's own subnets in instead. Default False. AWS names the prefix
                list and the group `CloudFront-VPCOrigins-Service-SG` as ways in, and not these addresses; who tried it
                reports 504. It gets the warning `CloudFrontFromSubnets`.
            web_acl_arn: As in `public`. One at CloudFront looks at requests sooner.
            vpc_subnets: The load balancer's subnets. Default None: the VPC's private tier.

        Raises:
            ValueError: If both a prefix list and the subnets are named, or the list's id is malformed.
        """
        if prefix_list_id is not None and from_subnets:
            raise ValueError(
                f"from_subnets: there are two ways for CloudFront to come in, got from_subnets=True and "
                f"prefix_list_id={prefix_list_id!r}; allowed: one of them"
            )
        if prefix_list_id is not None and is_concrete(prefix_list_id) and not prefix_list_id.startswith("pl-"):
            raise ValueError(f"prefix_list_id: no prefix list, got {prefix_list_id!r}; allowed: pl- and its digits")
        return cls(
            kind=IngressKind.VPC_ORIGIN,
            prefix_list_id=prefix_list_id,
            from_subnets=from_subnets,
            web_acl_arn=web_acl_arn,
            vpc_subnets=vpc_subnets,
        )

    @classmethod
    def listener(
        cls,
        listener: "elbv2.IApplicationListener",
        *,
        priority: int,
        conditions: "Sequence[elbv2.ListenerCondition]",
        test_listener: "elbv2.IApplicationListener | None" = None,
    ) -> Self:
        """An HTTPS listener that is there already, so that many services share one load balancer.

        Target groups and rules stand in the service's own stack, and so do the rules between the two security groups.

        Args:
            listener: The listener. An imported one needs its security group.
            priority: Where the service's rule stands among the listener's, 1 to 50,000, each once.
            conditions: What a request has to look like: hosts, paths, headers. At least one, and five at most.
            test_listener: Where a new revision is tried before it gets traffic, by the same rule. Default None: not.

        Raises:
            ValueError: If the priority is out of bounds, or there is no condition, or too many.
        """
        found = listed("conditions", conditions)
        if not 1 <= len(found) <= _MOST_CONDITIONS:
            raise ValueError(
                f"conditions: too few or too many, got {len(found)}; allowed: 1 to {_MOST_CONDITIONS}, such as "
                "elbv2.ListenerCondition.path_patterns(['/orders/*'])"
            )
        return cls(
            kind=IngressKind.LISTENER,
            existing_listener=listener,
            priority=integer("priority", priority, 1, _HIGHEST_PRIORITY),
            conditions=tuple(conditions),
            test_listener=test_listener,
        )

    @classmethod
    def none(cls) -> Self:
        """No way in: a worker that takes its work from a queue, or what Service Connect alone reaches."""
        return cls(kind=IngressKind.NONE)

    @property
    def is_open(self) -> bool:
        """Whether everybody on the internet may connect to a load balancer of the service's own."""
        return self.kind is IngressKind.PUBLIC and _EVERYBODY in self.allowed_cidrs

    @property
    def makes_load_balancer(self) -> bool:
        """Whether the service gets a load balancer of its own."""
        return self.kind in {IngressKind.PUBLIC, IngressKind.INTERNAL, IngressKind.VPC_ORIGIN}


def _blocks(allowed_cidrs: Sequence[str]) -> tuple[str, ...]:
    blocks = texts("allowed_cidrs", allowed_cidrs)
    for block in filter(is_concrete, blocks):
        try:
            IPv4Network(block)
        except ValueError as error:
            raise ValueError(
                f"allowed_cidrs: no block of IPv4 addresses, got {block!r} ({error}); allowed: '198.51.100.0/24'"
            ) from None
    return blocks


def _zone(domain_name: str | None, hosted_zone: "route53.IHostedZone | None") -> "route53.IHostedZone | None":
    if (domain_name is None) != (hosted_zone is None):
        raise ValueError(
            f"domain_name and hosted_zone: one needs the other, got domain_name={domain_name!r} and "
            f"{'no' if hosted_zone is None else 'a'} zone; allowed: both or neither"
        )
    return hosted_zone
