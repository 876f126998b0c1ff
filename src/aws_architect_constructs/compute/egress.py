"""Where tasks may open connections to: nowhere but where it is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from aws_cdk import aws_ec2 as ec2

from aws_architect_constructs._validations import is_concrete, listed

_HTTPS = ec2.Port.tcp(443)


@dataclass(frozen=True, kw_only=True)
class Egress:
    """A destination of tasks. Make one with `https`, `vpc_endpoints` or `prefix_list`.

    What `connections` adds comes on top. A security group does not filter what a task asks the VPC's resolver, its
    metadata or the time service: names can leak data, which a DNS firewall sees to.

    See https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html.
    """

    peers: tuple[ec2.IPeer, ...]
    description: str

    @classmethod
    def https(cls, *, ipv6: bool = False) -> Self:
        """TCP 443 to anywhere, so that images, logs and AWS's APIs work.

        Args:
            ipv6: Whether over IPv6 too, for tasks in dual-stack subnets. Default False.
        """
        peers: list[ec2.IPeer] = [ec2.Peer.any_ipv4()]
        if ipv6:
            peers.append(ec2.Peer.any_ipv6())
        return cls(peers=tuple(peers), description="HTTPS to AWS and the internet")

    @classmethod
    def vpc_endpoints(cls, security_groups: Sequence[ec2.ISecurityGroup]) -> Self:
        """TCP 443 to interface endpoints, whose own security group has to admit the tasks.

        Args:
            security_groups: The security groups of the endpoints, such as `network.endpoints.security_group`. The rule
                stands in the tasks' group alone, so the network's stack does not change.

        Raises:
            ValueError: If there is none.
        """
        groups = listed("security_groups", security_groups)
        if not groups or None in groups:
            raise ValueError(
                f"security_groups: no security group of an endpoint, got {list(groups)!r}; allowed: at least one"
            )
        return cls(
            peers=tuple(ec2.Peer.security_group_id(group.security_group_id) for group in security_groups),
            description="HTTPS to interface endpoints",
        )

    @classmethod
    def prefix_list(cls, prefix_list_id: str) -> Self:
        """TCP 443 to the addresses of a prefix list, such as that of S3 or DynamoDB behind a gateway endpoint.

        Args:
            prefix_list_id: Its id: `aws ec2 describe-managed-prefix-lists` prints that of `com.amazonaws.<region>.s3`,
                which ECR's image layers come from.

        Raises:
            ValueError: If it is no prefix list's id.
        """
        if is_concrete(prefix_list_id) and not prefix_list_id.startswith("pl-"):
            raise ValueError(f"prefix_list_id: no prefix list, got {prefix_list_id!r}; allowed: pl- and its digits")
        return cls(peers=(ec2.Peer.prefix_list(prefix_list_id),), description="HTTPS to a prefix list")

    @property
    def is_inline(self) -> bool:
        """Whether its rules stand in the security group itself, rather than beside it."""
        return any(peer.can_inline_rule for peer in self.peers)

    def apply_to(self, security_group: ec2.SecurityGroup) -> None:
        """Add the rules to the tasks' security group."""
        for peer in self.peers:
            security_group.add_egress_rule(peer, _HTTPS, self.description)


def close(security_group: ec2.SecurityGroup) -> None:
    """Keep EC2's own rule, which lets everything out, from a group all of whose rules stand beside it.

    EC2 adds it to a group that is created without one, and takes it away with the first rule that comes later: with a
    rule to nowhere the group is closed from the first moment, and stays so when all other rules go.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
    """
    security_group.add_egress_rule(ec2.Peer.ipv4("127.0.0.1/32"), ec2.Port.all_traffic(), "Nowhere")
