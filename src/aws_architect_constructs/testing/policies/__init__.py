"""An offline evaluator of AWS policies: is this request allowed, by which layer, and by which statement?

    decision = evaluate(
        Request(principal=IamRole("arn:aws:iam::111122223333:role/app"), action="s3:GetObject",
                resource="arn:aws:s3:::example-bucket/key"),
        identity=[policy],
    )
    assert decision.allowed, decision.explanation

It follows AWS's documented evaluation logic, and where AWS documents nothing, or the request does not say enough, it
raises an error instead of guessing.
"""

from aws_architect_constructs._policies.collect import CollectedPolicy, PolicyKind, collect_policies
from aws_architect_constructs._policies.decision import Decision, Layer, MatchedStatement
from aws_architect_constructs._policies.documents import DocumentKind, Effect, PolicyDocument
from aws_architect_constructs._policies.errors import (
    PolicyError,
    UndecidedError,
    UnknownConditionOperatorError,
    UnknownContextKeyError,
)
from aws_architect_constructs._policies.evaluation import RCP_SERVICES, evaluate
from aws_architect_constructs._policies.matching import action_matches, resource_matches
from aws_architect_constructs._policies.normal_form import normal_form
from aws_architect_constructs._policies.principals import (
    AccountPrincipal,
    AnonymousPrincipal,
    FederatedUserSession,
    IamRole,
    IamUser,
    Principal,
    RootUser,
    SamlIdentity,
    ServicePrincipal,
    WebIdentity,
)
from aws_architect_constructs._policies.request import ContextValue, Request
from aws_architect_constructs._policies.template_policies import TemplatePolicies
from aws_architect_constructs._policies.wildcards import WideGrant, WideGrantKind, wide_grants

__all__ = [
    "RCP_SERVICES",
    "AccountPrincipal",
    "AnonymousPrincipal",
    "CollectedPolicy",
    "ContextValue",
    "Decision",
    "DocumentKind",
    "Effect",
    "FederatedUserSession",
    "IamRole",
    "IamUser",
    "Layer",
    "MatchedStatement",
    "PolicyDocument",
    "PolicyError",
    "PolicyKind",
    "Principal",
    "Request",
    "RootUser",
    "SamlIdentity",
    "ServicePrincipal",
    "TemplatePolicies",
    "UndecidedError",
    "UnknownConditionOperatorError",
    "UnknownContextKeyError",
    "WebIdentity",
    "WideGrant",
    "WideGrantKind",
    "action_matches",
    "collect_policies",
    "evaluate",
    "normal_form",
    "resource_matches",
    "wide_grants",
]
