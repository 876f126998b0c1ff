"""The policy builder: what it renders, and what it refuses."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import ContentSecurityPolicy, CspDirective, CspSource, csp_hash

REPORTS = "https://reports.example.com/csp"
STRICT = ContentSecurityPolicy.strict()


def test_the_strict_policy() -> None:
    """Nothing but the site's own files; no inline code, plug-ins or frames."""
    assert STRICT.render() == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; upgrade-insecure-requests"
    )
    assert STRICT.header == "content-security-policy"


def test_the_classic_policy() -> None:
    """The site's own files and inline code."""
    assert ContentSecurityPolicy.classic().render() == (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"
    )


def test_a_source_is_added() -> None:
    """What was allowed stays, in its order, and a source is there once."""
    policy = STRICT.allow("img-src", "https://images.example.com", CspSource.DATA).allow("img-src", CspSource.DATA)
    assert policy.directives[CspDirective.IMG_SRC] == ("'self'", "https://images.example.com", "data:")


def test_none_gives_way() -> None:
    """To allow something in a directive that allowed nothing leaves no 'none' beside it."""
    assert STRICT.allow("frame-ancestors", "https://a.example").directives[CspDirective.FRAME_ANCESTORS] == (
        "https://a.example",
    )


def test_a_new_directive_begins_with_the_defaults() -> None:
    """Where default-src decided, what it allowed stays allowed."""
    policy = ContentSecurityPolicy({"default-src": ["'self'"]})
    assert policy.allow("img-src", "data:").directives[CspDirective.IMG_SRC] == ("'self'", "data:")
    assert policy.allow("form-action", "https://a.example").directives[CspDirective.FORM_ACTION] == (
        "https://a.example",
    )


def test_a_directive_is_replaced_in_its_place() -> None:
    """Sources change, the order of directives does not."""
    policy = STRICT.replace("style-src", "https://styles.example.com")
    assert list(policy.directives) == list(STRICT.directives)
    assert policy.directives[CspDirective.STYLE_SRC] == ("https://styles.example.com",)


def test_a_directive_is_left_out() -> None:
    """What is left out does not show up."""
    assert "upgrade-insecure-requests" not in STRICT.without("upgrade-insecure-requests").render()


def test_policies_never_change() -> None:
    """Each method gives a new policy."""
    before = STRICT.render()
    STRICT.allow("img-src", "data:")
    assert STRICT.render() == before
    with pytest.raises(TypeError):
        STRICT.directives[CspDirective.IMG_SRC] = ()  # type: ignore[index]  # it is no mutable mapping, on purpose


def test_policies_are_equal_by_what_they_say() -> None:
    """Two ways to the same header are one policy."""
    again = ContentSecurityPolicy(dict(STRICT.directives))
    assert (again, hash(again)) == (STRICT, hash(STRICT))
    assert STRICT.reporting_to(REPORTS) != STRICT
    assert STRICT.render() != STRICT
    assert "frame-ancestors" in repr(STRICT)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_an_inline_script_passes_by_its_hash(algorithm: str) -> None:
    """The hash is of the text between the tags, in base64."""
    text = "console.log('é');"
    digest = base64.b64encode(hashlib.new(algorithm, text.encode()).digest()).decode()
    policy = STRICT.allow_inline_script(text, algorithm)
    assert policy.directives[CspDirective.SCRIPT_SRC] == ("'self'", f"'{algorithm}-{digest}'")


def test_an_inline_style_passes_by_its_hash() -> None:
    """The same for styles."""
    assert csp_hash("a{}") in STRICT.allow_inline_style("a{}").directives[CspDirective.STYLE_SRC]


def test_a_hash_that_no_browser_knows() -> None:
    """MD5 is none."""
    with pytest.raises(ValueError, match=r"^no hash that browsers know, got 'md5'; allowed: sha256, "):
        csp_hash("a", "md5")


def test_reports_go_to_the_endpoint() -> None:
    """Both directives for reports, the old and the new."""
    assert STRICT.reporting_to(REPORTS).render().endswith(f"; report-uri {REPORTS}; report-to csp")
    assert STRICT.reporting_to(REPORTS).report_endpoint == REPORTS


def test_a_policy_is_tried_out() -> None:
    """A policy that only reports has a header of its own, without what has no effect in it."""
    policy = STRICT.replace("sandbox", "allow-scripts").as_report_only(REPORTS)
    assert policy.header == "content-security-policy-report-only"
    assert policy.report_only is True
    assert "sandbox" not in policy.render()
    assert "upgrade-insecure-requests" not in policy.render()


def test_changes_keep_the_reports() -> None:
    """A further source does not turn a trial into an enforced policy."""
    assert STRICT.as_report_only(REPORTS).allow("img-src", "data:").report_only is True
    assert STRICT.as_report_only(REPORTS).reporting_to(f"{REPORTS}2").report_only is True


@pytest.mark.parametrize(
    ("directive", "sources", "problem"),
    [
        ("script", ["'self'"], r"no such directive, got 'script'; allowed: default-src, "),
        ("report-uri", ["/csp"], r"no such directive, got 'report-uri'; allowed: .*report_endpoint="),
        ("script-src", [], r"an empty list blocks everything"),
        ("script-src", "'self'", r"sources are a list, got"),
        ("script-src", ["self"], r"a keyword without its quotes, got self; allowed: \"'self'\""),
        ("script-src", ["None"], r"a keyword without its quotes"),
        ("script-src", ["'selfish'"], r"no such keyword, got 'selfish'"),
        ("script-src", ["'self"], r"no such keyword"),
        ("script-src", ["'none'", "'self'"], r"'none' beside others is ignored"),
        ("script-src", ["'self'", "'self'"], r"a source twice"),
        ("script-src", ["https://a.example; img-src *"], r"no source, got"),
        ("script-src", ["https://a.example,https://b.example"], r"no source, got"),
        ("script-src", ["https://a.example img"], r"no source, got"),
        ("script-src", ["https://a.example\r\nx: y"], r"no source, got"),
        ("script-src", ["http://"], r"no source, got"),
        ("script-src", ["ftp://a.example"], r"no source, got"),
        ("script-src", [""], r"no source, got"),
        ("script-src", ["'nonce-abc'"], r"a nonce in a header that never changes is none"),
        ("script-src", ["'sha256-abc'"], r"no sha256 hash"),
        ("script-src", ["'sha256-aaaaa'"], r"no sha256 hash"),
        ("script-src", ["'unsafe-inline'", csp_hash("a")], r"'unsafe-inline' is ignored beside a hash"),
        ("script-src", ["'strict-dynamic'"], r"'strict-dynamic' without a hash blocks every script"),
        ("script-src", ["'unsafe-hashes'"], r"'unsafe-hashes' without a hash does nothing"),
        ("style-src", ["'strict-dynamic'", csp_hash("a")], r"'strict-dynamic' means nothing here"),
        ("img-src", ["'unsafe-inline'"], r"'unsafe-inline' means nothing here"),
        ("img-src", [csp_hash("a")], r"hashes are for scripts and styles"),
        ("upgrade-insecure-requests", ["'self'"], r"it takes no sources"),
        ("sandbox", ["scripts"], r"no such token, got 'scripts'; allowed: 'allow-scripts', "),
        ("require-trusted-types-for", [], r"nothing to require them for"),
        ("require-trusted-types-for", ["'style'"], r"no such token"),
        ("trusted-types", ["a b"], r"no such token"),
    ],
)
def test_what_a_browser_would_not_follow_is_refused(directive: str, sources: list[str], problem: str) -> None:
    """Malformed and contradictory directives do not become a header."""
    with pytest.raises(ValueError, match=problem):
        ContentSecurityPolicy({directive: sources})


@pytest.mark.parametrize(
    ("directive", "sources"),
    [
        ("script-src", ["'strict-dynamic'", csp_hash("a"), "https:", "'unsafe-hashes'", "'report-sample'"]),
        ("script-src", ["'wasm-unsafe-eval'", "'unsafe-eval'", "https://*.example.com:8443/js/"]),
        ("script-src-attr", ["'none'"]),
        ("style-src", ["'self'", "'unsafe-inline'"]),
        ("img-src", ["*", "data:", "blob:"]),
        ("connect-src", ["wss://live.example.com", "https://a.example:*"]),
        ("sandbox", []),
        ("sandbox", ["allow-forms"]),
        ("require-trusted-types-for", ["'script'"]),
        ("trusted-types", ["default", "'allow-duplicates'"]),
    ],
)
def test_what_browsers_follow_passes(directive: str, sources: list[str]) -> None:
    """The header says what was asked for."""
    assert ContentSecurityPolicy({directive: sources}).render() == " ".join([directive, *sources])


def test_a_policy_restricts_something() -> None:
    """No directive is no policy, also after the last one was left out."""
    with pytest.raises(ValueError, match="restricts nothing"):
        ContentSecurityPolicy({})
    with pytest.raises(ValueError, match="restricts nothing"):
        ContentSecurityPolicy({"img-src": ["*"]}).without("img-src")
    with pytest.raises(ValueError, match="nothing to allow"):
        STRICT.allow("img-src")


@pytest.mark.parametrize(
    "endpoint", ["http://a.example", "/csp", "https://", "https://a.example/;x", "https://a.example/a b", 'https://a"b']
)
def test_a_report_endpoint_is_an_https_url(endpoint: str) -> None:
    """Whatever would end the directive, or send reports in the clear, is refused."""
    with pytest.raises(ValueError, match=r"^report_endpoint: no https URL, got "):
        STRICT.reporting_to(endpoint)


def test_a_trial_needs_somebody_to_report_to() -> None:
    """Nothing blocked and nobody told would be no policy."""
    with pytest.raises(ValueError, match=r"needs somebody to report to"):
        ContentSecurityPolicy({"img-src": ["*"]}, report_only=True)


SOURCES = st.sampled_from(
    ["'self'", "https:", "data:", "https://a.example", "*.b.example", csp_hash("a"), csp_hash("b")]
)


@given(st.lists(SOURCES, unique=True, min_size=1, max_size=6), st.lists(SOURCES, unique=True, min_size=1, max_size=6))
def test_adding_is_a_union(first: list[str], second: list[str]) -> None:
    """However sources are added, each is there once, and nothing else is."""
    policy = ContentSecurityPolicy({"script-src": first}).allow("script-src", *second)
    assert set(policy.directives[CspDirective.SCRIPT_SRC]) == {*first, *second}
    assert len(policy.directives[CspDirective.SCRIPT_SRC]) == len({*first, *second})


@given(st.text(max_size=30))
def test_no_text_gets_out_of_its_directive(text: str) -> None:
    """A source either is refused or ends up as one word of its directive, without a separator or line break."""
    try:
        rendered = ContentSecurityPolicy({"script-src": [text]}).render()
    except ValueError:
        return
    assert rendered.split() == ["script-src", text]
    assert not set(";,\r\n") & set(rendered)
