"""The endpoints of a VPC: gateway endpoints always, interface endpoints by choice, behind one security group."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import Fn, Names, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from aws_architect_constructs._validations import is_concrete

from .endpoint_policies import Statement, dynamodb_statements, s3_statements, service_statements


class VpcEndpoints(Construct):
    """S3 and DynamoDB gateway endpoints for every tier, and interface endpoints in the private tier.

    Attributes:
        s3: The gateway endpoint of S3.
        dynamodb: The gateway endpoint of DynamoDB.
        interface: The interface endpoints by service name, such as `ecr.api`.
        security_group: The security group that they share, or None before the first.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet],
        client_blocks: Sequence[str],
        organization_id: str | None,
    ) -> None:
        super().__init__(scope, id)
        self._vpc = vpc
        self._subnets = list(subnets)
        self._client_blocks = client_blocks
        self._organization_id = organization_id
        self.security_group: ec2.SecurityGroup | None = None
        self.interface: Final[dict[str, ec2.InterfaceVpcEndpoint]] = {}
        self.s3: Final = ec2.GatewayVpcEndpoint(self, "S3", vpc=vpc, service=ec2.GatewayVpcEndpointAwsService("s3"))
        self.dynamodb: Final = ec2.GatewayVpcEndpoint(
            self, "DynamoDb", vpc=vpc, service=ec2.GatewayVpcEndpointAwsService("dynamodb")
        )
        if organization_id is not None:
            _cap(self.s3, self._s3_statements(organization_id))
            _cap(self.dynamodb, dynamodb_statements(organization_id))

    def add(self, service: str) -> ec2.InterfaceVpcEndpoint:
        """The interface endpoint of a service, made if there is none yet."""
        if service not in self.interface:
            self.interface[service] = endpoint = ec2.InterfaceVpcEndpoint(
                self,
                "".join(part.capitalize() for part in service.replace("-", ".").split(".")),
                vpc=self._vpc,
                service=ec2.InterfaceVpcEndpointAwsService(service),
                subnets=ec2.SubnetSelection(subnets=self._subnets),
                security_groups=[self._shared_security_group()],
                private_dns_enabled=True,
                open=False,
            )
            if self._organization_id is not None:
                _cap(endpoint, service_statements(self._organization_id))
        return self.interface[service]

    def _shared_security_group(self) -> ec2.SecurityGroup:
        if self.security_group is None:
            self.security_group = ec2.SecurityGroup(
                self,
                "SecurityGroup",
                vpc=self._vpc,
                description="Interface endpoints: HTTPS from the private tier.",
                allow_all_outbound=False,
            )
            for peer in self._client_peers():
                self.security_group.add_ingress_rule(peer, ec2.Port.tcp(443), "HTTPS from the private tier")
        return self.security_group

    def _client_peers(self) -> list[ec2.IPeer]:
        """The private tiers' blocks; in a prefix list where IPAM allocates them, as cdk-nag fails on unknown blocks."""
        if all(is_concrete(block) for block in self._client_blocks):
            return [ec2.Peer.ipv4(block) for block in self._client_blocks]
        clients = ec2.CfnPrefixList(
            self,
            "Clients",
            address_family="IPv4",
            prefix_list_name=f"{Names.unique_id(self)[-200:]}Clients",
            max_entries=len(self._client_blocks),
            entries=[{"cidr": block} for block in self._client_blocks],
        )
        return [ec2.Peer.prefix_list(clients.attr_prefix_list_id)]

    def _s3_statements(self, organization_id: str) -> list[Statement]:
        stack = Stack.of(self)
        region = stack.region
        dashless = region.replace("-", "") if is_concrete(region) else Fn.join("", Fn.split("-", region))
        return s3_statements(organization_id, partition=stack.partition, region=region, dashless_region=dashless)


def _cap(endpoint: ec2.VpcEndpoint, statements: Sequence[Statement]) -> None:
    for statement in statements:
        endpoint.add_to_policy(iam.PolicyStatement.from_json(statement))
