"""Somebody at a desk of the office, with all that the page said and asked for."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pypdf
from playwright.sync_api import ConsoleMessage, Page, expect

from app.api.access.tokens import CSRF_COOKIE, SESSION_COOKIE, csrf_token

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
        page.on("console", lambda said: self.complaints.append(told(said)) if said.type == "error" else None)
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

    def ask(self, path: str) -> Any:
        """What the service answers the page's own session under /api/v1."""
        return self.page.evaluate("path => fetch('/api/v1' + path).then(answer => answer.json())", path)

    def printed(self) -> list[str]:
        """Texts of the sheets that the page prints on."""
        return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(self.page.pdf())).pages]

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


def told(said: ConsoleMessage) -> str:
    return f"{said.text} {said.location['url']}"


def session_cookies(base: str, token: str) -> list[Any]:
    """What a browser keeps of a session. Browsers take such cookies from this machine as if it spoke TLS."""
    place = base.replace("http:", "https:")
    secrets = {SESSION_COOKIE: (token, True), CSRF_COOKIE: (csrf_token(token), False)}
    return [
        {"name": name, "value": value, "url": place, "secure": True, "httpOnly": hidden, "sameSite": "Lax"}
        for name, (value, hidden) in secrets.items()
    ]
