"""Whether policies would lock out the roles that repair them: evaluated, as AWS would, before anything is deployed.

Pure Python: nothing here knows CDK.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aws_architect_constructs._policies.documents import Effect
from aws_architect_constructs._policies.errors import PolicyError, UndecidedError
from aws_architect_constructs._policies.evaluation import evaluate
from aws_architect_constructs._policies.principals import IamRole
from aws_architect_constructs._policies.request import Request

from .guardrails import ORGANIZATION_ID_STAND_IN, Exemptions
from .policy_packing import PolicyType
from .policy_plan import PlannedPolicy

_ACCOUNT: Final = "111122223333"
_REGION: Final = "us-east-1"
_EVERYTHING: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": str(Effect.ALLOW), "Action": "*", "Resource": "*"}],
}
_NEEDED: Final[Mapping[PolicyType, tuple[tuple[str, str], ...]]] = {
    PolicyType.SERVICE_CONTROL: (
        ("cloudformation:CreateStack", f"arn:aws:cloudformation:{_REGION}:{_ACCOUNT}:stack/Baseline/1"),
        ("cloudformation:DeleteStack", f"arn:aws:cloudformation:{_REGION}:{_ACCOUNT}:stack/StackSet-Baseline/1"),
        ("iam:CreateRole", f"arn:aws:iam::{_ACCOUNT}:role/BaselineAudit"),
        ("iam:PassRole", f"arn:aws:iam::{_ACCOUNT}:role/BaselineAudit"),
        ("kms:PutKeyPolicy", f"arn:aws:kms:{_REGION}:{_ACCOUNT}:key/1"),
        ("organizations:DescribeOrganization", "*"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::baseline"),
        ("sts:AssumeRole", f"arn:aws:iam::{_ACCOUNT}:role/BaselineAudit"),
        ("sts:GetCallerIdentity", "*"),
    ),
    PolicyType.RESOURCE_CONTROL: (
        ("kms:Decrypt", f"arn:aws:kms:{_REGION}:{_ACCOUNT}:key/1"),
        ("s3:GetObject", "arn:aws:s3:::baseline/template.json"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::baseline"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{_REGION}:{_ACCOUNT}:secret:baseline-AbCdEf"),
        ("sqs:SendMessage", f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:baseline"),
        ("sts:AssumeRole", f"arn:aws:iam::{_ACCOUNT}:role/BaselineAudit"),
    ),
}
"""What the exempt roles have to be able to do, to repair what a guardrail has broken."""

_TOKEN: Final = re.compile(r"\$\{Token\[[^]]*\]\}")


def check_lock_out(planned: Sequence[PlannedPolicy], exemptions: Exemptions, organization_id: str) -> None:
    """Evaluate every policy for every exempt role.

    Args:
        planned: The policies.
        exemptions: Who is exempt.
        organization_id: The organization that the roles belong to, or what stands for it.

    Raises:
        ValueError: If one denies an exempt role what it needs, or is no policy that AWS would take.
    """
    roles = [f"arn:aws:iam::{_ACCOUNT}:role/{re.sub('[*?]', 'x', name)}" for name in exemptions.role_names]
    for policy in planned:
        requests = _NEEDED.get(policy.policy_type)
        if requests is None:
            continue
        given = json.dumps(policy.content)
        own = ORGANIZATION_ID_STAND_IN if _TOKEN.search(given) else organization_id
        document = json.loads(_TOKEN.sub(ORGANIZATION_ID_STAND_IN, given))
        # Whatever leaves the exempt alone by name is only read once, to see that AWS would take it.
        _denied_by(policy.policy_type, document, _request(roles[0], *requests[0], own))
        open_ones = [one for one in document["Statement"] if not _exempts(one, exemptions)]
        if not open_ones:
            continue
        for role in roles:
            for action, resource in requests:
                request = _request(role, action, resource, own)
                denied = _denied_by(policy.policy_type, {**document, "Statement": open_ones}, request)
                if denied is not None:
                    raise ValueError(
                        f"{policy.node}: the exempt roles would be locked out, got a Deny of {action} for {role} by "
                        f"{denied}; allowed: statements that leave the exempt alone (Exemptions), and in resource "
                        "control policies the organization's own"
                    )


def _exempts(statement: Mapping[str, Any], exemptions: Exemptions) -> bool:
    named = statement.get("Condition", {}).get("ArnNotLike", {}).get("aws:PrincipalArn", ())
    return set(exemptions.patterns) <= set(named)


def _request(role: str, action: str, resource: str, organization_id: str) -> Request:
    return Request(
        principal=IamRole(role),
        action=action,
        resource=resource,
        resource_account=_ACCOUNT,
        context={
            "aws:PrincipalOrgID": organization_id,
            "aws:RequestedRegion": _REGION,
            "aws:ResourceOrgID": organization_id,
            "aws:SourceIp": None,
            "aws:TagKeys": None,
        },
    )


def _denied_by(policy_type: PolicyType, document: Mapping[str, Any], request: Request) -> str | None:
    """The Sid of what denies a request, if anything does for certain."""
    layers: dict[str, Any] = (
        {"service_control": [[_EVERYTHING, document]]}
        if policy_type is PolicyType.SERVICE_CONTROL
        else {"resource_control": [[document]]}
    )
    try:
        decision = evaluate(request, identity=[_EVERYTHING], known_keys=sorted(_keys(document)), **layers)
    except UndecidedError:
        return None  # it hangs on what nobody knows before: the time, a session
    except PolicyError as error:
        raise ValueError(f"{policy_type}: AWS would refuse it: {error}") from None
    if not decision.explicit_deny or decision.statement is None:
        return None
    return str(decision.statement.sid)


def _keys(document: Mapping[str, Any]) -> Iterator[str]:
    """The condition keys of a document: AWS publishes new ones faster than any table."""
    for statement in document["Statement"]:
        for block in statement.get("Condition", {}).values():
            yield from (key for key in block if ":" in key)
