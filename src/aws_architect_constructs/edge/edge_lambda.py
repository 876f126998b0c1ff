"""Lambda@Edge, for what a CloudFront Function cannot do: the network, bodies, and the origin's side of the cache."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import jsii
from aws_cdk import ArnFormat, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from aws_architect_constructs._validations import acknowledge

from .findings import flat

_HANDLER: Final = re.compile(r"[A-Za-z0-9_./-]+\.[A-Za-z0-9_]+", re.ASCII)
_VIEWER_SECONDS: Final = 5
_ORIGIN_SECONDS: Final = 30
_VIEWER_MEMORY: Final = 128
_ORIGIN_MEMORY: Final = 10_240
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""


class EdgeEvent(StrEnum):
    """When a function runs."""

    VIEWER_REQUEST = "viewer-request"
    """On every request. Excludes CloudFront Functions on the same behaviour."""
    VIEWER_RESPONSE = "viewer-response"
    """On every response. Excludes CloudFront Functions on the same behaviour."""
    ORIGIN_REQUEST = "origin-request"
    """When the cache has no answer."""
    ORIGIN_RESPONSE = "origin-response"
    """When the origin answered, before the cache keeps it."""

    @property
    def at_origin(self) -> bool:
        """Whether it runs behind the cache."""
        return self.value.startswith("origin")


@dataclass(frozen=True, kw_only=True)
class EdgeLambda:
    """A function at an event of a behaviour.

    It is made in us-east-1, published as a version, which CloudFront replicates, and runs in the Region nearest to the
    visitor: its logs are there, in `/aws/lambda/us-east-1.<name>`. It has neither environment variables nor a VPC, nor
    layers, nor arm64: Lambda@Edge takes none. It stays when its stack goes, because CloudFront deletes replicas hours
    later and Lambda deletes no function that still has them.

    Cost: 0.60 USD for a million requests and 0.00005001 USD a GB-second. https://aws.amazon.com/lambda/pricing/

    Attributes:
        event: When it runs.
        code: Its code, `lambda_.Code.from_asset(...)` or `from_inline(...)`.
        handler: What is called, such as `ab_split.handler`.
        runtime: A Python or Node.js runtime. Default None: Python 3.13.
        memory_size: In MB, 128 at viewer events, else up to 10,240. Default 128.
        timeout: Up to 5 seconds at viewer events, else 30. Default None: 5 seconds.
        include_body: Whether a request's body is handed over. Default False.
    """

    event: EdgeEvent
    code: lambda_.Code
    handler: str
    runtime: lambda_.Runtime | None = None
    memory_size: int = _VIEWER_MEMORY
    timeout: Duration | None = None
    include_body: bool = False

    def __post_init__(self) -> None:
        """Refuse what Lambda@Edge would refuse."""
        event = EdgeEvent(self.event)
        if not _HANDLER.fullmatch(self.handler):
            raise ValueError(f"handler: got {self.handler!r}; allowed: 'module.function'")
        runtime = self.effective_runtime
        if runtime.family not in {lambda_.RuntimeFamily.PYTHON, lambda_.RuntimeFamily.NODEJS}:
            raise ValueError(f"runtime: Lambda@Edge has none, got {runtime.name}; allowed: Python and Node.js")
        most_memory = _ORIGIN_MEMORY if event.at_origin else _VIEWER_MEMORY
        if type(self.memory_size) is not int or not _VIEWER_MEMORY <= self.memory_size <= most_memory:
            raise ValueError(
                f"memory_size: got {self.memory_size!r} at {event}; allowed: {_VIEWER_MEMORY} to {most_memory}"
            )
        longest = _ORIGIN_SECONDS if event.at_origin else _VIEWER_SECONDS
        if self.timeout is not None and (self.timeout.is_unresolved() or not 1 <= self.timeout.to_seconds() <= longest):
            raise ValueError(f"timeout: got {self.timeout} at {event}; allowed: 1 to {longest} seconds")
        if self.include_body and event in {EdgeEvent.VIEWER_RESPONSE, EdgeEvent.ORIGIN_RESPONSE}:
            raise ValueError(f"include_body: a response's body is handed to nobody, got {event}; allowed: requests")

    @property
    def effective_runtime(self) -> lambda_.Runtime:
        """The runtime that it has."""
        return lambda_.Runtime.PYTHON_3_13 if self.runtime is None else self.runtime


@jsii.implements(iam.IGrantable)
class EdgeLambdaFunction(Construct):
    """The function in us-east-1, with its role and published version.

    What else it may do is granted to it: `secret.grant_read(site.edge_lambdas[0])`.

    Attributes:
        policy: Its customer managed policy, which grants land in.
        role: Its role, which writes its own logs in every Region and nothing else.
        function: The function.
        version: The version that CloudFront replicates.
    """

    def __init__(self, scope: Construct, id: str, *, edge_lambda: EdgeLambda) -> None:
        super().__init__(scope, id)
        # With this flag CDK would name a log group that replicas, which write in their own Regions, do not find.
        self.node.set_context("@aws-cdk/aws-lambda:useCdkManagedLogGroup", value=False)
        self.role: Final = iam.Role(
            self,
            "Role",
            description="Lambda@Edge.",
            assumed_by=iam.CompositePrincipal(
                iam.ServicePrincipal("lambda.amazonaws.com"), iam.ServicePrincipal("edgelambda.amazonaws.com")
            ),
        )
        self.function: Final = lambda_.Function(
            self,
            "Function",
            code=edge_lambda.code,
            handler=edge_lambda.handler,
            runtime=edge_lambda.effective_runtime,
            architecture=lambda_.Architecture.X86_64,
            memory_size=edge_lambda.memory_size,
            timeout=Duration.seconds(_VIEWER_SECONDS) if edge_lambda.timeout is None else edge_lambda.timeout,
            role=self.role.without_policy_updates(),
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )
        self.function.apply_removal_policy(RemovalPolicy.RETAIN)
        self.version: Final = self.function.current_version
        self.policy: Final = self._let_log()
        self._explain()

    @property
    def grant_principal(self) -> iam.IPrincipal:
        """Whom grants are for: the role's managed policy."""
        return self.policy.grant_principal

    def _let_log(self) -> iam.ManagedPolicy:
        """Let it write logs wherever it runs; the groups bear the name of the function in us-east-1."""
        groups = Stack.of(self).format_arn(
            service="logs",
            region="*",
            resource="log-group",
            resource_name=f"/aws/lambda/us-east-1.{self.function.function_name}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            roles=[self.role],
            document=iam.PolicyDocument(
                minimize=True,
                statements=[
                    iam.PolicyStatement(
                        actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                        resources=[groups],
                    )
                ],
            ),
        )
        acknowledge(
            policy,
            f"AwsSolutions::AwsSolutions-IAM5[Resource::{flat(Stack.of(self).resolve(groups))}]",
            "A replica writes to the group of its own name in whatever Region the visitor is near to, a new stream at "
            "a time: neither can be named before.",
        )
        return policy

    def _explain(self) -> None:
        for rule, (packs, reason) in _REASONS.items():
            for pack in packs:
                acknowledge(self.function, f"{pack}::{pack}-{rule}", reason)


_RUNTIME: Final = "Lambda@Edge takes new runtimes later than Lambda: the runtime is the newest known to run there."
_REASONS: Final = {
    "LambdaInsideVPC": (
        ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321"),
        "Lambda@Edge runs at the edge: CloudFront takes no function that is in a VPC.",
    ),
    "LambdaDLQ": (
        ("NIST.800.53.R5", "HIPAA.Security", "Serverless"),
        "CloudFront waits for the answer: there is no asynchronous event that could be lost.",
    ),
    "LambdaConcurrency": (
        ("NIST.800.53.R5", "HIPAA.Security"),
        "CloudFront takes no function with reserved concurrency in the Regions it runs in.",
    ),
    "LambdaTracing": (("Serverless",), "Lambda@Edge has no active tracing: CloudFront refuses such a function."),
    "L1": (("AwsSolutions",), _RUNTIME),
    "LambdaLatestVersion": (("Serverless",), _RUNTIME),
}
