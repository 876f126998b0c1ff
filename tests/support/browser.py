"""A headless Chromium, and a site on loopback with given headers."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from functools import cache
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # CI is root in a container; what it loads is its own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--virtual-time-budget=10000",
    "--dump-dom",
)
_SECONDS: Final = 120
_LOCK: Final = Path(tempfile.gettempdir()) / "install-chromium.lock"


@cache
def chromium() -> str | None:
    """Where Chromium is; in CI it is installed if it is not there, elsewhere a machine is left as it is."""
    found = next((path for name in _NAMES if (path := shutil.which(name)) is not None), None)
    if found is None and os.environ.get("CI") and shutil.which("apt-get") is not None:
        with _LOCK.open("w") as lock:  # pytest's workers are several
            flock(lock, LOCK_EX)
            if shutil.which("chromium") is None:
                for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
                    subprocess.run(["apt-get", "-qq", *command], check=False, capture_output=True)  # noqa: S603, S607 -- CI's own
        found = shutil.which("chromium")
    return found


@contextmanager
def served(directory: Path, headers: Mapping[str, str], *, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve a directory on a loopback port, each answer with the headers; yields the URL without a slash at its end.

    Args:
        directory: The files.
        headers: The headers.
        more: Further pages by path, which are served without the headers: those of a stranger.
    """
    pages = more or {}

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, directory=str(directory), **options)

        def do_GET(self) -> None:
            if self.path not in pages:
                super().do_GET()
                return
            body = pages[self.path].encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            super().end_headers()
            self.wfile.write(body)

        def end_headers(self) -> None:
            for name, value in headers.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rendered(url: str) -> str:
    """The page's document after its scripts ran, as HTML."""
    path = chromium()
    assert path is not None
    with tempfile.TemporaryDirectory(prefix="chromium-") as profile:
        result = subprocess.run(  # noqa: S603 -- the browser, with our own page
            [path, *_FLAGS, f"--user-data-dir={profile}", url],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    return result.stdout


def text_of(document: str, element: str) -> str:
    """The text of the element with an id."""
    match = re.search(rf'id="{re.escape(element)}"[^>]*>(.*?)</', document, re.DOTALL)
    assert match is not None, document
    return unescape(match.group(1))
