"""A site with all its people, and everything they can do to it.

Each act is done as the person does it: over HTTP, signed in with an account of her group, with
the form that the screen gives; or by the ORM, for what a script does. Acts that are refused are
acts too. Everything that is written holds a new word (:mod:`tests.door.words`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import time_machine
from django.contrib.messages import ERROR
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import Client, TestCase, override_settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags
from wagtail.models import (
    APIToken,
    Collection,
    Locale,
    Page,
    PageViewRestriction,
    Revision,
    Site,
    WorkflowState,
)
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield
from wagtail_localize.models import StringSegment, Translation

from contributions.kinds import ContributionKind
from contributions.models import Contribution
from core.models import FRENCH_TERMS, Document, Image, ResourceType, Theme
from home.models import HomePage, StandardPage
from network.exports import COLUMNS
from network.models import Structure
from network.verification import verification_token
from newsletter.models import NewsletterIssuePage
from resources.models import NewsPage, ResourcePage
from tests.door.admissions import (
    DOCUMENT,
    PAGE,
    STRUCTURE,
    Admissions,
    Key,
    content_type_ids,
    instance_of,
)
from tests.door.forms import form_data, ticked_form
from tests.door.items import HAS_ITEMS, last_entry
from tests.door.words import FOUND, OUTSIDE, SCRIPT, Vocabulary
from tests.factories import (
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    UserFactory,
    image_file,
    news_index,
    resource_index,
    stream,
)
from tests.factories.contributions import form_data as contribution_data
from tests.factories.contributions import member
from tests.factories.events import TrainingPageFactory, WebinarPageFactory, agenda, training_date
from tests.factories.forms import form_opened_earlier
from tests.factories.network import StructureFactory, directory
from tests.factories.newsletter import (
    NewsletterIssuePageFactory,
    SubscriberFactory,
    archive,
    section,
    sections,
)
from tests.factories.pages import published_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpResponse

    from core.models import User

START = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
TEAM = {
    "directrice": "Direction",
    "directeur": "Direction",
    "coordinatrice": "Coordination",
    "coordinateur": "Coordination",
    "relectrice": "Relecture",
    "relecteur": "Relecture",
}
PARTNER, MEMBER, ADMINISTRATOR = "partenaire", "membre", "administratrice"
PUBLISHERS = ("directrice", "directeur", "coordinatrice", "coordinateur", ADMINISTRATOR)
PEOPLE = (*TEAM, PARTNER, MEMBER, ADMINISTRATOR)
NEWSLETTER = "newsletter"
"""The sending of the newsletter, which alone publishes an issue."""

REFUSALS = (PermissionDenied, ValidationError, Http404, ObjectDoesNotExist)
FIELDS: dict[type, tuple[str, ...]] = {
    StandardPage: ("title", "summary", "body", "slug", "search_description"),
    NewsPage: ("title", "summary", "body", "slug", "seo_title"),
    ResourcePage: ("title", "summary", "body", "source_name", "tags"),
    NewsletterIssuePage: ("title", "summary", "subject", "editorial"),
    Structure: ("name", "description", "acronym", "street"),
}
"""What is edited of each type; of the others, titles and summaries."""
OTHERS = ("title", "summary")
ENGLISH = "en"


@dataclass
class World:
    """The site, its people, and what may be public of it.

    Attributes:
        users: by name.
        clients: signed in, by name; "" is anyone.
        admissions: what may be public.
        addresses: every path that ever was one, to be asked for again.
        acts: how many were done.
        kinds: how many of each kind.
        refused: how many were refused.
        ledger: its latest entry when the story began.
        log: the last acts, for the report of a failure.
    """

    users: dict[str, User]
    clients: dict[str, Client]
    admissions: Admissions
    addresses: set[str] = field(default_factory=set)
    acts: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    ledger: int = 0
    log: list[str] = field(default_factory=list)
    clock: Any = None
    _cookies: dict[str, Any] = field(default_factory=dict)
    _files: dict[Path, bytes] = field(default_factory=dict)

    # Beginning and end

    @contextmanager
    def begun(self) -> Iterator[World]:
        """Run a story on this site, and take back all that it wrote."""
        world = World(
            self.users,
            self.clients,
            self.admissions.fork(self.admissions.words.copy()),
            set(self.addresses),
        )
        for name, client in self.clients.items():
            client.cookies = type(client.cookies)(self._cookies[name])
        for path, content in self._files.items():
            path.write_bytes(content)
        cache.clear()
        Site.clear_site_root_paths_cache()
        mail.outbox = []
        with (
            time_machine.travel(START, tick=False) as clock,
            translation.override("fr"),
            transaction.atomic(),
        ):
            world.clock = clock
            world.ledger = last_entry() if HAS_ITEMS else 0
            try:
                yield world
            finally:
                transaction.set_rollback(True)
        cache.clear()

    @property
    def words(self) -> Vocabulary:
        return self.admissions.words

    def advance(self, **delta: float) -> None:
        """Let time pass."""
        self.clock.shift(dt.timedelta(**delta))

    # How an act is done

    def do(
        self,
        who: str,
        call: Callable[[], Any],
        *,
        source: Key | None = None,
        settle_as: str | None = None,
    ) -> Any:
        """Do something, with what follows once it is committed, and take note of what it did."""
        self.advance(seconds=1)
        self.acts += 1
        kind = call.__qualname__.split(".")[1]
        self.kinds[kind] += 1
        result = None
        with TestCase.captureOnCommitCallbacks() as callbacks:
            try:
                with transaction.atomic():
                    try:
                        result = call()
                    except REFUSALS as refusal:
                        self.refused += 1
                        self.log.append(f"  refused: {type(refusal).__name__} {refusal}")
            except IntegrityError as refusal:
                self.refused += 1
                self.log.append(f"  refused: {refusal}")
        self._commit(callbacks)
        self.log.append(f"{who}: {kind} {_outcome(result)}")
        if _is_refusal(result):
            self.refused += 1
        self.admissions.settle(who if settle_as is None else settle_as, source=source)
        self._note_addresses()
        return result

    def _commit(self, callbacks: list[Callable[[], None]]) -> None:
        """Run what waits for the transaction, and what that makes wait in turn."""
        while callbacks:
            with TestCase.captureOnCommitCallbacks() as later:
                for callback in callbacks:
                    try:
                        # What it wrote before it was refused stays.
                        callback()
                    except REFUSALS as refusal:
                        self.refused += 1
                        self.log.append(f"  refused once it was committed: {refusal}")
            callbacks = later

    def _note_addresses(self) -> None:
        for document in Document.objects.all():
            self.addresses.add(document.url)

    def post(self, who: str, address: str, data: Any = None, **more: Any) -> HttpResponse:
        """Send a form as a person."""
        return self.clients[who].post(address, data or {}, **more)

    def user(self, who: str) -> User:
        return self.users[who]

    # What there is to act upon

    def pages(self) -> list[int]:
        """Return the pages of content, newest first."""
        kept = HomePage.objects.values("pk")
        return list(
            Page.objects.filter(depth__gt=1)
            .exclude(pk__in=kept)
            .order_by("-pk")
            .values_list("pk", flat=True)
        )

    def structures(self) -> list[int]:
        return list(Structure.objects.order_by("-pk").values_list("pk", flat=True))

    def things(self) -> list[Key]:
        """Return what is edited, newest first, what waits for a review before the rest."""
        pending = self.admissions.pending
        found = [(PAGE, pk) for pk in self.pages()] + [(STRUCTURE, pk) for pk in self.structures()]
        things = self.admissions.things
        return sorted(found, key=lambda key: (things[key].identity not in pending, -key[1]))

    def in_review(self) -> list[Key]:
        """Return what is in review."""
        states = WorkflowState.objects.filter(status=WorkflowState.STATUS_IN_PROGRESS)
        kinds = {type_id: kind for kind, type_id in self._types().items()}
        keys = [(kinds[state.base_content_type_id], int(state.object_id)) for state in states]
        return sorted(set(keys) & set(self.admissions.things), reverse=True)

    def _types(self) -> dict[str, int]:
        return {kind: content_type_ids(kind) for kind in (PAGE, STRUCTURE)}

    def latest(self, key: Key) -> Any:
        """Return a thing as it was last saved."""
        return instance_of(key).get_latest_revision_as_object()

    # Editing

    def edit(
        self,
        who: str,
        key: Key,
        *,
        action: str = "",
        name: str | None = None,
        text: str | None = None,
        files: tuple[Key, ...] = (),
        overwrite: bool = False,
        **more: Any,
    ) -> Any:
        """Change one field of a thing in its editor, and save, submit or publish it.

        Args:
            who: does it.
            key: the thing.
            action: "" to save, else the name of a button: publish, submit, …
            name: the field; "" changes none.
            text: what to write in it, a new word by default.
            files: to choose, in the body.
            overwrite: save over the latest revision, as the editor does by itself.
            **more: other fields.
        """
        name = self.fields_of(key)[0] if name is None else name

        def call() -> Any:
            instance = self.latest(key)
            data = form_data(instance, self.user(who))
            if name:
                self._write(data, instance, name, text or self._text(who, name))
            for file in files:
                _choose(data, instance, file)
            if overwrite and instance.latest_revision_id:
                data["overwrite_revision_id"] = instance.latest_revision_id
            if action:
                data[f"action-{action}"] = f"action-{action}"
            return self.post(who, self.editor(key), data | more)

        return self.do(who, call)

    def fields_of(self, key: Key) -> tuple[str, ...]:
        """Return what is edited of a thing."""
        return FIELDS.get(type(instance_of(key)), OTHERS)

    def path_of(self, key: Key) -> str:
        """Return the path of a thing on the site."""
        instance = instance_of(key)
        return str(instance.url if key[0] == PAGE else instance.path)

    def editor(self, key: Key) -> str:
        """Return the address of the editor of a thing."""
        if key[0] == PAGE:
            return reverse("wagtailadmin_pages:edit", args=[key[1]])
        return reverse("wagtailsnippets_network_structure:edit", args=[key[1]])

    def _text(self, who: str, name: str) -> str:
        token = self.words.mint(who, is_place=name == "street")
        if name == "slug":
            return f"page-{token}"
        if name == "acronym":
            return token
        return f"Le mot {token} ici"

    def _write(self, data: dict[str, Any], instance: Any, name: str, text: str) -> None:
        if name == "body":
            data |= _with_block(data, "body", "rich_text", rich_text(f"<p>{text}</p>"))
        elif name == "editorial":
            data[name] = rich_text(f"<p>{text}</p>")
        else:
            data[name] = text

    def create(
        self, who: str, kind: str = "news", *, action: str = "", parent: int | None = None
    ) -> Any:
        """Create a page or a structure in its editor."""
        token = self.words.mint(who)
        slug = self.words.mint(who)

        def call() -> Any:
            if kind == STRUCTURE:
                instance: Any = _blank_structure()
                data = form_data(instance, self.user(who)) | {
                    "name": f"Structure {token}",
                    "description": f"Le mot {slug} ici",
                }
                address = reverse("wagtailsnippets_network_structure:add")
            else:
                model, above = _page_kind(kind, parent)
                instance = model(locale=above.locale)
                if model is ResourcePage:
                    instance.resource_type = ResourceType.objects.filter(**FRENCH_TERMS).first()
                data = form_data(instance, self.user(who), above) | {
                    "title": f"Titre {token}",
                    "slug": f"page-{slug}",
                }
                address = reverse(
                    "wagtailadmin_pages:add",
                    args=[model._meta.app_label, model._meta.model_name, above.pk],
                )
            if action:
                data[f"action-{action}"] = f"action-{action}"
            return self.post(who, address, data)

        return self.do(who, call)

    def revert(self, who: str, key: Key, number: int, *, action: str = "") -> Any:
        """Put an older revision back, as the history offers."""

        def call() -> Any:
            revisions = instance_of(key).revisions.order_by("-created_at", "-pk")
            keys = list(revisions.values_list("pk", flat=True))
            if not keys:
                return None
            revision = Revision.objects.get(pk=keys[number % len(keys)])
            data = form_data(revision.as_object(), self.user(who))
            if action:
                data[f"action-{action}"] = f"action-{action}"
            name = (
                "wagtailadmin_pages:revisions_revert"
                if key[0] == PAGE
                else "wagtailsnippets_network_structure:revisions_revert"
            )
            return self.post(who, reverse(name, args=[key[1], revision.pk]), data)

        return self.do(who, call)

    def schedule(self, who: str, key: Key, *, hours: float, expires: bool = False) -> Any:
        """Have a thing go live, or expire, in some hours."""
        at = timezone.localtime() + dt.timedelta(hours=hours)
        name = "expire_at" if expires else "go_live_at"
        return self.edit(who, key, action="publish", **{name: f"{at:%Y-%m-%d %H:%M}"})

    def delete(self, who: str, key: Key) -> Any:
        """Delete a thing."""
        if key[0] == PAGE:
            address = reverse("wagtailadmin_pages:delete", args=[key[1]])
        else:
            address = reverse("wagtailsnippets_network_structure:delete", args=[key[1]])
        return self.do(who, lambda: self.post(who, address))

    def unpublish(self, who: str, key: Key) -> Any:
        """Take a thing off the site."""
        if key[0] == PAGE:
            address = reverse("wagtailadmin_pages:unpublish", args=[key[1]])
        else:
            address = reverse("wagtailsnippets_network_structure:unpublish", args=[key[1]])
        return self.do(who, lambda: self.post(who, address))

    # Review

    def review(self, who: str, key: Key, action: str = "approve") -> Any:
        """Answer the step at which a thing is, every box ticked, from the dashboard."""

        def call() -> Any:
            state = instance_of(key).current_workflow_task_state
            if state is None:
                return None
            name = (
                "wagtailadmin_pages:workflow_action"
                if key[0] == PAGE
                else "wagtailsnippets_network_structure:workflow_action"
            )
            address = reverse(name, args=[key[1], action, state.pk])
            shown = self.clients[who].get(address)
            if shown.status_code != 200:
                return shown
            data = ticked_form(json.loads(shown.content).get("html", ""))
            if action == "reject":
                data["comment"] = f"Le mot {self.words.mint(who, is_secret=True)}"
            return self.post(who, address, data)

        return self.do(who, call)

    def review_in_editor(
        self, who: str, key: Key, *, name: str = "", action: str = "approve"
    ) -> Any:
        """Answer the step from the editor, where a field may be changed at the same time."""

        def call() -> Any:
            instance = self.latest(key)
            state = instance.current_workflow_task_state
            if state is None:
                return None
            points = len(state.task.specific.points())
            ticks = {f"point_{number}": True for number in range(points)}
            data = form_data(instance, self.user(who)) | {
                "action-workflow-action": "true",
                "workflow-action-name": action,
                "workflow-action-extra-data": json.dumps(ticks | {"comment": "Vu"}),
            }
            if name:
                self._write(data, instance, name, self._text(who, name))
            return self.post(who, self.editor(key), data)

        return self.do(who, call)

    # The tree

    def bulk(self, who: str, pages: list[int], action: str = "publish") -> Any:
        """Do the same to several pages and to all below them."""
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
        query = urlencode([("id", pk) for pk in pages])
        return self.do(
            who, lambda: self.post(who, f"{address}?{query}", {"include_descendants": "on"})
        )

    def copy(
        self,
        who: str,
        pk: int,
        *,
        publish: bool = False,
        subtree: bool = False,
        alias: bool = False,
        parent: int | None = None,
    ) -> Any:
        """Copy a page by the screen for it."""
        page = Page.objects.get(pk=pk)
        title, slug = self.words.mint(who), self.words.mint(who)
        data = {
            "new_title": f"Copie {title}",
            "new_slug": f"copie-{slug}",
            "new_parent_page": parent or page.get_parent().pk,
            **({"publish_copies": "on"} if publish else {}),
            **({"copy_subpages": "on"} if subtree else {}),
            **({"alias": "on"} if alias else {}),
        }
        address = reverse("wagtailadmin_pages:copy", args=[pk])
        return self.do(who, lambda: self.post(who, address, data), source=(PAGE, pk))

    def copy_structure(self, who: str, pk: int, *, name: str = "name", action: str = "") -> Any:
        """Copy a structure by the screen for it, with one text changed."""
        text = self._text(who, name)

        def call() -> Any:
            source = Structure.objects.get(pk=pk)
            data = form_data(source, self.user(who)) | {
                name: text,
                "external_id": "",
                **({f"action-{action}": "on"} if action else {}),
            }
            address = reverse("wagtailsnippets_network_structure:copy", args=[pk])
            shown = self.clients[who].get(address)
            sent_to = re.search(
                r'<form[^>]*action="(/admin/snippets/[^"]+)"', shown.content.decode()
            )
            return self.post(who, unescape(sent_to[1]), data) if sent_to else shown

        return self.do(who, call, source=(STRUCTURE, pk))

    def move(self, who: str, pk: int, parent: int) -> Any:
        """Move a page below another."""
        address = reverse("wagtailadmin_pages:move_confirm", args=[pk, parent])
        return self.do(who, lambda: self.post(who, address))

    def set_privacy(self, who: str, pk: int, kind: str = "login") -> Any:
        """Restrict a page to those who sign in, or lift that (none)."""
        address = reverse("wagtailadmin_pages:set_privacy", args=[pk])
        return self.do(who, lambda: self.post(who, address, {"restriction_type": kind}))

    def admin_api(self, who: str, pk: int, action: str, **data: Any) -> Any:
        """Act by the API of the admin, that its own screens use."""
        address = reverse("wagtailadmin_api:pages:action", args=[pk, action])
        return self.do(
            who,
            lambda: self.post(who, address, json.dumps(data), content_type="application/json"),
            source=(PAGE, pk),
        )

    # Languages

    def translate(self, who: str, key: Key, *, subtree: bool = False) -> Any:
        """Have a thing translated into English: « Traduire »."""
        english = Locale.objects.get(language_code=ENGLISH)
        if key[0] == PAGE:
            address = reverse("wagtail_localize:submit_page_translation", args=[key[1]])
        else:
            address = reverse(
                "wagtail_localize:submit_snippet_translation",
                args=["network", "structure", key[1]],
            )
        data = {"locales": [english.pk], "include_subtree": "on" if subtree else ""}
        return self.do(who, lambda: self.post(who, address, data), source=key)

    def translation_of(self, key: Key) -> Translation | None:
        """Return the translation that makes an English thing, or that is made of a French one."""
        instance = instance_of(key)
        found: Translation | None = Translation.objects.filter(
            source__object_id=instance.translation_key
        ).first()
        return found

    def english_of(self, key: Key) -> Key | None:
        """Return the English version of a thing."""
        found = instance_of(key).get_translations(inclusive=True)
        english = found.filter(locale__language_code=ENGLISH).first()
        return (key[0], english.pk) if english else None

    def write_translation(self, who: str, key: Key, number: int = 0) -> Any:
        """Translate one of the texts of a thing."""

        def call() -> Any:
            made = self.translation_of(key)
            if made is None:
                return None
            segments = list(
                StringSegment.objects.filter(source=made.source)
                .order_by("order", "pk")
                .values_list("pk", flat=True)
            )
            if not segments:
                return None
            address = reverse(
                "wagtail_localize:edit_string_translation",
                args=[made.pk, segments[number % len(segments)]],
            )
            data = urlencode({"value": f"The word {self.words.mint(who)} here"})
            return self.clients[who].put(
                address, data, content_type="application/x-www-form-urlencoded"
            )

        return self.do(who, call)

    def upload_translation(self, who: str, key: Key) -> Any:
        """Translate every text of a thing at once, by a PO file."""

        def call() -> Any:
            made = self.translation_of(key)
            if made is None:
                return None
            address = reverse("wagtail_localize:download_pofile", args=[made.pk])
            given = self.clients[who].get(address)
            if given.status_code != 200:
                return given
            token = self.words.mint(who)
            po = re.sub(
                r'msgstr ""\n\n', f'msgstr "The {token} word"\n\n', given.content.decode() + "\n"
            )
            file = SimpleUploadedFile("traduction.po", po.encode())
            address = reverse("wagtail_localize:upload_pofile", args=[made.pk])
            return self.post(who, address, {"file": file})

        return self.do(who, call)

    def publish_translation(self, who: str, key: Key) -> Any:
        """Press « Publier » in the editor of translations."""
        return self.do(who, lambda: self.post(who, self.editor(key), {"action": "publish"}))

    def update_translations(self, who: str, key: Key, *, publish: bool) -> Any:
        """Bring the translations of a thing up to date: « Synchroniser les traductions »."""

        def call() -> Any:
            made = self.translation_of(key)
            if made is None:
                return None
            address = reverse("wagtail_localize:update_translations", args=[made.source_id])
            data = {"publish_translations": "on"} if publish else {}
            return self.post(who, address, data)

        return self.do(who, call)

    def propose_translation(self, who: str, pk: int) -> Any:
        """Submit a translation for review: « Proposer à la relecture »."""
        try:
            address = reverse("submit_translation_for_review", args=[pk])
        except NoReverseMatch:
            address = f"/admin/traductions/{pk}/relecture/"
        return self.do(who, lambda: self.post(who, address))

    def stop_translation(self, who: str, key: Key) -> Any:
        """Stop generating a translation, which is then a page like any other."""

        def call() -> Any:
            made = self.translation_of(key)
            if made is None:
                return None
            address = reverse("wagtail_localize:stop_translation", args=[made.pk])
            return self.post(who, address, {"next": "/admin/"})

        return self.do(who, call)

    # From outside

    def contribute(self, kind: str = "news", *, with_file: bool = False) -> Any:
        """Send a contribution by the public form."""
        data = self._contribution(ContributionKind(kind), with_file=with_file)
        slug = ContributionKind(kind).slug
        address = f"/contribuer/{slug}/"
        return self.do(OUTSIDE, lambda: self._anonymous(address, data))

    def _contribution(self, kind: ContributionKind, *, with_file: bool) -> dict[str, Any]:
        mint, private = self.words.mint, {"is_secret": True}
        title = {} if kind == ContributionKind.NETWORK else {"title": f"Titre {mint(OUTSIDE)}"}
        files = {}
        if with_file:
            name = f"fichier{mint(OUTSIDE)}.txt"
            files["files"] = [
                SimpleUploadedFile(name, f"Le mot {mint(OUTSIDE)} ici.".encode(), "text/plain")
            ]
        place = {"street": f"1 rue {mint(OUTSIDE, is_place=True)}"} if kind == "structure" else {}
        return contribution_data(
            kind,
            **title,
            **files,
            **place,
            text=f"Le mot {mint(OUTSIDE)} ici.",
            person_name=f"Camille {mint(OUTSIDE, **private)}",
            email=f"{mint(OUTSIDE, **private)}@example.org",
            started=form_opened_earlier(),
        )

    def _anonymous(self, address: str, data: dict[str, Any]) -> Any:
        # Another network address each time: twenty an hour are allowed to one.
        number = self.acts
        return Client().post(
            address, data, REMOTE_ADDR=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        )

    def contribute_by_account(self, kind: str = "news", *, send: bool = True) -> Any:
        """Send a contribution from the account of a partner."""
        data = self._contribution(ContributionKind(kind), with_file=False)
        data |= {"send": "on"} if send else {}
        address = reverse("contributions_write_new", args=[ContributionKind(kind).slug])
        return self.do(PARTNER, lambda: self.post(PARTNER, address, data), settle_as=OUTSIDE)

    def amend(self, pk: int) -> Any:
        """Amend a contribution by the link of its e-mail."""

        def call() -> Any:
            contribution = Contribution.objects.get(pk=pk)
            link = self._follow_up(contribution)
            if link is None:
                return None
            data = self._contribution(ContributionKind(contribution.kind), with_file=False)
            return self._anonymous(f"{link}modifier/", data | {"email": contribution.email})

        return self.do(OUTSIDE, call)

    def withdraw_contribution(self, pk: int) -> Any:
        """Withdraw a contribution by the link of its e-mail."""

        def call() -> Any:
            link = self._follow_up(Contribution.objects.get(pk=pk))
            return self._anonymous(f"{link}retirer/", {}) if link else None

        return self.do(OUTSIDE, call)

    def _follow_up(self, contribution: Contribution) -> str | None:
        for message in reversed(mail.outbox):
            if contribution.email in message.to and (
                found := re.search(r"/contribuer/suivi/[^/\s]+/", str(message.body))
            ):
                return found[0]
        return None

    def triage(self, who: str, pk: int, action: str = "draft") -> Any:
        """Decide about a contribution: make its draft, ask for changes, reject it, write."""
        text = f"Le mot {self.words.mint(who, is_secret=True)}"

        def call() -> Any:
            data = {"text": text}
            if action == "draft":
                address = reverse("contribution:inspect", args=[pk])
                shown = self.clients[who].get(address)
                parents = re.findall(r'<option value="(\d+)"', shown.content.decode())
                kinds = {str(parent) for parent in self._parents()} & set(parents)
                data |= {"parent": min(kinds)} if kinds else {}
            return self.post(who, reverse("contribution:act", args=[pk, action]), data)

        return self.do(who, call)

    def _parents(self) -> list[int]:
        return list(Page.objects.filter(depth__gt=1).values_list("pk", flat=True))

    def draft_of(self, contribution: int) -> Key | None:
        """Return the draft that was made of a contribution."""
        draft: Any = Contribution.objects.get(pk=contribution).live_draft()
        if draft is None:
            return None
        return (PAGE if isinstance(draft, Page) else STRUCTURE, draft.pk)

    def contributions(self) -> list[int]:
        return list(Contribution.objects.order_by("-pk").values_list("pk", flat=True))

    def correct(self, pk: int, name: str = "description") -> Any:
        """Correct a structure by the link of its e-mail."""
        key = (STRUCTURE, pk)

        def call() -> Any:
            structure = Structure.objects.get(pk=pk)
            link = f"/reseau/verifier/{verification_token(structure)}/corriger/"
            token = self.words.mint(OUTSIDE, is_place=name == "street")
            data = {
                "name": structure.name,
                "acronym": structure.acronym,
                "description": structure.description,
                "phone": structure.phone,
                "email": structure.email,
                "website": structure.website,
                "opening_hours": structure.opening_hours,
                "services": [service.pk for service in structure.services.all()],
                "audiences": [audience.pk for audience in structure.audiences.all()],
                "street": "" if structure.is_confidential else structure.street,
                "postcode": "" if structure.is_confidential else structure.postcode,
                "municipality": "" if structure.is_confidential else structure.municipality,
                "message": f"Merci {self.words.mint(OUTSIDE, is_secret=True)}",
                name: f"Le mot {token} ici",
            }
            answer = self._anonymous(link, data)
            if answer.status_code == 200:
                self.admissions.mark(key)
            return answer

        return self.do(OUTSIDE, call)

    # Tables

    def export_structures(self, who: str, keys: list[int]) -> list[list[str]]:
        """Return the rows of the CSV that the list of structures gives."""
        query = urlencode([("id", pk) for pk in keys])
        address = f"/admin/reseau/exporter/csv/?{query}"
        answer = self.clients[who].get(address)
        if answer.status_code == 200 and not answer.streaming:
            # It asks why where confidential addresses are in it.
            answer = self.post(who, address, {"with": "1", "reason": "Vérification"})
        if not answer.streaming:
            return []
        text = b"".join(answer.streaming_content).decode().lstrip("\ufeff")
        return list(csv.reader(text.splitlines(), delimiter=_delimiter(text)))

    def import_structures(self, who: str, keys: list[int], *, rename: bool = True) -> Any:
        """Export structures as CSV, and import them, under other identifiers or the same."""

        def call() -> Any:
            rows = self.export_structures(who, keys)
            if len(rows) < 2:
                return None
            head, *body = rows
            place = head.index("external_id")
            for row in body:
                if rename or not row[place]:
                    row[place] = f"I{self.words.mint(who)}"
            return self._send_table(who, [head, *body])

        return self.do(who, call)

    def import_table(self, who: str) -> Any:
        """Import a structure of one's own."""
        row = dict.fromkeys(COLUMNS, "") | {
            "external_id": f"T{self.words.mint(who)}",
            "name": f"Structure {self.words.mint(who)}",
            "type": "association",
            "insee_department": "59",
            "description": f"Le mot {self.words.mint(who)} ici",
            "confidential": "oui",
        }
        return self.do(who, lambda: self._send_table(who, [list(row), list(row.values())]))

    def _send_table(self, who: str, rows: list[list[str]]) -> Any:
        output = io.StringIO()
        csv.writer(output).writerows(rows)
        file = SimpleUploadedFile("structures.csv", output.getvalue().encode(), "text/csv")
        sent = self.post(who, reverse("network_import"), {"file": file})
        if sent.status_code != 302:
            return sent
        shown = self.clients[who].get(sent["Location"])
        digest = re.search(r'name="digest" value="([^"]+)"', shown.content.decode())
        return self.post(who, sent["Location"], {"digest": digest[1]} if digest else {})

    # Files

    def upload(self, who: str, *, is_image: bool = False) -> Any:
        """Add a file to the library."""
        if is_image:
            data = {
                "title": f"Image {self.words.mint(who)}",
                "description": f"Le mot {self.words.mint(who)}",
                "file": _uploaded(image_file(name=f"photo{self.acts}.jpg"), "image/jpeg"),
                "collection": self._library(),
                "tags": "",
                "credit": "",
            }
            address = reverse("wagtailimages:add")
        else:
            data = {
                "title": f"Document {self.words.mint(who)}",
                "file": self._text_file(who),
                "collection": self._library(),
                "tags": "",
            }
            address = reverse("wagtaildocs:add")
        return self.do(who, lambda: self.post(who, address, data))

    def _library(self) -> int:
        return int(Collection.get_first_root_node().pk)

    def _text_file(self, who: str) -> SimpleUploadedFile:
        content = f"Le mot {self.words.mint(who)} ici."
        return SimpleUploadedFile(
            f"fichier{self.words.mint(who)}.txt", content.encode(), "text/plain"
        )

    def change_file(self, who: str, key: Key, *, replace: bool = True) -> Any:
        """Change the title of a file, and replace its content."""

        def call() -> Any:
            if key[0] == DOCUMENT:
                document = Document.objects.get(pk=key[1])
                data: dict[str, Any] = {
                    "title": f"Document {self.words.mint(who)}",
                    "collection": document.collection_id,
                    "tags": "",
                }
                if replace:
                    data["file"] = self._text_file(who)
                return self.post(who, reverse("wagtaildocs:edit", args=[key[1]]), data)
            image = Image.objects.get(pk=key[1])
            data = {
                "title": f"Image {self.words.mint(who)}",
                "description": f"Le mot {self.words.mint(who)}",
                "credit": f"Crédit {self.words.mint(who)}",
                "collection": image.collection_id,
                "tags": "",
            }
            if replace:
                data["file"] = _uploaded(
                    image_file(name=f"autre{self.acts}.jpg", color="navy"), "image/jpeg"
                )
            return self.post(who, reverse("wagtailimages:edit", args=[key[1]]), data)

        return self.do(who, call)

    def delete_file(self, who: str, key: Key) -> Any:
        """Delete a file of the library."""
        name = "wagtaildocs:delete" if key[0] == DOCUMENT else "wagtailimages:delete"
        return self.do(who, lambda: self.post(who, reverse(name, args=[key[1]])))

    def library(self) -> list[Key]:
        """Return the files of the library, newest first, those from outside before the rest."""
        files = self.admissions.files
        pending = self.admissions.pending_files
        return sorted(files, key=lambda key: (key not in pending, -key[1]))

    # The newsletter

    def prepare_issue(self, who: str) -> Any:
        """Have the next issue prepared."""
        address = reverse("newsletter_sending:prepare", args=[archive().pk])
        return self.do(who, lambda: self.post(who, address))

    def send_issue(self, who: str, pk: int) -> Any:
        """Send an issue."""
        address = reverse("newsletter_sending:issue", args=[pk])
        data = {"action": "schedule", "at": "", "confirmed": "on"}
        return self.do(who, lambda: self.post(who, address, data), settle_as=NEWSLETTER)

    def issues(self) -> list[int]:
        return list(NewsletterIssuePage.objects.order_by("-pk").values_list("pk", flat=True))

    # Terms

    def edit_term(self, who: str) -> Any:
        """Change the label of a theme."""
        theme = Theme.objects.get(slug="soin", **FRENCH_TERMS)
        data = form_data(theme, self.user(who)) | {"label": f"Soin {self.words.mint(who)}"}
        address = reverse("wagtailsnippets_core_theme:edit", args=[theme.pk])
        return self.do(who, lambda: self.post(who, address, data))

    # Scripts

    def script_update(self, key: Key) -> Any:
        """Write the words of a live row by a query, which sends no signal."""
        token = self.words.mint(SCRIPT)

        def call() -> None:
            if key[0] == STRUCTURE:
                Structure.objects.filter(pk=key[1]).update(
                    name=f"Nom {token}", description=f"Texte {token}"
                )
                return
            instance = instance_of(key)
            values: dict[str, Any] = {"title": f"Titre {token}", "search_description": token}
            names = {each.name for each in type(instance)._meta.get_fields()}
            if "summary" in names:
                values["summary"] = f"Le mot {token}"
            if "body" in names:
                values["body"] = stream(("rich_text", f"<p>{token}</p>"))
            type(instance).objects.filter(pk=key[1]).update(**values)

        return self.do(SCRIPT, call)

    def script_flip(self, key: Key) -> Any:
        """Set rows live by a query."""
        model = Page if key[0] == PAGE else Structure
        return self.do(SCRIPT, lambda: model.objects.filter(pk=key[1]).update(live=True))

    def script_save(self, key: Key, *, live: bool = False) -> Any:
        """Save a row with other words, as code does that knows nothing of reviews."""

        def call() -> None:
            instance = instance_of(key)
            name = "name" if key[0] == STRUCTURE else "title"
            setattr(instance, name, f"Le mot {self.words.mint(SCRIPT)}")
            if live:
                instance.live = True
            instance.save()

        return self.do(SCRIPT, call)

    def script_publish(self, key: Key) -> Any:
        """Publish the latest revision, with no user."""

        def call() -> None:
            revision = instance_of(key).get_latest_revision()
            if revision:
                revision.publish()

        return self.do(SCRIPT, call)

    def script_rewrite(self, key: Key) -> Any:
        """Write over the content of the latest revision by a query."""

        def call() -> None:
            revision = instance_of(key).get_latest_revision()
            if revision is None:
                return
            name = "name" if key[0] == STRUCTURE else "title"
            revision.content[name] = f"Le mot {self.words.mint(SCRIPT)}"
            Revision.objects.filter(pk=revision.pk).update(content=revision.content)

        return self.do(SCRIPT, call)

    def script_create(self, pk: int | None = None) -> Any:
        """Create live structures by ``bulk_create``: new ones, or like another."""

        def call() -> None:
            made: Any = _blank_structure()
            made.name = f"Structure {self.words.mint(SCRIPT)}"
            if pk is not None:
                source = Structure.objects.get(pk=pk).get_latest_revision_as_object()
                made.description = source.description
                made.name = f"{source.name} {self.words.mint(SCRIPT)}"
            made.live = True
            made.first_published_at = made.last_published_at = timezone.now()
            Structure.objects.bulk_create([made])

        return self.do(SCRIPT, call)

    def script_lift(self) -> Any:
        """Lift every restriction by a query."""
        return self.do(SCRIPT, lambda: PageViewRestriction.objects.all().delete())

    def publish_scheduled(self) -> Any:
        """Run the command that publishes and unpublishes what is due."""
        return self.do(SCRIPT, lambda: call_command("publish_scheduled"))

    def read_with_token(self, who: str) -> Any:
        """Read the directory with a token, as an application of the team does."""

        def call() -> None:
            _token, key = APIToken.create_token(user=self.user(who), name=f"jeton {self.acts}")
            for path in ("structures/", "structures.csv", "structures.geojson"):
                answer = Client().get(f"/api/v1/{path}", headers={"authorization": f"Bearer {key}"})
                if answer.streaming:
                    b"".join(answer.streaming_content)

        return self.do(who, call)


def _is_refusal(result: Any) -> bool:
    """Return whether an answer refuses, by its status or by a message on the next screen."""
    kept = getattr(getattr(result, "wsgi_request", None), "_messages", None)
    levels = [each.level for each in getattr(kept, "_queued_messages", ())]
    return getattr(result, "status_code", 200) >= 400 or ERROR in levels


def _outcome(result: Any) -> str:
    """Return the outcome of an act, for the report of a failure."""
    status = getattr(result, "status_code", None)
    if status is None:
        return "" if result is None else "done"
    form = (getattr(result, "context", None) or {}).get("form") if status == 200 else None
    errors = getattr(form, "errors", None)
    kept = getattr(getattr(result, "wsgi_request", None), "_messages", None)
    spoken = [strip_tags(str(each)) for each in getattr(kept, "_queued_messages", ())]
    parts = [str(status), result.get("Location", ""), dict(errors) if errors else "", *spoken]
    return " ".join(" ".join(str(part).split()) for part in parts if part)


def _delimiter(text: str) -> str:
    return ";" if ";" in text.partition("\n")[0] else ","


def _uploaded(file: ContentFile[bytes], media_type: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(file.name or "", file.read(), media_type)


def _page_kind(kind: str, parent: int | None) -> tuple[type[Page], Page]:
    above: Any = Page.objects.get(pk=parent).specific if parent else None
    match kind:
        case "news":
            return NewsPage, above or news_index()
        case "resource":
            return ResourcePage, above or resource_index()
    return StandardPage, above or HomePage.objects.get(locale__language_code="fr", depth=2)


def _blank_structure() -> Structure:
    source = Structure.objects.order_by("pk").first()
    assert source is not None
    return Structure(
        locale=source.locale,
        structure_type=source.structure_type,
        department=source.department,
        is_confidential=True,
        live=False,
    )


def _with_block(data: dict[str, Any], name: str, kind: str, value: Any) -> dict[str, Any]:
    """Return the fields that add a block at the end of a stream."""
    count = int(data.get(f"{name}-count", 0))
    added = streamfield([(kind, value)])["0"] | {"order": str(count)}
    return {f"{name}-count": str(count + 1), **nested_form_data({f"{name}-{count}": added})}


def _choose(data: dict[str, Any], instance: Any, file: Key) -> None:
    """Choose a file in the body of a page, or as its document where it has one."""
    if file[0] == DOCUMENT:
        if isinstance(instance, ResourcePage):
            data["document"] = file[1]
        elif "body-count" in data:
            block = {"document": file[1], "title": ""}
            data |= _with_block(data, "body", "document", block)
    elif "body-count" in data:
        block = {"image": {"image": file[1], "alt_text": "Une main"}, "caption": ""}
        data |= _with_block(data, "body", "image", block)


SETTINGS = {
    # Answers are kept, as in production: what is withdrawn must leave them too.
    "RESPONSE_CACHE_SECONDS": 300,
    # Time passes, and nobody has to sign in again.
    "SESSION_COOKIE_AGE": 10 * 365 * 86_400,
}


@contextmanager
def build_world() -> Iterator[World]:
    """Make the site and its people, once for every story; take it back at the end."""
    with (
        override_settings(**SETTINGS),
        time_machine.travel(START, tick=False),
        translation.override("fr"),
        transaction.atomic(),
    ):
        cache.clear()
        Site.clear_site_root_paths_cache()
        try:
            with TestCase.captureOnCommitCallbacks(execute=True):
                world = _people()
            yield world
        finally:
            transaction.set_rollback(True)


def _people() -> World:
    users: dict[str, User] = {
        name: member(group, name, first_name=name.title()) for name, group in TEAM.items()
    }
    users[PARTNER] = member("Partenaires", PARTNER)
    users[MEMBER] = UserFactory(username=MEMBER)
    users[ADMINISTRATOR] = UserFactory(username=ADMINISTRATOR, is_superuser=True)
    clients = {"": Client()}
    for name, user in users.items():
        clients[name] = Client()
        clients[name].force_login(user)
    words = Vocabulary()
    _fill(words)
    admissions = Admissions(
        words,
        names={user.pk: name for name, user in users.items()},
        publishers=frozenset(PUBLISHERS),
        team=frozenset((*TEAM, ADMINISTRATOR)),
    )
    admissions.adopt()
    world = World(users, clients, admissions)
    # No database takes back what is done to them.
    files = [each.file for model in (Document, Image) for each in model.objects.all()]
    world._files = {Path(file.path): Path(file.path).read_bytes() for file in files}
    world._cookies = {
        name: {key: morsel.value for key, morsel in client.cookies.items()}
        for name, client in clients.items()
    }
    return world


def _fill(words: Vocabulary) -> None:
    """Make a page of every kind, each with words of its own."""

    def text(**more: bool) -> str:
        return f"Le mot {words.mint(FOUND, **more)} ici"

    def slug() -> str:
        return f"page-{words.mint(FOUND)}"

    home = HomePage.objects.get(locale__language_code="fr", depth=2)
    english, _made = Locale.objects.get_or_create(language_code=ENGLISH)
    for index in (news_index(), resource_index(), agenda(), directory(), archive()):
        published_in(ENGLISH, index)
    document = DocumentFactory(
        title=text(),
        file=ContentFile(f"Le mot {words.mint(FOUND)}.".encode(), name="guide.txt"),
    )
    image = ImageFactory(title=text(), description=text(), credit=text())
    described = {"image": image.pk, "alt_text": text(), "decorative": False}
    body = stream(
        ("rich_text", f"<p>{text()}</p>"),
        ("image", {"image": described, "caption": text()}),
        ("document", {"document": document.pk, "title": text()}),
    )
    standard = StandardPageFactory(title=text(), slug=slug(), summary=text(), body=body)
    StandardPageFactory(title=text(), slug=slug(), parent=standard, summary=text())
    private = StandardPageFactory(title=text(), slug=slug(), summary=text(), private=True)
    StandardPageFactory(title=text(), slug=slug(), parent=private, summary=text())
    StandardPageFactory(title=text(), slug=slug(), draft=True, summary=text())
    resource = ResourcePageFactory(title=text(), slug=slug(), summary=text(), document=document)
    NewsPageFactory(
        title=text(), slug=slug(), summary=text(), body=body, linked_resource=resource, image=image
    )
    join = f"https://visio.example.org/{words.mint(FOUND, is_secret=True)}"
    TrainingPageFactory(
        title=text(), slug=slug(), summary=text(), dates=[training_date(40, join_url=join)]
    )
    WebinarPageFactory(title=text(), slug=slug(), summary=text(), days=30, join_url=join)
    StructureFactory(
        name=text(),
        description=text(),
        street=text(is_place=True),
        postcode="59000",
        municipality="Lille",
        email="structure@example.org",
        external_id="D1",
    )
    StructureFactory(
        name=text(),
        description=text(),
        street=text(is_place=True),
        is_confidential=True,
        external_id="D2",
    )
    NewsletterIssuePageFactory(
        draft=True,
        title=text(),
        slug=slug(),
        editorial=f"<p>{text()}</p>",
        sections=sections(section("Le réseau", text=f"<p>{text()}</p>")),
    )
    SubscriberFactory()
    assert home.pk
    assert english.pk
