"""Load balancers speak TLS."""

from collections.abc import Iterator, Mapping
from typing import Final

from aws_architect_constructs.checks.rule import Context, Finding, Pillar, Rule, Severity
from aws_architect_constructs.checks.templates import Resource, Template


def check(template: Template, _context: Context) -> Iterator[Finding]:
    """Look at HTTP listeners that do anything but redirect, and at classic ones."""
    for listener in template.of_type("AWS::ElasticLoadBalancingV2::Listener"):
        if listener.may(lambda value: value == "HTTP", "Protocol") and not _redirects(listener):
            yield Finding(listener.logical_id, "it serves HTTP without TLS", "Properties.Protocol")
    for balancer in template.of_type("AWS::ElasticLoadBalancing::LoadBalancer"):
        for item in balancer.items("Listeners"):
            if isinstance(item, Mapping) and str(item.get("Protocol")).upper() == "HTTP":
                yield Finding(balancer.logical_id, "it serves HTTP without TLS", "Properties.Listeners")
                break


def _redirects(listener: Resource) -> bool:
    rules = [
        user
        for user in listener.template.users.get(listener.logical_id, ())
        if user.type == "AWS::ElasticLoadBalancingV2::ListenerRule"
    ]
    actions = [item for item in listener.items("DefaultActions") if isinstance(item, Mapping)]
    others = [item for rule in rules for item in rule.items("Actions") if isinstance(item, Mapping)]
    return bool(actions) and all(_is_a_redirect(item) for item in [*actions, *others])


def _is_a_redirect(action: Mapping[str, object]) -> bool:
    config = action.get("RedirectConfig")
    secure = not isinstance(config, Mapping) or config.get("Protocol") == "HTTPS"
    return (action.get("Type") == "redirect" and secure) or action.get("Type") == "fixed-response"


RULE: Final = Rule(
    id="HttpListener",
    title="No listener serves plain HTTP",
    pillar=Pillar.SECURITY,
    severity=Severity.ERROR,
    elsewhere=Severity.ADVICE,
    rationale="What a load balancer sends without TLS is read and changed by whoever is on the way, cookies included.",
    fix="HTTPS with a certificate of ACM, which costs nothing, and a redirect from port 80.",
    reference="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html",
    limits="A private listener behind CloudFront looks like any other in a template: acknowledge it.",
    check=check,
)
