"""No screen offers a person what she may not do.

Each role starts from the home of the administration, with a database in which there is everything,
and takes every link, button and form that its screens offer. Nobody ends on a page with
« vous n'avez pas les autorisations », on an error, or on nothing.

What is alike is taken once: the same view for the same kind of thing, and for the same state of a
thing. ``PARE_LONG=1`` takes each state of each kind, for each role.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import ERROR, get_messages
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Model
from django.forms import EmailField, Field, FileField, SlugField, URLField
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils.datastructures import MultiValueDictKeyError
from wagtail.models import DraftStateMixin, Page, Revision, Site

from core.models import Document, Image
from review.provenance import pending_mark
from tests.factories import image_file, text_pdf
from tests.factories.world import ROLES, World, fill
from tests.pare.acts import PERSONAL, act_of_table
from tests.screens import FILE, IMAGE, TABLE, Offer, Screen, fields_of_blocks, strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from django.urls import ResolverMatch

    from core.models import User

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_engine,
    pytest.mark.long,
    # wagtail-localize's report of translations has no order of its own.
    pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning"),
]

LOGGER = logging.getLogger(__name__)
ADMIN = "wagtail-sidebar-props"
OF_VISITS = (
    "django_session",
    "core_user",
    "wagtailusers_userprofile",
    "wagtailadmin_editingsession",
    "usersessions_usersession",
)
NAMES_OF_ACTS = ("action", "action_name", "action_type")
HOME, LOGIN = "/admin/", "/admin/login/"
REFUSED = re.compile(
    r"n(?:'|&#x27;|’)(?:avez|êtes) pas (?:la |les |l['’]|de |le )?(?:permission|autoris|droit)",
    re.I,
)
NUMBER = re.compile(r"=\d+$")
LONG = bool(os.environ.get("PARE_LONG"))


@dataclass(frozen=True)
class Subject:
    """What an address is about.

    Attributes:
        kind: its model.
        rights: by which rules people act on it: those of its type, and of what is external.
        step: where it is in a review, or in the life of a contribution.
        state: all that may change what is offered.
    """

    kind: str
    rights: str = ""
    step: str = ""
    state: str = ""


def describe(instance: Model) -> Subject:
    """Return what sort of thing this is."""
    if isinstance(instance, Revision):
        instance = instance.content_object
    if isinstance(instance, Page):
        instance = instance.specific
    step = " ".join(str(getattr(instance, name, "")) for name in ("state", "status"))
    state = [step]
    if isinstance(instance, DraftStateMixin):
        task = getattr(instance, "current_workflow_task_state", None)
        step = f"{task.task.name} {task.status}" if task else ""
        state = [step, instance.live, instance.has_unpublished_changes, instance.locked]
    rights = ""
    if isinstance(instance, DraftStateMixin | Image | Document):
        rights = f"external {pending_mark(instance) is not None}"
    if isinstance(instance, Page):
        rights += type(instance.permissions_for_user(AnonymousUser())).__name__
        state += [bool(instance.alias_of_id), instance.get_view_restrictions().exists()]
    if hasattr(instance, "locale_id"):
        state.append(instance.locale_id)
    return Subject(instance._meta.label, rights, step, str([rights, *state]))


# Arguments that name a type, or the address of a page of the site.
NAMES_OF_KINDS = {
    *("app_label", "model_name", "content_type_app_name", "content_type_model_name"),
    *("content_type_app_label", "path"),
}


class Crawl:
    """What one person is offered, and what came of it."""

    def __init__(self, user: User, done: Iterable[tuple[Any, ...]] = ()) -> None:
        """Begin a crawl.

        Args:
            user: who crawls.
            done: what was done by others, who may do no more, and needs not be done again.
        """
        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.cookies = self.client.cookies.copy()
        self.seen = set(done)
        self.asked: set[tuple[str, str, str]] = set()
        self.known: dict[tuple[type[Model], str], Subject] = {}
        self.faults: list[str] = []
        self.taken: Counter[str] = Counter()
        self.screens: set[str] = set()
        self.written: set[str] = set()

    def run(self) -> None:
        """Take everything that is offered from the home on."""
        waiting = deque([Offer("GET", HOME, "Accueil")])
        while waiting:
            offer = waiting.popleft()
            if self.is_new(offer):
                waiting += self.take(offer)

    # What is alike

    def is_new(self, offer: Offer) -> bool:
        """Return whether nothing like it has been taken, and note that it is."""
        asked = (offer.method, offer.url, offer.button)
        if asked in self.asked:
            return False
        self.asked.add(asked)
        parts = urlsplit(offer.url)
        if parts.netloc or parts.path.startswith(("/static/", "/media/")):
            return False
        try:
            match = resolve(parts.path)
        except Resolver404:
            return self._note((offer.url,))
        literal, subjects = self.subjects(match)
        query = parse_qsl(parts.query, keep_blank_values=True)
        if ids := [value for name, value in query if name == "id"]:
            subjects += self.subjects_of_bulk(match, ids)
        view = (offer.method, match.view_name or match.route, *literal)
        if not LONG:
            # Without the numbers of what is known to no model here.
            view = tuple(each for each in view if not NUMBER.search(each))
        sent = (offer.button, *sorted({name for name, _value in offer.data if "-" not in name}))

        def about(name: str) -> tuple[Any, ...]:
            return (*view, *sent, name, *sorted({getattr(each, name) for each in subjects}))

        names = sorted({name for name, _value in query})
        keys = (
            [about("kind"), about("state"), (*view, "?", *names)]
            if LONG
            else [(*view, *sent), about("rights"), about("step")]
        )
        # Each is noted, whether or not one before it was new.
        new = [self._note(key) for key in keys]
        return any(new)

    def _note(self, key: tuple[Any, ...]) -> bool:
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def subjects(self, match: ResolverMatch) -> tuple[list[str], list[Subject]]:
        """Return what in an address is a word of it, and what it is about."""
        view = match.func
        model = getattr(view, "view_initkwargs", {}).get("model") or getattr(
            getattr(view, "view_class", None), "model", None
        )
        literal, found = [], []
        for name, value in match.kwargs.items():
            if subject := self.subject(name, str(value), model, match):
                found.append(subject)
            elif name in NAMES_OF_KINDS:
                found.append(Subject(str(value)))
            else:
                literal.append(f"{name}={value}")
        return literal + [f"{each}" for each in match.args if "/" not in each], found

    def subject(self, name: str, value: str, model: Any, match: ResolverMatch) -> Subject | None:
        """Return what an argument of an address names, if it names something."""
        if name == "pk" and model is not None:
            return self._kind(model, value)
        if name.endswith("_id"):
            for word in (name.removesuffix("_id"), name.removesuffix("_id").rpartition("_")[2]):
                if found := MODELS.get(word.replace("_", "")):
                    return self._kind(found, value)
        if name in {"pk", "object_id"} and {"app_label", "model_name"} <= match.kwargs.keys():
            return self._kind(
                apps.get_model(match.kwargs["app_label"], match.kwargs["model_name"]), value
            )
        if name in {"pk", "object_id"} and (found := MODELS.get(match.namespace.rstrip("s"))):
            return self._kind(found, value)
        return None

    def _kind(self, model: Any, value: str) -> Subject | None:
        if isinstance(model, str):
            model = apps.get_model(model)
        key = (model, value)
        if key not in self.known:
            try:
                self.known[key] = describe(model._default_manager.get(pk=value))
            except (ObjectDoesNotExist, ValueError):
                return None
        return self.known[key]

    def subjects_of_bulk(self, match: ResolverMatch, ids: list[str]) -> list[Subject]:
        """Return the kinds of what a bulk action is about."""
        if not {"app_label", "model_name"} <= match.kwargs.keys():
            return []
        model = apps.get_model(match.kwargs["app_label"], match.kwargs["model_name"])
        if len(ids) > 1:
            return [Subject("several")]
        return [kind for each in ids if (kind := self._kind(model, each))]

    # What comes of it

    def take(self, offer: Offer) -> list[Offer]:
        """Do what is offered, take it back, and return what is then offered.

        What follows a change is done before it is taken back.
        """
        self.taken[name_of(offer)] += 1
        with transaction.atomic():
            writing = Writing()
            with connection.execute_wrapper(writing):
                response = self.ask(offer)
            if writing.is_done:
                self.written.add(act_of(offer))
            content = text_of(response)
            if fault := self.fault_in(offer, response, content):
                self.faults.append(f"{fault}: {offer}")
            offers = list(self.offers_of(offer, response, content))
            if response.wsgi_request.method == "POST":
                self.client.cookies = self.cookies.copy()
                for each in offers:
                    if self.is_new(each):
                        self.take(each)
                offers = []
            transaction.set_rollback(True)
        self.client.cookies = self.cookies.copy()
        cache.clear()
        Site.clear_site_root_paths_cache()
        return offers

    def ask(self, offer: Offer) -> Any:
        """Ask as a browser does; what only takes a POST is posted, as its script would."""
        if offer.method == "GET":
            response = self.client.get(offer.url)
            if response.status_code != 405:
                return response
        sent = [*offer.data, *fields_of_blocks(offer.form)]
        if offer.modal:
            sent.append(("workflow-action-extra-data", json.dumps(self.fill_in(offer.modal))))
        data: dict[str, list[Any]] = {}
        for name, value in sent:
            data.setdefault(name, []).append(value)
        response = self.client.post(offer.url, with_files(data))
        if missing := what_is_missing(response):
            response = self.client.post(offer.url, with_files(data | missing))
        return response

    def fill_in(self, modal: str) -> Any:
        """Fill in what is asked for in a modal window, and return what its script is given."""
        by_script = {"X-Requested-With": "XMLHttpRequest"}
        for part in strings(self.client.get(modal, headers=by_script).json()):
            for form in Screen(part, modal).forms:
                sent = dict(form.sent())
                answer = self.client.post(form.action, sent, headers=by_script).json()
                assert "cleaned_data" in answer, f"{modal} does not accept {sent}"
                return answer["cleaned_data"]
        return {}

    def fault_in(self, offer: Offer, response: Any, content: str) -> str:
        """Return what is wrong with an answer, or nothing."""
        status = response.status_code
        if status == 500:
            return fault_in_error(offer, *response.exc_info)
        if status == 403 or (status >= 400 and status != 422 and not offer.is_completed):
            return str(status)
        if status in {301, 302} and (fault := fault_in_redirect(response)):
            return fault
        # The guide quotes refusals, to explain them.
        is_guide = offer.url.startswith(reverse("guide"))
        if not is_guide and (found := REFUSED.search(content)):
            return f"says « {' '.join(content[found.start() - 60 : found.end() + 60].split())} »"
        return ""

    def offers_of(self, offer: Offer, response: Any, content: str) -> Iterator[Offer]:
        """Yield what an answer offers."""
        if response.status_code in {301, 302}:
            target = urljoin(offer.url, response["Location"])
            yield Offer("GET", target, offer.label, screen=offer.screen)
        if response.status_code != 200 or response.streaming or not offer.url.startswith(HOME):
            return
        if "json" in response["Content-Type"]:
            parts = [part for part in strings(response.json()) if "<" in part]
        elif "html" in response["Content-Type"] and (ADMIN in content or "<html" not in content):
            parts = [content]  # A preview is a page of the site.
        else:
            return
        self.screens.add(name_of(offer))
        shown = response.context and response.context.get("form")
        if getattr(shown, "errors", None):
            return  # It offers what it did before it was sent.
        for part in parts:
            yield from Screen(part, offer.url).offers(shown)


def with_files(data: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return what is sent, with the files that it names."""
    made = {FILE: text_pdf, IMAGE: image_file, TABLE: table_of_addresses}
    return {
        name: [made[each]() if each in made else each for each in values]
        for name, values in data.items()
    }


def table_of_addresses() -> SimpleUploadedFile:
    """Return a small table, as redirects are imported from one."""
    return SimpleUploadedFile("liste.csv", b"de,vers\n/avant,https://www.example.org/\n")


def what_is_missing(response: Any) -> dict[str, list[Any]]:
    """Return what a person would fill in, of what a form finds missing or wrong."""
    form = response.context and response.context.get("form")
    if response.status_code != 200 or not getattr(form, "errors", None):
        return {}
    return {
        form.add_prefix(name): [sample_for(form.fields[name])]
        for name in form.errors
        if name in form.fields and not isinstance(form.fields[name], FileField)
    }


def sample_for(field: Field) -> Any:
    """Return a value that a field accepts."""
    choices = getattr(field, "choices", None)
    if choices is not None:
        return next((str(value) for value, _label in choices if value), "")
    samples = {EmailField: "une@example.org", URLField: "https://www.example.org/", SlugField: "sl"}
    found = (sample for kind, sample in samples.items() if isinstance(field, kind))
    return next(found, "un-essai")


class Writing:
    """Notes whether what is asked writes anything but what a visit writes."""

    def __init__(self) -> None:
        self.is_done = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        is_write = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        self.is_done |= is_write and not any(table in sql for table in OF_VISITS)
        return execute(sql, params, many, context)


def act_of(offer: Offer) -> str:
    """Return the name of what is done: its view, and which of the acts of that."""
    match = resolve(urlsplit(offer.url).path)
    acts = [str(match.kwargs[name]) for name in NAMES_OF_ACTS if name in match.kwargs]
    return " ".join(filter(None, [match.view_name, *acts, offer.button]))


def fault_in_error(offer: Offer, kind: type[Exception], error: Exception, _trace: Any) -> str:
    """Return what an error of the program is, unless it misses what a script adds."""
    is_ours = not (offer.is_completed and kind is MultiValueDictKeyError)
    return f"500 {kind.__name__} {error}" if is_ours else ""


def fault_in_redirect(response: Any) -> str:
    """Return what is wrong with where an answer leads, or nothing."""
    errors = [str(each) for each in get_messages(response.wsgi_request) if each.level >= ERROR]
    target = urlsplit(response["Location"]).path
    if target == LOGIN and not response.wsgi_request.path.startswith("/admin/logout"):
        return "login"
    # What depends on a thing is not known to the list that offers to delete it.
    if any(not error.startswith("Rien n'est supprimé") for error in errors):
        return f"leads to {target}, {errors}"
    return ""


def text_of(response: Any) -> str:
    """Return the text of an answer, none if it is a file."""
    if response.streaming:
        for _part in response.streaming_content:
            pass
        return ""
    kind = response.get("Content-Type", "")
    return response.content.decode() if "html" in kind or "json" in kind else ""


def name_of(offer: Offer) -> str:
    try:
        return f"{offer.method} {resolve(urlsplit(offer.url).path).view_name}"
    except Resolver404:
        return offer.url


MODELS: dict[str, type[Model]] = {}
for _model in apps.get_models():
    name = _model._meta.model_name
    # What replaces a model of Wagtail's has its name.
    if name not in MODELS or _model._meta.app_label == "core":
        MODELS[name] = _model
MODELS["page"] = Page


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _files_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken back in the database can't be in the storage."""
    monkeypatch.setattr(FileSystemStorage, "delete", lambda self, name: None)


# In the short run Direction does what Coordination, which may do no more, was not offered.
SHORT = [["Coordination", "Direction"], ["Relecture"], ["Partenaires"]]
TURNS = [[role] for role in ROLES] if LONG else SHORT


@pytest.mark.parametrize("roles", TURNS, ids=" ".join)
def test_nobody_is_offered_what_she_may_not_do(world: World, roles: list[str]) -> None:
    done: set[tuple[Any, ...]] = set()
    for role in roles:
        crawl = Crawl(world.people[role], done)

        crawl.run()

        LOGGER.info("%s: %s offers, %s screens", role, crawl.taken.total(), len(crawl.screens))
        acts = crawl.written.difference(PERSONAL)
        assert {each for each in acts if act_of_table(each) is None} == set()
        assert crawl.faults == [], "\n".join(crawl.faults)
        done |= {key for key in crawl.seen if key[0] == "POST"}
