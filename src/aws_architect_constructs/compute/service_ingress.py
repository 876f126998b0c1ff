"""What stands before the tasks: a load balancer, or a rule on another's, and the target groups behind it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from aws_cdk import Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, is_concrete
from aws_architect_constructs.foundation.log_bucket import log_load_balancer
from aws_architect_constructs.foundation.tiers import Tier, tier_subnets

from .cloudfront_prefix_lists import cloudfront_prefix_list
from .deployment_plan import DeploymentMode, LiveTargetGroup
from .egress import close
from .ingress import Ingress, IngressKind

if TYPE_CHECKING:  # a service that is given its certificate need not load these
    from aws_cdk import aws_certificatemanager as acm

HTTP: Final = 80
HTTPS: Final = 443
TEST_HTTPS: Final = 8443
_LAST_PRIORITY: Final = 50_000
_ALL: Final = 100


class ServiceIngress(Construct):
    """The load balancer, its listeners, and one target group or, where deployments move traffic, two.

    The HTTPS listener answers 404 by itself, and one rule, the last of all, forwards every path to the service: so a
    deployment moves traffic by its rule alone, and further services can stand on the same listener.

    Attributes:
        load_balancer: The load balancer, or None where another's listener is used.
        listener: The HTTPS listener.
        redirect: The HTTP listener that redirects, or None.
        certificate: The certificate in use, or None with another's listener.
        blue: The target group that the service begins with.
        green: The other one, or None.
        rule: The production rule.
        test_rule: The rule by which a new revision is tried, or None.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc: ec2.IVpc,
        ingress: Ingress,
        certificate: "acm.ICertificate | None",
        health_check_path: str,
        deregistration_delay: Duration,
        mode: DeploymentMode,
        live: LiveTargetGroup,
        deletion_protection: bool,
        access_log_bucket: s3.IBucket | None,
    ) -> None:
        super().__init__(scope, id)
        self._vpc = vpc
        self._ingress = ingress
        self.load_balancer: elbv2.ApplicationLoadBalancer | None = None
        self.redirect: elbv2.ApplicationListener | None = None
        self.certificate = certificate
        self._test_listener = ingress.test_listener
        if ingress.existing_listener is not None:
            self.listener: elbv2.IApplicationListener = ingress.existing_listener
        else:
            self.load_balancer = self._make_load_balancer(deletion_protection=deletion_protection)
            log_load_balancer(self.load_balancer, access_log_bucket)
            self.listener = self._listen(self.load_balancer, mode)
        self.blue: Final = self._target_group("Blue", health_check_path, deregistration_delay)
        self.green: Final = (
            None
            if mode is DeploymentMode.ROLLING
            else self._target_group("Green", health_check_path, deregistration_delay)
        )
        self.rule: Final = self._add_rule("Rule", self.listener, live)
        self.test_rule: Final = (
            None
            if self.green is None or self._test_listener is None
            else self._add_rule("TestRule", self._test_listener, live)
        )

    @property
    def target_groups(self) -> list[elbv2.ApplicationTargetGroup]:
        """The one or two target groups."""
        return [self.blue] if self.green is None else [self.blue, self.green]

    def _make_load_balancer(self, *, deletion_protection: bool) -> elbv2.ApplicationLoadBalancer:
        ingress = self._ingress
        public = ingress.kind is IngressKind.PUBLIC
        subnets = tier_subnets(self._vpc, Tier.PUBLIC if public else Tier.PRIVATE, ingress.vpc_subnets)
        group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=self._vpc,
            description="Load balancer: in over HTTPS, out to the tasks.",
            allow_all_outbound=False,
        )
        close(group)
        self._admit(group, subnets)
        load_balancer = elbv2.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=self._vpc,
            vpc_subnets=subnets,
            internet_facing=public,
            security_group=group,
            deletion_protection=deletion_protection,
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elbv2.DesyncMitigationMode.STRICTEST,
            ip_address_type=elbv2.IpAddressType.IPV4,
        )
        if not deletion_protection:
            _acknowledge_in(
                load_balancer,
                ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security"),
                "ELBDeletionProtectionEnabled",
                "Deletion protection is for production: where an environment is made and unmade at will, it would only "
                "stop the stack's own deletion half way.",
            )
        self._protect(load_balancer)
        return load_balancer

    def _protect(self, load_balancer: elbv2.ApplicationLoadBalancer) -> None:
        """Let the web ACL look at requests first; without one, leave it to whoever stands before."""
        arn = self._ingress.web_acl_arn
        if arn is not None:
            from aws_cdk import aws_wafv2 as wafv2  # noqa: PLC0415 -- 50 ms for those who have a web ACL

            wafv2.CfnWebACLAssociation(
                self, "WebAclAssociation", resource_arn=load_balancer.load_balancer_arn, web_acl_arn=arn
            )
            return
        _acknowledge_in(
            load_balancer,
            ("NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321"),
            "ALBWAFEnabled",
            "Which web ACL looks at the requests is decided where it is known: by web_acl_arn=, by the organization's "
            "Firewall Manager policy for load balancers, or at the CloudFront distribution in front. Managed rules "
            "that nobody fitted to the application would refuse its own requests.",
        )

    def _admit(self, group: ec2.SecurityGroup, subnets: ec2.SubnetSelection) -> None:
        """Let in whom the ingress names, and nobody else."""
        ingress = self._ingress
        ports = (HTTPS, HTTP) if ingress.kind is IngressKind.PUBLIC else (HTTPS,)
        if ingress.kind is IngressKind.VPC_ORIGIN:
            for peer in self._cloudfront(subnets):
                group.add_ingress_rule(peer, ec2.Port.tcp(HTTPS), "HTTPS from CloudFront")
            return
        for block in ingress.allowed_cidrs:
            for port in ports:
                what = "HTTPS" if port == HTTPS else "HTTP, which redirects"
                group.add_ingress_rule(ec2.Peer.ipv4(block), ec2.Port.tcp(port), what)
        if ingress.is_open:
            acknowledge(
                group,
                "AwsSolutions::AwsSolutions-EC23",
                "A public service is for everybody: HTTPS, and HTTP that does nothing but redirect to it, are open by "
                "intent; the tasks behind are reached from this group alone.",
            )

    def _cloudfront(self, subnets: ec2.SubnetSelection) -> list[ec2.IPeer]:
        ingress = self._ingress
        if ingress.from_subnets:
            return [
                ec2.Peer.ipv4(subnet.ipv4_cidr_block)
                for subnet in self._vpc.select_subnets(
                    availability_zones=subnets.availability_zones,
                    one_per_az=subnets.one_per_az,
                    subnet_filters=subnets.subnet_filters,
                    subnet_group_name=subnets.subnet_group_name,
                    subnet_type=subnets.subnet_type,
                    subnets=subnets.subnets,
                ).subnets
            ]
        region = Stack.of(self).region
        prefix_list = ingress.prefix_list_id or cloudfront_prefix_list(region if is_concrete(region) else None)
        return [ec2.Peer.prefix_list(prefix_list)]

    def _listen(self, load_balancer: elbv2.ApplicationLoadBalancer, mode: DeploymentMode) -> elbv2.ApplicationListener:
        """Listen on 443, on 80 to redirect, and on 8443 for what is tried before it gets traffic."""
        if self.certificate is None:
            self.certificate = self._make_certificate()
        https = self._https(load_balancer, "Https", HTTPS)
        if self._ingress.kind is IngressKind.PUBLIC:
            self.redirect = load_balancer.add_listener(
                "Http",
                port=HTTP,
                protocol=elbv2.ApplicationProtocol.HTTP,
                open=False,
                default_action=elbv2.ListenerAction.redirect(
                    protocol="HTTPS", port=str(HTTPS), permanent=True, host="#{host}", path="/#{path}", query="#{query}"
                ),
            )
            _acknowledge_in(
                self.redirect,
                ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"),
                "ELBv2ACMCertificateRequired",
                "This listener does nothing but redirect to HTTPS: it forwards no request, so there is nothing for a "
                "certificate to protect.",
            )
        if mode is not DeploymentMode.ROLLING:
            self._test_listener = self._https(load_balancer, "Test", TEST_HTTPS)
        self._name(load_balancer)
        return https

    def _https(self, load_balancer: elbv2.ApplicationLoadBalancer, id: str, port: int) -> elbv2.ApplicationListener:
        assert self.certificate is not None  # noqa: S101 -- the arguments' check sees to it
        return load_balancer.add_listener(
            id,
            port=port,
            protocol=elbv2.ApplicationProtocol.HTTPS,
            certificates=[elbv2.ListenerCertificate.from_certificate_manager(self.certificate)],
            ssl_policy=elbv2.SslPolicy.TLS13_12_RES_PQ,
            open=False,
            default_action=elbv2.ListenerAction.fixed_response(
                404, content_type="text/plain", message_body="Not found"
            ),
        )

    def _make_certificate(self) -> "acm.ICertificate":
        from aws_cdk import aws_certificatemanager as acm  # noqa: PLC0415 -- for those who have a zone

        ingress = self._ingress
        assert ingress.domain_name is not None  # noqa: S101 -- the arguments' check sees to it
        return acm.Certificate(
            self,
            "Certificate",
            domain_name=ingress.domain_name,
            validation=acm.CertificateValidation.from_dns(ingress.hosted_zone),
        )

    def _name(self, load_balancer: elbv2.ApplicationLoadBalancer) -> None:
        """Give the load balancer its name in the zone."""
        ingress = self._ingress
        if ingress.domain_name is None or ingress.hosted_zone is None:
            return
        from aws_cdk import aws_route53 as route53  # noqa: PLC0415 -- for those who have a zone
        from aws_cdk import aws_route53_targets as targets  # noqa: PLC0415

        route53.ARecord(
            self,
            "Alias",
            zone=ingress.hosted_zone,
            record_name=ingress.domain_name,
            target=route53.RecordTarget.from_alias(targets.LoadBalancerTarget(load_balancer)),
        )

    def _target_group(
        self, id: str, health_check_path: str, deregistration_delay: Duration
    ) -> elbv2.ApplicationTargetGroup:
        return elbv2.ApplicationTargetGroup(
            self,
            id,
            vpc=self._vpc,
            port=HTTP,  # ECS registers each task with its own port; this one can never change in place
            protocol=elbv2.ApplicationProtocol.HTTP,
            target_type=elbv2.TargetType.IP,
            deregistration_delay=deregistration_delay,
            health_check=elbv2.HealthCheck(
                path=health_check_path,
                protocol=elbv2.Protocol.HTTP,
                healthy_http_codes="200-299",
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
                interval=Duration.seconds(15),
                timeout=Duration.seconds(5),
            ),
        )

    def _add_rule(
        self, id: str, listener: elbv2.IApplicationListener, live: LiveTargetGroup
    ) -> elbv2.ApplicationListenerRule:
        """The rule that deployments move.

        What it says of weights depends on `live` alone: CloudFormation writes the rule only when its own properties
        change, so that no other update of the stack can undo what ECS has moved (aws/aws-cdk#36649).
        """
        if self.green is None:
            action = elbv2.ListenerAction.forward([self.blue])
        else:
            is_blue = live is LiveTargetGroup.BLUE
            action = elbv2.ListenerAction.weighted_forward(
                [
                    elbv2.WeightedTargetGroup(target_group=self.blue, weight=_ALL if is_blue else 0),
                    elbv2.WeightedTargetGroup(target_group=self.green, weight=0 if is_blue else _ALL),
                ]
            )
        ingress = self._ingress
        return elbv2.ApplicationListenerRule(
            self,
            id,
            listener=listener,
            priority=_LAST_PRIORITY if ingress.priority is None else ingress.priority,
            conditions=list(ingress.conditions) or [elbv2.ListenerCondition.path_patterns(["/*"])],
            action=action,
        )


def _acknowledge_in(scope: Construct, packs: Sequence[str], rule: str, reason: str) -> None:
    for pack in packs:
        acknowledge(scope, f"{pack}::{pack}-{rule}", reason)
