"""The settings of functions at the edge: what they refuse, and what is put together."""

from typing import Any

import pytest

from aws_architect_constructs import EdgeFunctions, PathHeaders, SecurityHeaders, preview_credential
from aws_architect_constructs.edge.functions import render_headers_function


def steps(functions: EdgeFunctions) -> list[str]:
    """The names of the parts, in order."""
    return [name for name, _ in functions.steps()]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["clean_path", "tidy_query", "index_documents"]),
        ({"clean_paths": False}, ["tidy_query", "index_documents"]),
        ({"most_parameters": 256}, ["clean_path", "index_documents"]),
        ({"index_document": None}, ["clean_path", "tidy_query"]),
        ({"single_page_app": True}, ["clean_path", "tidy_query", "single_page_app"]),
        ({"redirects": {"/a": "/b"}}, ["clean_path", "redirects", "tidy_query", "index_documents"]),
        ({"canonical_host": "a.example"}, ["canonical_host", "clean_path", "tidy_query", "index_documents"]),
        ({"basic_auth_realm": "A"}, ["basic_auth", "clean_path", "tidy_query", "index_documents"]),
        (
            {"most_parameters": 256, "dropped_parameters": ["utm_*"]},
            ["clean_path", "tidy_query", "index_documents"],
        ),
    ],
)
def test_each_part_is_there_if_it_is_asked_for(options: dict[str, Any], found: list[str]) -> None:
    """A part that has nothing to do takes no place."""
    assert steps(EdgeFunctions(**options)) == found


def test_an_api_keeps_host_and_password() -> None:
    """Of all parts those two hold for every path."""
    functions = EdgeFunctions(canonical_host="a.example", basic_auth_realm="A", redirects={"/a": "/b"})
    assert steps(functions.for_api()) == ["canonical_host", "basic_auth"]
    assert steps(EdgeFunctions.none()) == []


def test_only_the_password_needs_a_store() -> None:
    """A function without one is not asynchronous and imports nothing."""
    assert EdgeFunctions(basic_auth_realm="A").needs_key_value_store is True
    assert EdgeFunctions().needs_key_value_store is False
    assert "import" not in str(EdgeFunctions().render())


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"canonical_host": "https://a.example"}, r"canonical_host: got 'https://a.example'"),
        ({"canonical_host": "A.example"}, r"canonical_host: got 'A.example'"),
        ({"basic_auth_realm": 'a"b'}, r"basic_auth_realm: got"),
        ({"basic_auth_realm": ""}, r"basic_auth_realm: got ''"),
        ({"index_document": "/index.html"}, r"index_document: got"),
        ({"dropped_parameters": ["UTM"]}, r"dropped_parameters: got 'UTM'"),
        ({"dropped_parameters": ["a*b"]}, r"dropped_parameters: got"),
        ({"most_parameters": 0}, r"most_parameters: got 0; allowed: 1 to 256"),
        ({"most_parameters": 257}, r"most_parameters: got 257"),
        ({"most_parameters": "9"}, r"most_parameters: got '9'"),
        ({"single_page_app": True, "index_document": None}, r"single_page_app: the app's page has no name"),
        ({"redirects": {"old": "/new"}}, r"redirects: got 'old'"),
        ({"redirects": {"/old": "//evil.example/"}}, r"redirects: got '//evil.example/'"),
        ({"redirects": {"/old": "http://a.example/"}}, r"redirects: got 'http://a.example/'"),
        ({"redirects": {"/old": "/new\r\nx: y"}}, r"redirects: got"),
        ({"redirects": {"/old": "/new#part"}}, r"redirects: got"),
        ({"redirects": {"/old/*": "/new"}}, r"redirects: a star on one side"),
        ({"redirects": {"/old": "/new/*"}}, r"redirects: a star on one side"),
        ({"redirects": {"/a": "/a"}}, r"redirects: a circle"),
        ({"redirects": {"/a/*": "/a/b/*"}}, r"redirects: a circle"),
    ],
)
def test_settings_that_would_be_misread_are_refused(options: dict[str, Any], problem: str) -> None:
    """What could not work, or would open a hole, raises."""
    with pytest.raises(ValueError, match=problem):
        EdgeFunctions(**options)


def test_too_many_redirects_are_refused() -> None:
    """A function over 10,240 bytes is refused here rather than by CloudFront."""
    functions = EdgeFunctions(redirects={f"/page-{place:04}": f"/new-{place:04}" for place in range(400)})
    with pytest.raises(ValueError, match=r"^EdgeFunctions: the function is larger than CloudFront takes, got 1"):
        functions.render()


def test_too_many_paths_are_refused() -> None:
    """The same for headers by path."""
    headers = SecurityHeaders(
        paths=[PathHeaders(path=f"/{place}", removed=["x-frame-options"]) for place in range(200)]
    )
    with pytest.raises(ValueError, match=r"^SecurityHeaders: the function is larger than CloudFront takes"):
        render_headers_function(headers)


@pytest.mark.parametrize(("user", "password"), [("", "a"), ("a", ""), ("a:b", "c"), ("a", "b\n")])
def test_a_credential_that_http_cannot_carry(user: str, password: str) -> None:
    """An empty part, a colon in the name and a line break are refused, without repeating the password."""
    with pytest.raises(ValueError, match=r"^no credential that HTTP carries"):
        preview_credential(user, password)
