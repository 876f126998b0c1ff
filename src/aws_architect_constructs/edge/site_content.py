"""A site's files, deployed with its stack: immutable ones first, pages after them, what is gone last."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_s3_deployment as deployment
from constructs import Construct

from aws_architect_constructs._validations import acknowledge, texts
from aws_architect_constructs.foundation.environment import EnvironmentType
from aws_architect_constructs.foundation.retention import log_retention_for
from aws_architect_constructs.foundation.workload_key import KeyService, encryption_key_for

from .findings import flat

_ID: Final = "SiteDeployments"
_MEMORY: Final = 640
"""MB. CDK makes one function a stack for each size, with the role of whoever asked first: this size is ours alone."""
_PATTERN: Final = re.compile(r"[A-Za-z0-9._*?/-]+", re.ASCII)
_PACKS: Final = ("NIST.800.53.R4", "NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""For names with a hash of what is in the file: never asked for again."""
REVALIDATED: Final = "public, max-age=0, s-maxage=31536000, must-revalidate"
"""For everything else: browsers ask each time; the edge keeps it until the deployment invalidates it."""


class SiteContent(Construct):
    """The deployments of a site's files to its bucket; made by `SecureDistribution.add_content`.

    Attributes:
        immutable: What puts files that never change.
        pages: What puts everything else, deletes what is gone, and invalidates the edge's copies.
        pruned: What deletes immutable files that are gone, or None.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        source: str,
        bucket: s3.IBucket,
        distribution: cloudfront.Distribution,
        immutable_paths: Sequence[str],
        prune_immutable: bool,
    ) -> None:
        path = f"{scope.node.path}/{id}"
        try:
            patterns = texts("immutable_paths", immutable_paths)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        if not Path(source).is_dir():
            raise ValueError(f"{path}: source: no directory, got {source!r}; allowed: the site's files")
        for pattern in patterns:
            if not _PATTERN.fullmatch(pattern) or pattern.startswith("/") or not pattern.strip("*/"):
                raise ValueError(
                    f"{path}: immutable_paths: got {pattern!r}; allowed: 'assets/*', without a slash in front"
                )
        super().__init__(scope, id)
        self._role: Final = DeploymentRole.of(self)
        self._role.let_deploy(bucket, distribution)
        self._bucket: Final = bucket
        asset = s3_assets.Asset(self, "Source", path=source)
        self._role.let_read(asset)
        files = deployment.Source.bucket(asset.bucket, asset.s3_object_key)
        self.immutable: Final = (
            self._deploy(
                "Immutable", files, exclude=["*"], include=list(patterns), cache_control=IMMUTABLE, prune=False
            )
            if patterns
            else None
        )
        self.pages: Final = self._deploy(
            "Pages",
            files,
            exclude=list(patterns),
            cache_control=REVALIDATED,
            prune=True,
            distribution=distribution,
        )
        self.pruned: Final = (
            self._deploy("Pruned", files, exclude=["*"], include=list(patterns), cache_control=IMMUTABLE, prune=True)
            if patterns and prune_immutable
            else None
        )
        explain_function(self)
        # Pages may name new files as soon as they are there, and stop to name old ones.
        if self.immutable is not None:
            self.pages.node.add_dependency(self.immutable)
        if self.pruned is not None:
            self.pruned.node.add_dependency(self.pages)

    def _deploy(
        self,
        id: str,
        files: deployment.ISource,
        *,
        exclude: list[str],
        cache_control: str,
        prune: bool,
        include: list[str] | None = None,
        distribution: cloudfront.Distribution | None = None,
    ) -> deployment.BucketDeployment:
        made = deployment.BucketDeployment(
            self,
            id,
            sources=[files],
            destination_bucket=self._bucket,
            exclude=exclude or None,
            include=include,
            cache_control=[deployment.CacheControl.from_string(cache_control)],
            prune=prune,
            # A bucket that stays keeps its files; one that goes has to be emptied by hand.
            retain_on_delete=True,
            distribution=distribution,
            distribution_paths=None if distribution is None else ["/*"],
            memory_limit=_MEMORY,
            role=self._role.role.without_policy_updates(),
            log_group=self._role.log_group,
        )
        made.node.add_dependency(self._role.policy)
        return made


class DeploymentRole(Construct):
    """The role and log group of the function that deploys files, one for a stack, as the function is.

    Attributes:
        role: The role.
        policy: What it may do, bucket by bucket.
        log_group: Where the function logs.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        environment = EnvironmentType.of(self)
        self.log_group: Final = logs.LogGroup(
            self,
            "LogGroup",
            encryption_key=encryption_key_for(self, None, KeyService.LOGS),
            retention=log_retention_for(None, environment.defaults),
            removal_policy=RemovalPolicy.DESTROY,  # nothing but progress messages
        )
        self.role: Final = iam.Role(
            self,
            "Role",
            description="Deploys the files of sites.",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        )
        self.policy: Final = iam.ManagedPolicy(
            self, "Policy", roles=[self.role], document=iam.PolicyDocument(minimize=True)
        )
        self._let_log()

    @classmethod
    def of(cls, scope: Construct) -> "DeploymentRole":
        """The role of the stack that `scope` is in, made if there is none yet.

        Raises:
            ValueError: If the stack has a child of another kind by its name.
        """
        stack = Stack.of(scope)
        child = stack.node.try_find_child(_ID)
        if child is None:
            return cls(stack, _ID)
        if not isinstance(child, cls):
            raise ValueError(
                f"{child.node.path}: the id {_ID!r} is kept for what deploys sites' files, got a "
                f"{type(child).__name__}; allowed: another id for it"
            )
        return child

    def let_read(self, asset: s3_assets.Asset) -> None:
        """Let the function read what `cdk deploy` uploaded: the one archive, in whichever bucket the stack's are."""
        self.policy.add_statements(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[asset.bucket.arn_for_objects(asset.s3_object_key)])
        )

    def let_deploy(self, bucket: s3.IBucket, distribution: cloudfront.IDistribution) -> None:
        """Let the function put, list and delete the bucket's files, and invalidate the distribution's copies."""
        objects = bucket.arn_for_objects("*")
        self.policy.add_statements(
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket.bucket_arn]),
            iam.PolicyStatement(
                actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                resources=[objects],
            ),
            iam.PolicyStatement(
                actions=["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"],
                resources=[distribution.distribution_arn],
            ),
        )
        self._explain(objects, "A site's files have whatever names its source gives them, all in this one bucket.")
        assert bucket.encryption_key is not None  # noqa: S101 -- the distribution's own bucket always has one
        stack = Stack.of(self)
        self.policy.add_statements(
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[bucket.encryption_key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"s3.{stack.region}.amazonaws.com"}},
            )
        )

    def _let_log(self) -> None:
        self.policy.add_statements(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log_group.log_group_arn]
            )
        )
        self._explain(
            self.log_group.log_group_arn, "The streams of one named log group: Lambda names a new one each time."
        )

    def _explain(self, resource: str, reason: str) -> None:
        found = flat(Stack.of(self).resolve(resource))
        if "*" in found:
            acknowledge(self.policy, f"AwsSolutions::AwsSolutions-IAM5[Resource::{found}]", reason)


def explain_function(scope: Construct) -> None:
    """Acknowledge what is said of CDK's own function, which stands in the stack."""
    for child in Stack.of(scope).node.children:
        if child.node.id.startswith("Custom::CDKBucketDeployment") and child.node.id.endswith(f"{_MEMORY}MiB"):
            for rule, (packs, reason) in _FUNCTION.items():
                for pack in packs:
                    acknowledge(child, f"{pack}::{pack}-{rule}", reason)


_FUNCTION: Final = {
    "LambdaInsideVPC": (_PACKS, "It talks to S3 and CloudFront alone, while the stack is deployed."),
    "LambdaDLQ": (
        ("NIST.800.53.R5", "HIPAA.Security", "Serverless"),
        "CloudFormation waits for its answer, and rolls back on none.",
    ),
    "LambdaConcurrency": (
        ("NIST.800.53.R5", "HIPAA.Security"),
        "CloudFormation calls it once a deployment.",
    ),
    "LambdaLatestVersion": (("Serverless",), "Which runtime CDK's own function is tested with is CDK's to say."),
    "L1": (("AwsSolutions",), "Which runtime CDK's own function is tested with is CDK's to say."),
    "LambdaTracing": (("Serverless",), "It runs while the stack is deployed and logs each step."),
}
