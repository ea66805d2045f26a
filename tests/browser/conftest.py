"""A real Chromium against a live server.

Playwright runs an event loop in the thread of the test, which Django takes for
asynchronous code; the tests are not, so its guard is lifted here.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

    from tests.browser.guide import Job

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    # One process shows every page: all of them are ours.
    *("--disable-site-isolation-trials", "--renderer-process-limit=1"),
    "--disable-features=SpareRendererForSitePerProcess,IsolateOrigins,site-per-process",
]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
NOW = dt.datetime(2027, 3, 1, 9, 0, tzinfo=dt.UTC)
"""When the pictures of the guide are taken: always the same, after this was written."""


@pytest.fixture(scope="session", autouse=True)
def _django_in_the_thread_of_playwright() -> Iterator[None]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PARE_CHROMIUM") or shutil.which("chromium"),
            args=ARGUMENTS,
        )
        yield browser
        browser.close()


def is_complaint(message: ConsoleMessage) -> bool:
    """Return whether something went wrong: Wagtail's checks write their findings as errors."""
    return message.type == "error" and not message.text.startswith("axe.run results")


@pytest.fixture
def expected() -> list[str]:
    """What a test means the browser to complain of: parts of what it writes."""
    return []


@pytest.fixture
def open_page(
    browser: Browser, live_server: Any, expected: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open a path of the live server in a window of its own, and watch what it complains of.

    Anything that the browser refuses or fails to load ends the test: a script
    that throws, a rule of the content security policy, a missing file, and
    every address that is not ours.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(path: str, viewport: dict[str, int] = DESKTOP, **options: Any) -> Page:
        context = browser.new_context(
            viewport=viewport, base_url=live_server.url, locale="fr-FR", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if is_complaint(m) else None)
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((live_server.url, "data:", "blob:"))
                else complaints.append(f"third party: {r.url}")
            ),
        )
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert [each for each in complaints if not any(part in each for part in expected)] == []


@pytest.fixture
def check_accessibility() -> Callable[[Page], None]:
    """Expect axe-core to find nothing wrong on a page."""

    def check(page: Page) -> None:
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW) as clock:
        yield clock


@pytest.fixture
def begin(
    open_page: Callable[..., Page], clock: Any, pytestconfig: pytest.Config
) -> Callable[[str], Job]:
    """Begin a job of the guide, by the name of its page."""
    from tests.browser.guide import Job

    def begin(name: str) -> Job:
        return Job(name, open_page, pytestconfig.getoption("--update-screenshots"))

    return begin
