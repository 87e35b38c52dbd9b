"""The first view of a book's map in Chromium: seconds until it is drawn, and bytes over the wire."""

from __future__ import annotations

import os
import time
from typing import Any, Final

from app.api.access.tokens import CSRF_COOKIE, SESSION_COOKIE, csrf_token

_CHROMIUM: Final = os.environ.get("ACRELINE_CHROMIUM", "/usr/bin/chromium")
# As in the browser tests: no graphics card, so the map is drawn by the processor.
_ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
_READY_MS: Final = 120_000


def first_views(url: str, cookie: str, times: int) -> list[dict[str, Any]]:
    """Figures of so many first views, each with a browser that has nothing yet; the server keeps what it has read.

    ready_s: from asking for the page until the map stands there and parcels in view are counted.
    bytes: all that came until nothing more was asked for.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where Chromium is asked for

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_ARGUMENTS))
        found = [_first_view(browser, url, cookie.partition("=")[2]) for _ in range(times)]
        browser.close()
    return found


def _first_view(browser: Any, url: str, token: str) -> dict[str, Any]:
    context = browser.new_context(viewport={"width": 1024, "height": 768}, service_workers="block")
    context.add_cookies(_cookies(url, token))
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    begun = time.perf_counter()
    page.goto(f"{url}/?lang=en#/map")
    page.wait_for_selector("canvas.maplibregl-canvas", timeout=_READY_MS)
    page.wait_for_selector("#map-count:has-text('in view')", timeout=_READY_MS)
    ready_s = time.perf_counter() - begun
    page.wait_for_load_state("networkidle")
    context.close()
    return {"ready_s": round(ready_s, 2), "bytes": round(sum(sizes)), "answers": len(sizes)}


def _cookies(url: str, token: str) -> list[dict[str, Any]]:
    """Of a session. Browsers take them from this machine as if it spoke TLS."""
    place = {"url": url.replace("http:", "https:"), "secure": True, "sameSite": "Lax"}
    return [
        {"name": SESSION_COOKIE, "value": token, "httpOnly": True} | place,
        {"name": CSRF_COOKIE, "value": csrf_token(token), "httpOnly": False} | place,
    ]
