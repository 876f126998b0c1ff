"""The decision across layers: cases from AWS's published evaluation logic, each with its page."""

from collections.abc import Mapping
from typing import Any

import pytest

from aws_architect_constructs.testing.policies import (
    AccountPrincipal,
    AnonymousPrincipal,
    ContextValue,
    Effect,
    FederatedUserSession,
    IamRole,
    IamUser,
    Layer,
    MatchedStatement,
    PolicyError,
    Principal,
    Request,
    RootUser,
    SamlIdentity,
    ServicePrincipal,
    UndecidedError,
    WebIdentity,
    evaluate,
)

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
OWN, OTHER = "111122223333", "444455556666"
ROLE_ARN = f"arn:aws:iam::{OWN}:role/examplerole"
SESSION_ARN = f"arn:aws:sts::{OWN}:assumed-role/examplerole/examplerolesessionname"
USER_ARN = f"arn:aws:iam::{OWN}:user/exampleuser"
FEDERATED_ARN = f"arn:aws:sts::{OWN}:federated-user/exampleuser"
ROLE = IamRole(ROLE_ARN, session_name="examplerolesessionname")
USER = IamUser(USER_ARN)
FEDERATED = FederatedUserSession(USER, "exampleuser")
BUCKET = "arn:aws:s3:::example-bucket"
OBJECT = f"{BUCKET}/key"

Json = dict[str, Any]


def policy(*statements: Mapping[str, Any]) -> Json:
    """Return a document of the statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str] = "*", resource: str | list[str] = "*", **more: object) -> Json:
    """Return an Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str] = "*", resource: str | list[str] = "*", **more: object) -> Json:
    """Return a Deny statement."""
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def get_object(principal: Principal, *, owner: str = OWN, **context: ContextValue) -> Request:
    """Return a request for an object of a bucket."""
    return Request(principal=principal, action="s3:GetObject", resource=OBJECT, resource_account=owner, context=context)


FULL = policy(allow())
NOTHING_HERE = policy(allow("ec2:DescribeVpcs"))


class TestIdentity:
    """Identity-based policies alone."""

    def test_default_is_an_implicit_deny(self) -> None:
        """Nothing is allowed by default (reference_policies_evaluation-logic_policy-eval-denyallow.html)."""
        decision = evaluate(get_object(ROLE))
        assert (decision.allowed, decision.layer, decision.statement) == (False, Layer.IDENTITY, None)
        assert not decision.explicit_deny

    def test_allow_names_its_statement(self) -> None:
        """The decision names the layer, the policy, the index and the Sid of the statement that allowed."""
        decision = evaluate(
            get_object(ROLE), identity=[NOTHING_HERE, policy(allow("ec2:*"), allow("s3:*", Sid="AllowS3"))]
        )
        assert decision.allowed
        assert decision.layer is Layer.IDENTITY
        assert decision.statement == MatchedStatement("identity[1]", 1, "AllowS3", Effect.ALLOW)
        assert "AllowS3" in decision.explanation

    def test_decision_is_true_only_when_allowed(self) -> None:
        """A bare assert on a decision cannot pass by accident."""
        assert evaluate(get_object(ROLE), identity=[FULL])
        assert not evaluate(get_object(ROLE))

    def test_json_text_is_a_document(self) -> None:
        """A document may be given as JSON text, alone or in a list."""
        text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
        assert evaluate(get_object(ROLE), identity=text)
        assert evaluate(get_object(ROLE), identity=[text])

    @pytest.mark.parametrize(
        ("action", "allowed", "sid"),
        [
            ("iam:GetUser", True, "AllowGetList"),
            ("iam:ListRoles", True, "AllowGetList"),
            ("iam:CreatePolicy", False, None),
            ("iam:GetOrganizationsAccessReport", False, "DenyReports"),
            ("iam:GenerateCredentialReport", False, "DenyReports"),
        ],
    )
    def test_explicit_and_implicit_denies(self, action: str, allowed: bool, sid: str | None) -> None:
        """AWS's example of allowed, implicitly denied and explicitly denied actions.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_AccessPolicyLanguage_Interplay.html
        """
        example = policy(allow(["iam:Get*", "iam:List*"], Sid="AllowGetList"), deny("iam:*Report", Sid="DenyReports"))
        also = policy(allow("iam:GenerateCredentialReport")) if action == "iam:GenerateCredentialReport" else FULL
        decision = evaluate(
            Request(principal=USER, action=action), identity=[example] if also is FULL else [example, also]
        )
        assert decision.allowed is allowed
        assert (decision.statement.sid if decision.statement else None) == sid


class TestCarlos:
    """AWS's worked examples.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    """

    CARLOS = IamUser("arn:aws:iam::123456789012:user/carlossalazar")
    IDENTITY = policy(
        allow(["s3:GetBucketLocation", "s3:ListAllMyBuckets"], "arn:aws:s3:::*", Sid="AllowS3ListRead"),
        allow("s3:*", ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"], Sid="AllowS3Self"),
        deny("s3:*", "arn:aws:s3:::*log*", Sid="DenyS3Logs"),
    )
    BUCKET_POLICY = policy(
        allow(
            "s3:*",
            ["arn:aws:s3:::carlossalazar/*", "arn:aws:s3:::carlossalazar"],
            Principal={"AWS": "arn:aws:iam::123456789012:user/carlossalazar"},
        )
    )

    def put(self, bucket: str) -> Request:
        """Return the request to save a file."""
        return Request(
            principal=self.CARLOS,
            action="s3:PutObject",
            resource=f"arn:aws:s3:::{bucket}/file",
            resource_account="123456789012",
        )

    def test_log_bucket_is_denied(self) -> None:
        """The explicit deny of log buckets wins."""
        decision = evaluate(self.put("carlossalazar-logs"), identity=[self.IDENTITY])
        assert decision.explicit_deny
        assert decision.statement == MatchedStatement("identity[0]", 2, "DenyS3Logs", Effect.DENY)

    @pytest.mark.parametrize("identity", [[IDENTITY], []])
    @pytest.mark.parametrize("resource", [BUCKET_POLICY, None])
    def test_either_policy_is_enough_in_one_account(self, identity: list[Json], resource: Json | None) -> None:
        """Within one account the identity-based or the resource-based policy allows."""
        decision = evaluate(self.put("carlossalazar"), identity=identity, resource=resource)
        assert decision.allowed is bool(identity or resource)

    def test_cross_account_example(self) -> None:
        """Across accounts both sides must allow.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
        """
        carlos = IamUser("arn:aws:iam::111111111111:user/carlossalazar")
        identity = policy(
            allow("s3:ListAllMyBuckets", Sid="AllowS3ListRead"),
            allow("s3:*Object*", "arn:aws:s3:::Production/*", Sid="AllowS3ProductionObjectActions"),
            deny("s3:*", ["arn:aws:s3:::*log*", "arn:aws:s3:::*log*/*"], Sid="DenyS3Logs"),
        )
        bucket = policy(
            allow(
                ["s3:GetObject*", "s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"],
                "arn:aws:s3:::Production/*",
                Principal={"AWS": "arn:aws:iam::111111111111:user/carlossalazar"},
            )
        )

        def put(name: str, action: str = "s3:PutObject") -> Request:
            return Request(
                principal=carlos, action=action, resource=f"arn:aws:s3:::{name}/f", resource_account="222222222222"
            )

        assert evaluate(put("Production-logs"), identity=[identity]).explicit_deny
        assert evaluate(put("Production"), identity=[identity], resource=bucket).allowed
        assert evaluate(put("Production"), identity=[identity]).layer is Layer.RESOURCE
        assert evaluate(put("Production"), resource=bucket).layer is Layer.IDENTITY
        assert not evaluate(put("Production", "s3:DeleteObject"), identity=[identity], resource=bucket)


class TestBoundary:
    """Permissions boundaries.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """

    SHIRLEY = IamUser("arn:aws:iam::123456789012:user/ShirleyRodriguez")
    BOUNDARY = policy(allow(["s3:*", "cloudwatch:*", "ec2:*"]))

    def test_boundary_limits_identity_policies(self) -> None:
        """Shirley cannot create a user: her boundary does not allow it."""
        decision = evaluate(
            Request(principal=self.SHIRLEY, action="iam:CreateUser"),
            identity=[policy(allow("iam:CreateUser"))],
            boundary=self.BOUNDARY,
        )
        assert (decision.layer, decision.statement) == (Layer.BOUNDARY, None)

    def test_boundary_grants_nothing(self) -> None:
        """A boundary provides no permissions on its own."""
        decision = evaluate(Request(principal=self.SHIRLEY, action="s3:ListAllMyBuckets"), boundary=self.BOUNDARY)
        assert decision.layer is Layer.IDENTITY

    def test_intersection_is_allowed(self) -> None:
        """What both allow is allowed."""
        assert evaluate(
            Request(principal=self.SHIRLEY, action="s3:ListAllMyBuckets"), identity=[FULL], boundary=self.BOUNDARY
        )

    @pytest.mark.parametrize(
        ("action", "boundary_key", "allowed"),
        [
            ("iam:CreateUser", "arn:aws:iam::123456789012:policy/XCompanyBoundaries", True),
            ("iam:CreateUser", "arn:aws:iam::123456789012:policy/Other", False),
            ("iam:CreateUser", None, False),
            ("iam:DeleteUserPermissionsBoundary", None, False),
        ],
    )
    def test_delegated_user_boundary(self, action: str, boundary_key: str | None, allowed: bool) -> None:
        """Zhang creates users only with the boundary that Maria chose."""
        zhang = policy(
            allow(
                ["iam:CreateUser", "iam:AttachUserPolicy"],
                Sid="CreateOrChangeOnlyWithBoundary",
                Condition={
                    "StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/XCompanyBoundaries"}
                },
            ),
            deny("iam:DeleteUserPermissionsBoundary", Sid="NoBoundaryUserDelete"),
        )
        request = Request(
            principal=IamUser("arn:aws:iam::123456789012:user/Zhang"),
            action=action,
            resource="arn:aws:iam::123456789012:user/new",
            context={"iam:PermissionsBoundary": boundary_key},
        )
        assert evaluate(request, identity=[FULL], boundary=zhang).allowed is allowed


# The table "Resource-based policies and implicit denies in other policy types (same account)" of
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
SAME_ACCOUNT = [
    # who, whom the bucket policy names, which other layers deny implicitly, allowed, layer
    (ROLE, ROLE_ARN, {"identity"}, True, Layer.RESOURCE),
    (ROLE, ROLE_ARN, {"identity", "boundary"}, False, Layer.BOUNDARY),
    (ROLE, ROLE_ARN, {"identity", "session"}, False, Layer.SESSION),
    (ROLE, SESSION_ARN, {"identity"}, True, Layer.RESOURCE),
    (ROLE, SESSION_ARN, {"identity", "boundary"}, True, Layer.RESOURCE),
    (ROLE, SESSION_ARN, {"identity", "boundary", "session"}, True, Layer.RESOURCE),
    (ROLE, OWN, {"identity"}, False, Layer.IDENTITY),
    (ROLE, f"arn:aws:iam::{OWN}:root", {"identity"}, False, Layer.IDENTITY),
    (ROLE, f"arn:aws:iam::{OWN}:root", set(), True, Layer.IDENTITY),
    (ROLE, f"arn:aws:iam::{OWN}:root", {"boundary"}, False, Layer.BOUNDARY),
    (ROLE, "*", {"identity", "boundary", "session"}, True, Layer.RESOURCE),
    (USER, USER_ARN, {"identity"}, True, Layer.RESOURCE),
    (USER, USER_ARN, {"identity", "boundary"}, True, Layer.RESOURCE),
    (FEDERATED, FEDERATED_ARN, {"identity", "boundary", "session"}, True, Layer.RESOURCE),
    (FEDERATED, USER_ARN, {"identity"}, True, Layer.RESOURCE),
    (FEDERATED, USER_ARN, {"identity", "boundary"}, False, Layer.BOUNDARY),
    (FEDERATED, USER_ARN, {"identity", "session"}, False, Layer.SESSION),
]


@pytest.mark.parametrize(("who", "named", "silent", "allowed", "layer"), SAME_ACCOUNT)
def test_resource_policy_and_implicit_denies(
    who: Principal, named: str, silent: set[str], allowed: bool, layer: Layer
) -> None:
    """Whom a resource policy of the same account names decides which implicit denies limit the grant."""
    decision = evaluate(
        get_object(who),
        identity=[NOTHING_HERE if "identity" in silent else FULL],
        resource=policy(allow("s3:GetObject", f"{BUCKET}/*", Principal={"AWS": named})),
        boundary=NOTHING_HERE if "boundary" in silent else FULL,
        session=None if isinstance(who, IamUser) else (NOTHING_HERE if "session" in silent else FULL),
    )
    assert (decision.allowed, decision.layer) == (allowed, layer)


@pytest.mark.parametrize("layer", ["identity", "boundary", "session", "resource", "vpc_endpoint", "scp", "rcp"])
def test_explicit_deny_wins_in_every_layer(layer: str) -> None:
    """A Deny in any layer overrides every Allow, even a grant that names the session directly.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """
    stop = deny("s3:GetObject", Sid="Stop")
    everybody = {"Principal": "*"}
    direct = allow("s3:GetObject", Principal={"AWS": SESSION_ARN})
    decision = evaluate(
        get_object(ROLE),
        identity=[policy(allow(), *([stop] if layer == "identity" else []))],
        boundary=policy(allow(), *([stop] if layer == "boundary" else [])),
        session=policy(allow(), *([stop] if layer == "session" else [])),
        resource=policy(direct, *([stop | everybody] if layer == "resource" else [])),
        vpc_endpoint=policy(allow(**everybody), *([stop | everybody] if layer == "vpc_endpoint" else [])),
        service_control=[[FULL], [FULL, policy(stop)] if layer == "scp" else [FULL]],
        resource_control=[[], [policy(stop | everybody)]] if layer == "rcp" else [],
    )
    assert decision.explicit_deny
    assert decision.statement is not None
    assert decision.statement.sid == "Stop"
    assert decision.statement.policy.split("[")[0] == {"scp": "service_control", "rcp": "resource_control"}.get(
        layer, layer
    )


class TestSession:
    """Session policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session ."""

    def test_session_policy_is_an_intersection(self) -> None:
        """The session may do what identity and session policies both allow."""
        assert evaluate(get_object(ROLE), identity=[FULL], session=[NOTHING_HERE, FULL])
        assert evaluate(get_object(ROLE), identity=[FULL], session=[NOTHING_HERE]).layer is Layer.SESSION
        assert evaluate(get_object(ROLE), identity=[NOTHING_HERE], session=[FULL]).layer is Layer.IDENTITY

    def test_federated_user_needs_a_session_policy(self) -> None:
        """A federated user session without a session policy has no permissions from its user's policies."""
        assert evaluate(get_object(FEDERATED), identity=[FULL]).layer is Layer.SESSION
        assert evaluate(get_object(FEDERATED), identity=[FULL], session=FULL)

    def test_an_empty_list_of_session_policies_allows_nothing(self) -> None:
        """Session policies that were passed and are empty are not the same as none passed."""
        assert evaluate(get_object(ROLE), identity=[FULL], session=[]).layer is Layer.SESSION


class TestServiceControl:
    """SCPs: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html ."""

    @pytest.mark.parametrize(
        ("levels", "allowed"),
        [
            ([[FULL], [FULL], [FULL]], True),
            ([[FULL], [], [FULL]], False),
            ([[], [FULL], [FULL]], False),
            ([[FULL], [FULL], []], False),
            ([[FULL], [NOTHING_HERE], [FULL]], False),
            ([[FULL], [NOTHING_HERE, policy(allow("s3:*"))], [FULL]], True),
            ([], True),
        ],
    )
    def test_every_level_must_allow(self, levels: list[list[Json]], allowed: bool) -> None:
        """An Allow is needed at the root, at each OU and at the account itself."""
        decision = evaluate(get_object(ROLE), identity=[FULL], service_control=levels)
        assert decision.allowed is allowed
        assert decision.layer is (Layer.IDENTITY if allowed else Layer.SERVICE_CONTROL)

    def test_implicit_deny_names_its_level(self) -> None:
        """The explanation says at which level the Allow is missing."""
        decision = evaluate(get_object(ROLE), identity=[FULL], service_control=[[FULL], [NOTHING_HERE]])
        assert "level 1" in decision.explanation

    def test_scp_grants_nothing(self) -> None:
        """An SCP that allows everything leaves the decision to the identity-based policies."""
        assert evaluate(get_object(ROLE), service_control=[[FULL]]).layer is Layer.IDENTITY

    @pytest.mark.parametrize(
        "who",
        [
            IamRole(f"arn:aws:iam::{OWN}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
            ServicePrincipal("cloudtrail.amazonaws.com"),
            AnonymousPrincipal(),
        ],
    )
    def test_who_is_not_restricted(self, who: Principal) -> None:
        """SCPs restrict neither service-linked roles nor callers that belong to no account.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
        """
        decision = evaluate(
            get_object(who),
            resource=policy(allow("s3:GetObject", Principal="*")),
            service_control=[[policy(deny())]],
        )
        assert decision.allowed

    def test_management_account_is_not_bound(self) -> None:
        """SCPs do not affect users and roles of the management account."""
        guardrail = [[FULL, policy(deny("s3:*"))]]
        assert evaluate(get_object(ROLE), identity=[FULL], service_control=guardrail, management_account=OWN)
        assert not evaluate(get_object(ROLE), identity=[FULL], service_control=guardrail, management_account=OTHER)

    def test_root_user_is_bound(self) -> None:
        """SCPs restrict the root user of a member account too.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
        """
        no_root = policy(deny("ec2:*", Condition={"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root"]}}))
        request = Request(principal=RootUser(OWN), action="ec2:RunInstances")
        assert evaluate(request, service_control=[[FULL, no_root]]).explicit_deny
        assert evaluate(request, service_control=[[FULL]]).layer is Layer.ROOT_USER

    @pytest.mark.parametrize(
        ("region", "action", "allowed"),
        [
            ("eu-central-1", "ec2:RunInstances", True),
            ("us-east-1", "ec2:RunInstances", False),
            ("us-east-1", "iam:CreateRole", True),
        ],
    )
    def test_region_example(self, region: str, action: str, allowed: bool) -> None:
        """AWS's example that denies Regions outside Europe, global services excepted.

        https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
        """
        example = policy(
            {
                "Sid": "DenyAllOutsideEU",
                "Effect": "Deny",
                "NotAction": ["iam:*", "organizations:*", "route53:*", "sts:*", "support:*"],
                "Resource": "*",
                "Condition": {
                    "StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]},
                    "ArnNotLike": {"aws:PrincipalARN": ["arn:aws:iam::*:role/Role1AllowedToBypassThisSCP"]},
                },
            }
        )
        request = Request(principal=ROLE, action=action, context={"aws:RequestedRegion": region})
        assert evaluate(request, identity=[FULL], service_control=[[FULL, example]]).allowed is allowed
        bypass = IamRole(f"arn:aws:iam::{OWN}:role/Role1AllowedToBypassThisSCP")
        excepted = Request(principal=bypass, action=action, context={"aws:RequestedRegion": region})
        assert evaluate(excepted, identity=[FULL], service_control=[[FULL, example]])

    def test_scps_of_the_principals_account_apply_across_accounts(self) -> None:
        """An SCP of the requester's account limits it on resources of other accounts as well."""
        bucket = policy(allow("s3:*", Principal={"AWS": ROLE_ARN}))
        decision = evaluate(
            get_object(ROLE, owner=OTHER), identity=[FULL], resource=bucket, service_control=[[NOTHING_HERE]]
        )
        assert decision.layer is Layer.SERVICE_CONTROL

    def test_a_policy_in_place_of_a_level_is_refused(self) -> None:
        """A level is a list of policies: a bare policy there is an error that names the level."""
        with pytest.raises(PolicyError, match=r"service_control\[0\]: got one policy"):
            evaluate(get_object(ROLE), service_control=[FULL])  # type: ignore[list-item] # that is the test


# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html: only the
# organization's principals, and AWS services
ORGANIZATION_ONLY = policy(
    deny(
        ["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:AssumeRole"],
        Sid="RCPEnforceIdentityPerimeter",
        Principal="*",
        Condition={
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-example"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    )
)


class TestResourceControl:
    """RCPs: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html ."""

    BUCKET_POLICY = policy(allow("s3:GetObject", Principal="*"))

    @pytest.mark.parametrize(
        ("who", "context", "allowed"),
        [
            (ROLE, {"aws:PrincipalOrgID": "o-example"}, True),
            (ROLE, {"aws:PrincipalOrgID": "o-stranger"}, False),
            (ROLE, {}, False),
            (AnonymousPrincipal(), {}, False),
            (ServicePrincipal("cloudtrail.amazonaws.com"), {}, True),
            (IamRole(f"arn:aws:iam::{OWN}:role/aws-service-role/x.amazonaws.com/X"), {}, True),
        ],
    )
    def test_identity_perimeter(self, who: Principal, context: dict[str, str], allowed: bool) -> None:
        """AWS's identity perimeter: outsiders are denied, AWS services and service-linked roles are not."""
        decision = evaluate(
            get_object(who, **context), resource=self.BUCKET_POLICY, resource_control=[[ORGANIZATION_ONLY]]
        )
        assert decision.allowed is allowed
        assert decision.layer is (Layer.RESOURCE if allowed else Layer.RESOURCE_CONTROL)

    def test_any_level_denies(self) -> None:
        """A Deny anywhere between the root and the account denies; RCPFullAWSAccess allows at every level."""
        for levels in ([[ORGANIZATION_ONLY], [], []], [[], [ORGANIZATION_ONLY], []], [[], [], [ORGANIZATION_ONLY]]):
            assert not evaluate(get_object(ROLE), resource=self.BUCKET_POLICY, resource_control=levels)
        assert evaluate(get_object(ROLE), resource=self.BUCKET_POLICY, resource_control=[[], [], []])

    def test_management_accounts_resources_are_not_bound(self) -> None:
        """RCPs do not affect resources of the management account."""
        assert evaluate(
            get_object(ROLE),
            resource=self.BUCKET_POLICY,
            resource_control=[[ORGANIZATION_ONLY]],
            management_account=OWN,
        )

    def test_other_services_are_not_reached(self) -> None:
        """RCPs apply to the services that support them only; the caller may say that AWS added one."""
        everything = [[policy(deny(Principal="*"))]]
        request = Request(principal=ROLE, action="dynamodb:GetItem", resource="arn:aws:dynamodb:eu-west-1:1:table/T")
        request = Request(principal=ROLE, action="dynamodb:GetItem", resource=f"arn:aws:dynamodb:x:{OWN}:table/T")
        assert evaluate(request, identity=[FULL], resource_control=everything)
        assert not evaluate(
            request,
            identity=[FULL],
            resource_control=everything,
            resource_control_services=frozenset({"dynamodb"}),
        )

    def test_retire_grant_is_not_reached(self) -> None:
        """kms:RetireGrant is not effective in an RCP, even under a wildcard.

        https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
        """
        key = f"arn:aws:kms:eu-west-1:{OWN}:key/1"
        key_policy = policy(allow("kms:*", Principal={"AWS": OWN}))
        for action, allowed in (("kms:RetireGrant", True), ("kms:Decrypt", False)):
            decision = evaluate(
                Request(principal=ROLE, action=action, resource=key),
                identity=[FULL],
                resource=key_policy,
                resource_control=[[policy(deny("kms:*", Principal="*"))]],
            )
            assert decision.allowed is allowed

    def test_services_assume_service_linked_roles(self) -> None:
        """RCPs do not keep an AWS service from assuming its service-linked role."""
        arn = f"arn:aws:iam::{OWN}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        for role, allowed in ((arn, True), (ROLE_ARN, False)):
            decision = evaluate(
                Request(principal=ServicePrincipal("ecs.amazonaws.com"), action="sts:AssumeRole", resource=role),
                resource=policy(
                    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.amazonaws.com"}}
                ),
                resource_control=[[policy(deny("sts:*", Principal="*"))]],
            )
            assert decision.allowed is allowed


class TestTrust:
    """Role trust policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html ."""

    TARGET = f"arn:aws:iam::{OWN}:role/target"

    def assume(
        self, who: Principal, action: str = "sts:AssumeRole", context: Mapping[str, ContextValue] | None = None
    ) -> Request:
        """Return the request to assume the role."""
        return Request(principal=who, action=action, resource=self.TARGET, context=context or {})

    def trust(self, principal: object, action: str = "sts:AssumeRole", **more: object) -> Json:
        """Return a trust policy."""
        return policy({"Effect": "Allow", "Principal": principal, "Action": action, **more})

    def test_identity_policy_alone_is_not_enough(self) -> None:
        """A trust policy must allow, in the same account too."""
        decision = evaluate(self.assume(ROLE), identity=[FULL])
        assert decision.layer is Layer.RESOURCE
        assert "no resource-based policy was given" in decision.explanation
        other = evaluate(self.assume(ROLE), identity=[FULL], resource=self.trust({"Service": "ec2.amazonaws.com"}))
        assert other.layer is Layer.RESOURCE

    def test_account_principal_delegates(self) -> None:
        """A trusted account decides by identity-based policies who of it may assume the role."""
        trust = self.trust({"AWS": f"arn:aws:iam::{OWN}:root"})
        assert evaluate(self.assume(ROLE), identity=[FULL], resource=trust)
        assert evaluate(self.assume(ROLE), resource=trust).layer is Layer.IDENTITY

    def test_named_principal_of_the_account_needs_nothing_else(self) -> None:
        """A user that the trust policy of its own account names needs no identity-based policy."""
        assert evaluate(self.assume(USER), resource=self.trust({"AWS": USER_ARN}))

    @pytest.mark.parametrize(("external_id", "allowed"), [("12345", True), ("wrong", False), (None, False)])
    def test_external_id(self, external_id: ContextValue, allowed: bool) -> None:
        """A third party's role is assumed with the right external id only.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
        """
        stranger = IamRole(f"arn:aws:iam::{OTHER}:role/partner")
        trust = self.trust({"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "12345"}})
        request = self.assume(stranger, context={"sts:ExternalId": external_id})
        assert evaluate(request, identity=[FULL], resource=trust).allowed is allowed

    @pytest.mark.parametrize(
        ("subject", "repository_id", "allowed"),
        [
            ("repo:acme/shop:ref:refs/heads/main", "42", True),
            ("repo:acme/shop:ref:refs/heads/other", "42", False),
            ("repo:acme/shop:ref:refs/heads/main", "43", False),
            ("repo:evil/shop:ref:refs/heads/main", "42", False),
        ],
    )
    def test_web_identity(self, subject: str, repository_id: str, allowed: bool) -> None:
        """A GitHub workflow needs the trust policy alone: its token is its identity.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
        """
        provider = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
        host = "token.actions.githubusercontent.com"
        trust = self.trust(
            {"Federated": provider},
            "sts:AssumeRoleWithWebIdentity",
            Condition={
                "StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:repository_id": "42"},
                "StringLike": {f"{host}:sub": "repo:acme/shop:ref:refs/heads/main"},
            },
        )
        request = self.assume(
            WebIdentity(provider),
            "sts:AssumeRoleWithWebIdentity",
            {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": subject, f"{host}:repository_id": repository_id},
        )
        decision = evaluate(request, resource=trust)
        assert decision.allowed is allowed
        assert decision.layer is Layer.RESOURCE

    def test_saml(self) -> None:
        """A SAML sign-in needs the trust policy alone, of its own provider.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_saml.html
        """
        provider = f"arn:aws:iam::{OWN}:saml-provider/ADFS"
        trust = self.trust(
            {"Federated": provider},
            "sts:AssumeRoleWithSAML",
            Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        )
        request = self.assume(
            SamlIdentity(provider), "sts:AssumeRoleWithSAML", {"saml:aud": "https://signin.aws.amazon.com/saml"}
        )
        assert evaluate(request, resource=trust)
        stranger = self.assume(SamlIdentity(f"arn:aws:iam::{OWN}:saml-provider/Other"), "sts:AssumeRoleWithSAML")
        assert not evaluate(stranger, resource=trust)

    def test_root_user_cannot_assume_roles(self) -> None:
        """STS refuses AssumeRole to root users, so the question itself is refused.

        https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        """
        with pytest.raises(PolicyError, match="sts:AssumeRole by a RootUser"):
            evaluate(self.assume(RootUser(OWN)), resource=self.trust({"AWS": OWN}))

    def test_federated_callers_only_sign_in(self) -> None:
        """Before it has assumed a role a web identity can do nothing else."""
        request = Request(principal=WebIdentity("accounts.google.com"), action="s3:GetObject", resource=OBJECT)
        with pytest.raises(PolicyError, match="action of a WebIdentity"):
            evaluate(request)


class TestKeyPolicy:
    """KMS: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html ."""

    KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/1234abcd"
    ENABLE_IAM = policy(allow("kms:*", Sid="Enable IAM policies", Principal={"AWS": f"arn:aws:iam::{OWN}:root"}))

    def decrypt(self, who: Principal, **context: ContextValue) -> Request:
        """Return the request to decrypt."""
        return Request(principal=who, action="kms:Decrypt", resource=self.KEY, context=context)

    def test_identity_policy_needs_the_key_policy(self) -> None:
        """Without the account statement in the key policy, identity-based policies have no effect."""
        assert evaluate(self.decrypt(ROLE), identity=[FULL], resource=self.ENABLE_IAM)
        only_admin = policy(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{OWN}:role/admin"}))
        assert evaluate(self.decrypt(ROLE), identity=[FULL], resource=only_admin).layer is Layer.RESOURCE
        assert evaluate(self.decrypt(ROLE), identity=[FULL]).layer is Layer.RESOURCE

    def test_account_statement_grants_nobody_by_itself(self) -> None:
        """The account statement gives users and roles nothing without an identity-based policy."""
        assert evaluate(self.decrypt(ROLE), resource=self.ENABLE_IAM).layer is Layer.IDENTITY

    def test_root_user_needs_the_key_policy(self) -> None:
        """Unlike elsewhere, the root user has no access to a key whose policy does not name the account."""
        assert evaluate(self.decrypt(RootUser(OWN)), resource=self.ENABLE_IAM)
        only_role = policy(allow("kms:*", Principal={"AWS": ROLE_ARN}))
        assert not evaluate(self.decrypt(RootUser(OWN)), resource=only_role)

    def test_cross_account_key(self) -> None:
        """Another account's role needs the key policy and its own policy.

        https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
        """
        stranger = IamRole(f"arn:aws:iam::{OTHER}:role/app")
        shared = policy(allow("kms:Decrypt", Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}))
        assert evaluate(self.decrypt(stranger), identity=[FULL], resource=shared)
        assert evaluate(self.decrypt(stranger), resource=shared).layer is Layer.IDENTITY
        assert evaluate(self.decrypt(stranger), identity=[FULL], resource=self.ENABLE_IAM).layer is Layer.RESOURCE

    @pytest.mark.parametrize(
        ("via", "allowed"),
        [("ec2.eu-west-1.amazonaws.com", True), ("s3.eu-west-1.amazonaws.com", False), (None, False)],
    )
    def test_via_service(self, via: str | None, allowed: bool) -> None:
        """kms:ViaService and kms:CallerAccount limit a key to one service and one account.

        https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
        """
        key_policy = policy(
            allow(
                "kms:Decrypt",
                Principal={"AWS": "*"},
                Condition={"StringEquals": {"kms:ViaService": "ec2.eu-west-1.amazonaws.com", "kms:CallerAccount": OWN}},
            )
        )
        request = self.decrypt(ROLE, **{"kms:ViaService": via})
        assert evaluate(request, resource=key_policy).allowed is allowed

    def test_key_actions_without_a_key(self) -> None:
        """kms:CreateKey has no key yet, so identity-based policies decide."""
        assert evaluate(Request(principal=ROLE, action="kms:CreateKey"), identity=[FULL])


class TestOtherCallers:
    """Services, anonymous callers, root users and whole accounts."""

    QUEUE = f"arn:aws:sqs:eu-west-1:{OWN}:queue"

    @pytest.mark.parametrize(
        ("service", "source", "allowed"),
        [
            ("sns.amazonaws.com", f"arn:aws:sns:eu-west-1:{OWN}:topic", True),
            ("sns.amazonaws.com", f"arn:aws:sns:eu-west-1:{OTHER}:topic", False),
            ("events.amazonaws.com", f"arn:aws:sns:eu-west-1:{OWN}:topic", False),
        ],
    )
    def test_service_principal_needs_the_resource_policy(self, service: str, source: str, allowed: bool) -> None:
        """A service is allowed by the resource's policy only, here for one source.

        https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
        """
        queue_policy = policy(
            allow(
                "sqs:SendMessage",
                self.QUEUE,
                Principal={"Service": "sns.amazonaws.com"},
                Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{OWN}:topic"}},
            )
        )
        request = Request(
            principal=ServicePrincipal(service),
            action="sqs:SendMessage",
            resource=self.QUEUE,
            context={"aws:SourceArn": source},
        )
        decision = evaluate(request, resource=queue_policy)
        assert (decision.allowed, decision.layer) == (allowed, Layer.RESOURCE)

    def test_anonymous_needs_a_public_policy(self) -> None:
        """Anonymous callers are allowed where the resource's policy allows everybody, in either spelling.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
        """
        for everybody in ("*", {"AWS": "*"}):
            public = policy(allow("s3:GetObject", f"{BUCKET}/*", Principal=everybody))
            assert evaluate(get_object(AnonymousPrincipal()), resource=public)
        private = policy(allow("s3:GetObject", f"{BUCKET}/*", Principal={"AWS": [OWN, ROLE_ARN]}))
        assert not evaluate(get_object(AnonymousPrincipal()), resource=private)

    def test_everybody_of_another_account_needs_both_sides(self) -> None:
        """Principals of other accounts need identity-based permissions besides a public resource policy."""
        public = policy(allow("s3:GetObject", f"{BUCKET}/*", Principal="*"))
        assert evaluate(get_object(ROLE, owner=OTHER), resource=public).layer is Layer.IDENTITY
        assert evaluate(get_object(ROLE, owner=OTHER), resource=public, identity=[FULL])

    def test_root_user_has_full_access_to_its_account_only(self) -> None:
        """The root user is allowed in its account, and denied by an explicit deny and across accounts."""
        assert evaluate(get_object(RootUser(OWN))).layer is Layer.ROOT_USER
        bucket = policy(deny("s3:*", Principal="*"))
        assert evaluate(get_object(RootUser(OWN)), resource=bucket).explicit_deny
        assert evaluate(get_object(RootUser(OWN), owner=OTHER)).layer is Layer.RESOURCE
        shared = policy(allow("s3:*", Principal={"AWS": OWN}))
        assert evaluate(get_object(RootUser(OWN), owner=OTHER), resource=shared)

    def test_account_principal_is_what_could_be_delegated(self) -> None:
        """An account as a whole gets across accounts what its administrators could hand on."""
        shared = policy(allow("s3:GetObject", Principal={"AWS": OTHER}))
        somebody = AccountPrincipal(OTHER)
        assert evaluate(get_object(somebody), identity=[FULL], resource=shared)
        named = policy(allow("s3:GetObject", Principal={"AWS": f"arn:aws:iam::{OTHER}:role/app"}))
        assert not evaluate(get_object(somebody), identity=[FULL], resource=named)

    def test_account_principal_has_no_arn(self) -> None:
        """A condition on who exactly asks cannot be decided for an account as a whole."""
        shared = policy(
            allow(
                "s3:*", Principal={"AWS": OTHER}, Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}
            )
        )
        with pytest.raises(UndecidedError, match="aws:PrincipalArn"):
            evaluate(get_object(AccountPrincipal(OTHER)), identity=[FULL], resource=shared)

    @pytest.mark.parametrize("who", [ServicePrincipal("sns.amazonaws.com"), AnonymousPrincipal(), RootUser(OWN)])
    def test_policies_that_cannot_exist_are_refused(self, who: Principal) -> None:
        """Services, anonymous callers and root users have no identity-based policies, so giving one is an error."""
        with pytest.raises(PolicyError, match="which can have none"):
            evaluate(get_object(who), identity=[FULL])

    def test_users_have_no_session_policies(self) -> None:
        """An IAM user with long-term credentials has no session."""
        with pytest.raises(PolicyError, match="session with an IamUser"):
            evaluate(get_object(USER), session=FULL)


class TestVpcEndpoint:
    """Endpoint policies: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html ."""

    @pytest.mark.parametrize(
        ("endpoint", "allowed"),
        [
            (policy(allow(Principal="*")), True),
            (policy(allow("s3:*", f"{BUCKET}/*", Principal={"AWS": OWN})), True),
            (policy(allow("s3:*", f"{BUCKET}/*", Principal={"AWS": OTHER})), False),
            (policy(allow("s3:PutObject", Principal="*")), False),
            (policy(allow("s3:*", "arn:aws:s3:::other/*", Principal="*")), False),
            (None, True),
        ],
    )
    def test_endpoint_must_allow(self, endpoint: Json | None, allowed: bool) -> None:
        """A request through an endpoint passes only if the endpoint's policy allows it too."""
        decision = evaluate(get_object(ROLE), identity=[FULL], vpc_endpoint=endpoint)
        assert decision.allowed is allowed
        assert decision.layer is (Layer.IDENTITY if allowed else Layer.VPC_ENDPOINT)

    def test_endpoint_grants_nothing(self) -> None:
        """An endpoint policy does not replace identity-based or resource-based policies."""
        assert evaluate(get_object(ROLE), vpc_endpoint=policy(allow(Principal="*"))).layer is Layer.IDENTITY

    def test_endpoint_binds_services_without_an_account(self) -> None:
        """Anonymous requests through an endpoint pass its policy as well."""
        public = policy(allow("s3:GetObject", Principal="*"))
        endpoint = policy(allow("s3:PutObject", Principal="*"))
        assert evaluate(get_object(AnonymousPrincipal()), resource=public, vpc_endpoint=endpoint).layer is (
            Layer.VPC_ENDPOINT
        )


class TestUndecided:
    """What cannot be known is an error, unless something else decides."""

    BY_TIME = deny(Condition={"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}})

    def test_unsaid_key_is_an_error(self) -> None:
        """AWS always sends aws:CurrentTime, so a policy that asks for it needs a value."""
        with pytest.raises(UndecidedError, match="aws:CurrentTime"):
            evaluate(get_object(ROLE), identity=[FULL, policy(self.BY_TIME)])

    def test_another_deny_decides(self) -> None:
        """An explicit deny of another statement or layer makes the open question irrelevant."""
        assert evaluate(get_object(ROLE), identity=[policy(self.BY_TIME), policy(deny())]).explicit_deny
        assert evaluate(get_object(ROLE), identity=[policy(self.BY_TIME)], boundary=policy(deny())).explicit_deny
        assert evaluate(get_object(ROLE), identity=[policy(deny())], boundary=policy(self.BY_TIME)).explicit_deny

    def test_another_condition_decides(self) -> None:
        """A condition that is false makes the open one irrelevant."""
        both = deny(
            Condition={
                "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
                "StringEquals": {"aws:PrincipalAccount": OTHER},
            }
        )
        assert evaluate(get_object(ROLE), identity=[FULL, policy(both)])

    def test_unsaid_allow(self) -> None:
        """An Allow that cannot be decided is an error, unless another Allow is certain."""
        maybe = allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
        with pytest.raises(UndecidedError, match="aws:SourceIp"):
            evaluate(get_object(ROLE), identity=[policy(maybe)])
        assert evaluate(get_object(ROLE), identity=[FULL])
        closer = allow("s3:*", Principal={"AWS": SESSION_ARN}, Condition=maybe["Condition"])
        wider = allow("s3:*", Principal={"AWS": OWN})
        with pytest.raises(UndecidedError, match="aws:SourceIp"):
            evaluate(get_object(ROLE), resource=policy(wider, closer))

    def test_owner_of_a_bucket_is_asked_for(self) -> None:
        """A bucket's ARN names no account; with a bucket policy the owner decides which rules hold."""
        request = Request(principal=ROLE, action="s3:GetObject", resource=OBJECT)
        assert evaluate(request, identity=[FULL])
        with pytest.raises(PolicyError, match="resource_account is missing"):
            evaluate(request, identity=[FULL], resource=policy(allow("s3:*", Principal="*")))
