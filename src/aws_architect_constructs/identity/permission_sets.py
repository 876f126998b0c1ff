"""Access of people by IAM Identity Center: permission sets, and the groups that have them. No IAM users anywhere."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from aws_cdk import Aws, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sso as sso
from constructs import Construct

from aws_architect_constructs._validations import argument_error, is_concrete, listed, warn

from .boundary_size import policy_size
from .permission_set import ADMINISTRATOR, CustomerManagedPolicy, PermissionSet

# https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_InstanceMetadata.html
_INSTANCE: Final = re.compile(r"arn:aws(?:-[a-z]+)*(:sso:::instance/(?:sso)?ins-[a-zA-Z0-9.-]{16})")
# https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
_LARGEST_INLINE_POLICY: Final = 10_240
_DEFAULT_POLICIES_OF_A_ROLE: Final = 10
_HOUR: Final = 3600


class PermissionSets(Construct):
    """Permission sets of IAM Identity Center, and the groups that have them in accounts.

    One statement describes who may do what where. Access is given to groups alone, for sessions that end by themselves;
    there is no IAM user and no access key. MFA is set in Identity Center, where it holds for every permission set:
    sessions do not carry it, so a policy cannot ask for it, and a condition that does is refused.

    The stack belongs to the organization's management account or to Identity Center's delegated administrator, in
    Identity Center's Region. Customer managed policies and boundaries are looked for by name in each account.

    Cost: none.

    Well-Architected: security (SEC02, a central identity provider and temporary credentials; SEC03, least privilege).

    Args:
        scope: The scope.
        id: The id.
        instance_arn: Identity Center's instance, such as `arn:aws:sso:::instance/ssoins-1234567890abcdef`.
        permission_sets: The permission sets, with their assignments. Their names are construct ids: a new name is a new
            permission set, and everybody who had the old one loses it.

    Attributes:
        permission_sets: The L1 of each permission set by name.
        assignments: The L1 of each assignment by permission set, group and account.

    Raises:
        ValueError: If the instance is malformed, there is no permission set, two have one name, or an inline policy is
            longer than 10,240 characters.

    See https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html and
    https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-users-federation-idp.
    """

    def __init__(
        self, scope: Construct, id: str, *, instance_arn: str, permission_sets: Sequence[PermissionSet]
    ) -> None:
        found = _INSTANCE.fullmatch(instance_arn)
        if found is None and is_concrete(instance_arn):
            raise argument_error(
                scope,
                id,
                "instance_arn is no instance of Identity Center",
                got=instance_arn,
                allowed="an ARN such as 'arn:aws:sso:::instance/ssoins-1234567890abcdef'",
            )
        try:
            given = listed("permission_sets", permission_sets)
        except ValueError as error:
            raise ValueError(f"{scope.node.path}/{id}: {error}".lstrip("/")) from None
        sets = [each for each in given if isinstance(each, PermissionSet)]
        names = [each.name for each in sets]
        if not sets or len(sets) < len(given) or len(set(names)) < len(names):
            raise argument_error(
                scope,
                id,
                "the permission sets are none, or two have one name",
                got=names,
                allowed="PermissionSet(name=...), one or more, each with a name of its own",
            )
        documents = {each.name: self._document(scope, id, each) for each in sets if each.inline_policy}
        super().__init__(scope, id)
        instance = instance_arn if found is None else f"arn:{Aws.PARTITION}{found[1]}"
        made: dict[str, sso.CfnPermissionSet] = {}
        assigned: dict[tuple[str, str, str], sso.CfnAssignment] = {}
        for each in sets:
            made[each.name] = self._permission_set(each, instance, documents.get(each.name))
            for assignment in each.assignments:
                for account in assignment.accounts:
                    assigned[each.name, assignment.group_id, account] = sso.CfnAssignment(
                        made[each.name],
                        f"{assignment.group_id}-{account}",
                        instance_arn=instance,
                        permission_set_arn=made[each.name].attr_permission_set_arn,
                        principal_id=assignment.group_id,
                        principal_type="GROUP",
                        target_id=account,
                        target_type="AWS_ACCOUNT",
                    )
            self._warn(each)
        self.permission_sets: Final[Mapping[str, sso.CfnPermissionSet]] = MappingProxyType(made)
        self.assignments: Final[Mapping[tuple[str, str, str], sso.CfnAssignment]] = MappingProxyType(assigned)

    @staticmethod
    def _document(scope: Construct, id: str, permission_set: PermissionSet) -> iam.PolicyDocument:
        document = iam.PolicyDocument(minimize=True, statements=list(permission_set.inline_policy))
        size = policy_size(Stack.of(scope).resolve(document))
        if size > _LARGEST_INLINE_POLICY:
            raise argument_error(
                scope,
                id,
                f"the inline policy of {permission_set.name} is too long",
                got=f"{size} characters without white space",
                allowed=f"{_LARGEST_INLINE_POLICY} characters; more as customer managed policies",
            )
        return document

    def _permission_set(
        self, permission_set: PermissionSet, instance_arn: str, document: iam.PolicyDocument | None
    ) -> sso.CfnPermissionSet:
        return sso.CfnPermissionSet(
            self,
            permission_set.name,
            instance_arn=instance_arn,
            name=permission_set.name,
            description=permission_set.description or permission_set.name,
            session_duration=_iso(permission_set.seconds),
            managed_policies=[_aws_managed(name) for name in permission_set.aws_managed_policies] or None,
            customer_managed_policy_references=[
                sso.CfnPermissionSet.CustomerManagedPolicyReferenceProperty(name=policy.name, path=policy.path)
                for policy in permission_set.customer_managed_policies
            ]
            or None,
            inline_policy=document,
            permissions_boundary=_boundary(permission_set.permissions_boundary),
            relay_state_type=permission_set.relay_state,
        )

    def _warn(self, permission_set: PermissionSet) -> None:
        if ADMINISTRATOR in permission_set.aws_managed_policies and permission_set.seconds > _HOUR:
            warn(
                self,
                "LongAdministratorSession",
                f"{permission_set.name} is an administrator for {permission_set.seconds / _HOUR:g} hours: whoever gets "
                "hold of a session has the account for as long. Leave session_duration at one hour.",
            )
        if permission_set.managed_policies > _DEFAULT_POLICIES_OF_A_ROLE:
            warn(
                self,
                "ManagedPolicyQuota",
                f"{permission_set.name} has {permission_set.managed_policies} managed policies: an account takes "
                f"{_DEFAULT_POLICIES_OF_A_ROLE} on a role unless its quota is raised, in each account.",
            )


def _iso(seconds: int) -> str:
    hours, rest = divmod(seconds, _HOUR)
    minutes, left = divmod(rest, 60)
    return f"PT{hours}H" + (f"{minutes}M" if minutes else "") + (f"{left}S" if left else "")


def _aws_managed(name: str) -> str:
    return f"arn:{Aws.PARTITION}:iam::aws:policy/{name}"


def _boundary(policy: CustomerManagedPolicy | str | None) -> sso.CfnPermissionSet.PermissionsBoundaryProperty | None:
    if policy is None:
        return None
    if isinstance(policy, str):
        return sso.CfnPermissionSet.PermissionsBoundaryProperty(managed_policy_arn=_aws_managed(policy))
    return sso.CfnPermissionSet.PermissionsBoundaryProperty(
        customer_managed_policy_reference=sso.CfnPermissionSet.CustomerManagedPolicyReferenceProperty(
            name=policy.name, path=policy.path
        )
    )
