"""An issue: prepared, checked, rendered, reviewed, and read in its archive."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import mrml
import pytest
from django.test import Client
from django.utils import timezone

from core.web.links import email_base_url
from newsletter import rendering, sending
from newsletter.composing import create_issue_draft, is_validated
from newsletter.models import NewsletterIssuePage, Segment
from newsletter.preflight import Problem, find_problems
from newsletter.rendering import GMAIL_CLIP, PersonalLinks, html_to_text, render_issue
from tests.factories import (
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
)
from tests.factories.contributions import member
from tests.factories.events import TrainingPageFactory, training_date
from tests.factories.network import StructureFactory
from tests.factories.newsletter import (
    NewsletterIssuePageFactory,
    SubscriberFactory,
    archive,
    section,
    sections,
    validated_issue,
)
from tests.factories.review import approve

if TYPE_CHECKING:
    from collections.abc import Callable

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

ORIGIN = "https://pare.example.org"
LINKS = PersonalLinks("https://pare.example.org/u/?a=1&b=2", "https://pare.example.org/p/")
LIST = "/api/v1/newsletters/"


def keys(page: NewsletterIssuePage) -> dict[str, list[int]]:
    return {
        block.value["title"]: [item["page"].pk for item in block.value["items"]]
        for block in page.sections
    }


def problems(page: NewsletterIssuePage) -> list[Problem]:
    return find_problems(page, render_issue(page, ORIGIN))


def messages(page: NewsletterIssuePage, level: str) -> list[str]:
    return [found.message for found in problems(page) if found.level == level]


def test_preparing_proposes_what_appeared_since_the_last_issue_and_what_is_to_come() -> None:
    now = timezone.now()
    last = NewsletterIssuePageFactory(number=3, first_published_at=now - dt.timedelta(days=90))
    NewsPageFactory(title="Ancienne", first_published_at=now - dt.timedelta(days=91))
    news = NewsPageFactory(title="Nouvelle", first_published_at=now - dt.timedelta(days=80))
    resource = ResourcePageFactory(first_published_at=now - dt.timedelta(days=2))
    ResourcePageFactory(draft=True)
    NewsPageFactory(private=True)
    coming = TrainingPageFactory()
    TrainingPageFactory(dates=[training_date(days=-20)])
    StructureFactory(name="Écoute")

    page = create_issue_draft(archive())

    assert (page.number, page.slug, page.live) == (last.number + 1, "numero-4", False)
    assert page.latest_revision is not None
    saved = page.get_latest_revision_as_object()
    assert keys(saved) == {
        "Actualités": [news.pk],
        "Nouvelles ressources": [resource.pk],
        "Agenda": [coming.pk],
        "Dans le réseau": [],
    }
    assert "Une nouvelle structure" in str(saved.sections[3].value["text"])


def test_an_editor_prepares_from_the_menu_and_lands_in_the_editor(client: Client) -> None:
    NewsPageFactory(first_published_at=timezone.now())
    client.force_login(member("Coordination"))
    menu = client.get("/admin/lettre/numeros/")
    assert "Préparer l&#x27;édition" not in menu.content.decode(), "there is no archive yet"
    index = archive()

    answer = client.post(f"/admin/lettre/numeros/preparer/{index.pk}/")

    page = NewsletterIssuePage.objects.get()
    assert answer.url == f"/admin/pages/{page.pk}/edit/"
    editor = client.get(answer.url)
    assert editor.status_code == 200
    assert "Vérifier et envoyer" in editor.content.decode()


def test_the_html_is_whole_personal_and_asks_nobody_anything() -> None:
    resource = ResourcePageFactory(
        title="Guide : repérer", summary="Résumé.", cover=ImageFactory(), slug="guide"
    )
    news = NewsPageFactory(title="Une nouvelle")
    page = NewsletterIssuePageFactory(
        subject="Écouter & orienter",
        sections=sections(section("À lire", resource, news, notes=("À lire <en équipe>.",))),
    )

    html, text = render_issue(page, ORIGIN).personalise(LINKS)

    assert 'href="https://pare.example.org/u/?a=1&amp;b=2"' in html
    assert "mark.invalid" not in html + text
    assert "À lire &lt;en équipe&gt;." in html
    assert "Résumé." not in html, "the editor's word stands for the summary"
    assert "Écouter &amp; orienter" in html
    addresses = re.findall(r'(?:href|src|background)="([^"]+)"', html)
    hosts = {re.match(r"(\w+:(?://[^/]+)?)", address)[1] for address in addresses}  # type: ignore[index]
    assert hosts <= {ORIGIN, "mailto:", "tel:", "sms:"}
    assert all('alt="' in image for image in re.findall(r"<img\b[^>]*>", html))
    assert not re.search(r'<img\b[^>]*(width|height)="1"', html), "no tracking pixel"
    assert "prefers-color-scheme: dark" in html
    assert 'role="presentation"' in html
    assert '<html lang="fr"' in html
    assert len(html.encode()) < GMAIL_CLIP


def test_an_issue_is_rendered_from_its_draft_and_others_as_they_were_admitted() -> None:
    news: Any = NewsPageFactory(title="Titre admis", summary="Résumé admis")
    page = NewsletterIssuePageFactory(slug="numero-7", sections=sections(section("À lire", news)))
    type(news).objects.filter(pk=news.pk).update(title="Titre interdit", summary="Résumé interdit")
    page.subject, page.slug = "Objet du brouillon", "numero-sept"
    page.save_revision()

    rendered = render_issue(page.get_latest_revision_as_object(), ORIGIN)

    assert rendered.subject == "Objet du brouillon"
    assert f"{ORIGIN}/lettre/numero-sept/" in rendered.text, "its address once it is sent"
    for text in (rendered.html, rendered.text):
        assert "Titre admis" in text
        assert "interdit" not in text


def test_the_archive_follows_what_is_still_public(get_json: Any) -> None:
    gone, kept = NewsPageFactory(), NewsPageFactory(title="Restée")
    page = NewsletterIssuePageFactory(
        title="Numéro admis", sections=sections(section("À lire", gone, kept, notes=("", "Mot.")))
    )
    gone.unpublish()
    NewsletterIssuePage.objects.filter(pk=page.pk).update(title="Interdit", sections="[]")

    data = get_json(f"{LIST}{page.pk}/")

    assert data["title"] == "Numéro admis"
    (part,) = data["sections"]
    assert [(item["page"]["title"], item["note"]) for item in part["items"]] == [("Restée", "Mot.")]


def test_the_text_is_written_to_be_read() -> None:
    news = NewsPageFactory(title="Une nouvelle", summary="Il se passe quelque chose.", slug="n")
    page = NewsletterIssuePageFactory(
        editorial='<p>Bonjour, <a href="https://example.org/x">lisez</a>.</p><ul><li>Un</li></ul>',
        sections=sections(section("Actualités", news)),
    )

    _html, text = render_issue(page, ORIGIN).personalise(LINKS)

    assert "Bonjour, lisez (https://example.org/x)." in text
    assert "\n- Un\n" in text
    assert "ACTUALITÉS\n==========" in text
    assert f"  {ORIGIN}/actualites/n/" in text
    assert "<" not in text
    assert LINKS.unsubscribe_url in text
    long = [line for line in text.splitlines() if len(line) > 76 and "http" not in line]
    assert long == []


@pytest.mark.parametrize(
    "source, expected",
    [
        ("<p>Un<br/>deux</p>", "Un\n\ndeux"),
        ("<p>a &amp; b &lt;c&gt;</p>", "a & b <c>"),
        ('<p><a href="https://a.example">https://a.example</a></p>', "https://a.example"),
        ("<p></p>", ""),
    ],
)
def test_html_becomes_plain_text(source: str, expected: str) -> None:
    assert html_to_text(source) == expected


def test_a_sound_issue_has_no_problem() -> None:
    SubscriberFactory()
    page = NewsletterIssuePageFactory(sections=sections(section("À lire", NewsPageFactory())))

    assert problems(page) == []


def test_each_fault_is_reported_with_how_to_correct_it() -> None:
    SubscriberFactory()
    hidden = StandardPageFactory(title="Page cachée", draft=True)
    news = NewsPageFactory(title="En ligne")
    past = TrainingPageFactory(title="Formation finie", dates=[training_date(days=-9)])
    page = NewsletterIssuePageFactory(
        subject="",
        summary="",
        editorial=f'<p><a linktype="page" id="{hidden.pk}">voir</a></p>',
        sections=sections(
            section("Vide"), section("À lire", hidden, news, news, past), section("Loin")
        ),
    )

    errors, advice = messages(page, "error"), messages(page, "warning")

    assert [e for e in errors if "objet" in e]
    assert [e for e in errors if "« Vide »" in e]
    assert [e for e in errors if "« Loin »" in e]
    assert [e for e in errors if "« Page cachée » n'est pas en ligne" in e]
    assert [e for e in errors if "Un lien mène à « Page cachée »" in e]
    assert [a for a in advice if "aperçu" in a]
    assert [a for a in advice if "« En ligne » est là deux fois" in a]
    assert [a for a in advice if "« Formation finie » est passé" in a]
    assert len(errors) == 5, errors


def test_an_issue_that_gmail_would_cut_or_nobody_would_get_is_not_sent() -> None:
    segment = Segment.objects.create(name="Personne", language="fr")
    page = NewsletterIssuePageFactory(
        subject="x" * 61,
        segment=segment,
        sections=sections(section("Long", text=f"<p>{'mot ' * 30_000}</p>")),
    )

    assert [e for e in messages(page, "error") if "Gmail" in e]
    assert [e for e in messages(page, "error") if "Personne ne recevrait" in e]
    assert [a for a in messages(page, "warning") if "61 caractères" in a]


def test_two_people_validate_and_a_change_undoes_it() -> None:
    page = NewsletterIssuePageFactory(draft=True)
    page.save_revision(user=member("Relecture"))
    assert not is_validated(NewsletterIssuePage.objects.get())

    page = validated_issue()
    assert is_validated(page)
    assert not page.live, "its archive appears when it is sent"

    page.subject = "Autre chose"
    page.save_revision(user=member("Direction"))
    assert not is_validated(NewsletterIssuePage.objects.get(pk=page.pk))


def test_one_person_alone_validates_nothing() -> None:
    from django.core.exceptions import PermissionDenied
    from wagtail.models import Workflow

    page = NewsletterIssuePageFactory(draft=True)
    page.save_revision(user=member("Relecture"))
    alone = member("Direction")
    Workflow.objects.get(name="Relecture PARÉ").start(
        NewsletterIssuePage.objects.get(), member("Relecture")
    )

    approve(page, alone)
    with pytest.raises(PermissionDenied):
        approve(page, alone)

    assert not is_validated(NewsletterIssuePage.objects.get())


@pytest.mark.parametrize(
    "mode, expected",
    [("email", b'role="presentation"'), ("text", b"=========="), ("web", b'id="content"')],
)
def test_every_preview_shows_what_is_typed(
    editor_client: Client, mode: str, expected: bytes
) -> None:
    page = NewsletterIssuePageFactory(
        draft=True, sections=sections(section("Actualités", NewsPageFactory()))
    )
    page.save_revision()

    shown = page.get_latest_revision_as_object().make_preview_request(preview_mode=mode)

    assert shown.status_code == 200
    if hasattr(shown, "render"):
        shown.render()
    assert expected in shown.content


def test_an_issue_is_read_in_its_archive_its_feed_and_the_api(
    client: Client, get_json: Callable[..., Any]
) -> None:
    news = NewsPageFactory(title="Une nouvelle")
    hidden = NewsPageFactory(title="Secret", draft=True)
    page = NewsletterIssuePageFactory(
        number=7, sections=sections(section("À lire", news, hidden, notes=("Mot.",)))
    )
    NewsletterIssuePageFactory(number=8, draft=True)

    listed = get_json(LIST)
    data = get_json(f"{LIST}{page.pk}/")

    assert [item["number"] for item in listed["items"]] == [7]
    (part,) = data["sections"]
    assert [(item["page"]["title"], item["note"]) for item in part["items"]] == [
        ("Une nouvelle", "Mot.")
    ]
    assert "Bonjour" in data["editorial"]
    shown = client.get(page.url).content.decode()
    assert "Une nouvelle" in shown
    assert "Secret" not in shown
    assert client.get("/lettre/").status_code == 200
    assert "/lettre/numero-7/" in client.get("/flux/lettre.atom").content.decode()
    assert "numero-8" not in client.get("/flux/lettre.atom").content.decode()
    assert get_json("/api/v1/resolve/", path=page.url)["page"]["type"] == "newsletter"
    assert "/lettre/numero-7/" in client.get("/sitemap.xml").content.decode()


@pytest.mark.parametrize("trait", ["draft", "expired", "private"])
def test_a_hidden_issue_is_seen_nowhere(client: Client, get_json: Any, trait: str) -> None:
    page = NewsletterIssuePageFactory(title="Confidentiel", **{trait: True})

    assert get_json(LIST)["count"] == 0
    get_json(f"{LIST}{page.pk}/", status=404)
    for path in ("/flux/lettre.atom", "/sitemap.xml", "/lettre/"):
        shown = client.get(path).content.decode()
        assert "Confidentiel" not in shown
        assert f"/{page.slug}/" not in shown


def test_the_list_filters_orders_and_counts(get_json: Any) -> None:
    for number, year in ((1, 2024), (2, 2025), (3, 2025)):
        NewsletterIssuePageFactory(
            number=number,
            title=f"Numéro {number}",
            first_published_at=dt.datetime(year, 6, 1, tzinfo=dt.UTC),
        )

    def numbers(**query: Any) -> list[int]:
        return [item["number"] for item in get_json(LIST, **query)["items"]]

    assert numbers() == [3, 2, 1]
    assert numbers(order="number") == [1, 2, 3]
    assert numbers(year=2025) == [3, 2]
    facets = get_json(LIST, facets="true")["facets"][0]["values"]
    assert [(each["value"], each["count"]) for each in facets] == [("2025", 2), ("2024", 1)]
    get_json(LIST, status=422, inconnu="1")


def test_the_number_of_queries_does_not_depend_on_the_number_of_issues(
    get_json: Any, count_queries: Callable[..., int]
) -> None:
    counts = []
    for more in (1, 2, 9):
        for _ in range(more):
            NewsletterIssuePageFactory(sections=sections(section("À lire", text="<p>x</p>")))
        get_json(LIST, limit=100)
        counts.append(
            (
                count_queries(lambda: get_json(LIST, limit=100)),
                count_queries(lambda: get_json(LIST, limit=100, facets="true")),
            )
        )

    assert len(set(counts)) == 1, counts
    assert counts[0][0] <= 6
    assert counts[0][1] <= 6


def test_an_issue_costs_the_same_however_much_it_shows(
    get_json: Any, count_queries: Callable[..., int]
) -> None:
    image = ImageFactory()

    def cost(number: int) -> int:
        pages = [NewsPageFactory(image=image) for _ in range(number)]
        page = NewsletterIssuePageFactory(sections=sections(section("À lire", *pages)))
        get_json(f"{LIST}{page.pk}/")
        return count_queries(lambda: get_json(f"{LIST}{page.pk}/"))

    assert cost(1) == cost(2) == cost(6)


def test_a_golden_issue(get_json: Any, snapshots: Any) -> None:
    news = NewsPageFactory(
        title="Une nouvelle",
        slug="une-nouvelle",
        summary="Résumé.",
        date=dt.date(2026, 1, 15),
    )
    page = NewsletterIssuePageFactory(
        number=12,
        period="été 2026",
        sections=sections(section("À lire", news, text="<p>Voici.</p>", notes=("Mot.",))),
    )

    snapshots.check("newsletter", get_json(f"{LIST}{page.pk}/"))


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The HTML of each rendering of an issue, as they are made."""
    made: list[str] = []

    def to_html(mjml: str) -> Any:
        result = mrml.to_html(mjml)
        made.append(result.content)
        return result

    monkeypatch.setattr(rendering, "to_html", to_html)
    return made


@pytest.mark.parametrize("act", ["look", "preview", "test", "schedule", "start"])
def test_an_act_renders_an_issue_once(
    editor_client: Client, renderings: list[str], act: str
) -> None:
    SubscriberFactory()
    page = validated_issue(sections=sections(section("À lire", NewsPageFactory())))
    mailing = sending.schedule(page, None) if act == "start" else None
    address = f"/admin/lettre/numeros/{page.pk}/"
    renderings.clear()

    match act:
        case "look":
            editor_client.get(address)
        case "preview":
            page.get_latest_revision_as_object().make_preview_request(preview_mode="email")
        case "test":
            editor_client.post(address, {"action": "test", "addresses": "a@b.example, c@d.example"})
        case "schedule":
            sending.schedule(page, None)
        case "start":
            assert mailing is not None
            assert sending.start(mailing)
            published = NewsletterIssuePage.objects.get(pk=page.pk)
            assert published.live
            assert mailing.html == render_issue(published, email_base_url()).html
            renderings.pop()

    assert len(renderings) == 1
