"""A Content-Security-Policy as a value: built from typed parts, and refused where a browser would ignore a part of it.

Pure Python. https://www.w3.org/TR/CSP3/
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit


class CspDirective(StrEnum):
    """What a policy can decide about. Reports are asked for by `reporting_to`, not by a directive."""

    DEFAULT_SRC = "default-src"
    SCRIPT_SRC = "script-src"
    SCRIPT_SRC_ELEM = "script-src-elem"
    SCRIPT_SRC_ATTR = "script-src-attr"
    STYLE_SRC = "style-src"
    STYLE_SRC_ELEM = "style-src-elem"
    STYLE_SRC_ATTR = "style-src-attr"
    IMG_SRC = "img-src"
    FONT_SRC = "font-src"
    CONNECT_SRC = "connect-src"
    MEDIA_SRC = "media-src"
    OBJECT_SRC = "object-src"
    MANIFEST_SRC = "manifest-src"
    WORKER_SRC = "worker-src"
    CHILD_SRC = "child-src"
    FRAME_SRC = "frame-src"
    BASE_URI = "base-uri"
    FORM_ACTION = "form-action"
    FRAME_ANCESTORS = "frame-ancestors"
    SANDBOX = "sandbox"
    REQUIRE_TRUSTED_TYPES_FOR = "require-trusted-types-for"
    TRUSTED_TYPES = "trusted-types"
    UPGRADE_INSECURE_REQUESTS = "upgrade-insecure-requests"


class CspSource(StrEnum):
    """The keywords of source lists, with the quotes that they need."""

    NONE = "'none'"
    SELF = "'self'"
    UNSAFE_INLINE = "'unsafe-inline'"
    UNSAFE_EVAL = "'unsafe-eval'"
    WASM_UNSAFE_EVAL = "'wasm-unsafe-eval'"
    UNSAFE_HASHES = "'unsafe-hashes'"
    STRICT_DYNAMIC = "'strict-dynamic'"
    REPORT_SAMPLE = "'report-sample'"
    DATA = "data:"
    BLOB = "blob:"


REPORT_GROUP: Final = "csp"
"""The name that policy and Reporting-Endpoints header share."""

_CODE: Final = frozenset(
    {
        CspDirective.DEFAULT_SRC,
        CspDirective.SCRIPT_SRC,
        CspDirective.SCRIPT_SRC_ELEM,
        CspDirective.SCRIPT_SRC_ATTR,
        CspDirective.STYLE_SRC,
        CspDirective.STYLE_SRC_ELEM,
        CspDirective.STYLE_SRC_ATTR,
    }
)
"""Where keywords beyond 'none' and 'self', and hashes, mean something."""
_SCRIPTS: Final = frozenset(directive for directive in _CODE if not directive.startswith("style-"))
_SCRIPTS_ONLY: Final = frozenset({CspSource.STRICT_DYNAMIC, CspSource.UNSAFE_EVAL, CspSource.WASM_UNSAFE_EVAL})
_WITHOUT_EFFECT_IN_REPORTS: Final = frozenset({CspDirective.SANDBOX, CspDirective.UPGRADE_INSECURE_REQUESTS})

_DIGEST_BYTES: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
_HASH: Final = re.compile(r"'(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})'")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.ASCII)
_HOST: Final = re.compile(
    r"(?:(?:https?|wss?)://)?"
    r"(?:\*|(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"(?::(?:[0-9]{1,5}|\*))?"
    r"(?:/[A-Za-z0-9._~!$&()*+=:@%/-]*)?",
    re.ASCII,
)
_SANDBOX: Final = re.compile(r"allow-[a-z-]+", re.ASCII)
_TRUSTED_TYPE: Final = re.compile(r"'none'|'allow-duplicates'|\*|[A-Za-z0-9#=_/@.%-]+", re.ASCII)


def csp_hash(content: str, algorithm: str = "sha256") -> str:
    """The source that lets one inline script or style pass: the hash of what stands between its tags.

    Args:
        content: The text between the tags, to the letter, blanks and newlines included.
        algorithm: sha256, sha384 or sha512.

    Raises:
        ValueError: If browsers know no such algorithm.
    """
    if algorithm not in _DIGEST_BYTES:
        raise ValueError(f"no hash that browsers know, got {algorithm!r}; allowed: {', '.join(_DIGEST_BYTES)}")
    digest = hashlib.new(algorithm, content.encode()).digest()
    return f"'{algorithm}-{base64.b64encode(digest).decode()}'"


class ContentSecurityPolicy:
    """What a page may load, run, submit to and be framed by. Never changes; each method gives a new policy.

    `ContentSecurityPolicy.strict()` lets nothing pass but what the site itself serves, without inline scripts and
    styles; widen it by what a page needs::

        ContentSecurityPolicy.strict().allow("img-src", "https://images.example.com").allow_inline_script(SNIPPET)

    What a browser would ignore, misread or never match is refused: keywords without their quotes, `'none'` beside
    others, `'unsafe-inline'` beside a hash, `'strict-dynamic'` without one, hashes of the wrong length, an unknown
    directive. A nonce is refused too: it has to differ in every response, body and header, and a header that
    CloudFront adds is the same in all.

    Args:
        directives: Sources by directive; `upgrade-insecure-requests` has none.
        report_only: Whether browsers report what the policy would have blocked, and block nothing: the way to try a
            policy out. `sandbox` and `upgrade-insecure-requests` have no effect in reports and are left out. Default
            False.
        report_endpoint: The https URL that browsers send reports to. Default None; required by `report_only`.

    Raises:
        ValueError: If a browser would not do what the policy says.

    See https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP and
    https://cheatsheetseries.owasp.org/cheatsheets/Content_Security_Policy_Cheat_Sheet.html.
    """

    def __init__(
        self,
        directives: Mapping[CspDirective, Iterable[str]] | Mapping[str, Iterable[str]],
        *,
        report_only: bool = False,
        report_endpoint: str | None = None,
    ) -> None:
        if not directives:
            raise ValueError("a policy without a directive restricts nothing, got {}; allowed: at least one directive")
        self._directives: Final[Mapping[CspDirective, tuple[str, ...]]] = MappingProxyType(
            {_directive(name): _sources(_directive(name), sources) for name, sources in directives.items()}
        )
        if report_endpoint is not None:
            _check_endpoint(report_endpoint)
        elif report_only:
            raise ValueError(
                "a policy that only reports needs somebody to report to, got report_only=True alone; allowed: "
                "report_endpoint= beside it"
            )
        self._report_only: Final = report_only
        self._report_endpoint: Final = report_endpoint

    @classmethod
    def strict(cls) -> "ContentSecurityPolicy":
        """Nothing but the site's own files; no inline code, no plug-ins, no framing, forms to the site alone."""
        own = [CspSource.SELF]
        nothing = [CspSource.NONE]
        return cls(
            {
                CspDirective.DEFAULT_SRC: nothing,
                CspDirective.SCRIPT_SRC: own,
                CspDirective.STYLE_SRC: own,
                CspDirective.IMG_SRC: own,
                CspDirective.FONT_SRC: own,
                CspDirective.CONNECT_SRC: own,
                CspDirective.MEDIA_SRC: own,
                CspDirective.MANIFEST_SRC: own,
                CspDirective.WORKER_SRC: own,
                CspDirective.OBJECT_SRC: nothing,
                CspDirective.BASE_URI: nothing,
                CspDirective.FORM_ACTION: own,
                CspDirective.FRAME_ANCESTORS: nothing,
                CspDirective.UPGRADE_INSECURE_REQUESTS: [],
            }
        )

    @classmethod
    def classic(cls) -> "ContentSecurityPolicy":
        """The site's own files, with inline scripts and styles: for pages that cannot do without, at their risk."""
        with_inline = [CspSource.SELF, CspSource.UNSAFE_INLINE]
        return cls(
            {
                CspDirective.DEFAULT_SRC: [CspSource.SELF],
                CspDirective.SCRIPT_SRC: with_inline,
                CspDirective.STYLE_SRC: with_inline,
            }
        )

    @property
    def directives(self) -> Mapping[CspDirective, tuple[str, ...]]:
        """The sources by directive, in the order that they are rendered in."""
        return self._directives

    @property
    def report_only(self) -> bool:
        """Whether nothing is blocked."""
        return self._report_only

    @property
    def report_endpoint(self) -> str | None:
        """Where reports go."""
        return self._report_endpoint

    def allow(self, directive: str, *sources: str) -> "ContentSecurityPolicy":
        """Add sources to a directive. `'none'` gives way; a directive that is not there begins with the default's.

        Raises:
            ValueError: If there is no source, or the result is one that a browser would not follow.
        """
        name = _directive(directive)
        if not sources:
            raise ValueError(f"{name}: nothing to allow, got no source; allowed: at least one source")
        inherited = self._directives.get(CspDirective.DEFAULT_SRC, ()) if name.endswith("-src") else ()
        before = [source for source in self._directives.get(name, inherited) if source != CspSource.NONE]
        return self.replace(name, *before, *(source for source in sources if source not in before))

    def replace(self, directive: str, *sources: str) -> "ContentSecurityPolicy":
        """Set a directive's sources, whatever they were; the directive keeps its place.

        Raises:
            ValueError: If a browser would not follow the result.
        """
        return self._with({**self._directives, _directive(directive): sources})

    def without(self, directive: str) -> "ContentSecurityPolicy":
        """Leave a directive out: `default-src` then decides in its place, for those that end in `-src`.

        Raises:
            ValueError: If it is the last one, or no directive at all.
        """
        name = _directive(directive)
        return self._with({key: sources for key, sources in self._directives.items() if key != name})

    def allow_inline_script(self, content: str, algorithm: str = "sha256") -> "ContentSecurityPolicy":
        """Let one inline script run, by the hash of its text."""
        return self.allow(CspDirective.SCRIPT_SRC, csp_hash(content, algorithm))

    def allow_inline_style(self, content: str, algorithm: str = "sha256") -> "ContentSecurityPolicy":
        """Let one inline style sheet apply, by the hash of its text."""
        return self.allow(CspDirective.STYLE_SRC, csp_hash(content, algorithm))

    def reporting_to(self, endpoint: str) -> "ContentSecurityPolicy":
        """Have browsers report what the policy blocks.

        Raises:
            ValueError: If it is no https URL.
        """
        return ContentSecurityPolicy(self._directives, report_only=self._report_only, report_endpoint=endpoint)

    def as_report_only(self, endpoint: str) -> "ContentSecurityPolicy":
        """Have browsers report what the policy would block, and block nothing.

        Raises:
            ValueError: If it is no https URL.
        """
        return ContentSecurityPolicy(self._directives, report_only=True, report_endpoint=endpoint)

    def render(self) -> str:
        """The header's value."""
        parts = [
            " ".join((name, *sources))
            for name, sources in self._directives.items()
            if not (self._report_only and name in _WITHOUT_EFFECT_IN_REPORTS)
        ]
        if self._report_endpoint is not None:
            # `report-uri` is deprecated, and the only one of the two that Firefox and Safari knew for years.
            parts += [f"report-uri {self._report_endpoint}", f"report-to {REPORT_GROUP}"]
        return "; ".join(parts)

    @property
    def header(self) -> str:
        """The header's name, in lower case."""
        return f"content-security-policy{'-report-only' if self._report_only else ''}"

    def __eq__(self, other: object) -> bool:
        """Whether the other renders to the same header."""
        if not isinstance(other, ContentSecurityPolicy):
            return NotImplemented
        return (self.header, self.render()) == (other.header, other.render())

    def __hash__(self) -> int:
        """By what it renders to."""
        return hash((self.header, self.render()))

    def __repr__(self) -> str:
        """The header as a line."""
        return f"<{self.header}: {self.render()}>"

    def _with(self, directives: Mapping[CspDirective, Iterable[str]]) -> "ContentSecurityPolicy":
        return ContentSecurityPolicy(directives, report_only=self._report_only, report_endpoint=self._report_endpoint)


def _directive(name: str) -> CspDirective:
    try:
        return CspDirective(name)
    except ValueError:
        known = ", ".join(CspDirective)
        raise ValueError(f"no such directive, got {name!r}; allowed: {known} (reports by report_endpoint=)") from None


def _sources(directive: CspDirective, sources: Iterable[str]) -> tuple[str, ...]:
    """Check the sources of a directive, each by itself and all together."""
    if isinstance(sources, str):
        raise ValueError(f"{directive}: sources are a list, got {sources!r}; allowed: a list or tuple")
    found = tuple(str(source) for source in sources)
    if len(set(found)) < len(found):
        raise ValueError(f"{directive}: a source twice, got {' '.join(found)}; allowed: each once")
    if directive is CspDirective.UPGRADE_INSECURE_REQUESTS:
        if found:
            raise ValueError(f"{directive}: it takes no sources, got {' '.join(found)}; allowed: none")
        return ()
    if directive in _TOKENS:
        return _tokens(directive, found)
    if not found:
        raise ValueError(f"{directive}: an empty list blocks everything without saying so; allowed: \"'none'\"")
    for source in found:
        _check_source(directive, source)
    _check_together(directive, found)
    return found


_TOKENS: Final = {
    CspDirective.SANDBOX: (_SANDBOX, "'allow-scripts', ..."),
    CspDirective.REQUIRE_TRUSTED_TYPES_FOR: (re.compile("'script'"), "\"'script'\""),
    CspDirective.TRUSTED_TYPES: (_TRUSTED_TYPE, "names of policies"),
}


def _tokens(directive: CspDirective, found: tuple[str, ...]) -> tuple[str, ...]:
    pattern, allowed = _TOKENS[directive]
    for token in found:
        if not pattern.fullmatch(token):
            raise ValueError(f"{directive}: no such token, got {token!r}; allowed: {allowed}")
    if directive is CspDirective.REQUIRE_TRUSTED_TYPES_FOR and not found:
        raise ValueError(f"{directive}: nothing to require them for, got no token; allowed: {allowed}")
    return found


def _check_source(directive: CspDirective, source: str) -> None:
    """Check one source by itself."""
    code = directive in _CODE
    if (match := _HASH.fullmatch(source)) is not None:
        algorithm, digest = match.groups()
        standard = digest.translate(str.maketrans("-_", "+/"))
        try:
            length = len(base64.b64decode(standard, validate=True))
        except ValueError:
            length = 0
        if length != _DIGEST_BYTES[algorithm]:
            raise ValueError(
                f"{directive}: no {algorithm} hash, got {source!r}; allowed: csp_hash(...) of what stands in the tags"
            )
        if not code:
            raise ValueError(f"{directive}: hashes are for scripts and styles, got {source!r}; allowed: URLs")
        return
    if source.startswith("'nonce-"):
        raise ValueError(
            f"{directive}: a nonce in a header that never changes is none, got {source!r}; allowed: csp_hash(...)"
        )
    if source.startswith("'") or source.endswith("'"):
        _check_keyword(directive, source, code=code)
        return
    if f"'{source.lower()}'" in set(CspSource):
        raise ValueError(f"{directive}: a keyword without its quotes, got {source}; allowed: \"'{source.lower()}'\"")
    if not (_SCHEME.fullmatch(source) or _HOST.fullmatch(source)):
        raise ValueError(
            f"{directive}: no source, got {source!r}; allowed: a keyword, a scheme such as 'data:', a host such as "
            "'https://*.example.com', or a hash"
        )


def _check_keyword(directive: CspDirective, source: str, *, code: bool) -> None:
    keywords = {keyword for keyword in CspSource if keyword.startswith("'")}
    if source not in keywords:
        raise ValueError(f"{directive}: no such keyword, got {source}; allowed: {', '.join(sorted(keywords))}")
    if source in {CspSource.NONE, CspSource.SELF}:
        return
    if not code or (source in _SCRIPTS_ONLY and directive not in _SCRIPTS):
        raise ValueError(f"{directive}: {source} means nothing here; allowed: 'none', 'self' and URLs")


def _check_together(directive: CspDirective, found: tuple[str, ...]) -> None:
    """Check what sources mean for one another."""
    hashes = [source for source in found if _HASH.fullmatch(source)]
    if CspSource.NONE in found and len(found) > 1:
        raise ValueError(f"{directive}: 'none' beside others is ignored, got {' '.join(found)}; allowed: 'none' alone")
    if CspSource.UNSAFE_INLINE in found and hashes:
        raise ValueError(f"{directive}: 'unsafe-inline' is ignored beside a hash, got both; allowed: one of them")
    if CspSource.STRICT_DYNAMIC in found and not hashes:
        raise ValueError(f"{directive}: 'strict-dynamic' without a hash blocks every script; allowed: a hash beside it")
    if CspSource.UNSAFE_HASHES in found and not hashes:
        raise ValueError(f"{directive}: 'unsafe-hashes' without a hash does nothing; allowed: a hash beside it")


def _check_endpoint(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme != "https" or not parts.hostname or re.search(r"[^\x21-\x7e]|[;,\"'\\]", endpoint):
        raise ValueError(f"report_endpoint: no https URL, got {endpoint!r}; allowed: 'https://...' without ; , \" '")
