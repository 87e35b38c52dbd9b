"""Somebody at a desk of the office, with all that the page said and asked for."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

READY_MS = 60_000
AXE = Path(__file__).resolve().parents[4] / "app" / "web" / "node_modules" / "axe-core" / "axe.min.js"


class Desk:
    """A browser on the office."""

    def __init__(self, page: Page, base: str, password: str, lang: str) -> None:
        self.page = page
        self.base = base
        self._password = password
        self._lang = lang
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.set_default_timeout(READY_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, place: str = "") -> Page:
        """The office at a place ("#/alerts")."""
        self.page.goto(f"{self.base}/?lang={self._lang}{place}")
        self.page.wait_for_selector("html[data-ready]", timeout=READY_MS)
        return self.page

    def sign_in(self, login: str, place: str = "") -> Page:
        """Sign in, and be where one wanted to go."""
        page = self.open(place)
        page.locator("#login").fill(login)
        page.locator("#password").fill(self._password)
        page.locator("form button[type=submit]").click()
        expect(page.locator("#sign-out")).to_be_visible()
        return page

    def go(self, place: str) -> Page:
        """Another place of the office, without loading it anew."""
        self.page.evaluate("place => { location.hash = place }", place)
        return self.page

    def outside(self) -> list[str]:
        """Requests to other hosts."""
        own = (self.base, "blob:" + self.base, "data:")
        return [url for url in self.requests if not url.startswith(own)]

    def keep(self, name: str) -> None:
        """A picture of the whole page, where somebody asks for pictures (SCREENSHOTS=DIR)."""
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def faults(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 A and AA; run by the browser itself, apart from the page's policy."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
            ".then(done => done.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`))"
        )
        return list(found)
