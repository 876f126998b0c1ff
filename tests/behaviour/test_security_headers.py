"""That policy and function set the same headers, and what a published checker says of them."""

import json
from dataclasses import replace
from typing import Any, Final

import pytest
from aws_cdk import Stack
from hypothesis import given, settings
from hypothesis import strategies as st

from aws_architect_constructs import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    FrameOptions,
    PathHeaders,
    ReferrerPolicy,
    SecurityHeaders,
    StrictTransportSecurity,
    XssProtection,
)
from aws_architect_constructs.edge.functions import render_headers_function
from aws_architect_constructs.edge.header_policies import headers_policy
from support.cloudfront_functions import run, viewer_response
from support.observatory import grade, modifiers, parse, score
from support.synthesis import properties, synthesize

REPORTS: Final = "https://reports.example.com/csp"
STRICT: Final = SecurityHeaders.STRICT
CLASSIC: Final = SecurityHeaders.CLASSIC
FULL: Final = SecurityHeaders(
    strict_transport_security=StrictTransportSecurity(preload=True),
    content_security_policy=ContentSecurityPolicy.strict().reporting_to(REPORTS),
    trial_policy=ContentSecurityPolicy.strict().as_report_only(REPORTS),
    permissions_policy={"camera": ["self", "https://meet.example.com"], "fullscreen": ["*"]},
    additional={"x-robots-tag": "noindex"},
)
HEADERS: Final = {"strict": STRICT, "classic": CLASSIC, "full": FULL, "api": STRICT.for_api()}


def by_policy(headers: SecurityHeaders) -> dict[str, str]:
    """The headers that CloudFront adds by the policy, from the template, as CloudFront words them."""

    def build(stack: Stack) -> None:
        headers_policy(stack, "Headers", headers)

    (resource,) = properties(synthesize(build), "AWS::CloudFront::ResponseHeadersPolicy")
    config = resource["ResponseHeadersPolicyConfig"]
    found: dict[str, str] = {}
    known: dict[str, Any] = config["SecurityHeadersConfig"]
    if (hsts := known.get("StrictTransportSecurity")) is not None:
        parts = [f"max-age={hsts['AccessControlMaxAgeSec']}"]
        parts += ["includeSubDomains"] if hsts["IncludeSubdomains"] else []
        parts += ["preload"] if hsts["Preload"] else []
        found["strict-transport-security"] = "; ".join(parts)
    if "ContentTypeOptions" in known:
        found["x-content-type-options"] = "nosniff"
    if "FrameOptions" in known:
        found["x-frame-options"] = known["FrameOptions"]["FrameOption"]
    if (xss := known.get("XSSProtection")) is not None:
        found["x-xss-protection"] = ("1; mode=block" if xss.get("ModeBlock") else "1") if xss["Protection"] else "0"
    if "ReferrerPolicy" in known:
        found["referrer-policy"] = known["ReferrerPolicy"]["ReferrerPolicy"]
    if "ContentSecurityPolicy" in known:
        found["content-security-policy"] = known["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert all(part["Override"] for part in known.values())
    for item in config.get("CustomHeadersConfig", {}).get("Items", []):
        assert item["Override"]
        found[item["Header"]] = item["Value"]
    return found


def by_function(headers: SecurityHeaders, uri: str = "/") -> dict[str, str]:
    """The headers that the function adds, by running it."""
    found = run(render_headers_function(headers), viewer_response(uri))["headers"]
    return {name: value["value"] for name, value in found.items()}


def meaning(headers: dict[str, str]) -> dict[str, str]:
    """What browsers make of them: the directives of HSTS are case-insensitive (RFC 6797, 6.1)."""
    folded = {name: value.lower() for name, value in headers.items() if name == "strict-transport-security"}
    return headers | folded


@pytest.mark.parametrize("name", HEADERS)
def test_policy_and_function_agree(name: str) -> None:
    """Each header that one sets the other sets too, to what means the same: error pages are as safe as the others."""
    assert meaning(by_policy(HEADERS[name])) == meaning(by_function(HEADERS[name]))


SOME: Final = st.builds(
    SecurityHeaders,
    strict_transport_security=st.none()
    | st.builds(StrictTransportSecurity, max_age_seconds=st.integers(0, 10**9), include_subdomains=st.booleans()),
    content_security_policy=st.sampled_from(
        [None, ContentSecurityPolicy.strict(), ContentSecurityPolicy.strict().as_report_only(REPORTS)]
    ),
    frame_options=st.sampled_from([None, *FrameOptions]),
    content_type_options=st.booleans(),
    referrer_policy=st.sampled_from([None, *ReferrerPolicy]),
    permissions_policy=st.dictionaries(st.sampled_from(["camera", "usb"]), st.just(["self"])),
    cross_origin_opener_policy=st.sampled_from([None, *CrossOriginOpenerPolicy]),
    cross_origin_resource_policy=st.sampled_from([None, *CrossOriginResourcePolicy]),
    xss_protection=st.sampled_from([None, *XssProtection]),
)


@settings(max_examples=40)  # a synthesis each
@given(SOME)
def test_policy_and_function_agree_on_whatever_is_asked(headers: SecurityHeaders) -> None:
    """The same for any combination of headers."""
    assert meaning(by_policy(headers)) == meaning(by_function(headers))


def test_the_classic_set_is_exact() -> None:
    """Six headers, to the letter."""
    assert by_function(CLASSIC) == {
        "strict-transport-security": "max-age=63072000; includeSubdomains; preload",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-xss-protection": "1; mode=block",
        "referrer-policy": "strict-origin-when-cross-origin",
        "content-security-policy": (
            "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"
        ),
    }


def test_the_strict_set_has_every_header() -> None:
    """The nine of OWASP's guidance are there, without preloading and without a place for inline code."""
    found = by_policy(STRICT)
    assert set(found) == {
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "content-security-policy",
        "permissions-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "x-xss-protection",
    }
    assert found["x-xss-protection"] == "0"
    assert "preload" not in found["strict-transport-security"]
    assert "unsafe" not in found["content-security-policy"]


@pytest.mark.parametrize("rendered", [by_policy, by_function], ids=["policy", "function"])
@pytest.mark.parametrize(
    ("name", "expected"), [("strict", ("A+", 130)), ("full", ("A+", 135)), ("classic", ("B+", 80))]
)
def test_mozillas_observatory(rendered: Any, name: str, expected: tuple[str, int]) -> None:
    """The strict set is graded A+, by the policy alone and by the function alone."""
    found = rendered(HEADERS[name])
    assert (grade(found), score(found)) == expected


@pytest.mark.parametrize(
    ("headers", "points", "letter"),
    [
        ({}, 30, "D"),
        ({"content-security-policy": "default-src 'none'; form-action 'none'; frame-ancestors 'none'"}, 75, "B"),
        ({"strict-transport-security": "max-age=100"}, 40, "D+"),
        ({"content-security-policy": "script-src 'self' 'unsafe-inline'"}, 35, "D"),
        ({"content-security-policy": "default-src 'self'; script-src https:"}, 35, "D"),
        ({"content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-eval'"}, 45, "C-"),
        ({"content-security-policy": "default-src 'self'; img-src http://a.example"}, 45, "C-"),
        ({"content-security-policy": "default-src 'self'; connect-src http://a.example"}, 35, "D"),
        ({"content-security-policy": "default-src 'self'; style-src 'unsafe-inline'"}, 55, "C"),
        ({"referrer-policy": "unsafe-url"}, 25, "D-"),
        ({"cross-origin-resource-policy": "nonsense"}, 25, "D-"),
        ({"cross-origin-resource-policy": "nonsense", "referrer-policy": "unsafe-url"}, 20, "F"),
    ],
)
def test_the_checker_can_say_no(headers: dict[str, str], points: int, letter: str) -> None:
    """Lacking and weak headers cost what Mozilla says they cost, and earn no bonus."""
    assert (score(headers), grade(headers)) == (points, letter)


def test_each_header_of_the_strict_set_matters_to_the_checker() -> None:
    """Without CSP, HSTS, content type or frames the grade falls; what is a bonus alone takes points."""
    whole = by_function(STRICT)
    for name in ("content-security-policy", "strict-transport-security", "x-content-type-options"):
        assert score({key: value for key, value in whole.items() if key != name}) < score(whole), name
    assert modifiers(whole)["x-frame-options"] == 5
    assert parse(whole["content-security-policy"])["frame-ancestors"] == {"'none'"}


def test_only_the_function_differs_by_path() -> None:
    """Rules by path are nothing to the policy: its headers, and so those of error pages, are the same everywhere."""
    by_path = replace(STRICT, paths=[PathHeaders(path="/embed/*", removed=["x-frame-options"])])
    assert by_policy(by_path) == by_policy(STRICT)
    assert "x-frame-options" not in by_function(by_path, "/embed/a")
    assert by_function(by_path, "/a") == by_function(STRICT, "/a")


def test_only_the_function_computes_values() -> None:
    """A value that names the request's host is no value of the policy."""
    by_path = replace(STRICT, paths=[PathHeaders(path="/*", headers={"x-host": "{host}"})])
    assert by_function(by_path)["x-host"] == "www.example.com"
    assert "{host}" not in json.dumps(by_policy(by_path))


def test_an_apis_answers_have_no_policy_for_documents() -> None:
    """No CSP on an API's paths; HSTS, content type, frames and referrer stay."""
    assert set(by_policy(STRICT.for_api())) == {
        "strict-transport-security",
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
    }
