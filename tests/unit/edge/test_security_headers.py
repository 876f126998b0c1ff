"""The value of all security headers: what it renders, and what it refuses."""

from dataclasses import replace
from typing import Any

import pytest

from aws_architect_constructs import ContentSecurityPolicy, PathHeaders, SecurityHeaders, StrictTransportSecurity

REPORTS = "https://reports.example.com/csp"
TRIAL = ContentSecurityPolicy.strict().as_report_only(REPORTS)


def test_the_default_is_the_strict_set() -> None:
    """Nothing said means OWASP's guidance."""
    assert SecurityHeaders() == SecurityHeaders.STRICT


@pytest.mark.parametrize(
    ("argument", "header"),
    [
        ("strict_transport_security", "strict-transport-security"),
        ("content_security_policy", "content-security-policy"),
        ("frame_options", "x-frame-options"),
        ("referrer_policy", "referrer-policy"),
        ("cross_origin_opener_policy", "cross-origin-opener-policy"),
        ("cross_origin_resource_policy", "cross-origin-resource-policy"),
        ("xss_protection", "x-xss-protection"),
    ],
)
def test_none_leaves_a_header_out(argument: str, header: str) -> None:
    """Each header can be left to the origin, and no other goes with it."""
    options: dict[str, Any] = {argument: None}
    assert SecurityHeaders.STRICT.render().keys() - SecurityHeaders(**options).render().keys() == {header}


def test_the_content_type_can_be_left_alone() -> None:
    """Without `nosniff` the header is not there; without features neither is theirs."""
    assert "x-content-type-options" not in SecurityHeaders(content_type_options=False).render()
    assert "permissions-policy" not in SecurityHeaders(permissions_policy={}).render()


def test_features_are_for_whom_they_are_for() -> None:
    """Nobody, the site, an origin, everybody: in the header's own words."""
    headers = SecurityHeaders(
        permissions_policy={"camera": [], "usb": ["self", "https://a.example"], "fullscreen": ["*"]}
    )
    assert headers.render()["permissions-policy"] == 'camera=(), usb=(self "https://a.example"), fullscreen=*'


def test_a_trial_goes_beside_the_policy() -> None:
    """What is enforced and what is tried out are two headers, which report to one place."""
    found = SecurityHeaders(trial_policy=TRIAL).render()
    assert found["content-security-policy"] == ContentSecurityPolicy.strict().render()
    assert found["content-security-policy-report-only"] == TRIAL.render()
    assert found["reporting-endpoints"] == f'csp="{REPORTS}"'


def test_a_trial_needs_no_policy_beside_it() -> None:
    """The first one may be tried out where none is enforced."""
    found = SecurityHeaders(content_security_policy=None, trial_policy=TRIAL).render()
    assert [name for name in found if "policy" in name and "security" in name] == [
        "content-security-policy-report-only"
    ]


def test_a_policy_can_be_a_trial_altogether() -> None:
    """The first roll-out blocks nothing."""
    found = SecurityHeaders(content_security_policy=TRIAL).render()
    assert "content-security-policy" not in found
    assert "content-security-policy-report-only" in found


def test_further_headers_are_added() -> None:
    """Any other header goes with the rest."""
    assert SecurityHeaders(additional={"x-robots-tag": "noindex"}).render()["x-robots-tag"] == "noindex"


@pytest.mark.parametrize(
    ("options", "rendered"),
    [
        ({}, "max-age=63072000; includeSubDomains"),
        ({"max_age_seconds": 300, "include_subdomains": False}, "max-age=300"),
        ({"preload": True}, "max-age=63072000; includeSubDomains; preload"),
    ],
)
def test_strict_transport_security(options: dict[str, Any], rendered: str) -> None:
    """Two years and subdomains by default, preloading on request alone."""
    assert StrictTransportSecurity(**options).render() == rendered


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"max_age_seconds": -1}, r"max_age_seconds: no duration, got -1"),
        ({"max_age_seconds": "1"}, r"max_age_seconds: no duration, got '1'"),
        ({"preload": True, "max_age_seconds": 300}, r"preload: browsers' lists take no domain"),
        ({"preload": True, "include_subdomains": False}, r"preload: browsers' lists take no domain"),
        ({"subdomains_directive": "preload"}, r"subdomains_directive: got 'preload'"),
    ],
)
def test_a_promise_that_no_list_takes(options: dict[str, Any], problem: str) -> None:
    """Preloading commits to a year and every subdomain."""
    with pytest.raises(ValueError, match=problem):
        StrictTransportSecurity(**options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"trial_policy": ContentSecurityPolicy.strict()}, r"trial_policy: it would be enforced"),
        ({"trial_policy": TRIAL, "content_security_policy": TRIAL}, r"trial_policy: one policy is tried out already"),
        (
            {
                "trial_policy": TRIAL,
                "content_security_policy": ContentSecurityPolicy.strict().reporting_to("https://b.example"),
            },
            r"trial_policy: two places to report to",
        ),
        ({"additional": {"content-security-policy": "x"}}, r"additional: content-security-policy has an argument"),
        ({"permissions_policy": {"Camera": []}}, r"permissions_policy: got 'Camera'"),
        ({"permissions_policy": {"camera": "self"}}, r"permissions_policy: got 'camera': 'self'"),
        ({"permissions_policy": {"camera": ["http://a.example"]}}, r"camera: no origin, got 'http://a.example'"),
        ({"permissions_policy": {"camera": ['https://a"b']}}, r"camera: no origin"),
        ({"additional": {"X-A": "b"}}, r"no name of a header, got 'X-A'"),
        ({"additional": {"x a": "b"}}, r"no name of a header, got 'x a'"),
        ({"additional": {"x-a": "b\r\nx-c: d"}}, r"x-a: characters that no header has"),
        ({"additional": {"x-frame-options": "DENY"}}, r"additional: x-frame-options has an argument of its own"),
        ({"additional": {"permissions-policy": "usb=()"}}, r"permissions-policy has an argument of its own"),
        ({"additional": {"via": "1.1 me"}}, r"via: CloudFront's own"),
        ({"additional": {f"x-{place}": "1" for place in range(8)}}, r"additional: more than a policy takes, got 11"),
        ({"removed": ["x-amz-cf-id"]}, r"x-amz-cf-id: CloudFront's own"),
        ({"removed": [f"x-{place}" for place in range(11)]}, r"removed: more than a policy takes, got 11"),
        ({"removed": ["x-frame-options"]}, r"removed: set and removed at once, got \['x-frame-options'\]"),
    ],
)
def test_contradictions_are_refused(options: dict[str, Any], problem: str) -> None:
    """What CloudFront or a browser would not follow raises, with what is allowed."""
    with pytest.raises(ValueError, match=problem):
        SecurityHeaders(**options)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"path": "logout", "removed": ["x-a"]}, r"path: no path, got 'logout'"),
        ({"path": "/a*b", "removed": ["x-a"]}, r"path: no path"),
        ({"path": "/a"}, r"/a: nothing differs"),
        ({"path": "/a", "headers": {"x-a": "{cookie}"}}, r"x-a: nothing to compute, got 'cookie'"),
        ({"path": "/a", "headers": {"x-a": "b\n"}}, r"x-a: characters that no header has"),
        ({"path": "/a", "removed": ["via"]}, r"via: CloudFront's own"),
        ({"path": "/a", "headers": {"x-a": "b"}, "removed": ["x-a"]}, r"/a: set and removed at once"),
    ],
)
def test_a_path_says_something(options: dict[str, Any], problem: str) -> None:
    """Rules by path that do nothing, or what no header can, are refused."""
    with pytest.raises(ValueError, match=problem):
        PathHeaders(**options)


def test_an_api_keeps_what_is_about_transport() -> None:
    """What is about documents goes, whatever it was."""
    headers = replace(SecurityHeaders.STRICT, trial_policy=TRIAL, additional={"x-a": "b"})
    assert set(headers.for_api().render()) == {
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "x-a",
    }
