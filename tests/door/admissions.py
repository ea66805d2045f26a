"""What may be public, kept beside the product and never asked of it.

The rules are those of ``docs/relecture.md``: two people of the team approve the very words of what
came from outside, and the second wrote none of them; Direction, Coordination and superusers
publish the team's own work; nothing else makes words public. *Where and when* are conditions of
reading, so they are read in the database: a thing is visible while its row is live, has not
expired, and nothing above it is restricted.

What happened is observed in what Wagtail keeps in every version of the product (rows, revisions,
steps of workflows), so that an act counts for what it did and not for what it answered.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from wagtail.models import (
    Page,
    PageViewRestriction,
    ReferenceIndex,
    Revision,
    TaskState,
)

from core.models import Document, Image
from network.models import Structure
from newsletter.models import NewsletterIssuePage
from tests.door.words import OUTSIDE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from tests.door.words import Vocabulary

Key = tuple[str, int]
"""Kind of row (page, structure, document, image), and its number."""
PAGE, STRUCTURE, DOCUMENT, IMAGE = "page", "structure", "document", "image"
FILE_MODELS: dict[str, Any] = {DOCUMENT: Document, IMAGE: Image}
NOT_WORDS = ("draft_title",)
"""Columns for editors alone."""


@dataclass(frozen=True)
class Thing:
    """A page or structure, as its row is now."""

    key: Key
    identity: str
    live: bool
    expire_at: dt.datetime | None
    path: str
    url_path: str
    alias_of: Key | None
    latest: int | None
    live_revision: int | None
    is_issue: bool
    hides_place: bool

    def is_on(self, now: dt.datetime) -> bool:
        return self.live and (self.expire_at is None or self.expire_at > now)


def read_things() -> dict[Key, Thing]:
    """Return every page below the root, and every structure."""
    issue = ContentType.objects.get_for_model(NewsletterIssuePage).pk
    things = {}
    for row in Page.objects.filter(depth__gt=1).values(
        "pk",
        "translation_key",
        "live",
        "expire_at",
        "path",
        "url_path",
        "alias_of",
        "latest_revision",
        "live_revision",
        "content_type",
    ):
        key = (PAGE, row["pk"])
        things[key] = Thing(
            key,
            f"{PAGE} {row['translation_key']}",
            row["live"],
            row["expire_at"],
            row["path"],
            row["url_path"],
            (PAGE, row["alias_of"]) if row["alias_of"] else None,
            row["latest_revision"],
            row["live_revision"],
            row["content_type"] == issue,
            False,
        )
    for row in Structure.objects.values(
        "pk",
        "translation_key",
        "live",
        "expire_at",
        "latest_revision",
        "live_revision",
        "is_confidential",
        "place_visibility",
    ):
        key = (STRUCTURE, row["pk"])
        things[key] = Thing(
            key,
            f"{STRUCTURE} {row['translation_key']}",
            row["live"],
            row["expire_at"],
            "",
            "",
            None,
            row["latest_revision"],
            row["live_revision"],
            False,
            bool(row["is_confidential"] or row["place_visibility"]),
        )
    return things


def instance_of(key: Key) -> Any:
    """Return the live row of a page or structure."""
    if key[0] == STRUCTURE:
        return Structure.objects.get(pk=key[1])
    return Page.objects.get(pk=key[1]).specific


def content_type_ids(kind: str) -> int:
    """Return the type under which revisions and workflows know a kind of thing."""
    return int(ContentType.objects.get_for_model(Page if kind == PAGE else Structure).pk)


@dataclass
class Content:
    """The words of a version of a thing, and the files that it refers to."""

    words: frozenset[str] = frozenset()
    files: frozenset[Key] = frozenset()


@dataclass
class Approval:
    """Somebody's word for exactly these words."""

    person: str
    words: frozenset[str]


@dataclass
class Admissions:
    """What may be public, by thing.

    Attributes:
        words: every token that was written.
        names: of people, by their primary keys.
        publishers: who may publish the team's own work alone.
        team: whose approval counts.
        admitted: the words of each thing that may be read while it is visible.
        references: the files of each thing, as admitted.
        released: the words of each file that may be read while something visible refers to it.
        pending: identities that hold something from outside which nobody has reviewed.
        pending_files: files that came from outside, until they are released.
        approvals: by thing, in their order.
        scheduled: by revision, what its schedule will admit.
        validated: issues of the newsletter, with the words that two people approved.
        slugs: the words of each thing's address, once admitted.
        opened: what is there for readers at all, whatever its words.
        ever: all words that were ever admitted.
        reviews: how often a review admitted something: a run without any proves little.
        publications: how often something was admitted.
    """

    words: Vocabulary
    names: dict[int, str]
    publishers: frozenset[str]
    team: frozenset[str]
    things: dict[Key, Thing] = field(default_factory=dict)
    files: dict[Key, frozenset[str]] = field(default_factory=dict)
    admitted: dict[Key, frozenset[str]] = field(default_factory=dict)
    references: dict[Key, frozenset[Key]] = field(default_factory=dict)
    released: dict[Key, frozenset[str]] = field(default_factory=dict)
    pending: set[str] = field(default_factory=set)
    pending_files: set[Key] = field(default_factory=set)
    approvals: dict[Key, list[Approval]] = field(default_factory=dict)
    scheduled: dict[int, Content | None] = field(default_factory=dict)
    validated: dict[Key, list[Content]] = field(default_factory=dict)
    slugs: dict[Key, frozenset[str]] = field(default_factory=dict)
    opened: set[Key] = field(default_factory=set)
    ever: set[str] = field(default_factory=set)
    reviews: int = 0
    publications: int = 0

    def fork(self, words: Vocabulary) -> Admissions:
        """Return a copy that goes its own way, with words of its own."""
        other = copy.copy(self)
        other.words = words
        for name in (
            "things",
            "files",
            "admitted",
            "references",
            "released",
            "scheduled",
            "slugs",
        ):
            setattr(other, name, dict(getattr(self, name)))
        for name in ("pending", "pending_files", "opened", "ever"):
            setattr(other, name, set(getattr(self, name)))
        other.approvals = {key: list(value) for key, value in self.approvals.items()}
        other.validated = {key: list(value) for key, value in self.validated.items()}
        return other

    # What is there

    def content_of_row(self, key: Key) -> Content:
        """Return the content of a live row."""
        return self._content(instance_of(key))

    def content_of_revision(self, pk: int) -> Content:
        """Return the content of a revision."""
        revision = Revision.objects.get(pk=pk)
        return self._content(revision.as_object(), revision.content)

    def _content(self, instance: Any, data: dict[str, Any] | None = None) -> Content:
        data = instance.serializable_data() if data is None else data
        words = [{name: value for name, value in data.items() if name not in NOT_WORDS}]
        if hasattr(instance, "tags"):
            # Of which the data has the keys.
            words += [str(tag) for tag in instance.tags.all()]
        return Content(self.words.find(words), _files_of(instance))

    def content_now(self, thing: Thing) -> Content:
        """Return the latest content of a thing, published or not."""
        if thing.latest:
            return self.content_of_revision(thing.latest)
        return self.content_of_row(thing.key)

    def read_files(self) -> dict[Key, frozenset[str]]:
        """Return the words of every file of the library, content and description."""
        found = {}
        for document in Document.objects.all():
            found[DOCUMENT, document.pk] = self.words.find(
                f"{document.title} {document.file.name}"
            ) | self.words.find(_stored(document.file))
        for image in Image.objects.all():
            found[IMAGE, image.pk] = self.words.find(
                f"{image.title} {image.description} {image.credit} {image.file.name}"
            )
        return found

    def words_with_files(self, content: Content) -> frozenset[str]:
        """Return the words of a content and of its files as they are: what reviewers read."""
        return content.words.union(*(self.files.get(file, frozenset()) for file in content.files))

    # What happened

    def adopt(self) -> None:
        """Admit all that is live: the site as it was found."""
        self.things, self.files = read_things(), self.read_files()
        for key, thing in self.things.items():
            if thing.live:
                content = self.content_of_row(key)
                self._admit(thing, content, self._own_words(content.words), content.files)
                self.opened.add(key)

    def mark(self, key: Key) -> None:
        """Take note that a thing now holds something from outside."""
        thing = read_things().get(key)
        if thing is not None:
            self.pending.add(thing.identity)

    def settle(self, who: str, *, source: Key | None = None) -> None:
        """Take note of what an act did.

        Args:
            who: did it.
            source: what it copied, if it copied something.
        """
        before, old_files = self.things, self.files
        self.things, self.files = read_things(), self.read_files()
        self._observe_files(who, old_files)
        self._observe_births(before, source)
        approved = self._observe_approvals()
        self._validate_issues(approved)
        self._observe_schedules(who, approved)
        for key, thing in self.things.items():
            if _is_published_since(before.get(key), thing):
                self._observe_publication(who, thing, approved)
            elif (old := before.get(key)) and old.url_path != thing.url_path:
                self._observe_move(who, thing)
        for key in list(self.admitted):
            if key not in self.things or not self.things[key].live:
                del self.admitted[key]
                self.references.pop(key, None)
                self.opened.discard(key)

    def _observe_files(self, who: str, before: dict[Key, frozenset[str]]) -> None:
        used = frozenset().union(*(self.references.get(key, frozenset()) for key in self.admitted))
        for key, words in self.files.items():
            if key not in before and self._strange(words):
                self.pending_files.add(key)
            if words == before.get(key, words) or key not in used:
                continue
            # What is public on saving is a publisher's right.
            if who in self.publishers and key not in self.pending_files:
                self._release(key, words)

    def _observe_births(self, before: dict[Key, Thing], source: Key | None) -> None:
        parent = before.get(source) if source else None
        for key, thing in self.things.items():
            if key in before:
                continue
            inherits = parent is not None and parent.identity in self.pending
            if inherits or self._strange(self.content_now(thing).words):
                self.pending.add(thing.identity)

    def _observe_approvals(self) -> set[Key]:
        """Note the approvals of this moment; return the things that got one."""
        approved = set()
        for state in TaskState.objects.filter(
            status=TaskState.STATUS_APPROVED, finished_at=timezone.now()
        ).select_related("workflow_state"):
            kind = (
                PAGE
                if state.workflow_state.base_content_type_id == content_type_ids(PAGE)
                else STRUCTURE
            )
            thing = self.things.get((kind, int(state.workflow_state.object_id)))
            if thing is None or state.finished_by_id is None:
                continue
            name = self.names.get(state.finished_by_id, "")
            words = self.words_with_files(self.content_now(thing))
            given = self.approvals.setdefault(thing.key, [])
            if not any(each == Approval(name, words) for each in given):
                given.append(Approval(name, words))
            approved.add(thing.key)
        return approved

    def is_reviewed(self, thing: Thing, content: Content) -> bool:
        """Return whether two people approved these very words, the later having written none."""
        words = self.words_with_files(content)
        same = [each for each in self.approvals.get(thing.key, []) if each.words == words]
        new = words - self.admitted.get(thing.key, frozenset())
        writers = {self.words[token].writer for token in new}
        people = {each.person for each in same if each.person in self.team}
        return len(people) > 1 and any(
            each.person in people and each.person not in writers
            for each in same[1:]
            if each.person != same[0].person
        )

    def _observe_schedules(self, who: str, approved: set[Key]) -> None:
        for revision in Revision.objects.filter(approved_go_live_at__isnull=False).exclude(
            pk__in=self.scheduled
        ):
            kind = PAGE if revision.base_content_type_id == content_type_ids(PAGE) else STRUCTURE
            thing = self.things.get((kind, int(revision.object_id)))
            if thing is None:
                continue
            content = self.content_of_revision(revision.pk)
            self.scheduled[revision.pk] = self._allow(who, thing, content, approved)

    def _observe_publication(self, who: str, thing: Thing, approved: set[Key]) -> None:
        if thing.live_revision in self.scheduled:
            allowed = self.scheduled.pop(thing.live_revision)
            content = allowed or Content()
        else:
            # An alias names the revision of its source, and has a slug of its own.
            content = (
                self.content_of_revision(thing.live_revision)
                if thing.live_revision and not thing.alias_of
                else self.content_of_row(thing.key)
            )
            allowed = self._allow(who, thing, content, approved)
        if content.words and content.words <= self.admitted.get(thing.key, frozenset()):
            return  # What was live without a revision got one of the same words.
        if allowed is None:
            self._admit(thing, content, frozenset(), frozenset())
            return
        self._admit(thing, content, allowed.words, allowed.files)
        self.opened.add(thing.key)
        self.publications += 1

    def _allow(
        self, who: str, thing: Thing, content: Content, approved: set[Key]
    ) -> Content | None:
        """Return the content that this act may make public, or ``None``."""
        if thing.is_issue:
            if thing.key in approved and self.is_reviewed(thing, content):
                self.validated.setdefault(thing.key, []).append(content)
            was_validated = any(each == content for each in self.validated.get(thing.key, []))
            return content if was_validated and who == "newsletter" else None
        if thing.key in approved and self.is_reviewed(thing, content):
            self.pending.discard(thing.identity)
            self.pending_files -= content.files
            self.ever |= self.words_with_files(content)
            self.reviews += 1
            return content
        if who not in self.publishers or thing.identity in self.pending:
            return None
        if self._strange(content.words):
            self.pending.add(thing.identity)
            return None
        return content

    def _validate_issues(self, approved: Iterable[Key]) -> None:
        """Take note of issues that two people have approved, though nothing is published."""
        for key in approved:
            thing = self.things[key]
            if thing.is_issue:
                self._allow("", thing, self.content_now(thing), {key})

    def _observe_move(self, who: str, thing: Thing) -> None:
        """Admit the words of a new address, if a publisher moved what is admitted."""
        if who in self.publishers and thing.key in self.admitted:
            words = self._own_words(self.words.find(thing.url_path))
            self.admitted[thing.key] |= words
            self.ever |= words

    def _admit(
        self, thing: Thing, content: Content, words: frozenset[str], files: frozenset[Key]
    ) -> None:
        words = frozenset(t for t in words if not self.words[t].is_secret)
        self.admitted[thing.key] = words
        self.references[thing.key] = frozenset(files)
        self.slugs[thing.key] = self.slugs.get(thing.key, frozenset()) | (
            words & self.words.find(thing.url_path)
        )
        self.ever |= words
        for key in files - self.pending_files:
            self._release(key, self.files.get(key, frozenset()))

    def _release(self, key: Key, words: frozenset[str]) -> None:
        own = self._own_words(words)
        self.released[key] = own
        self.ever |= own

    def _strange(self, words: frozenset[str]) -> frozenset[str]:
        """Return the words from outside that nobody has reviewed."""
        return frozenset(
            token
            for token in words
            if self.words[token].writer == OUTSIDE and token not in self.ever
        )

    def _own_words(self, words: frozenset[str]) -> frozenset[str]:
        return words - self._strange(words)

    # What may be read

    def allowed(self, *, is_member: bool = False) -> frozenset[str]:
        """Return the words that a reader may find now, anywhere."""
        now = timezone.now()
        closed = [
            path
            for path, kind in PageViewRestriction.objects.values_list(
                "page__path", "restriction_type"
            )
            if not (is_member and kind == PageViewRestriction.LOGIN)
        ]
        shown: set[str] = set()
        paths = {thing.path: thing for thing in self.things.values() if thing.path}
        for key, thing in self.things.items():
            source = thing.alias_of or key
            words = self.admitted.get(key, frozenset()) | self.admitted.get(source, frozenset())
            if not words or key not in self.admitted or not thing.is_on(now):
                continue
            if thing.path and any(thing.path.startswith(path) for path in closed):
                continue
            if thing.hides_place:
                words = frozenset(token for token in words if not self.words[token].is_place)
            shown |= words
            for file in self.references.get(key, frozenset()) | self.references.get(
                source, frozenset()
            ):
                shown |= self.released.get(file, frozenset())
            for length in range(4, len(thing.path), 4):
                above = paths.get(thing.path[:length])
                if above is not None:
                    shown |= self.slugs.get(above.key, frozenset())
        return frozenset(shown)

    def is_shown(self, key: Key) -> bool:
        """Return whether anyone may read a thing now."""
        thing = self.things.get(key)
        if thing is None or key not in self.opened or not thing.is_on(timezone.now()):
            return False
        closed = PageViewRestriction.objects.values_list("page__path", flat=True)
        return not (thing.path and any(thing.path.startswith(path) for path in closed))


def _is_published_since(before: Thing | None, now: Thing) -> bool:
    if not now.live:
        return False
    return before is None or not before.live or before.live_revision != now.live_revision


def _files_of(instance: Any) -> frozenset[Key]:
    models = {
        ContentType.objects.get_for_model(model).pk: kind for kind, model in FILE_MODELS.items()
    }
    return frozenset(
        (models[type_id], int(pk))
        for type_id, pk, *_where in ReferenceIndex._extract_references_from_object(instance)
        if type_id in models
    )


def _stored(file: Any) -> bytes:
    try:
        with file.storage.open(file.name) as stored:
            content: bytes = stored.read()
    except FileNotFoundError:
        return b""
    return content
