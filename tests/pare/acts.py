"""How each act of the table of rights is done over HTTP, and how to see that it was done."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages import get_messages
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import EmailField
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.models import BaseGenericSetting, BaseSiteSetting
from wagtail.contrib.settings.views import get_setting_edit_handler
from wagtail.models import (
    Collection,
    DraftStateMixin,
    Locale,
    Page,
    PageViewRestriction,
)

from contributions.kinds import ContributionKind
from contributions.library import QUARANTINE
from contributions.models import Contribution, ContributionState, Message
from core.languages.translations import translation_of
from core.models import Document, Image, User
from events.models import Registration, Session
from home.models import HomePage, StandardPage
from network.models import Structure, StructureImport
from newsletter import sending
from newsletter.models import ExportLog, Mailing, NewsletterIssuePage, Segment, Subscriber
from outbox.models import OutgoingEmail
from published.models import Item
from review.provenance import mark_external
from review.translations import submit_url
from tests.factories import (
    DocumentFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    ResourcePageFactory,
    UserFactory,
    image_file,
    news_index,
    text_pdf,
)
from tests.factories.contributions import ContributionFactory, form_data, member, ticks
from tests.factories.events import RegistrationFactory, agenda
from tests.factories.network import StructureFactory
from tests.factories.newsletter import SubscriberFactory, archive, section, sections
from tests.factories.world import (
    ROLES,
    approve,
    page_factories,
    submit,
    translate,
)
from tests.screens import Screen, fields_of_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

NEW = "Des mots nouveaux"
SLUG = "des-mots-nouveaux"

FAMILIES: dict[str, tuple[type[Any], ...]] = {
    "page": (Page,),
    "snippet": (DraftStateMixin,),
    "file": (Image, Document),
    "setting": (BaseSiteSetting, BaseGenericSetting),
    "contribution": (Contribution,),
    "people": (Subscriber, Segment, ExportLog, Session, Registration),
    "email": (OutgoingEmail,),
    "redirect": (Redirect,),
    "collection": (Collection,),
    "account": (User,),
    "group": (Group,),
}


def family_of(model: type[Model]) -> str:
    """Return the word for all models on which an act is done in the same way."""
    return next((name for name, bases in FAMILIES.items() if issubclass(model, bases)), "term")


@dataclass(frozen=True)
class Act:
    """An act.

    Attributes:
        needs: the state of what it is done on.
        do: does it, and returns whether it was done.
        finish: has two people review what was proposed, and returns whether it was then done.
    """

    needs: str
    do: Callable[[Doing], bool]
    finish: Callable[[Doing], bool] | None = None


ACTS: dict[tuple[str, str], Act] = {}


def act(
    name: str,
    *families: str,
    needs: str = "",
    finish: Callable[[Doing], bool] | None = None,
) -> Callable[[Callable[[Doing], bool]], Callable[[Doing], bool]]:
    """Register how an act is done on what belongs to some families."""

    def register(do: Callable[[Doing], bool]) -> Callable[[Doing], bool]:
        for family in families:
            ACTS[family, name] = Act(needs, do, finish)
        return do

    return register


# What acts are done on

MAKERS: dict[str, Callable[[Stage, type[Model], str], Any]] = {}


def maker(family: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register how a thing of a family is made."""

    def register(make: Callable[..., Any]) -> Callable[..., Any]:
        MAKERS[family] = make
        return make

    return register


class Stage:
    """The people, and things in each state that an act needs."""

    def __init__(self, needed: set[tuple[type[Model], str]]) -> None:
        self.author, self.first, self.second = (
            member(group, f"collegue-{group.lower()}")
            for group in ("Relecture", "Direction", "Coordination")
        )
        self.admin = UserFactory(is_superuser=True)
        self.people = {role: member(role, f"moi-{role.lower()}") for role in ROLES}
        self.english = Locale.objects.get_or_create(language_code="en")[0]
        self.factories = page_factories()
        self.forms: dict[tuple[type[Model], Any], dict[str, list[str]]] = {}
        self.clients = {role: Client(raise_request_exception=False) for role in ROLES}
        for role, client in self.clients.items():
            client.force_login(self.people[role])
        self.cookies = {role: client.cookies.copy() for role, client in self.clients.items()}
        self.things: dict[tuple[type[Model], str], Any] = {}
        news_index()
        agenda()
        archive()
        self.publish_in_english(HomePage.objects.get(locale__language_code="fr"))
        # Home pages last: the others are made below the one that there is.
        for model, state in sorted(
            needed, key=lambda need: (need[0] is HomePage, need[0]._meta.label, need[1])
        ):
            self.things[model, state] = self.make(model, state)

    def make(self, model: type[Model], state: str) -> Any:
        """Make a thing of a model in a state."""
        family = family_of(model)
        if family in MAKERS:
            return MAKERS[family](self, model, state)
        return getattr(self, f"make_{family}")(model, state)

    def make_page(self, model: type[Page], state: str) -> Any:
        number = len(self.things)
        values: dict[str, Any] = {"title": f"Une page {number}", "slug": f"une-page-{number}"}
        if issubclass(model, NewsletterIssuePage):
            values |= {
                "number": number,
                "sections": sections(section("Le réseau", text="<p>Des nouvelles.</p>")),
            }
        live = state in {"public", "versions", "restricted", "filled"}
        if model is HomePage:
            page = HomePage(**values, live=live, locale=Locale.get_default())
            Page.objects.get(depth=1).add_child(instance=page)
        else:
            page = self.factories[model](**values, draft=not live)
        page = model._default_manager.get(pk=page.pk)
        return self.bring_to(page, state)

    def make_snippet(self, model: type[Model], state: str) -> Any:
        live = state in {"public", "versions"}
        number = len(self.things)
        thing = StructureFactory(name=f"Une structure {number}", draft=not live)
        return self.bring_to(thing, state)

    def bring_to(self, thing: Any, state: str) -> Any:
        """Bring a new page or snippet to a state."""
        revision = thing.save_revision(user=self.author)
        if thing.live and isinstance(thing, NewsletterIssuePage):
            self.send(thing)
        elif thing.live:
            revision.publish(user=self.first, skip_permission_checks=True)
        match state:
            case "versions":
                thing = self.read(thing).get_latest_revision_as_object()
                set_words(thing, "D'autres mots")
                thing.save_revision(user=self.author)
            case "filled":
                self.read(thing).add_child(
                    instance=StandardPage(title="Dedans", slug="dedans", locale=thing.locale)
                )
            case "restricted":
                PageViewRestriction.objects.create(page=thing, restriction_type="login")
            case "external":
                mark_external(thing)
            case "first step" | "second step":
                submit(thing, self.author)
                if state == "second step":
                    approve(thing, self.first)
            case "translation":
                thing = self.translated(thing)
            case "external translation":
                mark_external(thing)
                thing = self.translated(thing)
        return self.read(thing)

    def send(self, issue: NewsletterIssuePage) -> None:
        """Send an issue, which makes its archive public."""
        SubscriberFactory()
        submit(issue, self.author)
        approve(issue, self.first)
        approve(issue, self.second)
        assert sending.start(sending.schedule(self.read(issue), self.first))

    def publish_in_english(self, page: Any) -> None:
        """Publish the translation of a page."""
        translate(page, self.english).save_target(user=self.first, publish=True)

    def translated(self, thing: Any) -> Any:
        if isinstance(thing, Page) and thing.depth > 2:
            parent = thing.get_parent().specific
            if not parent.has_translation(self.english):
                self.publish_in_english(parent)
        translate(self.read(thing), self.english)
        return thing.get_translation(self.english)

    def read(self, thing: Any) -> Any:
        return type(thing)._default_manager.get(pk=thing.pk)

    def make_file(self, model: type[Model], state: str) -> Any:
        make = ImageFactory if model is Image else DocumentFactory
        if state == "external":
            root = Collection.get_first_root_node()
            collection = Collection.objects.filter(name=QUARANTINE).first()
            file = make(collection=collection or root.add_child(name=QUARANTINE))
            mark_external(file)
            return file
        file = make(uploaded_by_user=self.author)
        if state == "public":
            name = "cover" if model is Image else "document"
            page = ResourcePageFactory(**{name: file})
            page.save_revision(user=self.author).publish(user=self.first)
        return file

    def make_term(self, model: Any, state: str) -> Any:
        makers = {each._meta.model: each for each in (EmergencyNumberFactory, FunderFactory)}
        found = model._default_manager.first()
        return makers[model]() if found is None else found

    def make_setting(self, model: Any, state: str) -> Any:
        return model.load()

    def make_contribution(self, model: Any, state: str) -> Any:
        if state == "network":
            return ContributionFactory(kind=ContributionKind.NETWORK)
        if state == "own":
            return {
                role: ContributionFactory(account=user, title="La mienne")
                for role, user in self.people.items()
            }
        return ContributionFactory()

    def make_people(self, model: Any, state: str) -> Any:
        SubscriberFactory()
        return RegistrationFactory()

    def form_of(self, thing: Any) -> dict[str, list[str]]:
        """Return what the form of a page or snippet sends when nobody has touched it."""
        key = (type(thing), thing.pk)
        if key not in self.forms:
            self.forms[key] = data_of_form(thing.get_latest_revision_as_object(), self.admin)
        return dict(self.forms[key])


def handler_of(thing: Any) -> Any:
    """Return what knows the form of an object."""
    if isinstance(thing, Page):
        return thing.get_edit_handler()
    if isinstance(thing, BaseSiteSetting | BaseGenericSetting):
        return get_setting_edit_handler(type(thing))
    return type(thing).snippet_viewset._edit_handler


def data_of_form(thing: Any, user: User) -> dict[str, list[str]]:
    """Return the data of the form of an object, as a browser sends it."""
    form = handler_of(thing).get_form_class()(instance=thing, for_user=user)
    data: dict[str, list[str]] = {}
    parts = [form]
    for formset in form.formsets.values():
        parts += [formset.management_form, *formset.forms]
    for part in parts:
        blocks = fields_of_blocks(part)
        html = "".join(bound.as_widget() for bound in part if not hasattr(bound.field, "block"))
        for name, value in (*Screen(f"<form>{html}</form>", "/").forms[0].sent(), *blocks):
            data.setdefault(name, []).append(value)
    return data


def set_words(thing: Any, words: str) -> None:
    setattr(thing, "title" if isinstance(thing, Page) else "name", words)


def words_of(thing: Any) -> str:
    return str(thing.title if isinstance(thing, Page) else thing.name)


class Doing:
    """Somebody who does an act on something."""

    def __init__(self, stage: Stage, user: User, model: type[Model], thing: Any) -> None:
        self.stage, self.user, self.model, self.thing = stage, user, model, thing
        self.role = next(role for role, each in stage.people.items() if each == user)
        self.client = stage.clients[self.role]
        # Without the messages of an act before.
        self.client.cookies = stage.cookies[self.role].copy()
        self.status = 0
        self.response: Any = None

    def explain(self) -> str:
        """Return what the last answer was, for a failure."""
        if self.response is None:
            return "Nothing was asked."
        context = self.response.context
        form = context.get("form") if context else None
        shown = [str(each) for each in get_messages(self.response.wsgi_request)]
        errors = dict(form.errors) if form is not None and hasattr(form, "errors") else {}
        return f"{self.response.request['PATH_INFO']}: {self.status} {shown} {errors}"

    def get(self, address: str, **query: Any) -> Any:
        return self._note(self.client.get(address, query))

    def post(self, address: str, data: dict[str, Any] | None = None) -> Any:
        return self._note(self.client.post(address, data or {}))

    def _note(self, response: Any) -> Any:
        self.response, self.status = response, response.status_code
        return response

    def address(self, name: str, *more: Any, thing: Any = None) -> str:
        """Return the address of a view of the thing."""
        thing = thing or self.thing
        if isinstance(thing, Page):
            return reverse(f"wagtailadmin_pages:{name}", args=[thing.pk, *more])
        namespace = thing.snippet_viewset.url_namespace
        return reverse(f"{namespace}:{name}", args=[quote(thing.pk), *more])

    def now(self) -> Any:
        """Return the thing as it is now."""
        return self.stage.read(self.thing)

    def send(self, thing: Any = None, **changes: Any) -> Any:
        """Send the form of the thing, with some changes."""
        thing = thing or self.thing
        data = self.stage.form_of(thing)
        words = changes.pop("words", None)
        if words:
            data["title" if isinstance(thing, Page) else "name"] = [words]
        return self.post(self.address("edit", thing=thing), data | changes)

    def act_on_review(self, action: str, **data: Any) -> Any:
        state = self.now().current_workflow_task_state
        return self.post(self.address("workflow_action", action, state.pk), data)


def review(thing: Any, doing: Doing) -> None:
    """Have two other people approve."""
    approve(thing, doing.stage.first)
    approve(thing, doing.stage.second)


# Pages and structures


@act("voir le brouillon", "page", needs="draft")
def see_draft(doing: Doing) -> bool:
    shown = doing.get(doing.address("view_draft"))
    return shown.status_code == 200 and words_of(doing.thing) in shown.content.decode()


@act("voir le brouillon", "snippet", needs="draft")
def see_draft_of_snippet(doing: Doing) -> bool:
    return doing.get(doing.address("edit")).status_code == 200


@act("créer", "page", needs="draft")
def create_page(doing: Doing) -> bool:
    data = doing.stage.form_of(doing.thing) | {"title": [NEW], "slug": [SLUG]}
    for name in list(data):
        if name.endswith("-INITIAL_FORMS"):
            data[name] = ["0"]
        elif name.endswith("-id"):
            data[name] = [""]
    if "number" in data:
        data["number"] = ["9999"]
    options = doing.model._meta
    parent = doing.thing.get_parent()
    doing.post(
        reverse("wagtailadmin_pages:add", args=[options.app_label, options.model_name, parent.pk]),
        data,
    )
    made = doing.model._default_manager.filter(slug=SLUG).first()
    return made is not None and not made.live


@act("créer", "snippet", needs="draft")
def create_snippet(doing: Doing) -> bool:
    data = doing.stage.form_of(doing.thing) | {"name": [NEW]}
    doing.post(reverse(f"{doing.thing.snippet_viewset.url_namespace}:add"), data)
    made = doing.model._default_manager.filter(name=NEW).first()
    return made is not None and not made.live


@act("modifier", "page", "snippet", needs="public")
def change(doing: Doing) -> bool:
    before = words_of(doing.thing)
    doing.send(words=NEW)
    now = doing.now()
    assert words_of(now) == before, "The live row was written."
    return words_of(now.get_latest_revision_as_object()) == NEW


@act("proposer à la relecture", "page", "snippet", needs="draft")
def propose(doing: Doing) -> bool:
    doing.send(**{"action-submit": "1"})
    return bool(doing.now().workflow_in_progress)


@act("approuver la relecture éditoriale", "page", "snippet", needs="first step")
def approve_first_step(doing: Doing) -> bool:
    before = doing.now().current_workflow_task
    doing.act_on_review("approve", **dict.fromkeys(ticks(), "on"))
    now = doing.now()
    return now.current_workflow_task not in {before, None} and not now.live


@act("valider", "page", "snippet", needs="second step")
def validate(doing: Doing) -> bool:
    doing.act_on_review("approve", **dict.fromkeys(ticks(), "on"))
    now = doing.now()
    if doing.model is NewsletterIssuePage:  # It is public once it is sent.
        return not now.workflow_in_progress
    return is_public(now)


@act("demander des modifications", "page", "snippet", needs="first step")
def ask_for_changes(doing: Doing) -> bool:
    doing.act_on_review("reject", comment="À revoir.")
    return str(doing.now().current_workflow_state.status) == "needs_changes"


@act("arrêter la relecture", "page", needs="first step")
def cancel_review(doing: Doing) -> bool:
    doing.send(**{"action-cancel-workflow": "1"})
    return not doing.now().workflow_in_progress


def publish_after_review(doing: Doing) -> bool:
    """Propose what could not be published, and have it reviewed."""
    if not doing.now().workflow_in_progress:
        doing.send(words=NEW, **{"action-submit": "1"})
        assert doing.now().workflow_in_progress, doing.explain()
    review(doing.now(), doing)
    return is_public(doing.now(), NEW)


def is_public(thing: Any, words: str = "") -> bool:
    """Return whether the public reads something, in these words."""
    item = Item.objects.filter(
        content_type=ContentType.objects.get_for_model(thing), thing_id=thing.pk
    ).first()
    return item is not None and thing.live and (not words or item.title == words)


@act("publier (travail de l'équipe)", "page", "snippet", needs="draft", finish=publish_after_review)
@act(
    "publier (venu de l'extérieur)",
    "page",
    "snippet",
    needs="external",
    finish=publish_after_review,
)
def publish(doing: Doing) -> bool:
    doing.send(words=NEW, **{"action-publish": "1"})
    return is_public(doing.now(), NEW)


def schedule_after_review(doing: Doing) -> bool:
    doing.send(go_live_at=tomorrow(), **{"action-submit": "1"})
    review(doing.now(), doing)
    return is_scheduled(doing.now())


@act("programmer", "page", needs="draft", finish=schedule_after_review)
def schedule(doing: Doing) -> bool:
    doing.send(go_live_at=tomorrow(), **{"action-publish": "1"})
    return is_scheduled(doing.now())


def tomorrow() -> str:
    return (timezone.localtime() + dt.timedelta(days=1)).strftime("%Y-%m-%d %H:%M")


def is_scheduled(thing: Any) -> bool:
    return bool(thing.revisions.filter(approved_go_live_at__isnull=False).exists())


@act("dépublier", "page", "snippet", needs="public")
def unpublish(doing: Doing) -> bool:
    doing.post(doing.address("unpublish"))
    return not doing.now().live


@act("revenir à une version", "page", "snippet", needs="versions")
def revert(doing: Doing) -> bool:
    first = doing.thing.revisions.order_by("pk").first()
    shown = doing.get(doing.address("revisions_revert", first.pk))
    if shown.status_code != 200:
        return False
    doing.send(words=words_of(first.as_object()), revision=first.pk)
    latest = doing.now().get_latest_revision()
    return latest.pk != first.pk and words_of(latest.as_object()) == words_of(first.as_object())


def copy_form(doing: Doing, **more: Any) -> dict[str, Any]:
    parent = doing.thing.get_parent()
    return {"new_title": NEW, "new_slug": SLUG, "new_parent_page": parent.pk, **more}


@act("copier", "page", needs="public")
def copy(doing: Doing) -> bool:
    doing.post(doing.address("copy"), copy_form(doing))
    made = Page.objects.filter(slug=SLUG).first()
    return made is not None and not made.live


@act("copier", "snippet", needs="public")
def copy_snippet(doing: Doing) -> bool:
    assert doing.get(doing.address("edit")).status_code in {200, 302, 403}
    data = doing.stage.form_of(doing.thing) | {"name": [NEW], "external_id": [""]}
    before = words_of(doing.thing)
    doing.post(doing.address("copy"), data)
    assert words_of(doing.now()) == before, "What was copied is written over."
    made = doing.model._default_manager.filter(name=NEW).first()
    return made is not None and not made.live


@act("créer un alias", "page", needs="public")
def make_alias(doing: Doing) -> bool:
    doing.post(doing.address("copy"), copy_form(doing, alias="on"))
    return Page.objects.filter(slug=SLUG, alias_of=doing.thing).exists()


@act("déplacer", "page", needs="public")
def move(doing: Doing) -> bool:
    parent = doing.thing.get_parent()
    others = (
        page
        for kind in doing.model.allowed_parent_page_models()
        for page in kind._default_manager.filter(locale=doing.thing.locale).exclude(pk=parent.pk)
        if page.pk != doing.thing.pk and doing.thing.can_move_to(page)
    )
    # Where there is one place for it, to move is to put it elsewhere in it.
    destination = next(others, parent)
    answer = doing.post(
        reverse("wagtailadmin_pages:move_confirm", args=[doing.thing.pk, destination.pk])
    )
    levels = {each.level_tag for each in get_messages(answer.wsgi_request)}
    return doing.now().get_parent().pk == destination.pk and "success" in levels


@act("verrouiller", "page", needs="draft")
def lock(doing: Doing) -> bool:
    doing.post(doing.address("lock"))
    return bool(doing.now().locked)


@act("déverrouiller", "page", needs="draft")
def unlock(doing: Doing) -> bool:
    by_another = {"locked": True, "locked_by": doing.stage.first, "locked_at": timezone.now()}
    Page.objects.filter(pk=doing.thing.pk).update(**by_another)
    doing.post(doing.address("unlock"))
    return not doing.now().locked


@act("restreindre", "page", needs="public")
def restrict(doing: Doing) -> bool:
    doing.post(doing.address("set_privacy"), {"restriction_type": "login"})
    return doing.thing.view_restrictions.exists()


@act("lever une restriction", "page", needs="restricted")
def lift_restriction(doing: Doing) -> bool:
    doing.post(doing.address("set_privacy"), {"restriction_type": "none"})
    return not doing.thing.view_restrictions.exists()


@act("traduire", "page", "snippet", needs="public")
def have_translated(doing: Doing) -> bool:
    if isinstance(doing.thing, Page):
        address = reverse("wagtail_localize:submit_page_translation", args=[doing.thing.pk])
        parent = doing.thing.get_parent().specific
        if parent.depth > 1 and not parent.has_translation(doing.stage.english):
            doing.stage.publish_in_english(parent)
    else:
        options = doing.model._meta
        address = reverse(
            "wagtail_localize:submit_snippet_translation",
            args=[options.app_label, options.model_name, quote(doing.thing.pk)],
        )
    doing.post(address, {"locales": [doing.stage.english.pk], "include_subtree": ""})
    made = doing.thing.get_translation_or_none(doing.stage.english)
    return made is not None and not made.live


def publish_translation_after_review(doing: Doing) -> bool:
    translation = translation_of(doing.thing)
    assert translation is not None
    doing.post(submit_url(translation, doing.thing))
    if not doing.now().workflow_in_progress:
        return False
    review(doing.now(), doing)
    return is_public(doing.now())


@act(
    "publier une traduction",
    "page",
    "snippet",
    needs="translation",
    finish=publish_translation_after_review,
)
@act(
    "publier une traduction (venue de l'extérieur)",
    "page",
    "snippet",
    needs="external translation",
    finish=publish_translation_after_review,
)
def publish_translation(doing: Doing) -> bool:
    doing.post(doing.address("edit"), {"action": "publish"})
    return is_public(doing.now())


def publish_copy_after_review(doing: Doing) -> bool:
    copied = Page.objects.get(slug=SLUG).specific
    submit(copied, doing.stage.author)
    review(copied, doing)
    return is_public(doing.stage.read(copied))


@act(
    "publier une copie (venue de l'extérieur)",
    "page",
    needs="external",
    finish=publish_copy_after_review,
)
def publish_copy(doing: Doing) -> bool:
    doing.post(doing.address("copy"), copy_form(doing, publish_copies="on"))
    copied = Page.objects.filter(slug=SLUG).first()
    if copied is None:
        return False
    copied = copied.specific
    doing.send(copied, words=f"{NEW} encore", **{"action-publish": "1"})
    return is_public(doing.stage.read(copied))


@act("convertir une traduction en alias", "page", needs="translation")
def convert_to_alias(doing: Doing) -> bool:
    doing.post(reverse("wagtail_localize:convert_to_alias", args=[doing.thing.pk]))
    return doing.now().alias_of_id is not None


@act("supprimer un brouillon", "page", needs="draft")
@act("supprimer une page en ligne", "page", needs="public")
@act("supprimer, vide", "page", needs="public")
@act("supprimer, avec ce qu'elle contient", "page", needs="filled")
def delete(doing: Doing) -> bool:
    doing.post(doing.address("delete"))
    return not doing.model._default_manager.filter(pk=doing.thing.pk).exists()


@act("supprimer", "snippet", "term", needs="public")
def delete_snippet(doing: Doing) -> bool:
    doing.post(doing.address("delete"))
    return not doing.model._default_manager.filter(pk=doing.thing.pk).exists()


def send_after_review(doing: Doing) -> bool:
    doing.send(**{"action-submit": "1"})
    review(doing.now(), doing)
    return send_issue(doing)


@act("envoyer la lettre", "page", needs="draft", finish=send_after_review)
def send_issue(doing: Doing) -> bool:
    SubscriberFactory()
    at = (timezone.localtime() + dt.timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    doing.post(
        reverse("newsletter_sending:issue", args=[doing.thing.pk]),
        {"action": "schedule", "confirmed": "1", "at": at},
    )
    return Mailing.objects.filter(page=doing.thing).exists()


@act(
    "corriger un numéro envoyé",
    "page",
    needs="public",
    finish=publish_after_review,
)
def correct_sent_issue(doing: Doing) -> bool:
    return publish(doing)


@act("remettre l'archive en ligne", "page", needs="public")
def bring_archive_back(doing: Doing) -> bool:
    Page.objects.get(pk=doing.thing.pk).unpublish(user=doing.stage.first)
    assert not is_public(doing.now())
    doing.post(reverse("newsletter_sending:archive", args=[doing.thing.pk]))
    return is_public(doing.now())


# Structures alone


@act("marquer vérifiée", "snippet", needs="public")
def mark_verified(doing: Doing) -> bool:
    address = reverse("wagtail_bulk_action", args=["network", "structure", "verify"])
    doing.post(f"{address}?id={doing.thing.pk}")
    return doing.now().verified_on is not None


@act("exporter", "snippet", needs="public")
def export(doing: Doing) -> bool:
    answer = doing.post(reverse("network_export", args=["csv"]), {"with": "1", "reason": "Essai"})
    return answer.status_code == 200 and b"external_id" in b"".join(answer.streaming_content)


def import_after_review(doing: Doing) -> bool:
    structure = Structure.objects.get(name=NEW)
    submit(structure, doing.stage.author)
    review(structure, doing)
    return is_public(doing.stage.read(structure))


@act("importer", "snippet", needs="public", finish=import_after_review)
def import_table(doing: Doing) -> bool:
    table = f"external_id,name,type,insee_department\nD001,{NEW},association,59\n"
    file = SimpleUploadedFile("structures.csv", table.encode())
    doing.post(reverse("network_import"), {"file": file})
    kept = StructureImport.objects.first()
    if kept is None:
        return False
    address = reverse("network_import_preview", args=[kept.pk])
    digest = doing.get(address).context["digest"]
    doing.post(address, {"digest": digest})
    return any(map(is_public, Structure.objects.filter(name=NEW)))


# Files


def files(name: str, file: Any) -> str:
    app = "wagtailimages" if isinstance(file, Image) else "wagtaildocs"
    return f"{app}:{name}"


def content_for(model: Any) -> Any:
    return image_file("autre.jpg") if model is Image else text_pdf("Un autre texte", name="b.pdf")


@act("voir", "file", needs="unused")
def see_file(doing: Doing) -> bool:
    return doing.get(reverse(files("edit", doing.thing), args=[doing.thing.pk])).status_code == 200


@act("ajouter", "file", needs="unused")
def add_file(doing: Doing) -> bool:
    doing.post(
        reverse(files("add", doing.thing)),
        {"title": NEW, "file": content_for(doing.model), "tags": "", "collection": root().pk},
    )
    return doing.model._default_manager.filter(title=NEW).exists()


def root() -> Collection:
    found: Collection = Collection.get_first_root_node()
    return found


@act("choisir", "file", needs="unused")
@act("choisir hors de sa contribution (venu de l'extérieur)", "file", needs="external")
def choose_file(doing: Doing) -> bool:
    app = "wagtailimages" if doing.model is Image else "wagtaildocs"
    address = reverse(f"{app}_chooser:chosen", args=[doing.thing.pk])
    answer = doing.get(address)
    return answer.status_code == 200 and answer.json()["step"] == "chosen"


@act("modifier (le site ne s'en sert pas)", "file", needs="unused")
@act("modifier (le site s'en sert)", "file", needs="public")
def change_file(doing: Doing) -> bool:
    doing.post(
        reverse(files("edit", doing.thing), args=[doing.thing.pk]),
        {"title": NEW, "tags": "", "collection": root().pk, "description": "", "credit": ""},
    )
    return bool(doing.now().title == NEW)


@act("remplacer (le site ne s'en sert pas)", "file", needs="unused")
@act("remplacer (le site s'en sert)", "file", needs="public")
def replace_file(doing: Doing) -> bool:
    before = doing.thing.file.name
    doing.post(
        reverse(files("edit", doing.thing), args=[doing.thing.pk]),
        {"title": "Le même", "tags": "", "collection": root().pk, "file": content_for(doing.model)},
    )
    return bool(doing.now().file.name != before)


@act("supprimer (rien ne s'en sert)", "file", needs="unused")
@act("supprimer (le site s'en sert)", "file", needs="public")
def delete_file(doing: Doing) -> bool:
    doing.post(reverse(files("delete", doing.thing), args=[doing.thing.pk]))
    return not doing.model._default_manager.filter(pk=doing.thing.pk).exists()


# Terms, numbers, settings


@act("voir", "term", needs="public")
def see_term(doing: Doing) -> bool:
    namespace = doing.thing.snippet_viewset.url_namespace
    return doing.get(reverse(f"{namespace}:list")).status_code == 200


def term_form(doing: Doing) -> dict[str, Any]:
    form = doing.thing.snippet_viewset._edit_handler.get_form_class()(
        instance=doing.thing, for_user=doing.stage.admin
    )
    html = "".join(bound.as_widget() for bound in form)
    return dict(Screen(f"<form>{html}</form>", "/").forms[0].sent())


def name_field(doing: Doing) -> str:
    names = {field.name for field in doing.model._meta.fields}
    return "label" if "label" in names else "name"


@act("créer", "term", needs="public")
def create_term(doing: Doing) -> bool:
    data = term_form(doing) | {name_field(doing): NEW, "slug": SLUG, "code": "XX"}
    doing.post(reverse(f"{doing.thing.snippet_viewset.url_namespace}:add"), data)
    return doing.model._default_manager.filter(**{name_field(doing): NEW}).exists()


@act("modifier", "term", needs="public")
def change_term(doing: Doing) -> bool:
    doing.post(doing.address("edit"), term_form(doing) | {name_field(doing): NEW})
    return bool(getattr(doing.now(), name_field(doing)) == NEW)


@act("traduire", "term", needs="public")
def translate_term(doing: Doing) -> bool:
    field = f"{name_field(doing)}_{doing.stage.english.language_code}"
    doing.post(doing.address("edit"), term_form(doing) | {field: NEW})
    return doing.thing.has_translation(doing.stage.english)


def settings_address(doing: Doing) -> str:
    options = doing.model._meta
    return reverse("wagtailsettings:edit", args=[options.app_label, options.model_name])


@act("voir", "setting")
def see_setting(doing: Doing) -> bool:
    answer = doing._note(doing.client.get(settings_address(doing), follow=True))
    return answer.status_code == 200 and "form" in (answer.context or {})


@act("modifier", "setting")
def change_setting(doing: Doing) -> bool:
    name = next(field.name for field in doing.model._meta.fields if isinstance(field, EmailField))
    changed = {name: f"{doing.role}@example.org".lower()}
    data = data_of_form(doing.thing, doing.stage.admin)
    doing.post(f"{settings_address(doing)}{doing.thing.pk}/", data | changed)
    return doing.model._default_manager.filter(**changed).exists()


@act("essayer l'e-mail", "setting")
def try_email(doing: Doing) -> bool:
    doing.post(reverse("home_try_email"))
    return doing.model._default_manager.exclude(email_tested_at=None).exists()


# Contributions


@act("voir", "contribution", needs="received")
def see_contribution(doing: Doing) -> bool:
    return doing.get(reverse("contribution:inspect", args=[doing.thing.pk])).status_code == 200


def triage(doing: Doing, action: str, **data: Any) -> Any:
    doing.post(reverse("contribution:act", args=[doing.thing.pk, action]), data)
    return doing.now()


@act("préparer le brouillon", "contribution", needs="received")
def prepare_draft(doing: Doing) -> bool:
    draft = triage(doing, "draft", parent=news_index().pk)
    return bool(draft.state == ContributionState.IN_REVIEW)


@act("demander des modifications", "contribution", needs="received")
def ask_partner(doing: Doing) -> bool:
    return bool(
        triage(doing, "changes", text="Quand ?").state == ContributionState.CHANGES_REQUESTED
    )


@act("refuser", "contribution", needs="received")
def reject_contribution(doing: Doing) -> bool:
    return bool(triage(doing, "reject", text="Non.").state == ContributionState.REJECTED)


@act("accepter une demande de réseau", "contribution", needs="network")
def accept_contribution(doing: Doing) -> bool:
    return bool(triage(doing, "accept").state == ContributionState.ACCEPTED)


@act("confier", "contribution", needs="received")
def assign_contribution(doing: Doing) -> bool:
    return bool(triage(doing, "assign", assignee=doing.stage.second.pk).assignee)


@act("noter", "contribution", needs="received")
def note(doing: Doing) -> bool:
    triage(doing, "note", text=NEW)
    return Message.objects.filter(author=Message.Author.NOTE, text=NEW).exists()


@act("écrire au partenaire", "contribution", needs="received")
def write_to_partner(doing: Doing) -> bool:
    triage(doing, "message", text=NEW)
    return Message.objects.filter(author=Message.Author.TEAM, text=NEW).exists()


@act("éteindre les liens de suivi", "contribution", needs="received")
def revoke_links(doing: Doing) -> bool:
    answer = doing.post(reverse("contribution:act", args=[doing.thing.pk, "revoke"]))
    return {each.level_tag for each in get_messages(answer.wsgi_request)} == {"success"}


@act("proposer depuis un compte", "contribution")
def contribute(doing: Doing) -> bool:
    doing.post(
        reverse("contributions_write_new", args=["actualite"]), form_data(title=NEW, send="1")
    )
    return Contribution.objects.filter(title=NEW, account=doing.user).exists()


@act("modifier la sienne", "contribution", needs="own")
def amend(doing: Doing) -> bool:
    own = doing.thing[doing.role]
    doing.post(reverse("contributions_write_own", args=[own.pk]), form_data(title=NEW, send="1"))
    return Contribution.objects.filter(pk=own.pk, title=NEW).exists()


# E-mails


@maker("email")
def make_email(stage: Stage, model: Any, state: str) -> OutgoingEmail:
    made: OutgoingEmail = OutgoingEmail.objects.create(
        address="zoe@example.org", subject=NEW, text=NEW, state="refused", error="550 5.1.1"
    )
    return made


@act("voir les e-mails", "email")
def see_emails(doing: Doing) -> bool:
    return seen(doing, "outbox:index")


def act_on_email(doing: Doing, action: str, state: str) -> bool:
    address = reverse("wagtail_bulk_action", args=["outbox", "outgoingemail", action])
    doing.post(f"{address}?id={doing.thing.pk}&next=/admin/e-mails/", {"confirmed": "1"})
    return OutgoingEmail.objects.filter(pk=doing.thing.pk, state=state).exists()


@act("essayer un e-mail à nouveau", "email")
def send_email_again(doing: Doing) -> bool:
    return act_on_email(doing, "send_again", "waiting")


@act("ne plus envoyer un e-mail", "email")
def dismiss_email(doing: Doing) -> bool:
    return act_on_email(doing, "dismiss", "cancelled")


# Subscribers and registrations


def seen(doing: Doing, name: str) -> bool:
    return doing.get(reverse(name)).status_code == 200


@act("voir les abonné·es", "people", needs="some")
def see_subscribers(doing: Doing) -> bool:
    return seen(doing, "subscribers:index") and seen(doing, "segments:index")


@act("ajouter une personne abonnée", "people", needs="some")
def add_subscriber(doing: Doing) -> bool:
    doing.post(
        reverse("subscribers:add"),
        {"email": "nouvelle@example.org", "consent_source": "Bulletin", "language": "fr"},
    )
    return Subscriber.objects.filter(email="nouvelle@example.org").exists()


@act("importer des abonné·es", "people", needs="some")
def import_subscribers(doing: Doing) -> bool:
    file = SimpleUploadedFile("liste.csv", b"email\nnouvelle@example.org\n")
    answer = doing.post(reverse("subscribers:import"), {"file": file, "source": "Bulletin"})
    if answer.status_code != 200:
        return False
    doing.post(reverse("subscribers:import"), {"kept": answer.context["kept"]})
    return Subscriber.objects.filter(email="nouvelle@example.org").exists()


@act("exporter des abonné·es", "people", needs="some")
def export_subscribers(doing: Doing) -> bool:
    doing.get(reverse("subscribers:index"), export="csv")
    return ExportLog.objects.exists()


@act("voir les inscriptions", "people", needs="some")
def see_registrations(doing: Doing) -> bool:
    return seen(doing, "registrations:index") or seen(doing, "event_sessions:index")


@act("exporter les inscriptions", "people", needs="some")
def export_registrations(doing: Doing) -> bool:
    answer = doing.get(reverse("registrations:index"), export="csv")
    return answer.status_code == 200 and doing.thing.email in answer.getvalue().decode()


@act("cocher les présences", "people", needs="some")
def record_attendance(doing: Doing) -> bool:
    # Its day has come.
    Session.objects.filter(pk=doing.thing.session.pk).update(starts_at=timezone.now())
    address = reverse("event_sessions:attendance", args=[doing.thing.session.pk])
    doing.post(address, {"came": [doing.thing.pk]})
    return Registration.objects.filter(pk=doing.thing.pk, has_attended=True).exists()


@act("écrire aux personnes inscrites", "people", needs="some")
def write_to_registered(doing: Doing) -> bool:
    mail.outbox.clear()
    with TestCase.captureOnCommitCallbacks(execute=True):
        doing.post(
            reverse("event_sessions:write", args=[doing.thing.session.pk]),
            {"states": [doing.thing.state], "subject": NEW, "text": NEW},
        )
    return [doing.thing.email] in [message.to for message in mail.outbox]


@act("annuler une session", "people", needs="some")
def cancel_session(doing: Doing) -> bool:
    session = doing.thing.session
    doing.post(reverse("event_sessions:cancel", args=[session.pk]), {"reason": "Panne"})
    return Session.objects.filter(pk=session.pk, cancelled_at__isnull=False).exists()


@act("inscrire une personne", "people", needs="some")
def add_person(doing: Doing) -> bool:
    data = {"session": doing.thing.session.pk, "name": NEW, "email": "nouvelle@example.org"}
    data |= {"language": "fr", "has_agreed": "on", "confirmed": "1"}
    doing.post(reverse("registrations:add"), data)
    return Registration.objects.filter(email="nouvelle@example.org").exists()


@act("corriger ou annuler une inscription", "people", needs="some")
def correct_person(doing: Doing) -> bool:
    data = {"name": NEW, "email": doing.thing.email, "language": "fr"}
    doing.post(reverse("registrations:correct", args=[doing.thing.pk]), data)
    return Registration.objects.filter(pk=doing.thing.pk, name=NEW).exists()


# What a crawl finds that people do (tests.pare.test_offers), by the view and its button, and the
# act of the table whose right it is. What belongs to the person alone has none.
PERSONAL = (
    *("wagtailadmin_account", "home_try_email", "accounts_security", "accounts_confirm"),
    *("mfa_activate_totp", "mfa_view_recovery_codes"),
)
LINES = (
    (r"wagtailadmin_pages:add( action-(publish|submit))?", "créer"),
    (r"wagtailadmin_pages:copy", "copier"),
    (r"wagtailadmin_pages:delete", "supprimer un brouillon"),
    (r"wagtailadmin_pages:edit", "modifier"),
    (r"wagtailadmin_pages:edit action-cancel-workflow", "arrêter la relecture"),
    (r".+:edit action-publish", "publier (travail de l'équipe)"),
    (r".+:edit action-(submit|restart-workflow)", "proposer à la relecture"),
    (r".+:edit localize-convert-to-alias", "convertir une traduction en alias"),
    (r".+:(edit|workflow_action) approve", "approuver la relecture éditoriale"),
    (r".+:(edit|workflow_action) reject", "demander des modifications"),
    (r"wagtailadmin_pages:lock", "verrouiller"),
    (r"wagtailadmin_pages:unlock", "déverrouiller"),
    (r"wagtailadmin_pages:move_confirm", "déplacer"),
    (r"wagtailadmin_pages:revisions_unschedule", "programmer"),
    (r"wagtailadmin_pages:set_privacy", "restreindre"),
    (r"wagtailadmin_pages:convert_alias", "créer un alias"),
    (r".+:unpublish", "dépublier"),
    (r"review.admin_views.take_back|review_take_back", "modifier"),
    (r"review.translating.(Submit(Page|Snippet)|Update)Translations?View", "traduire"),
    (r"wagtail_localize:stop_translation", "traduire"),
    (r"wagtail_localize.views.edit_translation.+", "traduire"),
    (r"submit_(snippet_)?translation_for_review", "proposer à la relecture"),
    (r"review.translating.convert_to_alias", "convertir une traduction en alias"),
    (r"wagtail_bulk_action delete", "supprimer un brouillon"),
    (r"wagtail_bulk_action move", "déplacer"),
    (r"wagtail_bulk_action publish", "publier (travail de l'équipe)"),
    (r"wagtail_bulk_action unpublish", "dépublier"),
    (r"wagtail_bulk_action verify", "marquer vérifiée"),
    (r"wagtail_bulk_action add_(tags|to_collection)", "modifier (le site ne s'en sert pas)"),
    (r"wagtail(images|docs):add(_multiple)?|wagtail(images|docs)_chooser:create", "ajouter"),
    (r"wagtail(images|docs):edit(_multiple)?", "modifier (le site ne s'en sert pas)"),
    (r"wagtail(images|docs):delete(_multiple)?", "supprimer (rien ne s'en sert)"),
    (r"wagtailimages(_chooser)?:(index|choose|chosen)(_results|_multiple)?", "voir"),
    (r"published.admin_views.(Document|Image)EditView", "modifier (le site ne s'en sert pas)"),
    (r"published.admin_views.(Document|Image)DeleteView", "supprimer (rien ne s'en sert)"),
    (r"wagtailsnippets_.+:add( action-(publish|submit))?", "créer"),
    (r"wagtailsnippets_.+:copy( action-(publish|submit))?", "copier"),
    (r"wagtailsnippets_.+:edit( action-cancel-workflow)?", "modifier"),
    (r"wagtailsnippets_.+:delete", "supprimer"),
    (r"wagtailsettings:edit", "modifier"),
    (r"home_try_email", "essayer l'e-mail"),
    (r"network_import(_preview)?", "importer"),
    (r"network_export( with(out)?)?", "exporter"),
    (r"newsletter_sending:prepare", "créer"),
    (r"newsletter_sending:(issue|cancel|settle).*", "envoyer la lettre"),
    (r"newsletter_sending:archive", "remettre l'archive en ligne"),
    (r"subscribers:import", "importer des abonné·es"),
    (r"subscribers:index", "exporter des abonné·es"),
    (r"registrations:add( \w+)?", "inscrire une personne"),
    (
        r"registrations:(correct|confirm|promote|cancel)( \w+)?",
        "corriger ou annuler une inscription",
    ),
    (r"wagtail_bulk_action send_again( \w+)?", "essayer un e-mail à nouveau"),
    (r"wagtail_bulk_action dismiss( \w+)?", "ne plus envoyer un e-mail"),
    (r"wagtail_bulk_action (promote|cancel)( \w+)?", "corriger ou annuler une inscription"),
    (r"event_sessions:attendance|wagtail_bulk_action mark_\w+( \w+)?", "cocher les présences"),
    (r"event_sessions:write(_letter)?( \w+)?", "écrire aux personnes inscrites"),
    (r"event_sessions:cancel(_letter)?( \w+)?", "annuler une session"),
    (r"(subscribers|segments):(add|edit|delete)", "ajouter une personne abonnée"),
    (r"wagtailusers_users:add", "créer un compte"),
    (r"wagtailusers_users:edit", "modifier un compte"),
    (r"accounts_invite", "inviter une personne à nouveau"),
    (r"accounts_reset", "réinitialiser un second facteur"),
    (r"accounts_leave", "fermer l'accès d'une personne qui part"),
    (r"accounts_access_review", "revoir un accès"),
    (r"wagtail_bulk_action assign_role", "donner un groupe à un compte"),
    (r"wagtail_bulk_action set_active_state", "désactiver un compte"),
    (r"wagtailusers_groups:add", "créer un groupe"),
    (r"wagtailusers_groups:edit", "modifier un groupe"),
    (r"wagtailusers_groups:delete", "supprimer un groupe"),
    (r"wagtailredirects:add", "créer"),
    (r"wagtailredirects:edit", "modifier"),
    (r"wagtailredirects:(start|process)_import", "importer des redirections"),
    (r"wagtailredirects:delete", "supprimer"),
    (r"wagtailadmin_collections:add", "créer"),
    (r"wagtailadmin_collections:edit", "modifier"),
    (r"wagtailadmin_collections:set_privacy", "restreindre une collection"),
    (r"wagtailadmin_collections:delete", "supprimer, vide"),
    (
        r"(contribution:(act|letter)|wagtail_bulk_action) accept( \w+)?",
        "accepter une demande de réseau",
    ),
    (r"(contribution:act|wagtail_bulk_action) assign( \w+)?", "confier"),
    (r"contribution:(act|letter) changes", "demander des modifications"),
    (r"contribution:act draft", "préparer le brouillon"),
    (r"contribution:(act|letter) message", "écrire au partenaire"),
    (r"contribution:act note", "noter"),
    (r"(contribution:(act|letter)|wagtail_bulk_action) reject( \w+)?", "refuser"),
    (r"contribution:(act|letter) revoke", "éteindre les liens de suivi"),
    (r"contribution:download", "voir"),
    (r"contributions_write_new( \w+)?", "proposer depuis un compte"),
    (r"contributions_write_own( \w+)?", "modifier la sienne"),
)


def act_of_table(done: str) -> str | None:
    """Return the act of the table whose right something needs; ``None`` if no line has it."""
    found = (name for pattern, name in LINES if re.fullmatch(pattern, done))
    return next(found, None)
