"""What every account of an organization begins with, delivered by StackSets."""

import re
from collections.abc import Sequence
from typing import Any, Final

from aws_cdk import CfnStackSet, Stack
from constructs import Construct

from aws_architect_constructs._validations import choice, integer, is_concrete
from aws_architect_constructs.foundation.identifiers import ACCOUNT_ID, ORGANIZATION_ID

from .account_resources import AccountResources, BaselinePart, ConfigRecording, baseline_template
from .policy_packing import minified
from .runbook import OneTimeStep, account_steps, trusted_access_steps
from .stack_set_plan import UNITS_PER_OPERATION, StackSetPlan, StackSetShape, plan_stack_sets

_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+){1,2}-\d")
_NODE: Final = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_STACK_SET_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9-]{0,127}")
_ROLE_NAME: Final = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


class AccountBaseline(Construct):
    """Access Analyzer, an audit role and, on request, AWS Config in every account of some OUs, those to come too.

    `AccountBaseline(self, "Baseline", target_units=[unit_id], regions=["eu-west-1"])` in a stack of the management
    account: service-managed StackSets deliver to the accounts below the OUs now, and to each that joins them. One stack
    set is for what an account has once and goes to the first Region; the other for what each Region has. The management
    account, which service-managed StackSets skip, gets the same resources right in this stack, for this stack's Region.

    What belongs elsewhere is not here. S3's block of public access, IMDSv2 by default and the block of snapshot sharing
    are policies of the organization (`s3_public_access_blocked`, `ec2_defaults`): they hold in Regions to come, and no
    account can undo them. The default VPC is denied by a service control policy rather than removed. GuardDuty and
    Security Hub are enabled for the whole organization from the audit account (`AuditAccount`). EBS encryption by
    default and the password policy have neither a type nor a policy: `one_time_steps`.

    Cost: none fixed; AWS Config by what it records (`ConfigRecording`).

    Well-Architected: security (SEC01, standard security controls; SEC03, analyze access; SEC04, detection).

    Args:
        scope: The scope, in a stack of the management account or of a delegated administrator of StackSets.
        id: The id; stack sets are named after it.
        target_units: Ids of OUs, or the root's, at most 50: all accounts below them.
        regions: The Regions, in the order that they are deployed in. The first is the home Region: it records what is
            global.
        audit_account: The account that may assume the audit role: read-only, configuration and no data. Default None:
            there is no such role.
        organization_id: The organization that the caller has to belong to as well. Default None: the account alone.
        audit_role_name: The role's name, the same everywhere. Default `BaselineAudit`, which `default_guardrails`
            protects; another is to be named there.
        snapshot_public_access_block: Whether the account itself blocks public sharing of snapshots. Default False:
            `ec2_defaults` does, and with that policy attached the account's own setting cannot be made.
        config_bucket_name: The bucket that AWS Config delivers to, such as the `LogArchive`'s. Default None: no AWS
            Config.
        config_key_arn: The key that AWS Config encrypts with, by the ARN of key or alias, such as the `LogArchive`'s
            `key_alias_arn`. Default None: what AWS Config does by itself, SSE-S3.
        config_recording: How often AWS Config records. Default CONTINUOUS.
        config_role: Whether the service-linked role of AWS Config is made. It fails where an account has it: False
            there. Default True.
        control_tower: Whether Control Tower governs the OUs. It has a recorder and a delivery channel of its own, and
            a Region can have no second ones, so AWS Config is left out. Default False.
        delegated_administrator: Whether the stack is in the account of a delegated administrator of StackSets.
            Default False: in the management account.
        include_management_account: Whether this stack gets the resources itself. Default None: yes, unless it is a
            delegated administrator's.
        failure_tolerance_percentage: How many accounts of a hundred may fail in a Region before the roll-out stops.
            Default 5.
        max_concurrent_percentage: How many of a hundred are worked on at once. Default 25. CloudFormation keeps it to
            one more than may fail.

    Attributes:
        stack_sets: The stack sets.
        resources: The management account's own resources, or None.

    Raises:
        ValueError: If an OU, Region, account, organization or name is malformed, or one stands twice; if a percentage
            is out of bounds; if the id is no stack set's name; if a delegated administrator's stack is to be the
            management account's; or if AWS Config is asked for under Control Tower, or given a key without a bucket.

    See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        target_units: Sequence[str],
        regions: Sequence[str],
        audit_account: str | None = None,
        organization_id: str | None = None,
        audit_role_name: str = "BaselineAudit",
        snapshot_public_access_block: bool = False,
        config_bucket_name: str | None = None,
        config_key_arn: str | None = None,
        config_recording: ConfigRecording = ConfigRecording.CONTINUOUS,
        config_role: bool = True,
        control_tower: bool = False,
        delegated_administrator: bool = False,
        include_management_account: bool | None = None,
        failure_tolerance_percentage: int = 5,
        max_concurrent_percentage: int = 25,
    ) -> None:
        try:
            _each("target_units", target_units, _NODE, "ids of OUs, such as 'ou-ab12-c3d4e5f6', or of the root")
            _each("regions", regions, _REGION, "Regions such as 'eu-west-1'")
            if len(target_units) > UNITS_PER_OPERATION:
                raise ValueError(  # noqa: TRY301 -- one place that adds the path
                    f"target_units: too many for one operation, got {len(target_units)}; allowed: {UNITS_PER_OPERATION}"
                )
            _one("audit_account", audit_account, ACCOUNT_ID, "12 digits")
            _one("organization_id", organization_id, ORGANIZATION_ID, "such as 'o-abcdefghij'")
            longest = f"{id}-{BaselinePart.REGIONAL.value}"
            _one("id", longest, _STACK_SET_NAME, "letters, digits and '-', as stack sets are named after it")
            _one("audit_role_name", audit_role_name, _ROLE_NAME, "1 to 64 letters, digits and '+=,.@_-'")
            recording = choice("config_recording", ConfigRecording, config_recording)
            if delegated_administrator and include_management_account:
                raise ValueError(  # noqa: TRY301 -- the same
                    "include_management_account: a delegated administrator's stack is in another account, got True; "
                    "allowed: False or None"
                )
            _check_config(config_bucket_name, config_key_arn, control_tower=control_tower)
            integer("failure_tolerance_percentage", failure_tolerance_percentage, 0, 100)
            integer("max_concurrent_percentage", max_concurrent_percentage, 1, 100)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        super().__init__(scope, id)
        self._regions: Final = tuple(regions)
        self._units: Final = len(target_units)
        self._tolerance: Final = failure_tolerance_percentage
        self._concurrency: Final = max_concurrent_percentage
        self._call_as: Final = "DELEGATED_ADMIN" if delegated_administrator else "SELF"
        self._shapes: Final[list[StackSetShape]] = []
        self.stack_sets: Final[list[CfnStackSet]] = []
        values = {
            "AuditAccount": audit_account,
            "OrganizationId": organization_id if audit_account is not None else None,
            "ConfigBucket": config_bucket_name,
            "ConfigKey": config_key_arn,
        }
        shared: dict[str, Any] = {
            "audit_role_name": audit_role_name,
            "snapshot_public_access_block": snapshot_public_access_block,
            "config_recording": recording if config_bucket_name is not None else None,
            "home_region": regions[0],
            "config_role": config_role,
        }
        for part, names, where in (
            (BaselinePart.GLOBAL, ("AuditAccount", "OrganizationId"), self._regions[:1]),
            (BaselinePart.REGIONAL, ("ConfigBucket", "ConfigKey"), self._regions),
        ):
            given = {name: value for name in names if (value := values[name]) is not None}
            template = baseline_template(part, parameters=tuple(given), **shared)
            if template.get("Resources"):
                self._add_stack_set(part, template, where, given, list(target_units))
        self.resources: Final = (
            AccountResources(
                self,
                "ManagementAccount",
                parts=tuple(BaselinePart),
                audit_account=audit_account,
                organization_id=organization_id,
                config_bucket_name=config_bucket_name,
                config_key_arn=config_key_arn,
                **shared,
            )
            if include_management_account or (include_management_account is None and not delegated_administrator)
            else None
        )

    @property
    def one_time_steps(self) -> tuple[OneTimeStep, ...]:
        """StackSets' trusted access, once; and what has neither a type nor a policy, in each account, if wanted."""
        return (*trusted_access_steps()[:1], *account_steps())

    def plan(self, accounts: int) -> tuple[StackSetPlan, ...]:
        """What the roll-out to so many accounts comes to: stack instances, how many at once, waves.

        Raises:
            ValueError: If a quota of StackSets does not allow it.
        """
        return plan_stack_sets(
            self._shapes,
            accounts=accounts,
            units=self._units,
            failure_tolerance_percentage=self._tolerance,
            max_concurrent_percentage=self._concurrency,
        )

    def _arns(self, stack_sets: Sequence[CfnStackSet]) -> list[str]:
        """What these are called; a delegated administrator's belong to the management account, which is not known."""
        stack = Stack.of(self)
        prefix = f"arn:{stack.partition}:cloudformation:{stack.region}:{stack.account}:stackset"
        return [f"{prefix}/{one.attr_stack_set_id}" for one in stack_sets] if self._call_as == "SELF" else []

    def _add_stack_set(
        self,
        part: BaselinePart,
        template: dict[str, Any],
        regions: tuple[str, ...],
        values: dict[str, str],
        target_units: list[str],
    ) -> None:
        body = minified(template)
        name = f"{self.node.id}-{part.value}"
        stack_set = CfnStackSet(
            self,
            part.value,
            stack_set_name=name,
            description="What every account begins with.",
            permission_model="SERVICE_MANAGED",
            call_as=self._call_as,
            auto_deployment=CfnStackSet.AutoDeploymentProperty(
                enabled=True,
                retain_stacks_on_account_removal=False,
                # AWS Config records with the role that the first one makes, in accounts that join too
                depends_on=self._arns(self.stack_sets) or None,
            ),
            capabilities=["CAPABILITY_NAMED_IAM"] if part is BaselinePart.GLOBAL else None,
            managed_execution={"Active": True},  # the struct writes `active`, which CloudFormation does not know
            operation_preferences=CfnStackSet.OperationPreferencesProperty(
                failure_tolerance_percentage=self._tolerance,
                max_concurrent_percentage=self._concurrency,
                region_concurrency_type="SEQUENTIAL",
                region_order=list(regions),
            ),
            parameters=[
                CfnStackSet.ParameterProperty(parameter_key=key, parameter_value=value) for key, value in values.items()
            ],
            stack_instances_group=[
                CfnStackSet.StackInstancesProperty(
                    deployment_targets=CfnStackSet.DeploymentTargetsProperty(organizational_unit_ids=target_units),
                    regions=list(regions),
                )
            ],
            template_body=body,
        )
        if self._call_as != "SELF":
            for before in self.stack_sets:
                stack_set.add_resource_dependency(before)
        self.stack_sets.append(stack_set)
        self._shapes.append(StackSetShape(name=name, template_bytes=len(body.encode()), regions=regions))


def _each(argument: str, values: Sequence[str], pattern: re.Pattern[str], allowed: str) -> None:
    if isinstance(values, str) or not values:
        raise ValueError(f"{argument}: none, got {values!r}; allowed: a list of {allowed}")
    for value in values:
        _one(argument, value, pattern, allowed)
    if len(set(values)) < len(values):
        raise ValueError(f"{argument}: one twice, got {', '.join(values)}; allowed: each once")


def _one(argument: str, value: str | None, pattern: re.Pattern[str], allowed: str) -> None:
    if value is not None and (not isinstance(value, str) or (is_concrete(value) and not pattern.fullmatch(value))):
        raise ValueError(f"{argument}: malformed, got {value!r}; allowed: {allowed}")


def _check_config(bucket_name: str | None, key_arn: str | None, *, control_tower: bool) -> None:
    if bucket_name is not None and control_tower:
        raise ValueError(
            f"config_bucket_name: Control Tower has a recorder of its own in each Region, got {bucket_name!r} and "
            "control_tower=True; allowed: None"
        )
    if key_arn is not None and bucket_name is None:
        raise ValueError(
            f"config_key_arn: a key and no bucket, got {key_arn!r}; allowed: config_bucket_name= beside it"
        )
