"""What lists and refusals of the administration offer, and how they explain themselves."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Locale, Page

from home.models import HomePage
from resources.models import NewsIndexPage
from review.provenance import mark_external
from tests.factories import NewsPageFactory, news_index
from tests.factories.contributions import member
from tests.factories.events import RegistrationFactory, agenda
from tests.factories.network import StructureFactory
from tests.factories.newsletter import NewsletterIssuePageFactory
from tests.factories.world import translate

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

ACTIONS = ("delete", "move", "publish", "unpublish")


def signed_in(group: str) -> Client:
    client = Client()
    client.force_login(member(group))
    return client


def bulk(action: str, *pages: Page) -> str:
    query = "&".join(f"id={page.pk}" for page in pages)
    return f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', action])}?{query}"


def text_of(response: HttpResponse) -> str:
    return " ".join(unescape(response.content.decode()).split())


@pytest.mark.parametrize(
    "group,offered",
    [
        ("Direction", {"delete", "move", "publish", "unpublish"}),
        ("Coordination", {"delete", "move", "publish", "unpublish"}),
        # She may delete and move drafts, of which there is one.
        ("Relecture", {"delete", "move"}),
    ],
)
def test_a_list_offers_the_bulk_actions_that_the_reader_may_take(
    group: str, offered: set[str]
) -> None:
    NewsPageFactory()
    NewsPageFactory(draft=True)

    shown = text_of(signed_in(group).get(reverse("wagtailadmin_explore", args=[news_index().pk])))

    addresses = {name: bulk(name).partition("?")[0] for name in ACTIONS}
    assert {name for name, address in addresses.items() if address in shown} == offered


def test_a_list_that_is_put_in_order_is_shown() -> None:
    NewsPageFactory()

    address = reverse("wagtailadmin_explore", args=[news_index().pk])

    assert signed_in("Direction").get(f"{address}?ordering=ord").status_code == 200


def test_what_a_bulk_action_leaves_out_is_named_with_its_reason() -> None:
    live, draft = NewsPageFactory(title="En ligne"), NewsPageFactory(title="Encore", draft=True)

    shown = text_of(signed_in("Relecture").get(bulk("delete", live, draft)))

    assert "Laissé de côté" in shown
    assert "elle est en ligne : demandez-le à la Direction ou à la Coordination." in shown
    assert "autorisation" not in shown


def test_an_alias_is_left_out_of_a_bulk_publication() -> None:
    page = NewsPageFactory(title="D'origine")
    alias = page.create_alias(update_slug="alias")
    client = signed_in("Direction")

    shown = text_of(client.get(bulk("publish", page, alias)))
    published = client.post(bulk("publish", page, alias))

    assert "c'est un alias" in shown
    assert published.status_code == 302


def test_a_deletion_that_something_forbids_is_explained_where_it_was_asked() -> None:
    session = RegistrationFactory().session
    client = signed_in("Direction")

    refused = client.post(bulk("delete", session.page))

    assert refused["Location"] == bulk("delete", session.page)
    assert "Rien n&#x27;est supprimé" in client.get(refused["Location"]).content.decode()
    assert Page.objects.filter(pk=session.page.pk).exists()


def test_a_refusal_with_its_reason_leads_back_to_the_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = NewsPageFactory()
    here = reverse("wagtailadmin_pages:unpublish", args=[page.pk])

    def refuse(self: object, *args: object, **kwargs: object) -> None:
        raise PermissionDenied("Une raison pour des personnes.")

    monkeypatch.setattr(UnpublishPageAction, "execute", refuse)
    client = signed_in("Direction")
    before = reverse("wagtailadmin_explore", args=[news_index().pk])

    for headers, target in (({}, here), ({"referer": f"http://testserver{before}"}, before)):
        refused = client.post(here, headers=headers)

        assert refused["Location"].removeprefix("http://testserver") == target
        assert "Une raison pour des personnes." in client.get(target).content.decode()


def test_a_second_section_of_a_kind_is_not_offered() -> None:
    agenda()
    client = signed_in("Direction")

    used_once = client.get(
        reverse("wagtailadmin_pages:type_use", args=["events", "eventindexpage"])
    )
    free = client.get(reverse("wagtailadmin_pages:type_use", args=["events", "webinarpage"]))

    parent = reverse("wagtailadmin_pages:choose_parent", args=["events", "eventindexpage"])
    assert parent not in used_once.content.decode()
    assert parent.replace("eventindexpage", "webinarpage") in free.content.decode()


@pytest.mark.parametrize("model", [HomePage, NewsIndexPage])
def test_a_page_of_which_there_is_one_is_not_copied(model: type[Page]) -> None:
    news_index()

    address = reverse("wagtailadmin_pages:copy", args=[model.objects.get().pk])

    assert signed_in("Direction").get(address)["Location"] == reverse("wagtailadmin_home")


def test_what_is_chosen_is_linked_to_its_editor_for_those_who_may_edit_it() -> None:
    structure = StructureFactory()
    address = structure.snippet_viewset.get_url_name("edit")
    chosen = reverse("wagtailsnippets_core_structuretype:edit", args=[structure.structure_type.pk])

    def shown(group: str) -> str:
        return signed_in(group).get(reverse(address, args=[structure.pk])).content.decode()

    assert chosen in shown("Coordination")
    assert chosen not in shown("Relecture")


def test_what_may_not_become_public_is_left_out_of_a_bulk_publication() -> None:
    own = NewsPageFactory(title="De l'équipe", draft=True)
    own.save_revision(user=member("Relecture"))
    external = NewsPageFactory(title="Venue d'ailleurs", draft=True)
    mark_external(external)
    issue = NewsletterIssuePageFactory(title="Un numéro", draft=True)
    client = signed_in("Coordination")
    address = f"{bulk('publish', own, external, issue)}&next=/admin/"

    shown = text_of(client.get(address))
    after = text_of(client.post(address, follow=True))

    for screen in (shown, after):
        assert "Ce contenu vient de l'extérieur" in screen
        assert "Un numéro de la lettre ne se publie pas" in screen
    assert "1 page a été publiée" in after
    assert list(Page.objects.filter(pk__in=[own.pk, external.pk, issue.pk]).live()) == [
        Page.objects.get(pk=own.pk)
    ]


def test_a_section_is_published_without_what_may_not_become_public_below_it() -> None:
    section = news_index()
    section.unpublish()
    own = NewsPageFactory(title="De l'équipe", draft=True)
    own.save_revision(user=member("Relecture"))
    external = NewsPageFactory(title="Venue d'ailleurs", draft=True)
    mark_external(external)
    client = signed_in("Direction")

    address = f"{bulk('publish', section)}&next=/admin/"
    after = text_of(client.post(address, {"include_descendants": "on"}, follow=True))

    assert "« Venue d'ailleurs » : Ce contenu vient de l'extérieur" in after
    live = Page.objects.filter(pk__in=[section.pk, own.pk, external.pk]).live()
    assert set(live.values_list("pk", flat=True)) == {section.pk, own.pk}


@pytest.mark.parametrize("view", ["edit", "copy"])
def test_publishing_what_came_from_outside_is_not_offered(view: str) -> None:
    structure = StructureFactory()
    mark_external(structure)
    address = reverse(structure.snippet_viewset.get_url_name(view), args=[structure.pk])

    shown = signed_in("Direction").get(address).content.decode()

    assert "action-submit" in shown
    assert "action-publish" not in shown


@pytest.mark.parametrize("group,is_offered", [("Coordination", True), ("Relecture", False)])
def test_replacing_a_translation_by_an_alias_is_offered_to_who_may_publish(
    group: str, is_offered: bool
) -> None:
    page = NewsPageFactory()
    english = Locale.objects.get_or_create(language_code="en")[0]
    for parent in page.get_ancestors().filter(depth__gt=1).specific():
        parent.copy_for_translation(english)
    translate(page, english)
    address = reverse("wagtailadmin_pages:edit", args=[page.get_translation(english).pk])

    shown = signed_in(group).get(address).content.decode()

    assert "/disable/" in shown
    assert ("convert_to_alias" in shown) == is_offered
