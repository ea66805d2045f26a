"""« Quitter vite », then « back »: in a real browser, however the page was come to.

Every document of the site reports what it shows, frame by frame, and the browser what it draws:
after the exit nothing of either may be ours, wherever the history is taken to.
"""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import Error, expect
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import PageViewRestriction

from contributions.models import ContributionState
from contributions.tokens import follow_up_token
from core.models import Theme
from tests.browser.conftest import ARGUMENTS, DESKTOP, PHONE
from tests.factories import (
    EmergencyNumberFactory,
    ResourcePageFactory,
    StandardPageFactory,
    publish,
    stream,
)
from tests.factories.contributions import ContributionFactory
from tests.factories.events import TrainingPageFactory
from tests.factories.newsletter import NewsletterIssuePageFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.one_engine]

NEUTRAL = "https://neutre.example/"
ELSEWHERE = "https://moteur.example/"
LAST = "/le-projet/"
WAIT = 10_000

# In each document, before anything of it: what a person could read, at each frame.
WATCH = """(() => {
  const look = () => {
    const isSeen = document.body && document.visibilityState === "visible";
    const shown = isSeen ? document.body.innerText.trim() : "";
    if (shown) window.reportShown([location.href, shown.slice(0, 60)]);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""
STORED = """async () => [
  {...sessionStorage}, {...localStorage}, await indexedDB.databases(), await caches.keys(),
  (await navigator.serviceWorker?.getRegistrations() ?? []).length, document.cookie,
]"""
NOTHING = [{}, {}, [], [], 0, ""]


WHOLE = shutil.which("chromium") or os.environ.get("PARE_CHROMIUM")
"""The browser that people have: the one that has no window keeps another history."""


@pytest.fixture(scope="module")
def browser(browser: Browser) -> Iterator[Browser]:
    launched = browser.browser_type.launch(executable_path=WHOLE, args=ARGUMENTS)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def keeping_browser(browser: Browser) -> Iterator[Browser]:
    """A browser that keeps pages as they were, to show them again: drivers turn that off."""
    launched = browser.browser_type.launch(
        executable_path=WHOLE,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield launched
    launched.close()


@dataclass(frozen=True)
class Site:
    url: str
    contribution: str
    issue: str
    training: str


@pytest.fixture
def site(transactional_db: None, live_server: Any) -> Site:
    from home.models import SiteSettings

    SiteSettings.objects.update_or_create(defaults={"quick_exit_url": NEUTRAL})
    EmergencyNumberFactory(number="119", label="Enfance en danger", is_prominent=True)
    for number, slug in enumerate(("fugue", "reperage", "soin")):
        resource = ResourcePageFactory(title=f"Ressource {number}", slug=f"ressource-{number}")
        resource.themes = [Theme.objects.get(slug=slug)]
        publish(resource)
    body = stream(*(("heading", {"text": f"Partie {number}"}) for number in range(1, 6)))
    StandardPageFactory(title="Le projet", slug="le-projet", body=body, show_in_menus=True)
    closed = StandardPageFactory(title="Fermée", slug="fermee")
    PageViewRestriction.objects.create(
        page=closed, restriction_type=PageViewRestriction.PASSWORD, password="un mot"
    )
    Redirect.objects.create(old_path="/ancienne", redirect_link=LAST)
    contribution = ContributionFactory(state=ContributionState.RECEIVED)
    training = TrainingPageFactory()
    return Site(
        live_server.url,
        f"/contribuer/suivi/{follow_up_token(contribution)}/",
        NewsletterIssuePageFactory().url,
        training.url,
    )


@dataclass
class Visit:
    """A tab, and what it shows.

    Attributes:
        shown: the address and the words of each frame of ours.
    """

    page: Page
    site: Site
    context: BrowserContext
    shown: list[tuple[str, str]] = field(default_factory=list)
    sessions: dict[Page, CDPSession] = field(default_factory=dict)

    def exit(self, by: str = "click") -> None:
        """Leave, and forget what was shown until then."""
        if by == "keys":
            for _ in range(3):
                self.page.keyboard.press("Shift")
        else:
            self.page.locator("#quick-exit").click()
        self.settle()
        self.shown.clear()

    def begin_again(self) -> None:
        """Take a tab of its own, whose history and storage are empty."""
        left = self.context.pages
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        for page in left:
            page.close()
        self.sessions.clear()
        self.shown.clear()

    def settle(self) -> None:
        """Wait until the tab stays at an address that is not ours.

        Of the pages that a browser kept, and of those that stop loading, the driver knows neither
        the address nor the load.
        """
        deadline, quiet = time.monotonic() + WAIT / 1000, 0
        while quiet < 3:
            assert time.monotonic() < deadline, self.history()
            self.page.wait_for_timeout(40)
            current, entries = self.history()
            url = entries[current]["url"]
            quiet = 0 if url.startswith(self.site.url) else quiet + 1

    @property
    def devtools(self) -> CDPSession:
        if self.page not in self.sessions:
            self.sessions[self.page] = self.context.new_cdp_session(self.page)
        return self.sessions[self.page]

    def history(self) -> tuple[int, list[dict[str, Any]]]:
        """Return where the tab is in its history, and the entries of it."""
        while True:
            # While a page that was kept takes the place of another, the session has no page.
            with suppress(Error):
                found = self.devtools.send("Page.getNavigationHistory")
                return found["currentIndex"], found["entries"]
            self.sessions.pop(self.page, None)
            self.page.wait_for_timeout(10)

    def go(self, step: int) -> bool:
        """Go back or forward, as the buttons do; return whether there was somewhere to go."""
        current, entries = self.history()
        if not 0 <= current + step < len(entries):
            return False
        self.devtools.send(
            "Page.navigateToHistoryEntry", {"entryId": entries[current + step]["id"]}
        )
        while self.history()[0] == current:
            self.page.wait_for_timeout(10)
        self.settle()
        return True

    def ask(self, expression: str) -> Any:
        """Return the value of an expression, without waiting for what the tab loads."""
        found = self.devtools.send("Runtime.evaluate", {"expression": expression})
        return found["result"]["value"]

    def picture(self) -> bytes:
        """Return what the tab shows, without waiting for what it loads."""
        return base64.b64decode(self.devtools.send("Page.captureScreenshot")["data"])

    def middle_of_exit(self) -> tuple[float, float]:
        box = self.page.locator("#quick-exit").bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def stored(self) -> Any:
        return self.page.evaluate(STORED)


@pytest.fixture
def visit(keeping_browser: Browser, site: Site) -> Iterator[Callable[..., Visit]]:
    contexts: list[BrowserContext] = []

    def begin(viewport: dict[str, int] = DESKTOP, **options: Any) -> Visit:
        context = keeping_browser.new_context(
            viewport=viewport, base_url=site.url, locale="fr-FR", **options
        )
        contexts.append(context)
        shown: list[tuple[str, str]] = []

        def report(_source: Any, found: list[str]) -> None:
            if found[0].startswith(site.url):
                shown.append((found[0], found[1]))

        context.expose_binding("reportShown", report)
        context.add_init_script(WATCH)
        context.route(NEUTRAL, lambda route: route.fulfill(body="<title>Météo</title>Soleil"))
        context.route(
            f"{ELSEWHERE}**",
            lambda route: route.fulfill(
                body=f"<title>Recherche</title><a href='{site.url}{LAST}'>PARÉ</a>",
                content_type="text/html; charset=utf-8",
            ),
        )
        page = context.new_page()
        page.set_default_timeout(WAIT)
        return Visit(page, site, context, shown)

    yield begin
    for context in contexts:
        context.close()


# How one comes to a page. Each ends on a page of the site, in the tab that the visit has then.

ARRIVALS: dict[str, Callable[[Visit], object]] = {}


def arrival(way: Callable[[Visit], object]) -> Callable[[Visit], object]:
    ARRIVALS[way.__name__.replace("_", " ")] = way
    return way


@arrival
def a_typed_address(visit: Visit) -> None:
    visit.page.goto(LAST)


@arrival
def a_link_from_within(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.locator(".main-menu").get_by_role("link", name="Le projet").click()
    visit.page.wait_for_url(f"**{LAST}")


@arrival
def a_link_from_another_site(visit: Visit) -> None:
    visit.page.goto(ELSEWHERE)
    visit.page.get_by_role("link").click()
    visit.page.wait_for_url(f"**{LAST}")


@arrival
def anchors_within_the_page(visit: Visit) -> None:
    visit.page.goto(LAST)
    before = visit.page.evaluate("history.length")
    for name in ("Partie 2", "Partie 4"):
        visit.page.get_by_role("link", name=name).click()
        expect(visit.page).to_have_url(re.compile("#"))
    visit.page.locator(".skip a").first.focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page).to_have_url(re.compile("#content$"))
    assert visit.page.evaluate("document.activeElement.id") == "content"
    assert visit.page.evaluate("history.length") == before


@arrival
def an_anchor_typed_by_hand(visit: Visit) -> None:
    visit.page.goto(LAST)
    visit.page.evaluate("location.hash = 'content'")
    visit.page.evaluate("location.hash = 'ailleurs'")


@arrival
def filters(visit: Visit) -> None:
    visit.page.goto("/ressources/")
    before = visit.page.evaluate("history.length")
    for name in ("Fugue et disparition", "Repér"):
        visit.page.get_by_label(re.compile(name)).first.check()
        expect(visit.page.locator("#results-list")).not_to_have_attribute("aria-busy", "true")
    expect(visit.page).to_have_url(re.compile("theme=.*theme="))
    assert visit.page.evaluate("history.length") == before


@arrival
def filters_then_a_result_of_them(visit: Visit) -> None:
    visit.page.goto("/ressources/?theme=fugue")
    visit.page.get_by_label(re.compile("Repér")).first.check()
    expect(visit.page).to_have_url(re.compile("theme=.*theme="))
    visit.page.get_by_role("link", name="Ressource 0").first.click()
    visit.page.wait_for_url("**/ressource-0/")


@arrival
def the_search_of_the_site(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.locator("#site-search").fill("ressource")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/recherche/**")
    visit.page.get_by_role("link", name="Ressource 0").first.click()
    visit.page.wait_for_url("**/ressource-0/")


def send_with_an_error(visit: Visit) -> None:
    visit.page.goto("/contribuer/actualite/")
    with visit.page.expect_navigation():
        visit.page.evaluate("document.querySelector('main form[method=post]').submit()")
    expect(visit.page.locator("#errors")).to_be_visible()


@arrival
def a_form_sent_with_an_error(visit: Visit) -> None:
    send_with_an_error(visit)


@arrival
def a_page_after_a_form_sent_with_an_error(visit: Visit) -> None:
    send_with_an_error(visit)
    visit.page.locator(".brand").click()
    visit.page.wait_for_url(f"{visit.site.url}/")


@arrival
def a_form_that_was_received(visit: Visit) -> None:
    visit.page.goto("/lettre/inscription/")
    visit.page.wait_for_timeout(2100)
    visit.page.locator("main form [type=email]").fill("camille@example.org")
    for tick in visit.page.locator("main form [type=checkbox][required]").all():
        tick.check()
    visit.page.locator("main form [type=submit]").click()
    visit.page.wait_for_url("**/recue/**")


@arrival
def a_page_that_the_browser_kept(visit: Visit) -> None:
    visit.page.goto("/ressources/")
    visit.page.evaluate("window.isTheSame = true")
    visit.page.goto(LAST)
    visit.devtools.send("Page.navigateToHistoryEntry", {"entryId": visit.history()[1][-2]["id"]})
    visit.page.wait_for_timeout(300)
    # Or what this is about was not tried.
    assert visit.page.evaluate("window.isTheSame")


@arrival
def pages_that_the_browser_kept_behind_it(visit: Visit) -> None:
    for path in ("/", "/ressources/", "/ressources/ressource-0/", LAST):
        visit.page.goto(path)


@arrival
def a_new_tab(visit: Visit) -> None:
    visit.page.goto("/")
    with visit.context.expect_page() as opened:
        visit.page.locator(".main-menu").get_by_role("link", name="Le projet").click(
            modifiers=["Control"]
        )
    visit.page.close()
    visit.page = opened.value
    visit.page.bring_to_front()
    visit.page.wait_for_load_state()


@arrival
def a_tab_opened_by_a_script(visit: Visit) -> None:
    visit.page.goto(ELSEWHERE)
    with visit.context.expect_page() as opened:
        visit.page.evaluate(f"window.open('{visit.site.url}{LAST}')")
    visit.page = opened.value
    visit.page.wait_for_load_state()


@arrival
def a_former_address(visit: Visit) -> None:
    visit.page.goto("/ancienne")
    visit.page.wait_for_url(f"**{LAST}")


@arrival
def a_page_loaded_again(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.goto(LAST)
    visit.page.reload()


@arrival
def a_page_that_is_not_there(visit: Visit) -> None:
    visit.page.goto("/")
    visit.page.goto("/rien/")


@arrival
def the_documentation_of_the_api(visit: Visit) -> None:
    visit.page.goto("/api/v1/docs/")
    before = visit.page.evaluate("history.length")
    visit.page.locator(".opblock-summary-control").first.dispatch_event("click")
    expect(visit.page).to_have_url(re.compile("#/"))
    assert visit.page.evaluate("history.length") == before


@arrival
def the_follow_up_of_a_contribution(visit: Visit) -> None:
    visit.page.goto(visit.site.contribution)
    visit.page.goto(f"{visit.site.contribution}modifier/")


@arrival
def the_archive_of_the_newsletter(visit: Visit) -> None:
    visit.page.goto("/lettre/")
    visit.page.goto(visit.site.issue)


@arrival
def a_training(visit: Visit) -> None:
    visit.page.goto(visit.site.training)


@arrival
def a_page_with_a_password(visit: Visit) -> None:
    visit.page.goto("/fermee/")
    visit.page.locator("[type=password]").fill("faux")
    visit.page.locator("main [type=submit]").click()
    expect(visit.page.locator("[type=password]")).to_be_visible()


def expect_nothing_of_ours(visit: Visit) -> None:
    assert visit.shown == []


def leave(found: Visit, way: str) -> None:
    """Come to a page in one way, leave it, and look for it everywhere in the history."""
    ARRIVALS[way](found)
    # Until the exit itself, nothing was stored, by any of it; the cookie of forms is not read here.
    assert found.stored() == NOTHING
    assert found.shown

    found.exit("keys" if len(way) % 2 else "click")

    expect_nothing_of_ours(found)
    while found.go(-1):
        expect_nothing_of_ours(found)
    while found.go(+1):
        expect_nothing_of_ours(found)
    found.page.goto("/ressources/", wait_until="commit")
    found.settle()
    expect_nothing_of_ours(found)
    # The page that was left is in no entry, and none that was passed has its title any more.
    _current, entries = found.history()
    assert {entry["url"] for entry in entries} <= {NEUTRAL, ELSEWHERE, "about:blank"}


def test_nothing_of_ours_shows_after_the_exit(visit: Callable[..., Visit]) -> None:
    seen = []
    found = visit()

    for way in ARRIVALS:
        try:
            leave(found, way)
        except (AssertionError, Error) as failure:
            seen.append(f"{way}: {failure}"[:900])
        found.begin_again()

    assert not seen, "\n\n".join(seen)


# What is drawn

EXIT_COLOUR = (0xFF, 0xC9, 0x8A)


def pixels_of_ours(frame: bytes) -> int:
    """Return how much of a picture has the colour of the exit, which every page of ours shows."""
    with Image.open(io.BytesIO(frame)) as picture:
        counted = picture.convert("RGB").getcolors(picture.width * picture.height) or []
    return sum(
        count
        for count, colour in counted
        if max(abs(one - other) for one, other in zip(colour, EXIT_COLOUR, strict=True)) <= 8
    )


def test_no_frame_that_the_browser_draws_is_ours(visit: Callable[..., Visit]) -> None:
    found = visit(PHONE)
    for path in ("/", "/ressources/", LAST):
        found.page.goto(path)
    assert pixels_of_ours(found.page.screenshot()) > 1000
    found.exit()
    frames: list[bytes] = []

    def keep(event: dict[str, Any]) -> None:
        frames.append(base64.b64decode(event["data"]))
        found.devtools.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    found.devtools.on("Page.screencastFrame", keep)
    found.devtools.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})

    while found.go(-1):
        frames.append(found.picture())

    assert len(frames) >= 3
    assert [pixels_of_ours(frame) for frame in frames] == [0] * len(frames)


def kept_in(found: list[Any]) -> Callable[[Any], None]:
    """Return what keeps each event; the driver takes no method of a list."""

    def keep(event: Any) -> None:
        found.append(event)

    return keep


@contextmanager
def neutral_page_far_away(page: Page) -> Iterator[None]:
    """Have the neutral page not come yet."""
    held: list[Route] = []
    page.context.route(NEUTRAL, kept_in(held))
    yield
    for route in held:
        route.fulfill(body="Soleil")


def test_the_page_is_hidden_before_the_neutral_one_has_come(visit: Callable[..., Visit]) -> None:
    found = visit(PHONE)
    found.page.goto(LAST)

    with neutral_page_far_away(found.page):
        assert found.ask("document.getElementById('quick-exit').click(); document.title") == "…"
        # From here on the browser answers no question about the page: it is watched.
        found.shown.clear()
        found.page.wait_for_timeout(400)
        assert found.shown == []
        assert pixels_of_ours(found.picture()) == 0


def test_without_javascript_the_page_is_left_at_once(visit: Callable[..., Visit]) -> None:
    found = visit(java_script_enabled=False)
    found.page.goto(LAST)
    x, y = found.middle_of_exit()

    with neutral_page_far_away(found.page):
        found.page.mouse.click(x, y)

        # An empty page of ours is there while the neutral one has not come.
        found.page.wait_for_url("**/quitter/", wait_until="commit")
        found.page.wait_for_timeout(600)
        assert pixels_of_ours(found.picture()) == 0


def test_without_javascript_the_neutral_page_is_what_one_lands_on(
    visit: Callable[..., Visit],
) -> None:
    found = visit(java_script_enabled=False)
    found.page.goto(LAST)

    found.page.locator("#quick-exit").click()

    found.page.wait_for_url(NEUTRAL)
    _current, entries = found.history()
    # What the page on safety explains: without JavaScript the page that was left stays behind.
    assert [entry["url"] for entry in entries[-2:]] == [f"{found.site.url}{LAST}", NEUTRAL]


def test_the_exit_writes_a_flag_and_nothing_else(visit: Callable[..., Visit]) -> None:
    found = visit()
    found.page.goto("/")
    found.page.goto(LAST)
    # A page of the site at which no script runs, to look at what the tab stores.
    found.context.route(
        "**/robots.txt", lambda route: route.fulfill(body="", content_type="text/html")
    )

    found.exit()

    found.page.goto("/robots.txt")
    assert found.stored() == [{"left": "1"}, *NOTHING[1:]]
    another = found.context.new_page()
    another.goto(LAST)
    expect(another.get_by_role("heading", level=1)).to_have_text("Le projet")


def test_reading_stores_nothing(visit: Callable[..., Visit]) -> None:
    found = visit()
    site = found.site
    written: list[Any] = []
    found.devtools.send("DOMStorage.enable")
    found.devtools.on("DOMStorage.domStorageItemAdded", kept_in(written))
    found.devtools.on("DOMStorage.domStorageItemUpdated", kept_in(written))

    for path in (
        *("/", LAST, f"{LAST}#content", "/ressources/", "/ressources/ressource-0/", "/rien/"),
        *("/recherche/?q=fugue", "/lettre/", site.issue, site.training, "/api/v1/docs/"),
        "/ressources/?theme=fugue",
    ):
        found.page.goto(path)
        assert found.stored() == NOTHING, path
        found.page.keyboard.press("Shift")

    found.page.goto("/ressources/")
    found.page.get_by_label(re.compile("Repér")).first.check()
    expect(found.page).to_have_url(re.compile("theme="))
    found.page.locator("#site-search").press_sequentially("ress")
    expect(found.page.get_by_role("option").first).to_be_visible()
    assert found.stored() == NOTHING
    assert written == []
    assert found.context.storage_state(indexed_db=True) == {"cookies": [], "origins": []}


def test_the_exit_works_where_the_browser_stores_nothing(visit: Callable[..., Visit]) -> None:
    found = visit()
    found.context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('no'); }})"
    )
    found.page.goto("/")
    found.page.goto(LAST)
    found.page.get_by_role("link", name="Partie 2").click()
    found.page.get_by_role("link", name="Partie 4").click()

    found.page.locator("#quick-exit").click()

    found.page.wait_for_url(NEUTRAL)
    _current, entries = found.history()
    assert not [each["url"] for each in entries if LAST in each["url"]]


def test_the_keys_are_named_at_every_width(visit: Callable[..., Visit]) -> None:
    found = visit()
    folder = os.environ.get("PARE_SCREENSHOTS")

    for path in (LAST, "/api/v1/docs/"):
        found.page.goto(path)
        for width in (320, 360, 768, 1024, 1152, 1280, 1440, 1920):
            found.page.set_viewport_size({"width": width, "height": 800})
            expect(found.page.locator(".quick-exit__keys")).to_be_visible()
            if path == LAST:
                assert found.page.evaluate("document.documentElement.scrollWidth") <= width
            if folder:
                name = path.strip("/").replace("/", "-")
                found.page.screenshot(path=f"{folder}/{name}-{width}.png")


@pytest.mark.parametrize(
    "options",
    [{"is_mobile": True, "has_touch": True}, {"java_script_enabled": False}],
    ids=["a telephone", "no JavaScript"],
)
def test_the_keys_are_not_named_where_they_do_nothing(
    visit: Callable[..., Visit], options: dict[str, Any]
) -> None:
    found = visit(PHONE, **options)
    found.page.goto(LAST)

    expect(found.page.locator(".quick-exit__keys")).to_be_hidden()


def test_the_page_of_a_fault_has_the_exit(
    visit: Callable[..., Visit], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = visit()
    found.page.goto("/")

    def fail(*_args: object) -> None:
        raise ValueError

    monkeypatch.setattr("search.views.search_pages", fail)
    found.page.goto("/recherche/?q=fugue")
    expect(found.page.get_by_role("heading", level=1)).to_contain_text("problème technique")
    found.context.route("https://www.meteofrance.com/", lambda route: route.fulfill(body="Soleil"))

    found.exit()

    assert found.shown == []
    while found.go(-1):
        assert found.shown == []
