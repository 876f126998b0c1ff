"""What the functions at the edge do, by running them on CloudFront's events, hostile ones among them."""

import hashlib
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_architect_constructs import (
    EdgeFunctions,
    PathHeaders,
    SecurityHeaders,
    preview_credential,
)
from aws_architect_constructs.edge.functions import LARGEST_FUNCTION, render_headers_function
from support.cloudfront_functions import Json, outside_the_subset, run, viewer_request, viewer_response

NOTHING: Final = EdgeFunctions.none()
ALL: Final = EdgeFunctions(
    canonical_host="www.example.com",
    basic_auth_realm="Preview",
    redirects={"/old": "/new", "/blog/*": "https://blog.example.com/*"},
    dropped_parameters=EdgeFunctions.TRACKING_PARAMETERS,
    single_page_app=True,
)
CREDENTIAL: Final = {"authorization": "Basic YWxpY2U6c2VzYW1l"}  # alice:sesame


def only(**options: Any) -> EdgeFunctions:
    """Functions of which one part alone is on."""
    settings: dict[str, Any] = {"clean_paths": False, "index_document": None, "most_parameters": 256}
    return EdgeFunctions(**{**settings, **options})


def answer(functions: EdgeFunctions, event: Json, **options: Any) -> Json:
    """What the functions answer to an event."""
    code = functions.render()
    assert code is not None
    return run(code, event, **options)


CODES: Final = {
    "all": ALL.render(),
    "default": EdgeFunctions().render(),
    "api": ALL.for_api().render(),
    "headers": render_headers_function(
        SecurityHeaders(paths=[PathHeaders(path="/a/*", headers={"x-a": "{host}{uri}"}, removed=["x-b"])])
    ),
}


@pytest.mark.parametrize("name", CODES)
def test_the_language_is_the_runtimes(name: str) -> None:
    """No function uses what JavaScript runtime 2.0 is not documented to have."""
    assert outside_the_subset(str(CODES[name])) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("const f = (a) => a;", ["=>"]),
        ("class A {}", ["class"]),
        ("const { a } = b;", ["destructuring"]),
        ("eval('1');", ["eval"]),
        ("new Function('return 1');", ["Function"]),
        ("a?.b ?? c;", ["?.", "??"]),
        ("f(...a);", ["..."]),
        ("for (const a of b) {}", ["of"]),
        ("const t = `a`;", ["`", "`"]),
        ("setTimeout(f, 1);", ["setTimeout"]),
        ("const s = 'class => eval'; // class", []),
        ("const r = /[`=>]/;", []),
    ],
)
def test_what_is_outside_the_subset_is_noticed(code: str, found: list[str]) -> None:
    """The check of the language can fail."""
    assert outside_the_subset(code) == found


@pytest.mark.parametrize("name", CODES)
def test_a_function_fits(name: str) -> None:
    """With every part on, a function is within CloudFront's 10,240 bytes."""
    assert len(str(CODES[name]).encode()) <= LARGEST_FUNCTION


@pytest.mark.parametrize("name", CODES)
def test_comments_and_indentation_are_left_out(name: str) -> None:
    """What counts towards the limit is code."""
    assert [line for line in str(CODES[name]).splitlines() if line.startswith(("//", " "))] == []


def test_without_a_part_there_is_no_function() -> None:
    """Nothing to do means nothing to pay for."""
    assert NOTHING.render() is None


# --- canonical host -----------------------------------------------------------------------------------------------


def test_the_canonical_host_passes() -> None:
    """A request by the site's name is left as it is, whatever case the name is in."""
    event = viewer_request("/a", headers={"host": "WWW.example.com"})
    assert answer(only(canonical_host="www.example.com"), event) == event["request"]


@pytest.mark.parametrize(("method", "status"), [("GET", 301), ("HEAD", 301), ("POST", 308)])
def test_another_host_is_redirected(method: str, status: int) -> None:
    """Another name leads to the same page under the canonical one; other methods keep theirs."""
    event = viewer_request("/a", method=method, headers={"host": "example.com"}, query={"b": "1", "c": ["2", "3"]})
    found = answer(only(canonical_host="www.example.com"), event)
    assert (found["statusCode"], found["headers"]["location"]["value"]) == (
        status,
        "https://www.example.com/a?b=1&c=2&c=3",
    )


def test_a_request_without_a_host_is_redirected() -> None:
    """HTTP/1.0 sends none."""
    event = viewer_request("/a")
    del event["request"]["headers"]["host"]
    assert answer(only(canonical_host="www.example.com"), event)["statusCode"] == 301


@pytest.mark.parametrize(
    "uri",
    [
        "/a\r\nset-cookie: x=1",
        "/a\nb",
        "/\u00e9",
        "//evil.example/",
        "/a b",
        "@evil.example",
        ".evil.example/",
        "/\U0001f600",
        "/\ud800",
    ],
)
def test_a_redirect_carries_no_header_and_no_other_host(uri: str) -> None:
    """Line breaks and foreign characters in the path come out encoded, and the host stays the site's."""
    event = viewer_request(uri, headers={"host": "other.example"})
    location = answer(only(canonical_host="www.example.com"), event)["headers"]["location"]["value"]
    assert location.isascii()
    assert location.isprintable()
    assert " " not in location
    assert location.startswith("https://www.example.com/")


# --- basic auth ---------------------------------------------------------------------------------------------------


def test_a_known_credential_passes() -> None:
    """Whoever is in the store gets in, and the password goes no further."""
    event = viewer_request("/a", headers=CREDENTIAL)
    found = answer(only(basic_auth_realm="Preview"), event, store={preview_credential("alice", "sesame")})
    assert found["uri"] == "/a"
    assert "authorization" not in found["headers"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic YWxpY2U6b3Blbg=="},
        {"authorization": "Bearer YWxpY2U6c2VzYW1l"},
        {"authorization": "Basic "},
        {"authorization": "Basic " + "A" * 5000},
        {"authorization": "basic YWxpY2U6c2VzYW1l"},
    ],
)
def test_nobody_else_passes(headers: dict[str, str]) -> None:
    """No, another, an empty, a foreign and an absurdly long credential are asked for a password."""
    found = answer(
        only(basic_auth_realm="Preview"),
        viewer_request("/a", headers=headers),
        store={preview_credential("alice", "sesame")},
    )
    assert found["statusCode"] == 401
    assert found["headers"]["www-authenticate"]["value"] == 'Basic realm="Preview", charset="UTF-8"'
    assert found["headers"]["cache-control"]["value"] == "no-store"


def test_a_broken_store_lets_nobody_in() -> None:
    """When the store does not answer, the answer is no."""
    event = viewer_request("/a", headers=CREDENTIAL)
    assert answer(only(basic_auth_realm="Preview"), event, store=None)["statusCode"] == 401


def test_the_store_holds_no_password() -> None:
    """The key is the hash of the header that the browser sends."""
    header = CREDENTIAL["authorization"]
    assert preview_credential("alice", "sesame") == hashlib.sha256(header.encode()).hexdigest()


# --- paths --------------------------------------------------------------------------------------------------------

TRAVERSALS: Final = [
    "/../etc/passwd",
    "/a/../b",
    "/a/..",
    "/./a",
    "/%2e%2e/a",
    "/%2E%2E%2Fa",
    "/%252e%252e/a",
    "/%25252e%25252e/a",
    "/%2525252e%2525252e/a",
    "/a%2fb",
    "/a%252fb",
    "/a%5c..%5cb",
    "/a\\b",
    "/a%00.html",
    "/a%0d%0aset-cookie:x",
    "/%ff",
    "/%",
    "/a%zz",
]


@pytest.mark.parametrize("uri", TRAVERSALS)
def test_hostile_paths_are_refused(uri: str) -> None:
    """Traversal, encoded once or four times, encoded slashes, control characters and broken encodings get a 400."""
    assert answer(only(clean_paths=True), viewer_request(uri))["statusCode"] == 400


@pytest.mark.parametrize(
    ("uri", "clean"),
    [
        ("/", "/"),
        ("/a/b.html", "/a/b.html"),
        ("//a///b", "/a/b"),
        ("a", "/a"),
        ("/caf%C3%A9", "/caf%C3%A9"),
        ("/100%25", "/100%25"),
        ("/a..b/c", "/a..b/c"),
        ("/.well-known/security.txt", "/.well-known/security.txt"),
        ("/...", "/..."),
    ],
)
def test_other_paths_pass(uri: str, clean: str) -> None:
    """Names with dots, accents and percent signs pass; repeated slashes become one."""
    assert answer(only(clean_paths=True), viewer_request(uri))["uri"] == clean


def _encoded(text: str, times: int) -> str:
    for _ in range(times):
        text = quote(text, safe="/")
    return text


@given(st.lists(st.sampled_from(["a", "..", ".", "b.html", "\\", "\x00"]), min_size=1, max_size=5), st.integers(0, 4))
def test_no_encoding_hides_a_traversal(parts: list[str], times: int) -> None:
    """Whatever is hostile when decoded to the end never passes, however often it is encoded."""
    hostile = any(part in {"..", ".", "\\", "\x00"} for part in parts)
    path = _encoded("/" + "/".join(parts), times).replace("..", "%2e%2e" if times else "..")
    found = answer(only(clean_paths=True), viewer_request(path))
    if hostile:
        assert found.get("statusCode") == 400
    else:
        assert found["uri"] == path


# --- redirects ----------------------------------------------------------------------------------------------------

MOVED: Final = only(
    redirects={"/old": "/new", "/blog/*": "https://blog.example.com/*", "/blog/2020/*": "/archive/*", "/up/*": "/*"}
)


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("/old", "/new?a=1"),
        ("/blog/post", "https://blog.example.com/post?a=1"),
        ("/blog/2020/post", "/archive/post?a=1"),
        ("/up/a", "/a?a=1"),
    ],
)
def test_moved_pages_are_redirected(uri: str, location: str) -> None:
    """Whole paths and the longest prefix lead to the new place, with the query string."""
    found = answer(MOVED, viewer_request(uri, query={"a": "1"}))
    assert (found["statusCode"], found["headers"]["location"]["value"]) == (301, location)


@pytest.mark.parametrize("uri", ["/older", "/", "/blog", "/__proto__", "/constructor", "/toString", "constructor"])
def test_other_pages_are_not(uri: str) -> None:
    """What no rule names passes, names of JavaScript's own objects included."""
    functions = only(redirects={"/old": "/new"})
    assert answer(functions, viewer_request(uri))["uri"] == uri


@pytest.mark.parametrize("rest", ["/evil.example", "//evil.example", "\\evil.example", "/\\evil.example"])
def test_the_rest_of_a_path_names_no_other_host(rest: str) -> None:
    """Two slashes of either kind name another host to a browser: a redirect never begins with them."""
    location = answer(MOVED, viewer_request(f"/up/{rest}"))["headers"]["location"]["value"]
    assert location[0] == "/"
    assert location[1] not in "/\\"


# --- query strings ------------------------------------------------------------------------------------------------


def test_trackers_parameters_are_dropped() -> None:
    """Named parameters and prefixes go, in any case; the others stay as they were."""
    functions = only(dropped_parameters=EdgeFunctions.TRACKING_PARAMETERS)
    event = viewer_request("/", query={"utm_source": "x", "GCLID": "y", "page": "2", "tag": ["a", "b"], "utm": "z"})
    assert list(answer(functions, event)["querystring"]) == ["page", "tag", "utm"]


@pytest.mark.parametrize(("count", "passes"), [(64, True), (65, False), (1200, False)])
def test_absurdly_many_parameters_are_refused(count: int, passes: bool) -> None:
    """Beyond the limit a request gets a 414; the most is as many as fit into CloudFront's 8,192 bytes of URL."""
    event = viewer_request("/", query={f"p{place}": "v" for place in range(count)})
    assert ("uri" in answer(only(most_parameters=64), event)) is passes


def test_a_parameter_is_no_prototype() -> None:
    """A parameter that JavaScript would take for an object's prototype is dropped, and does not show up as others."""
    found = answer(only(most_parameters=64), viewer_request("/", query={"__proto__": "x", "a": "1"}))
    assert found["querystring"] == {"a": {"value": "1"}}


def test_repeated_parameters_count_each_time() -> None:
    """One name with many values is as many parameters."""
    event = viewer_request("/", query={"a": ["1"] * 65})
    assert answer(only(most_parameters=64), event)["statusCode"] == 414


# --- documents ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("/", "/index.html"),
        ("/docs/", "/docs/index.html"),
        ("/docs", "/docs/index.html"),
        ("/a.b/c", "/a.b/c/index.html"),
        ("/site.css", "/site.css"),
    ],
)
def test_directories_have_an_index(uri: str, found: str) -> None:
    """A path without a file name is its directory's index document."""
    assert answer(only(index_document="index.html"), viewer_request(uri))["uri"] == found


@pytest.mark.parametrize(
    ("method", "uri", "found"),
    [
        ("GET", "/", "/index.html"),
        ("GET", "/orders/7", "/index.html"),
        ("HEAD", "/orders", "/index.html"),
        ("GET", "/assets/app.js", "/assets/app.js"),
        ("GET", "/missing.png", "/missing.png"),
        ("POST", "/orders", "/orders"),
    ],
)
def test_a_single_page_app_has_one_page(method: str, uri: str, found: str) -> None:
    """Paths of the app are its page; files stay files, so that a missing one is missing."""
    functions = only(index_document="index.html", single_page_app=True)
    assert answer(functions, viewer_request(uri, method=method))["uri"] == found


# --- together -----------------------------------------------------------------------------------------------------


def test_the_parts_work_together() -> None:
    """A request that passes every part is cleaned, tidied and routed."""
    event = viewer_request("//orders//7", headers=CREDENTIAL, query={"utm_source": "x", "page": "2"})
    found = answer(ALL, event, store={preview_credential("alice", "sesame")})
    assert (found["uri"], list(found["querystring"])) == ("/index.html", ["page"])


def test_the_host_comes_before_the_password() -> None:
    """Nobody is asked for a password under a name that is not the site's."""
    assert answer(ALL, viewer_request("/", headers={"host": "example.com"}))["statusCode"] == 301


def test_the_password_comes_before_redirects() -> None:
    """A stranger does not learn where pages moved."""
    assert answer(ALL, viewer_request("/old"))["statusCode"] == 401


def test_an_apis_paths_are_its_own() -> None:
    """Of an API's requests host and password are looked at, and nothing is rewritten."""
    event = viewer_request("//a%2fb/", headers=CREDENTIAL, query={"utm_source": "x"})
    found = answer(ALL.for_api(), event, store={preview_credential("alice", "sesame")})
    assert (found["uri"], list(found["querystring"])) == ("//a%2fb/", ["utm_source"])


# --- headers by path ----------------------------------------------------------------------------------------------

BY_PATH: Final = render_headers_function(
    SecurityHeaders(
        paths=[
            PathHeaders(path="/logout", headers={"clear-site-data": '"cookies"'}),
            PathHeaders(path="/embed/*", removed=["x-frame-options"]),
            PathHeaders(path="/embed/own/*", headers={"x-frame-options": "SAMEORIGIN"}),
            PathHeaders(path="/docs/*", headers={"link": '<https://{host}{uri}>; rel="canonical"'}),
        ]
    )
)


def headers_for(uri: str, **options: Any) -> dict[str, str]:
    """The headers of a response, by the function alone."""
    found = run(BY_PATH, viewer_response(uri, **options))["headers"]
    return {name: value["value"] for name, value in found.items()}


def test_a_path_has_a_header_of_its_own() -> None:
    """A rule for one path holds for it, and for no path that begins like it."""
    assert headers_for("/logout")["clear-site-data"] == '"cookies"'
    assert "clear-site-data" not in headers_for("/logout/now")


def test_a_path_lacks_a_header() -> None:
    """A rule for a prefix takes a header away, and a later one sets it again."""
    assert "x-frame-options" not in headers_for("/embed/a")
    assert headers_for("/embed/own/a")["x-frame-options"] == "SAMEORIGIN"
    assert headers_for("/embed")["x-frame-options"] == "DENY"


def test_a_value_is_computed() -> None:
    """Host and URI of the request stand where the value names them."""
    assert headers_for("/docs/a.html")["link"] == '<https://www.example.com/docs/a.html>; rel="canonical"'


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("/docs/a\r\nset-cookie:x=1", "www.example.com"),
        ("/docs/a>;b", "www.example.com"),
        ('/docs/"', "www.example.com"),
        ("/docs/a", "www.example.com\r\nx: y"),
        ("/docs/a", 'evil">'),
        ("/docs/{host}", "www.example.com"),
    ],
)
def test_no_header_is_injected(uri: str, host: str) -> None:
    """A host or path with foreign characters gets no computed header at all."""
    assert "link" not in headers_for(uri, host=host)


def test_headers_that_leak_the_server_are_removed() -> None:
    """What the origin says of itself does not reach visitors; what it says of the file does."""
    found = headers_for(
        "/",
        headers={
            "server": "AmazonS3",
            "x-powered-by": "PHP",
            "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:...",
            "etag": '"1"',
        },
    )
    assert {"server", "x-powered-by", "x-amz-server-side-encryption-aws-kms-key-id"} & set(found) == set()
    assert found["etag"] == '"1"'
