"""Links of what is public are looked at, and called broken only where they are."""

from __future__ import annotations

import datetime as dt
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from home.models import Funder
from network.places import Visibility
from published.links import checking, fetching
from published.links.broken import broken_references, broken_uses, describe_links
from published.links.checking import check_links, due
from published.links.collecting import collect_links, normalise, urls_in
from published.links.fetching import Answer, Problem, connect_publicly, fetch, is_public
from published.models import LinkedAddress, LinkUse
from tests.factories import NewsPageFactory, ResourcePageFactory
from tests.factories.network import StructureFactory
from tests.factories.newsletter import NewsletterIssuePageFactory, archive
from tests.factories.publishing import publish

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.one_engine]

DAY = dt.timedelta(days=1)


class Partner(BaseHTTPRequestHandler):
    """The site of somebody else."""

    asked: ClassVar[list[tuple[str, str, str]]] = []
    moved: ClassVar[dict[str, str]] = {
        "/moved": "/200",
        "/moved-and-gone": "404",
        "/round": "/round",
        "/mail": "mailto:a@b.fr",
    }

    def answer(self) -> None:
        self.asked.append((self.command, self.path, self.headers["User-Agent"]))
        location = self.moved.get(self.path)
        code = "302" if location else self.path.split("/")[1]
        if code == "silent":
            self.close_connection = True
            return
        if code == "get-only":
            code = "200" if self.command == "GET" else "404"
        self.send_response(int(code))
        if location:
            self.send_header("Location", location)
        self.end_headers()

    do_GET = do_HEAD = answer

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    partner = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    Thread(target=partner.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{partner.server_port}"
    partner.shutdown()
    partner.server_close()


@pytest.fixture
def site(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The site of somebody else, as if it were on the internet."""
    monkeypatch.setattr(fetching, "is_public", lambda address: True)
    Partner.asked.clear()
    return server


# Asking


@pytest.mark.parametrize(
    "path, answer",
    [
        ("/200", Answer(None, 200)),
        ("/get-only", Answer(None, 200)),
        ("/404", Answer(Problem.GONE, 404)),
        ("/410", Answer(Problem.GONE, 410)),
        ("/500", Answer(Problem.ERROR, 500)),
        # To a program; people read the page.
        ("/403", Answer(None, 403)),
        ("/429", Answer(None, 429)),
        ("/moved", Answer(None, 200)),
        ("/moved-and-gone", Answer(Problem.GONE, 404)),
        ("/round", Answer(Problem.LOOP)),
        ("/mail", Answer(None, 302)),
        ("/silent", Answer(Problem.SILENT)),
    ],
)
def test_an_address_is_asked_for_what_is_there(site: str, path: str, answer: Answer) -> None:
    assert fetch(site + path) == answer


def test_the_checker_has_a_name_and_asks_for_headers_first(site: str, settings: Any) -> None:
    settings.PUBLIC_URL = "https://pare.example"

    fetch(f"{site}/200")
    fetch(f"{site}/500")

    name = "PareLinkChecker/1.0 (+https://pare.example)"
    assert Partner.asked == [
        ("HEAD", "/200", name),
        ("HEAD", "/500", name),
        ("GET", "/500", name),
    ]


@pytest.mark.parametrize(
    "url, problem",
    [
        ("http://nulle-part.invalid/", Problem.UNKNOWN_HOST),
        ("http://[::1/", Problem.INVALID),
        ("http:///chemin", Problem.INVALID),
        ("http://a..b/", Problem.INVALID),
        ("http://exemple.fr:99999/", Problem.INVALID),
    ],
)
def test_an_address_that_leads_nowhere_is_named(url: str, problem: Problem) -> None:
    assert fetch(url).problem == problem


def test_a_server_that_never_ends_is_left(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "DEADLINE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        answer = fetch(f"http://127.0.0.1:{mute.getsockname()[1]}/")

    assert answer == Answer(Problem.SILENT)


# Our own network


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.8", "172.16.4.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.1"),
        *("::1", "::", "fe80::1%eth0", "fd00::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1"),
    ],
)
def test_what_is_not_of_the_internet_is_told_apart(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808"])
def test_what_is_of_the_internet_is_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0"])
def test_our_own_machine_is_never_connected_to(
    server: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Partner.asked.clear()
    port = server.rpartition(":")[2]
    monkeypatch.setattr(socket.socket, "connect", lambda *args: pytest.fail("It connects."))

    assert fetch(f"http://{host}:{port}/200") == Answer(Problem.PRIVATE)
    assert Partner.asked == []


def test_no_site_sends_us_to_our_own_machine(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Partner.asked.clear()
    monkeypatch.setitem(Partner.moved, "/trap", f"{server}/200")
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
        # The machine of the tests is of the internet under its name, and not by its number.
        monkeypatch.setattr(fetching, "is_public", is_public if host == "127.0.0.1" else _yes)
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    answer = fetch(f"{server.replace('127.0.0.1', 'localhost')}/trap")

    assert answer == Answer(Problem.PRIVATE)
    assert [path for _method, path, _name in Partner.asked] == ["/trap"]


def _yes(address: str) -> bool:
    return True


def test_what_was_looked_up_is_what_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere when it is asked again gains nothing."""
    asked = []
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *args, **kwargs: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))],
    )
    monkeypatch.setattr(socket.socket, "connect", lambda _self, place: asked.append(place))

    connect_publicly("rebinding.example", 80, 1).close()

    assert asked == [("8.8.8.8", 80)]


# Collecting


def test_addresses_are_those_of_texts_and_of_whole_values() -> None:
    words = {
        "html": '<p>Voir href="x" <a href="https://a.fr/x?b=1&amp;c=2#d">ici</a></p>',
        "url": "https://b.fr/é",
        "picture": "https://pare.invalid/media/x.webp",
        "items": [{"text": "https://c.fr et la suite", "html": '<a href="mailto:a@b.fr">x</a>'}],
        "local": '<a href="https://pare.invalid/agenda/?x=1">x</a>',
    }

    assert urls_in(words) - {"https://c.fr%20et%20la%20suite"} == {
        "https://a.fr/x?b=1&c=2",
        "https://b.fr/%C3%A9",
        "/agenda/",
    }


@pytest.mark.parametrize("link", ["", "tel:119", "//x", "http://", "https://a.fr/" + "x" * 2000])
def test_what_is_no_address_of_the_web_is_passed_over(link: str) -> None:
    assert normalise(link) == ""


def uses() -> set[tuple[str, int]]:
    return set(LinkUse.objects.values_list("address__url", "thing_id"))


@pytest.mark.django_db
def test_links_of_what_anyone_reads_are_collected() -> None:
    text = [("rich_text", '<p><a href="https://dans-le-texte.fr/">x</a></p>')]
    page = NewsPageFactory(body=text)
    resource = ResourcePageFactory(external_url="https://ressource.fr/", document=None)
    structure = StructureFactory(website="https://structure.fr/")
    StructureFactory(website="https://cachee.fr/", contact_visibility=Visibility.TEAM)
    funder = Funder.objects.create(name="DGCS", url="https://financeur.fr/", locale=page.locale)
    NewsPageFactory(body=text, draft=True)
    archive()
    NewsletterIssuePageFactory(editorial='<p><a href="https://lettre.fr/">x</a></p>')

    count = collect_links()

    assert {
        ("https://dans-le-texte.fr/", page.pk),
        ("https://ressource.fr/", resource.pk),
        ("https://structure.fr/", structure.pk),
        ("https://financeur.fr/", funder.pk),
    } <= uses()
    assert not {"https://cachee.fr/", "https://lettre.fr/"} & {url for url, _key in uses()}
    assert count == LinkedAddress.objects.count()


@pytest.mark.django_db
def test_a_link_that_was_corrected_is_forgotten_at_once() -> None:
    resource = ResourcePageFactory(external_url="https://avant.fr/", document=None)
    funder = Funder.objects.create(name="X", url="https://a.fr/", locale=resource.locale)
    collect_links()
    LinkedAddress.objects.update(is_broken=True)
    assert broken_uses().count() == LinkUse.objects.count() > 1

    resource.external_url = "https://apres.fr/"
    publish(resource)
    funder.url = "https://b.fr/"
    funder.save()

    assert not {resource.pk, funder.pk} & {key for _url, key in uses()}
    collect_links()
    urls = set(LinkedAddress.objects.values_list("url", flat=True))
    assert {"https://apres.fr/", "https://b.fr/"} <= urls
    assert not {"https://avant.fr/", "https://a.fr/"} & urls


# Checking


def address(url: str, **values: Any) -> LinkedAddress:
    return LinkedAddress.objects.create(url=url, **values)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PAUSE_SECONDS", 0)


@pytest.mark.django_db
def test_a_link_is_broken_on_the_second_day(site: str, quick: None) -> None:
    failing, gone = address(f"{site}/500"), address(f"{site}/404")
    now = timezone.now()

    def state(row: LinkedAddress) -> tuple[bool, int]:
        row.refresh_from_db()
        return row.is_broken, row.failures

    check_links(now)
    assert (state(failing), state(gone)) == ((False, 1), (True, 1))
    # An hour later it waits for the next day.
    check_links(now + dt.timedelta(seconds=1))
    assert state(failing) == (False, 1)
    check_links(now + DAY)
    assert state(failing) == (True, 2)
    LinkedAddress.objects.filter(pk=failing.pk).update(url=f"{site}/200")
    check_links(now + 2 * DAY)
    assert state(failing) == (False, 0)
    assert failing.answered_at == now + 2 * DAY


@pytest.mark.django_db
def test_those_that_wait_longest_come_first_and_a_run_is_bounded(
    site: str, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MAX_CHECKED", 2)
    now = timezone.now()
    address(f"{site}/200/a", checked_at=now - 8 * DAY)
    address(f"{site}/200/b", checked_at=now - 9 * DAY)
    address(f"{site}/200/c", checked_at=now - DAY)
    address(f"{site}/200/d")

    assert [row.url[-1] for row in due(now)] == ["d", "b", "a"]
    assert check_links(now)["checked"] == 2
    assert [row.url[-1] for row in due(now)] == ["a"]


@pytest.mark.django_db
def test_nothing_is_recorded_when_our_own_network_is_down(
    monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    for number in range(3):
        address(f"https://site-{number}.fr/")
    monkeypatch.setattr(checking, "fetch", lambda url: Answer(Problem.UNKNOWN_HOST))

    check_links()

    assert not LinkedAddress.objects.exclude(checked_at=None).exists()


@pytest.mark.django_db
def test_a_host_is_left_a_moment_between_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(checking, "fetch", lambda url: Answer())
    monkeypatch.setattr(checking.time, "sleep", slept.append)
    for url in ("https://a.fr/1", "https://b.fr/", "https://A.fr/2"):
        address(url)

    check_links()

    assert len(slept) == 1
    assert 0 < slept[0] <= checking.PAUSE_SECONDS


# Our own site


@pytest.mark.django_db
def test_links_inside_the_site_that_lead_nowhere_count_too(sections: None) -> None:
    target = NewsPageFactory(title="La cible")
    there = ResourcePageFactory(title="Là")
    private = NewsPageFactory(private=True)
    Redirect.objects.create(old_path="/ancienne", redirect_page=there, site=Site.objects.get())
    links = "".join(
        f"<a {link}>x</a>"
        for link in (
            f'linktype="page" id="{target.pk}"',
            f'linktype="page" id="{there.pk}"',
            f'linktype="page" id="{private.pk}"',
            'linktype="page" id="999999"',
            *(f'href="{path}"' for path in ("/nulle-part/", "/ancienne/", "/recherche/", "/en/x/")),
            f'href="{there.published_item.path}"',
        )
    )
    page = NewsPageFactory(title="La page", body=[("rich_text", f"<p>{links}</p>")])
    target.unpublish()

    call_command("check_links", verbosity=0)

    found = describe_links([*broken_references(), *broken_uses()])
    assert {(str(link.thing), link.address, link.problem) for link in found} == {
        (page.title, "« La cible »", "page retirée du site"),
        (page.title, "", "page supprimée"),
        (page.title, "/nulle-part/", "page introuvable"),
        (page.title, "/en/x/", "page introuvable"),
    }
