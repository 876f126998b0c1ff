"""A site's files, deployed with its stack: order, caching, pruning, and what is refused."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import DefaultStackSynthesizer, Stack
from aws_cdk import aws_s3 as s3

from aws_architect_constructs import (
    Origin,
    SecureDistribution,
)
from support.instances_secure_distribution import US_EAST_1
from support.synthesis import (
    new_app,
    new_stack,
    properties,
    resources,
    template_of,
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory of files."""
    (tmp_path / "index.html").write_text("<h1>Hello</h1>", encoding="utf-8")
    return tmp_path


def deployments(stack: Stack) -> dict[str, dict[str, Any]]:
    """The deployments by id."""
    return resources(template_of(stack), "Custom::CDKBucketDeployment")


def test_immutable_files_go_first(files: Path) -> None:
    """Files with a hash in their name are there before the pages that name them, and are kept for a year."""
    stack = new_stack(env=US_EAST_1)
    content = SecureDistribution(stack, "Site").add_content(str(files))
    (immutable, pages) = deployments(stack).values()
    assert immutable["Properties"]["SystemMetadata"]["cache-control"] == "public, max-age=31536000, immutable"
    assert (immutable["Properties"]["Exclude"], immutable["Properties"]["Include"]) == (["*"], ["assets/*"])
    assert immutable["Properties"]["Prune"] is False
    assert any("Immutable" in name for name in pages["DependsOn"])
    assert content.pruned is None


def test_pages_are_asked_for_again_and_invalidated(files: Path) -> None:
    """Browsers ask each time, the edge's copies are emptied, and pages that are gone are deleted; others stay."""
    stack = new_stack(env=US_EAST_1)
    SecureDistribution(stack, "Site").add_content(str(files))
    pages = list(deployments(stack).values())[1]["Properties"]
    assert pages["SystemMetadata"]["cache-control"].startswith("public, max-age=0, s-maxage=31536000")
    assert (pages["Prune"], pages["Exclude"]) == (True, ["assets/*"])
    assert pages["DistributionPaths"] == ["/*"]
    assert pages["RetainOnDelete"] is True


def test_the_archive_is_read_where_it_is(files: Path) -> None:
    """A stack with a synthesizer of its own has its archives in another bucket; of that bucket no more is read."""
    synthesizer = DefaultStackSynthesizer(qualifier="acme")
    stack = Stack(new_app(), "Web", env=US_EAST_1, synthesizer=synthesizer)
    SecureDistribution(stack, "Site").add_content(str(files))
    template = template_of(stack)
    (role,) = (
        one for one in properties(template, "AWS::IAM::ManagedPolicy") if "PutObject" in str(one["PolicyDocument"])
    )
    deployed = next(iter(resources(template, "Custom::CDKBucketDeployment").values()))["Properties"]
    assert deployed["SourceBucketNames"] == ["cdk-acme-assets-111111111111-us-east-1"]
    assert f":s3:::{deployed['SourceBucketNames'][0]}/{deployed['SourceObjectKeys'][0]}'" in str(role)
    assert "hnb659fds" not in str(role)


def test_immutable_files_are_pruned_last_and_on_request(files: Path) -> None:
    """After the pages that no longer name them."""
    stack = new_stack(env=US_EAST_1)
    SecureDistribution(stack, "Site").add_content(str(files), immutable_paths=["static/*"], prune_immutable=True)
    (_, _, pruned) = deployments(stack).values()
    assert (pruned["Properties"]["Prune"], pruned["Properties"]["Include"]) == (True, ["static/*"])
    assert any("Pages" in name for name in pruned["DependsOn"])


def test_everything_can_be_a_page(files: Path) -> None:
    """Without immutable files there is one deployment, of everything."""
    stack = new_stack(env=US_EAST_1)
    content = SecureDistribution(stack, "Site").add_content(str(files), immutable_paths=[])
    (pages,) = deployments(stack).values()
    assert "Exclude" not in pages["Properties"]
    assert content.immutable is None


def test_two_sites_share_the_function(files: Path) -> None:
    """CDK makes one function a stack, whose role may write to both buckets."""
    stack = new_stack(env=US_EAST_1)
    for name in ("One", "Two"):
        SecureDistribution(stack, name).add_content(str(files))
    template = template_of(stack)
    assert len(resources(template, "AWS::Lambda::Function")) == 1
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    assert {"OneContent", "TwoContent"} <= {name for name in ("OneContent", "TwoContent") if name in str(policy)}
    assert resources(template, "AWS::IAM::Policy") == {}


@pytest.mark.parametrize(
    ("source", "options", "problem"),
    [
        ("missing", {}, r"source: no directory"),
        (".", {"immutable_paths": "assets/*"}, r"immutable_paths: not a list"),
        (".", {"immutable_paths": ["/assets/*"]}, r"immutable_paths: got '/assets/\*'"),
        (".", {"immutable_paths": ["*"]}, r"immutable_paths: got '\*'"),
    ],
)
def test_content_that_is_none(files: Path, source: str, options: dict[str, Any], problem: str) -> None:
    """A directory that is not there, and patterns that are none or everything, are refused."""
    stack = new_stack(env=US_EAST_1)
    made = SecureDistribution(stack, "Site")
    with pytest.raises(ValueError, match=rf"^Stack/Site/Files: {problem}"):
        made.add_content(str(files / source), **options)


def test_content_goes_to_the_own_bucket_once(files: Path) -> None:
    """A given bucket is filled by whoever gave it."""
    stack = new_stack(env=US_EAST_1)
    given = SecureDistribution(stack, "Given", default_origin=Origin.bucket(s3.Bucket(stack, "B")))
    with pytest.raises(ValueError, match=r"^Stack/Given: content goes to the distribution's own bucket, once, got"):
        given.add_content(str(files))
    own = SecureDistribution(stack, "Own")
    own.add_content(str(files))
    with pytest.raises(ValueError, match=r"got a second time"):
        own.add_content(str(files))


def test_the_deployments_id_is_kept() -> None:
    """A child of another kind by the name of what deploys is refused."""
    stack = new_stack(env=US_EAST_1)
    s3.Bucket(stack, "SiteDeployments")
    with pytest.raises(ValueError, match=r"^Stack/SiteDeployments: the id 'SiteDeployments' is kept for what deploys"):
        SecureDistribution(stack, "Site").add_content(str(Path(__file__).parent))
