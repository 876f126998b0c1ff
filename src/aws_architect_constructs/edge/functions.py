"""CloudFront Functions put together: an event of a behaviour takes one function, so several files become one.

Pure Python. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-functions.html
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Final

from .security_headers import SecurityHeaders

LARGEST_FUNCTION: Final = 10_240
"""In bytes: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""

_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_PATH: Final = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=:@%/-]*\*?", re.ASCII)
_TARGET: Final = re.compile(
    r"(?:https://(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,63})?/(?!/)[A-Za-z0-9._~!$&'()+,;=:@%/-]*\*?", re.ASCII
)
_DOCUMENT: Final = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*", re.ASCII)
_PARAMETER: Final = re.compile(r"[a-z0-9_.~-]+\*?", re.ASCII)
_REALM: Final = re.compile(r"[A-Za-z0-9 ._-]{1,64}", re.ASCII)
_MOST_PARAMETERS: Final = 256

_DECODINGS: Final = 3
"""A path that is still encoded after as many decodings is refused: nobody encodes that often and means well."""


def preview_credential(user: str, password: str) -> str:
    """The key that lets a user of a preview in: put it into the key value store, with any value.

    `aws cloudfront-keyvaluestore put-key --key <this> --value alice ...`. The key is the SHA-256 of the Authorization
    header that the browser sends, so the store holds no password. It is a quick hash: choose a long, random password,
    and none that is used elsewhere.

    Raises:
        ValueError: If HTTP cannot carry the user or the password.
    """
    if not user or not password or ":" in user or not (user + password).isprintable():
        raise ValueError(
            "no credential that HTTP carries, got a user that is empty or has a colon, or an empty or unprintable "
            "password; allowed: printable text"
        )
    header = f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
    return hashlib.sha256(header.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class EdgeFunctions:
    """What happens to a request before the cache is asked, in this order; each is a small JavaScript file.

    All parts become one CloudFront Function (JavaScript runtime 2.0, 10,240 bytes, no network). 0.10 USD for a million
    requests. https://aws.amazon.com/cloudfront/pricing/

    Attributes:
        canonical_host: The site's one name: requests by another of its names are redirected to it. Default None.
        basic_auth_realm: Ask for a password, which a key value store knows by its hash (`preview_credential`): for
            previews, not for secrets. The title of the browser's question. On every behaviour. Default None: no
            question.
        clean_paths: Refuse (400) control characters, backslashes, encoded slashes and `..` however often encoded, and
            collapse repeated slashes. Default True.
        redirects: Where pages moved: `{"/old": "/new", "/blog/*": "https://blog.example.com/*"}`. The longest fitting
            prefix counts, after whole paths. Default none.
        dropped_parameters: Query parameters that the origin never needs, a trailing star for a prefix: they would
            split the cache. Default none; `EdgeFunctions.TRACKING_PARAMETERS` is a list to begin with.
        most_parameters: Query parameters beyond which a request is refused (414). Default 64.
        index_document: What a path without a file name stands for, `/docs/` as well as `/docs`. Default `index.html`;
            None leaves paths as they are.
        single_page_app: Whether every path that names no file is the index document of the root. Default False.
    """

    TRACKING_PARAMETERS: ClassVar[Sequence[str]] = (
        "utm_*",
        "dclid",
        "fbclid",
        "gbraid",
        "gclid",
        "mc_cid",
        "mc_eid",
        "msclkid",
        "wbraid",
    )
    """Parameters that advertisers and mailers add for their own scripts, which the origin never sees a use for."""

    canonical_host: str | None = None
    basic_auth_realm: str | None = None
    clean_paths: bool = True
    redirects: Mapping[str, str] = field(default_factory=dict)
    dropped_parameters: Sequence[str] = ()
    most_parameters: int = 64
    index_document: str | None = "index.html"
    single_page_app: bool = False

    def __post_init__(self) -> None:
        """Refuse what the functions would misread."""
        _check("canonical_host", self.canonical_host, _HOST, "a host name in lower case")
        _check("basic_auth_realm", self.basic_auth_realm, _REALM, "1 to 64 letters, digits, blanks and . _ -")
        _check("index_document", self.index_document, _DOCUMENT, "the name of a file")
        for parameter in self.dropped_parameters:
            _check("dropped_parameters", parameter, _PARAMETER, "names in lower case, such as 'utm_*'")
        if type(self.most_parameters) is not int or not 1 <= self.most_parameters <= _MOST_PARAMETERS:
            raise ValueError(f"most_parameters: got {self.most_parameters!r}; allowed: 1 to {_MOST_PARAMETERS}")
        if self.single_page_app and self.index_document is None:
            raise ValueError("single_page_app: the app's page has no name, got index_document=None; allowed: its name")
        self._check_redirects()

    def _check_redirects(self) -> None:
        for source, target in self.redirects.items():
            _check("redirects", source, _PATH, "a path, such as '/old' or '/old/*'")
            _check(
                "redirects", target, _TARGET, "a path, or an https URL with one; a star at the end if the source has"
            )
            if source.endswith("*") != target.endswith("*"):
                raise ValueError(f"redirects: a star on one side, got {source!r}: {target!r}; allowed: both or neither")
            if source == target or (source.endswith("*") and target.startswith(source[:-1])):
                raise ValueError(f"redirects: a circle, got {source!r}: {target!r}; allowed: another path")

    @classmethod
    def none(cls) -> "EdgeFunctions":
        """Nothing happens, and there is no function."""
        return cls(clean_paths=False, most_parameters=_MOST_PARAMETERS, index_document=None)

    def for_pages(self) -> "EdgeFunctions":
        """What holds for pages that a server renders: it knows its paths, and none of them stands for a file."""
        return replace(self, index_document=None, single_page_app=False)

    def for_api(self) -> "EdgeFunctions":
        """What holds for every path: the canonical host and the password; an API's paths and queries are its own."""
        return replace(
            self,
            clean_paths=False,
            redirects={},
            dropped_parameters=(),
            most_parameters=_MOST_PARAMETERS,
            index_document=None,
            single_page_app=False,
        )

    @property
    def needs_key_value_store(self) -> bool:
        """Whether the function reads a key value store."""
        return self.basic_auth_realm is not None

    def steps(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The files that take part, each with its settings, in the order that they run in."""
        found: list[tuple[str, Mapping[str, Any]]] = []
        if self.canonical_host is not None:
            found.append(("canonical_host", {"host": self.canonical_host}))
        if self.basic_auth_realm is not None:
            found.append(("basic_auth", {"realm": self.basic_auth_realm}))
        if self.clean_paths:
            found.append(("clean_path", {"decodings": _DECODINGS}))
        if self.redirects:
            found.append(("redirects", _redirect_rules(self.redirects)))
        if self.dropped_parameters or self.most_parameters < _MOST_PARAMETERS:
            found.append(("tidy_query", _query_rules(self.dropped_parameters, self.most_parameters)))
        if self.single_page_app:
            found.append(("single_page_app", {"document": self.index_document}))
        elif self.index_document is not None:
            found.append(("index_documents", {"document": self.index_document}))
        return found

    def render(self) -> str | None:
        """The function's code, or None if there is nothing to do.

        Raises:
            ValueError: If it is larger than CloudFront takes.
        """
        steps = self.steps()
        if not steps:
            return None
        parts = []
        if self.needs_key_value_store:
            parts += ["import cf from 'cloudfront';", "const crypto = require('crypto');", "const kvs = cf.kvs();"]
        parts.append(_source("shared"))
        parts += [_source(name) for name, _ in steps]
        parts.append(f"const CONFIG = {_literal(dict(steps))};")
        parts.append(f"{'async ' if self.needs_key_value_store else ''}function handler(event) {{")
        parts.append("const request = event.request;\nlet answer = null;")
        for name, _ in steps:
            wait = "await " if name == "basic_auth" else ""
            parts.append(f"answer = {wait}{_camel(name)}(request, CONFIG.{name});\nif (answer) {{\nreturn answer;\n}}")
        parts.append("return request;\n}")
        return _fitting("EdgeFunctions", "\n".join(parts))


def render_headers_function(headers: SecurityHeaders) -> str:
    """The viewer-response function that sets the headers.

    Raises:
        ValueError: If it is larger than CloudFront takes.
    """
    config = {
        "headers": headers.render(),
        "removed": list(headers.removed),
        "paths": [
            {"path": rule.path, "headers": dict(rule.headers), "removed": list(rule.removed)} for rule in headers.paths
        ],
    }
    code = "\n".join(
        [
            _source("security_headers"),
            f"const CONFIG = {_literal(config)};",
            "function handler(event) {\nreturn securityHeaders(event, CONFIG);\n}",
        ]
    )
    return _fitting("SecurityHeaders", code)


def _redirect_rules(redirects: Mapping[str, str]) -> dict[str, Any]:
    exact = {source: target for source, target in redirects.items() if not source.endswith("*")}
    prefixes = [
        {"from": source[:-1], "to": target[:-1]} for source, target in redirects.items() if source.endswith("*")
    ]
    return {"exact": exact, "prefixes": sorted(prefixes, key=lambda rule: (-len(rule["from"]), rule["from"]))}


def _query_rules(dropped: Sequence[str], most: int) -> dict[str, Any]:
    return {
        "most": most,
        "dropped": {name: 1 for name in dropped if not name.endswith("*")},
        "droppedPrefixes": [name[:-1] for name in dropped if name.endswith("*")],
    }


def _check(argument: str, value: str | None, pattern: re.Pattern[str], allowed: str) -> None:
    if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
        raise ValueError(f"{argument}: got {value!r}; allowed: {allowed}")


@cache
def _source(name: str) -> str:
    """A file without comments and indentation, which count towards the limit."""
    text = (files(__package__) / "edge_functions" / f"{name}.js").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _literal(value: object) -> str:
    """As JavaScript: JSON in ASCII, which is a literal of it."""
    return json.dumps(value, separators=(",", ":"))


def _fitting(argument: str, code: str) -> str:
    if len(code.encode()) > LARGEST_FUNCTION:
        raise ValueError(
            f"{argument}: the function is larger than CloudFront takes, got {len(code.encode()):,} bytes; allowed: "
            f"{LARGEST_FUNCTION:,}: fewer redirects or paths"
        )
    return code
