"""The audit account: where the organization's security services are administered and read."""

from typing import Final

from aws_cdk import aws_accessanalyzer as accessanalyzer
from aws_cdk import aws_config as config
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_iam as iam
from aws_cdk import aws_securityhub as securityhub
from constructs import Construct

from aws_architect_constructs._validations import acknowledge

from .runbook import OneTimeStep, guardduty_auto_enable_step


class AuditAccount(Construct):
    """GuardDuty, Security Hub and Access Analyzer for the whole organization, and AWS Config's aggregator.

    `AuditAccount(self, "Audit", designated=False)` in a stack of the audit account, in the home Region, makes
    GuardDuty's detector and Security Hub. Then the management account makes the account the services' administrator
    (`OrganizationBaseline(audit_account=...)` has the commands), which would enable both by itself, and CloudFormation
    cannot make what is there already. `AuditAccount(self, "Audit")` adds what the administrator alone may have:
    Security Hub in every account that is there and that joins, with the findings of all Regions gathered here, the
    organization's analyzer and the aggregator. `one_time_steps` enables GuardDuty in all accounts, for which
    CloudFormation has no type. Where either is enabled already, `cdk import` takes it over.

    Cost: by use. GuardDuty by the events that it looks at, Security Hub by checks (0.0010 USD each at first), both with
    30 days free for each account; an organization's external access analyzer and the aggregator are free
    (https://aws.amazon.com/guardduty/pricing/, https://aws.amazon.com/security-hub/pricing/, 2026-11).

    Well-Architected: security (SEC01, SEC04: detection, centralized).

    Args:
        scope: The scope, in a stack of the audit account.
        id: The id.
        guardduty: Whether GuardDuty is administered here. Default True.
        security_hub: Whether Security Hub is. Default True.
        config_aggregator: Whether AWS Config's answers are gathered here. Default True.
        designated: Whether the account is the services' administrator. Default True; False for the first deployment.

    Attributes:
        analyzer: What finds access from outside the organization, or None before the account is designated.
        detector: GuardDuty's detector, or None.
        hub: Security Hub, or None.
        aggregator: AWS Config's aggregator, or None.

    See https://docs.aws.amazon.com/prescriptive-guidance/latest/security-reference-architecture/security-tooling.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        guardduty: bool = True,
        security_hub: bool = True,
        config_aggregator: bool = True,
        designated: bool = True,
    ) -> None:
        super().__init__(scope, id)
        self.analyzer: Final = (
            accessanalyzer.CfnAnalyzer(self, "Analyzer", type="ORGANIZATION", analyzer_name="organization-baseline")
            if designated
            else None
        )
        self.detector: Final = self._guardduty() if guardduty else None
        self.hub: Final = self._security_hub() if security_hub else None
        if self.hub is not None and designated:
            self._security_hub_members(self.hub)
        self.aggregator: Final = self._config_aggregator() if config_aggregator and designated else None

    @property
    def one_time_steps(self) -> tuple[OneTimeStep, ...]:
        """What enables GuardDuty in all accounts; nothing without GuardDuty."""
        return () if self.detector is None else (guardduty_auto_enable_step(),)

    def _guardduty(self) -> guardduty.CfnDetector:
        return guardduty.CfnDetector(self, "Detector", enable=True, finding_publishing_frequency="FIFTEEN_MINUTES")

    def _security_hub(self) -> securityhub.CfnHub:
        return securityhub.CfnHub(self, "Hub", auto_enable_controls=True, control_finding_generator="SECURITY_CONTROL")

    def _security_hub_members(self, hub: securityhub.CfnHub) -> None:
        aggregator = securityhub.CfnFindingAggregator(self, "Findings", region_linking_mode="ALL_REGIONS")
        aggregator.add_resource_dependency(hub)
        organization = securityhub.CfnOrganizationConfiguration(
            self, "SecurityHubMembers", auto_enable=True, auto_enable_standards="DEFAULT", configuration_type="LOCAL"
        )
        organization.add_resource_dependency(aggregator)

    def _config_aggregator(self) -> config.CfnConfigurationAggregator:
        role = iam.Role(
            self,
            "AggregatorRole",
            # As AWS documents it: for an aggregator no source is promised, and nobody passes another account's role.
            assumed_by=iam.ServicePrincipal("config.amazonaws.com"),
            description="Lists the organization's accounts for AWS Config.",
        )
        # What AWSConfigRoleForOrganizations has, which has nothing else.
        policy = iam.ManagedPolicy(
            self,
            "AggregatorPolicy",
            document=iam.PolicyDocument(
                minimize=True,
                statements=[
                    iam.PolicyStatement(
                        actions=[
                            "organizations:DescribeOrganization",
                            "organizations:ListAWSServiceAccessForOrganization",
                            "organizations:ListAccounts",
                            "organizations:ListDelegatedAdministrators",
                        ],
                        resources=["*"],
                    )
                ],
            ),
            roles=[role],
        )
        acknowledge(
            policy,
            "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            "Lists of the organization's accounts have no resource to name: the Service Authorization Reference lists "
            "none for these four actions, which read and change nothing.",
        )
        aggregator = config.CfnConfigurationAggregator(
            self,
            "Aggregator",
            configuration_aggregator_name="organization-baseline",
            organization_aggregation_source=config.CfnConfigurationAggregator.OrganizationAggregationSourceProperty(
                role_arn=role.role_arn, all_aws_regions=True
            ),
        )
        aggregator.node.add_dependency(policy)
        return aggregator
