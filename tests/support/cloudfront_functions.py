"""A CloudFront Functions runtime for tests: the code runs in QuickJS, with nothing but what JavaScript runtime 2.0 has.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import quickjs  # type: ignore[import-untyped]  # it ships no types

Json = dict[str, Any]

_FIRST_LINES: Final = ("import cf from 'cloudfront';", "const crypto = require('crypto');")
_ABSENT: Final = ("eval", "Function", "Proxy", "Reflect", "WebAssembly", "SharedArrayBuffer", "Atomics")
_STAND_INS: Final = """
const cf = {
    kvs: function () {
        return {
            exists: function (key) {
                return new Promise(function (resolve) { resolve(storeHas(key)); });
            }
        };
    }
};
const crypto = {
    createHash: function (algorithm) {
        if (algorithm !== 'sha256') { throw new Error('no such algorithm'); }
        let text = '';
        return {
            update: function (more) { text += more; return this; },
            digest: function (encoding) { return sha256(text, encoding); }
        };
    }
};
"""


def viewer_request(
    uri: str = "/",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str | list[str]] | None = None,
) -> Json:
    """A viewer-request event, as CloudFront gives it to a function."""
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
        },
        "viewer": {"ip": "198.51.100.11"},
        "request": {
            "method": method,
            "uri": uri,
            "querystring": {name: _values(values) for name, values in (query or {}).items()},
            "headers": {
                name: {"value": value} for name, value in {"host": "www.example.com", **(headers or {})}.items()
            },
            "cookies": {},
        },
    }


def viewer_response(uri: str = "/", *, host: str = "www.example.com", headers: Mapping[str, str] | None = None) -> Json:
    """A viewer-response event."""
    event = viewer_request(uri, headers={"host": host})
    event["context"]["eventType"] = "viewer-response"
    event["response"] = {
        "statusCode": 200,
        "statusDescription": "OK",
        "headers": {name: {"value": value} for name, value in (headers or {}).items()},
        "cookies": {},
    }
    return event


def _values(values: str | list[str]) -> Json:
    if isinstance(values, str):
        return {"value": values}
    return {"value": values[-1], "multiValue": [{"value": value} for value in values]}


def run(code: str, event: Json, *, store: Collection[str] | None = ()) -> Json:
    """What the function's handler answers to an event.

    Args:
        code: The function.
        event: The event.
        store: The keys of its key value store, or None for one that does not answer.
    """
    context = quickjs.Context()
    context.set_memory_limit(2_000_000)  # CloudFront's own limit is 2 MB
    lines = code.splitlines()
    uses_store = lines[: len(_FIRST_LINES)] == list(_FIRST_LINES)
    if uses_store:
        if store is None:
            context.eval("function storeHas() { throw new Error('no answer'); }")
        else:
            context.add_callable("storeHas", lambda key: key in store)
        context.add_callable("sha256", _digest)
        context.eval(_STAND_INS)
        lines = lines[len(_FIRST_LINES) :]
    else:
        context.set_time_limit(1)
    for name in _ABSENT:
        context.eval(f"delete globalThis.{name}")
    context.eval("\n".join(['"use strict";', *lines]))
    context.eval(
        "let answered; let failed;"
        f"Promise.resolve(handler(JSON.parse({json.dumps(json.dumps(event))})))"
        ".then(function (value) { answered = JSON.stringify(value); }, function (error) { failed = String(error); });"
    )
    while context.execute_pending_job():
        pass
    if context.eval("failed") is not None:
        raise RuntimeError(context.eval("failed"))
    answer: Json = json.loads(context.eval("answered"))
    return answer


def _digest(text: str, encoding: str) -> str:
    assert encoding == "hex"
    return hashlib.sha256(text.encode()).hexdigest()


_TOKEN: Final = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")
    |(?P<number>\b[0-9][0-9a-fA-Fx.]*)
    |(?P<word>[A-Za-z_$][\w$]*)
    |(?P<space>\s+)
    |(?P<sign>=>|\.\.\.|\?\.|\?\?|[-+*/%=!<>&|^~?:;,.(){}\[\]`\#@])
    """,
    re.VERBOSE | re.DOTALL,
)

_REGEX: Final = re.compile(r"/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
_BEFORE_REGEX: Final = frozenset(["", "return", *"(=,:!&|?{};"])

SUBSET: Final = frozenset(
    re.findall(
        r"\w+",
        "break catch const continue delete do else finally for function if in instanceof let new null return switch "
        "case default this throw true false try typeof undefined void while async await",
    )
)
"""ECMAScript 5.1 with `const`, `let`, `async` and `await`, which runtime 2.0 is documented to have."""
_RESERVED: Final = SUBSET | frozenset(
    re.findall(
        r"\w+",
        "class enum export extends import super implements interface package private protected public static yield "
        "with debugger var of",
    )
)


def outside_the_subset(code: str) -> list[str]:
    """What a function's code has that the runtime's documented language has not, in order."""
    lines = code.splitlines()
    text = "\n".join(lines[len(_FIRST_LINES) :] if lines[: len(_FIRST_LINES)] == list(_FIRST_LINES) else lines)
    found: list[str] = []
    place = 0
    before = ""
    while place < len(text):
        literal = _REGEX.match(text, place) if before in _BEFORE_REGEX else None
        if literal is not None:
            before, place = literal.group(), literal.end()
            continue
        match = _TOKEN.match(text, place)
        if match is None:
            return [*found, f"cannot be read: {text[place : place + 20]!r}"]
        token = match.group()
        if match["word"] and token in _RESERVED - SUBSET and before != ".":
            found.append(token)
        if match["word"] in {"eval", "Function", "setTimeout", "setInterval", "fetch", "XMLHttpRequest", "require"}:
            found.append(token)
        if match["sign"] in {"=>", "...", "?.", "??", "`", "#", "@"}:
            found.append(token)
        if match["sign"] in {"{", "["} and before in {"const", "let"}:
            found.append("destructuring")
        if not match["space"] and not match["comment"]:
            before = token
        place = match.end()
    return found
