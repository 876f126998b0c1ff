"""Wildcards, principals, actions and resources: who and what a statement is about."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs.testing.policies import (
    AccountPrincipal,
    AnonymousPrincipal,
    DocumentKind,
    FederatedUserSession,
    IamRole,
    IamUser,
    Layer,
    PolicyDocument,
    PolicyError,
    Principal,
    Request,
    RootUser,
    SamlIdentity,
    ServicePrincipal,
    UndecidedError,
    WebIdentity,
    action_matches,
    evaluate,
    resource_matches,
)

PATTERNS = st.text(alphabet="ab:/*?", max_size=10)
TEXTS = st.text(alphabet="ab:/", max_size=14)


def by_regex(pattern: str, text: str) -> bool:
    """Answer by the standard library's regular expressions."""
    expression = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def by_brute_force(pattern: str, text: str) -> bool:
    """Answer by trying every length for every asterisk."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(by_brute_force(pattern[1:], text[cut:]) for cut in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and by_brute_force(pattern[1:], text[1:])


class TestWildcards:
    """``*`` and ``?``."""

    @given(PATTERNS, TEXTS)
    def test_against_regular_expressions(self, pattern: str, text: str) -> None:
        """The matcher agrees with a regular expression on every pattern and text."""
        assert resource_matches(pattern, text) is by_regex(pattern, text)

    @given(st.text(alphabet="ab*?", max_size=7), st.text(alphabet="ab", max_size=7))
    def test_against_brute_force(self, pattern: str, text: str) -> None:
        """The matcher agrees with trying everything."""
        assert resource_matches(pattern, text) is by_brute_force(pattern, text)

    @given(TEXTS)
    def test_asterisk_matches_everything(self, text: str) -> None:
        """One asterisk, or several, match every text."""
        assert resource_matches("*", text)
        assert resource_matches("***", text)

    @given(TEXTS)
    def test_a_text_matches_itself(self, text: str) -> None:
        """A pattern without wildcards matches exactly itself."""
        assert resource_matches(text, text)
        assert not resource_matches(text, text + "c")

    def test_many_asterisks_take_no_time(self) -> None:
        """A pattern that would make a regular expression explode is answered at once."""
        assert not resource_matches("a*" * 40 + "b", "a" * 2000)

    @pytest.mark.parametrize(
        ("pattern", "action", "expected"),
        [
            ("iam:*AccessKey*", "iam:CreateAccessKey", True),
            ("iam:*AccessKey*", "IAM:listaccesskeys", True),
            ("IAM:CREATEUSER", "iam:CreateUser", True),
            ("s3:*", "s3:GetObject", True),
            ("s3:*", "s3express:GetObject", False),
            ("s3:GetObject", "s3:GetObjectAcl", False),
            ("s3:GetObject?", "s3:GetObject", False),
            ("*", "ec2:RunInstances", True),
        ],
    )
    def test_actions(self, pattern: str, action: str, expected: bool) -> None:
        """Neither service nor operation is case-sensitive; wildcards stand anywhere in the operation.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
        """
        assert action_matches(pattern, action) is expected

    @pytest.mark.parametrize(
        ("pattern", "resource", "expected"),
        [
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b", True),
            ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", False),
            ("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", False),
            ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/test/object.jpg", True),
            ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/2/test/3/object.jpg", True),
            ("arn:aws:s3:::bucket/???/x", "arn:aws:s3:::bucket/abc/x", True),
            ("arn:aws:sqs:us-east-2:*:user-queue", "arn:aws:sqs:us-east-2:111122223333:user-queue", True),
            ("arn:aws:logs:*:*:log-group:/a/*", "arn:aws:logs:eu-west-1:1:log-group:/a/b:log-stream:c", True),
        ],
    )
    def test_resources(self, pattern: str, resource: str, expected: bool) -> None:
        """Resources are case-sensitive; an asterisk spans slashes, and at the end of a segment colons too.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
        """
        assert resource_matches(pattern, resource) is expected


OWN, OTHER = "111122223333", "444455556666"
ADELE = IamUser(f"arn:aws:iam::{OWN}:user/Adele", tags={"department": "hr"})
BOB = IamUser(f"arn:aws:iam::{OTHER}:user/Bob")
ALICE = IamUser(f"arn:aws:iam::{OTHER}:user/Alice")
AUDIT = IamRole(f"arn:aws:iam::{OTHER}:role/cross-account-read-only-role", session_name="cross-account-audit-app")
SAME_ROLE = IamRole(AUDIT.arn, session_name="another-app")
UNNAMED = IamRole(AUDIT.arn)


def ask(
    statement: dict[str, Any],
    *,
    who: Principal = ADELE,
    action: str = "s3:GetObject",
    resource: str = "arn:aws:s3:::bucket/key",
    version: str = "2012-10-17",
) -> bool:
    """Return whether an identity-based statement allows."""
    document = {"Version": version, "Statement": [{"Effect": "Allow", **statement}]}
    return evaluate(Request(principal=who, action=action, resource=resource), identity=[document]).allowed


def denied(statement: dict[str, Any], who: Principal, *, boundary: dict[str, Any] | None = None) -> bool:
    """Return whether a bucket policy's Deny statement denies the requester."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", **statement}]}
    request = Request(principal=who, action="s3:GetObject", resource="arn:aws:s3:::bucket/key", resource_account=OWN)
    return evaluate(request, resource=document, boundary=boundary).explicit_deny


def granted(statement: dict[str, Any], who: Principal) -> bool:
    """Return whether a bucket policy's Allow statement counts for the requester."""
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **statement}],
    }
    request = Request(principal=who, action="s3:GetObject", resource="arn:aws:s3:::bucket/key", resource_account=OWN)
    if who.account is None:
        return evaluate(request, resource=document).allowed
    full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    # Across accounts the resource's side is what is asked; within one, a grant to the account needs the identity side.
    identity = [] if isinstance(who, RootUser) else [full]
    return evaluate(request, identity=identity, resource=document).allowed


class TestElements:
    """Action, NotAction, Resource and NotResource."""

    def test_not_action(self) -> None:
        """NotAction is about every action but those named.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
        """
        statement = {"NotAction": ["iam:*", "s3:Delete*"], "Resource": "*"}
        assert ask(statement)
        assert not ask(statement, action="s3:DeleteObject")
        assert not ask(statement, action="IAM:CreateUser", resource="*")

    def test_not_resource(self) -> None:
        """NotResource is about every resource but those named.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
        """
        statement = {"Action": "s3:*", "NotResource": ["arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket"]}
        assert ask(statement)
        assert not ask(statement, resource="arn:aws:s3:::HRBucket/Payroll")

    def test_action_without_a_resource(self) -> None:
        """An action that has no resource is covered by an asterisk only."""
        assert ask({"Action": "s3:ListAllMyBuckets", "Resource": "*"}, action="s3:ListAllMyBuckets", resource="*")
        assert not ask(
            {"Action": "s3:ListAllMyBuckets", "Resource": "arn:aws:s3:::*"},
            action="s3:ListAllMyBuckets",
            resource="*",
        )

    def test_variables_in_resources(self) -> None:
        """A variable in the resource portion stands for the request's value.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-resourceelement
        """
        home = {"Action": "s3:*", "Resource": ["arn:aws:s3:::bucket/${aws:username}/*"]}
        assert ask(home, resource="arn:aws:s3:::bucket/Adele/x")
        assert not ask(home, resource="arn:aws:s3:::bucket/Bob/x")
        assert not ask(home, resource="arn:aws:s3:::bucket/Adele/x", version="2008-10-17")
        tagged = {"Action": "s3:*", "Resource": "arn:aws:s3:::bucket/${aws:PrincipalTag/department}"}
        assert ask(tagged, resource="arn:aws:s3:::bucket/hr")

    def test_escapes_in_resources(self) -> None:
        """An escaped asterisk in a resource is an asterisk (#policy-vars-specialchars)."""
        statement = {"Action": "s3:*", "Resource": "arn:aws:s3:::bucket/${$}*"}
        assert ask(statement, resource="arn:aws:s3:::bucket/$x")
        assert not ask({**statement, "Resource": "arn:aws:s3:::bucket/${*}"}, resource="arn:aws:s3:::bucket/x")

    def test_variables_without_a_value_in_resources(self) -> None:
        """A resource by a variable without a value is none; where that would widen the statement it is undecided."""
        role = IamRole(f"arn:aws:iam::{OWN}:role/r")
        mine = "arn:aws:s3:::bucket/${aws:username}"
        assert not ask({"Action": "s3:*", "Resource": mine}, who=role)
        assert ask({"Action": "s3:*", "Resource": "arn:aws:s3:::bucket/${aws:username, 'key'}"}, who=role)
        for statement in (
            {"Action": "s3:*", "NotResource": mine},
            {"Action": "s3:*", "Resource": [mine, "arn:aws:s3:::bucket/*"]},
        ):
            with pytest.raises(UndecidedError, match=r"\$\{aws:username\} has no value"):
                ask(statement, who=role)


class TestPrincipalElement:
    """Principal: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html ."""

    @pytest.mark.parametrize(
        ("named", "who", "expected"),
        [
            ({"AWS": OTHER}, BOB, True),
            ({"AWS": f"arn:aws:iam::{OTHER}:root"}, BOB, True),
            ({"AWS": f"arn:aws:iam::{OTHER}:root"}, AUDIT, True),
            ({"AWS": OWN}, BOB, False),
            ({"AWS": BOB.arn}, BOB, True),
            ({"AWS": BOB.arn}, ALICE, False),
            ({"AWS": BOB.arn.lower()}, BOB, False),
            ({"AWS": [ALICE.arn, BOB.arn]}, BOB, True),
            ({"AWS": AUDIT.arn}, AUDIT, True),
            ({"AWS": AUDIT.arn}, UNNAMED, True),
            ({"AWS": AUDIT.session_arn}, AUDIT, True),
            ({"AWS": AUDIT.session_arn}, SAME_ROLE, False),
            ({"AWS": AUDIT.session_arn}, UNNAMED, False),
            ({"AWS": "AIDAEXAMPLEEXAMPLE"}, BOB, False),
            ({"AWS": "*"}, BOB, True),
            ({"AWS": "*"}, AnonymousPrincipal(), True),
            ({"AWS": "*"}, ServicePrincipal("sns.amazonaws.com"), False),
            ("*", ServicePrincipal("sns.amazonaws.com"), True),
            ({"Service": ["ecs.amazonaws.com", "sns.amazonaws.com"]}, ServicePrincipal("sns.amazonaws.com"), True),
            ({"Service": "sns.amazonaws.com"}, ServicePrincipal("sqs.amazonaws.com"), False),
            ({"Service": "*"}, ServicePrincipal("sqs.amazonaws.com"), True),
            ({"Service": "*"}, BOB, False),
            ({"Service": "sns.amazonaws.com"}, BOB, False),
            ({"Federated": "*"}, BOB, False),
            ({"Federated": "accounts.google.com"}, BOB, False),
            ({"Service": "sns.amazonaws.com", "AWS": OTHER}, BOB, True),
            ({"AWS": OTHER}, RootUser(OTHER), True),
            ({"AWS": OTHER}, AccountPrincipal(OTHER), True),
            ({"AWS": OTHER}, AnonymousPrincipal(), False),
        ],
    )
    def test_allow(self, named: object, who: Principal, expected: bool) -> None:
        """An Allow is for whom its Principal names: accounts, users, roles, sessions, services, everybody."""
        assert granted({"Principal": named}, who) is expected

    def test_deny_to_everybody_includes_services(self) -> None:
        """AWS documents {"AWS": "*"} for anonymous callers only: a Deny is read in the stricter way."""
        assert denied({"Principal": {"AWS": "*"}}, ServicePrincipal("sns.amazonaws.com"))

    def test_canonical_users_are_undecided(self) -> None:
        """A canonical user id cannot be told from a request, so it is an error."""
        with pytest.raises(UndecidedError, match="CanonicalUser"):
            granted(
                {"Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}},
                BOB,
            )

    def test_deny_except_by_principal_arn(self) -> None:
        """AWS's replacement of NotPrincipal: everybody is denied but one ARN (#principal-anonymous)."""
        statement = {"Principal": "*", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": BOB.arn}}}
        assert not denied(statement, BOB)
        assert denied(statement, ALICE)
        assert denied(statement, AnonymousPrincipal())


class TestNotPrincipal:
    """NotPrincipal: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html ."""

    BUT_BOB = {"NotPrincipal": {"AWS": [BOB.arn, f"arn:aws:iam::{OTHER}:root"]}}  # noqa: RUF012 - a constant
    BUT_AUDIT = {  # noqa: RUF012 - a constant
        "NotPrincipal": {"AWS": [AUDIT.session_arn, AUDIT.arn, OTHER]}
    }

    @pytest.mark.parametrize(
        ("statement", "who", "expected"),
        [
            (BUT_BOB, BOB, False),
            (BUT_BOB, ALICE, True),
            (BUT_BOB, ADELE, True),
            (BUT_BOB, RootUser(OTHER), False),
            (BUT_BOB, AnonymousPrincipal(), True),
            (BUT_BOB, ServicePrincipal("sns.amazonaws.com"), True),
            ({"NotPrincipal": {"AWS": BOB.arn}}, BOB, True),
            (BUT_AUDIT, AUDIT, False),
            (BUT_AUDIT, SAME_ROLE, True),
            ({"NotPrincipal": {"AWS": [AUDIT.session_arn, OTHER]}}, AUDIT, True),
            ({"NotPrincipal": {"Service": "sns.amazonaws.com"}}, ServicePrincipal("sns.amazonaws.com"), False),
            ({"NotPrincipal": "*"}, BOB, False),
        ],
    )
    def test_deny(self, statement: dict[str, Any], who: Principal, expected: bool) -> None:
        """A Deny spares whom it names together with their role and account, and nobody else."""
        assert denied(statement, who) is expected

    def test_deny_with_a_boundary(self) -> None:
        """A principal with a permissions boundary is always denied, whatever NotPrincipal says."""
        full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        assert denied(self.BUT_BOB, BOB, boundary=full)

    @pytest.mark.parametrize(
        "statement",
        [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "sts:AssumeRole"},
        ],
    )
    def test_where_it_is_refused(self, statement: dict[str, str]) -> None:
        """NotPrincipal with Allow is not supported, nor is it in a role trust policy."""
        document = {"Version": "2012-10-17", "Statement": {**statement, "NotPrincipal": {"AWS": BOB.arn}}}
        with pytest.raises(PolicyError, match="NotPrincipal with Allow or in a role trust policy"):
            PolicyDocument.parse(document, kind=DocumentKind.RESOURCE)


class TestValueObjects:
    """Principals and requests refuse what AWS does not have."""

    @pytest.mark.parametrize(
        ("make", "value"),
        [
            (IamRole, "arn:aws:iam::111122223333:user/x"),
            (IamRole, "arn:aws:iam::1:role/x"),
            (IamRole, "arn:aws:iam::111122223333:role/*"),
            (IamUser, "arn:aws:iam::111122223333:role/x"),
            (IamUser, "Adele"),
            (RootUser, "1234"),
            (AccountPrincipal, "arn:aws:iam::111122223333:root"),
            (ServicePrincipal, "sns"),
            (WebIdentity, "arn:aws:iam::111122223333:saml-provider/x"),
            (WebIdentity, "example.com"),
            (SamlIdentity, "arn:aws:iam::111122223333:oidc-provider/x"),
        ],
    )
    def test_principals(self, make: type[Any], value: str) -> None:
        """A malformed name is an error that shows it and says what is allowed."""
        with pytest.raises(PolicyError, match=re.escape(value)) as error:
            make(value)
        assert "allowed" in str(error.value)

    @pytest.mark.parametrize(
        "arguments",
        [
            {"action": "s3:Get*"},
            {"action": "GetObject"},
            {"action": "s3:"},
            {"action": "s3:GetObject", "resource": "bucket"},
            {"action": "s3:GetObject", "resource": "arn:aws:s3:::bucket/*"},
            {"action": "s3:GetObject", "resource_account": "1234"},
        ],
    )
    def test_requests(self, arguments: dict[str, str]) -> None:
        """A request is one concrete thing: no wildcards, a whole ARN, a whole account."""
        with pytest.raises(PolicyError, match=r"^Request: .*allowed"):
            Request(principal=ADELE, **arguments)  # type: ignore[arg-type] # texts only

    def test_session_arn(self) -> None:
        """A session's ARN has the role's name without its path, and is unknown without the session's name."""
        role = IamRole("arn:aws-cn:iam::111122223333:role/a/b/name", session_name="me")
        assert role.session_arn == "arn:aws-cn:sts::111122223333:assumed-role/name/me"
        assert IamRole(role.arn).session_arn is None

    def test_service_linked_role(self) -> None:
        """A service-linked role is known by its path."""
        assert IamRole(f"arn:aws:iam::{OWN}:role/aws-service-role/ecs.amazonaws.com/X").is_service_linked_role
        assert not IamRole(f"arn:aws:iam::{OWN}:role/x").is_service_linked_role

    @pytest.mark.parametrize(
        ("who", "account"),
        [
            (ADELE, OWN),
            (AUDIT, OTHER),
            (RootUser(OWN), OWN),
            (AccountPrincipal(OWN), OWN),
            (FederatedUserSession(ADELE, "f"), OWN),
            (ServicePrincipal("sns.amazonaws.com"), None),
            (WebIdentity("accounts.google.com"), None),
            (SamlIdentity(f"arn:aws:iam::{OWN}:saml-provider/x"), None),
            (AnonymousPrincipal(), None),
        ],
    )
    def test_account(self, who: Principal, account: str | None) -> None:
        """Principals of an account know it; services and strangers have none."""
        assert who.account == account

    def test_owner_of_the_resource(self) -> None:
        """Whose a resource is stands in its ARN, or is said."""
        queue = Request(principal=ADELE, action="sqs:SendMessage", resource=f"arn:aws:sqs:x:{OTHER}:q")
        assert queue.owner == OTHER
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        assert evaluate(queue, identity=[document]).layer is Layer.RESOURCE
