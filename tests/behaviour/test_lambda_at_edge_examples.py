"""The two examples of Lambda@Edge, by handing them CloudFront's events, and on a distribution."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager

from aws_architect_constructs import Behavior, EdgeEvent, EdgeFunctions, EdgeLambda, Origin, SecureDistribution
from support.instances_secure_distribution import US_EAST_1, load_balancer
from support.synthesis import new_stack, properties, resources, template_of

EXAMPLES = Path(__file__).parents[2] / "examples" / "secure_distribution" / "lambda_at_edge"


def load(name: str) -> ModuleType:
    """An example, fresh."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def event(uri: str = "/index.html", *, cookie: str | None = None, ip: str = "198.51.100.7") -> dict[str, Any]:
    """A Lambda@Edge event with a request and a response."""
    headers = {"host": [{"key": "Host", "value": "www.example.com"}]}
    if cookie is not None:
        headers["cookie"] = [{"key": "Cookie", "value": cookie}]
    request = {"clientIp": ip, "method": "GET", "uri": uri, "querystring": "", "headers": headers}
    response = {"status": "200", "statusDescription": "OK", "headers": {}}
    return {"Records": [{"cf": {"config": {}, "request": request, "response": response}}]}


@pytest.mark.parametrize(
    ("cookie", "uri"),
    [
        ("variant=b", "/b/index.html"),
        ("theme=dark; variant=a", "/a/index.html"),
        ("variant=a; variant=b", "/a/index.html"),
    ],
)
def test_a_remembered_variant_is_shown(cookie: str, uri: str) -> None:
    """The variant becomes the beginning of the path."""
    assert load("ab_split").choose(event(cookie=cookie), None)["uri"] == uri


@pytest.mark.parametrize("cookie", [None, "variant=c", "variant=../secret", "variants=a", "variant="])
def test_without_one_the_visitor_gets_one_of_two(cookie: str | None) -> None:
    """Whatever else stands in the cookie does not end up in the path."""
    assert load("ab_split").choose(event(cookie=cookie), None)["uri"] in {"/a/index.html", "/b/index.html"}


def test_visitors_are_split() -> None:
    """Over many addresses both variants are shown, about equally often."""
    module = load("ab_split")
    shown = [module.choose(event(ip=f"198.51.100.{place}"), None)["uri"][1] for place in range(256)]
    assert 90 < shown.count("a") < 166


def test_the_browser_is_told_what_was_shown() -> None:
    """The cookie of the response is the variant of the request, and is set once."""
    module = load("ab_split")
    shown = module.choose(event(), None)["uri"].split("/")[1]
    (cookie,) = module.remember(event(), None)["headers"]["set-cookie"]
    assert cookie["value"] == f"variant={shown}; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax"
    assert "set-cookie" not in module.remember(event(cookie="variant=a"), None)["headers"]


def test_a_request_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With time, method and path; whatever the visitor sent as authorization is replaced."""
    module = load("authorization")
    monkeypatch.setattr(module, "read_secret", lambda: "sesame")
    monkeypatch.setattr(module.time, "time", lambda: 1000.5)
    sent = event("/orders")
    sent["Records"][0]["cf"]["request"]["headers"]["authorization"] = [{"key": "Authorization", "value": "Edge 1:1"}]
    (header,) = module.handler(sent, None)["headers"]["authorization"]
    assert header["value"] == f"Edge 1000:{module.sign(b'sesame', 1000, 'GET', '/orders')}"
    assert module.sign(b"sesame", 1000, "GET", "/orders") != module.sign(b"sesame", 1000, "POST", "/orders")
    assert module.sign(b"sesame", 1000, "GET", "/orders") != module.sign(b"sesame", 1001, "GET", "/orders")


def test_the_secret_is_kept_for_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets Manager is asked once, and again when the time is over."""
    module = load("authorization")
    asked: list[int] = []

    def read() -> str:
        asked.append(1)
        return f"secret{len(asked)}"

    monkeypatch.setattr(module, "read_secret", read)
    assert [module.secret(now) for now in (1000, 1299, 1300)] == [b"secret1", b"secret1", b"secret2"]


def test_the_secret_is_asked_for_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, in the one Region that it is in."""

    class Client:
        def get_secret_value(self, **request: str) -> dict[str, str]:
            return {"SecretString": request["SecretId"]}

    class Boto3:
        @staticmethod
        def client(service: str, region_name: str) -> Client:
            assert (service, region_name) == ("secretsmanager", "us-east-1")
            return Client()

    module = load("authorization")
    monkeypatch.setattr(module, "import_module", lambda _: Boto3)
    assert module.read_secret() == "edge/signing"


def test_a_distribution_with_both() -> None:
    """Two events of the site and one of the API, each a version; the secret is readable by the one that signs."""
    stack = new_stack(env=US_EAST_1)
    code = lambda_.Code.from_asset(str(EXAMPLES))

    def at(event_: EdgeEvent, handler: str) -> EdgeLambda:
        return EdgeLambda(event=event_, code=code, handler=handler)

    split = [
        at(EdgeEvent.VIEWER_REQUEST, "ab_split.choose"),
        at(EdgeEvent.VIEWER_RESPONSE, "ab_split.remember"),
    ]
    site = SecureDistribution(
        stack,
        "Site",
        default_origin=Behavior(
            origin=Origin.bucket(s3.Bucket(stack, "Variants")),
            edge_functions=EdgeFunctions.none(),
            edge_lambdas=split,
        ),
        origins={
            "/api/*": Behavior(
                origin=Origin.load_balancer(load_balancer(stack)),
                edge_lambdas=[at(EdgeEvent.VIEWER_REQUEST, "authorization.handler")],
            )
        },
    )
    secretsmanager.Secret(stack, "Signing", secret_name="edge/signing").grant_read(site.edge_lambdas[2])  # noqa: S106 -- a name
    template = template_of(stack)
    assert len(resources(template, "AWS::Lambda::Version")) == 3
    handlers = sorted(one["Handler"] for one in properties(template, "AWS::Lambda::Function"))
    assert handlers == ["ab_split.choose", "ab_split.remember", "authorization.handler"]
    readers = [
        name
        for name, policy in resources(template, "AWS::IAM::ManagedPolicy").items()
        if "secretsmanager:GetSecretValue" in str(policy)
    ]
    assert len(readers) == 1
    assert "ViewerRequestApi" in readers[0]
    assert resources(template, "AWS::IAM::Policy") == {}
