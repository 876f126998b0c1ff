"""What a real browser makes of the headers: an example site on loopback, with exactly what the distribution sends."""

import json
from typing import Any, Final

import pytest

from aws_architect_constructs import SecurityHeaders
from aws_architect_constructs.edge.functions import render_headers_function
from support.browser import chromium, rendered, served, text_of
from support.cloudfront_functions import run, viewer_response
from support.instances_secure_distribution import SITE

WITHOUT_CHROMIUM: Final = "no Chromium on this machine; CI installs Debian's package `chromium`"


@pytest.fixture(autouse=True)
def _browser() -> None:
    """Skip, and say why, where there is no browser."""
    if chromium() is None:
        pytest.skip(WITHOUT_CHROMIUM)


def sent(headers: SecurityHeaders) -> dict[str, str]:
    """The headers as the function at the edge sets them."""
    found = run(render_headers_function(headers), viewer_response("/"))["headers"]
    return {name: value["value"] for name, value in found.items()}


def results(headers: dict[str, str]) -> dict[str, Any]:
    """What the example page found out about itself."""
    with served(SITE, headers) as url:
        found: dict[str, Any] = json.loads(text_of(rendered(f"{url}/index.html"), "results"))
    return found


def test_the_page_works_under_the_strict_set() -> None:
    """The site's own script, style and picture load and apply."""
    found = results(sent(SecurityHeaders.STRICT))
    assert {name: found[name] for name in ("scriptRan", "styled", "pictureLoaded")} == {
        "scriptRan": True,
        "styled": True,
        "pictureLoaded": True,
    }


def test_inline_code_is_blocked_under_the_strict_set() -> None:
    """Neither an inline script nor a handler nor evaluated text runs, nor does another site's picture load."""
    found = results(sent(SecurityHeaders.STRICT))
    assert {name: found[name] for name in ("inlineScriptRan", "inlineHandlerRan", "evaluated")} == {
        "inlineScriptRan": False,
        "inlineHandlerRan": False,
        "evaluated": False,
    }
    assert found["violations"] == [
        "img-src https://elsewhere.example/pixel.png",
        "script-src eval",
        "script-src-attr inline",
        "script-src-elem inline",
    ]


def test_without_headers_inline_code_runs() -> None:
    """It is the headers that block it: without them everything runs."""
    found = results({})
    assert (found["inlineScriptRan"], found["inlineHandlerRan"], found["evaluated"]) == (True, True, True)
    assert found["violations"] == []


def test_the_classic_set_lets_inline_code_run() -> None:
    """The six headers allow inline scripts, and still block evaluation and other sites' pictures."""
    found = results(sent(SecurityHeaders.CLASSIC))
    assert (found["inlineScriptRan"], found["inlineHandlerRan"], found["evaluated"]) == (True, True, False)


FRAMES: Final = """<!doctype html><title>A stranger's page</title>
<iframe id="frame" src="/index.html"></iframe><pre id="results"></pre>
<script>
addEventListener('load', () => {
    let readable = true;
    try { readable = document.getElementById('frame').contentDocument.getElementById('title') !== null; }
    catch (error) { readable = false; }
    document.getElementById('results').textContent = String(readable);
});
</script>"""


@pytest.mark.parametrize(
    ("headers", "framed"),
    [
        ({}, "true"),
        (sent(SecurityHeaders.STRICT), "false"),
        (sent(SecurityHeaders.CLASSIC), "false"),
        ({"x-frame-options": "DENY"}, "false"),
        ({"content-security-policy": "frame-ancestors 'none'"}, "false"),
    ],
    ids=["none", "strict", "classic", "x-frame-options", "frame-ancestors"],
)
def test_framing_is_refused(headers: dict[str, str], framed: str) -> None:
    """A page with the headers does not show in another page's frame, not even in one of its own origin."""
    with served(SITE, headers, more={"/stranger": FRAMES}) as url:
        assert text_of(rendered(f"{url}/stranger"), "results") == framed
