"""A served run and a browser on it. What is missing skips with a reason, except in CI, where it fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from app.api.application import BUILT_PAGE, create_app
from tests.app.api.run_folder import build_run_folder
from tests.app.browser.serving import serving

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
READY_MS = 60_000


def needed(path: Path, remedy: str) -> None:
    if path.exists():
        return
    reason = f"{path.name} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    needed(BUILT_PAGE / "index.html", "run `npm ci && npm run build` in app/web")
    run_dir = build_run_folder(tmp_path_factory.mktemp("served"))
    with serving(create_app(run_dir)) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = Path(os.environ.get("ACRELINE_CHROMIUM", "/usr/bin/chromium"))
    needed(chromium, "install Chromium or set ACRELINE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


class Watched:
    """A page with all that it said and asked for."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.base = base
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("response", lambda r: self.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str = "/?lang=en") -> Page:
        self.page.goto(self.base + path)
        self.page.wait_for_selector("html[data-ready]", timeout=READY_MS)
        return self.page


@pytest.fixture
def watched(request: pytest.FixtureRequest, browser: Browser, served: str) -> Iterator[Watched]:
    width, height = getattr(request, "param", (1280, 900))
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    yield Watched(context.new_page(), served)
    context.close()
