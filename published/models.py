"""What the public reads, and the record of how it came to be public.

Live rows are what editors work on. An :class:`Item` holds words that were admitted
(:mod:`published.admission`), and is what every public reader reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail.search import index

from core.models.media import END_OF_TEXT, text_of_documents
from core.terms import get_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Item(index.Indexed, models.Model):
    """The admitted words of one thing, in its language, and what lists go by.

    Whether it is shown now (live, in a public place of the tree, not expired) is asked of its
    row on reading (:mod:`published.queries`), since that is no matter of words.
    """

    kind = models.CharField(max_length=30, help_text="The `type` of its detail.")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    thing_id = models.BigIntegerField()
    page = models.OneToOneField(
        Page,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="published_item",
        help_text="The same as thing_id, for a page.",
    )
    translation_key = models.UUIDField(db_index=True)
    language = models.CharField(max_length=12, help_text="BCP 47.")
    is_alias = models.BooleanField(default=False)

    path = models.CharField(max_length=700, help_text="On the site, with the prefix of a language.")
    slug = models.CharField(max_length=255, help_text="The end of the path, as admitted.")
    title = models.CharField(max_length=255)

    # What lists are ordered and cut by; each kind fills those that it needs.
    date = models.DateField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    number = models.IntegerField(null=True)

    card = models.JSONField(
        help_text="What its list shows, with references to what is not its own."
    )
    teaser = models.JSONField(help_text="What a list of mixed kinds adds, likewise.")
    detail = models.JSONField(
        help_text="What is shown of it by itself, besides the card, likewise."
    )
    content = models.JSONField(help_text="The content as it was admitted, to build this anew.")
    content_hash = models.CharField(max_length=64)
    body_text = models.TextField(blank=True, help_text="Its own words for the search.")
    row_text = models.TextField(blank=True, help_text="Those of its authors and tags, likewise.")

    published_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    search_auto_update: ClassVar[bool] = False
    """Not on saving: what it refers to is written after it."""
    search_fields: ClassVar[list[index.BaseField]] = [
        index.SearchField("title", boost=10),
        index.AutocompleteField("title"),
        index.SearchField("summary_text", boost=2),
        index.SearchField("body_text"),
        index.SearchField("document_text"),
        index.SearchField("related_text"),
        index.FilterField("kind"),
        index.FilterField("language"),
    ]

    class Meta:
        verbose_name = _("contenu public")
        verbose_name_plural = _("contenus publics")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["content_type", "thing_id"], name="item_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["path"], name="item_by_path"),
            models.Index(fields=["kind", "language", "-date", "-thing_id"], name="item_latest"),
            models.Index(fields=["kind", "language", "title", "thing_id"], name="item_by_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def summary_text(self) -> str:
        """Return the summary, for the index."""
        return str(self.card.get("summary", ""))

    @cached_property
    def _targets(self) -> list[tuple[str, int]]:
        return sorted((each.kind, each.key) for each in self.references.all())

    @cached_property
    def document_text(self) -> str:
        """Return the text of the documents that it refers to, for the index.

        An index asks for it several times, always of an instance that was just read.
        """
        keys = [key for kind, key in self._targets if kind == "document"]
        return (text_of_documents(keys) if keys else "") + END_OF_TEXT

    @cached_property
    def related_text(self) -> str:
        """Return its authors and tags, and the labels of its terms, for the index."""
        vocabulary = get_vocabulary()
        words = [self.row_text]
        for kind, key in self._targets:
            words += vocabulary.names(kind, key, self.language)
        if self.kind in INDEXED_WORDS:
            words.append(INDEXED_WORDS[self.kind](self))
        return " ".join(filter(None, words))


INDEXED_WORDS: dict[str, Callable[[Item], str]] = {}
"""For the kinds that have any, what gives the words by which an item is found besides its own."""


def register_indexed_words(kind: str, words: Callable[[Item], str]) -> None:
    """Register what gives more words of a kind of items for the index, each time it is indexed."""
    INDEXED_WORDS[kind] = words


class ItemFacet(models.Model):
    """A value by which lists are filtered, and that facets count."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="facets")
    name = models.CharField(max_length=20)
    value = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "name", "value"], name="item_facet_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "value", "item"], name="item_facet_value"),
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class ItemReference(models.Model):
    """Something that an item speaks of, as its words refer to it.

    Recorded from the words themselves, so it is complete: from it follow which files are
    public, and where a thing is used.
    """

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="references")
    kind = models.CharField(max_length=20)
    key = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["item", "kind", "key"], name="item_reference_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["kind", "key", "item"], name="item_reference_target"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class LinkedAddress(models.Model):
    """An address to which what the public reads leads, and what was found there last.

    Those that start with a slash are of our own site.
    """

    MAX_LENGTH: ClassVar[int] = 2000

    url = models.CharField(max_length=MAX_LENGTH, unique=True, help_text="ASCII, no fragment.")
    checked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="When something was last there.")
    status = models.PositiveSmallIntegerField(null=True, help_text="Of HTTP, where it answered.")
    problem = models.CharField(max_length=12, blank=True, help_text="Why there was nothing.")
    failures = models.PositiveSmallIntegerField(
        default=0, help_text="On how many days in a row there was nothing."
    )
    failed_on = models.DateField(null=True, help_text="The last of these days.")
    is_broken = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["checked_at"], name="broken_addresses", condition=models.Q(is_broken=True)
            ),
        ]

    def __str__(self) -> str:
        return self.url


class LinkUse(models.Model):
    """That something public leads to an address, as collected from its words."""

    address = models.ForeignKey(LinkedAddress, on_delete=models.CASCADE, related_name="uses")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    thing_id = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["content_type", "thing_id", "address"], name="link_use_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thing_id} → {self.address_id}"


class LedgerIsAppendOnly(Exception):
    """An entry of the ledger was to be changed or deleted."""


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    """Entries, which only grow in number."""

    def update(self, **kwargs: Any) -> int:
        raise LedgerIsAppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        raise LedgerIsAppendOnly

    def bulk_update(self, objs: Iterable[LedgerEntry], *args: Any, **kwargs: Any) -> int:
        raise LedgerIsAppendOnly


class FormerSlug(models.Model):
    """The slug a page had when it was withdrawn: what is below it keeps its address."""

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, primary_key=True, related_name="former_slug"
    )
    slug = models.CharField(max_length=255)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.slug


class LedgerEntry(models.Model):
    """What became public or ceased to be: when and why, with its author and its approvers.

    Hashes and no content: erasing a content stays possible, and what is left proves nothing but
    that it was admitted.
    """

    class Act(models.TextChoices):
        ADMIT = "admit", _("Mis en ligne")
        WITHDRAW = "withdraw", _("Retiré")

    act = models.CharField(max_length=8, choices=Act)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    thing_id = models.BigIntegerField()
    translation_key = models.UUIDField()
    kind = models.CharField(max_length=30)
    content_hash = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who did it.",
    )
    approvers = models.JSONField(default=list, help_text="Keys of the users who approved it.")
    reason = models.CharField(max_length=100, blank=True, help_text="Of what nobody did by hand.")
    transaction = models.BigIntegerField(
        null=True, help_text="PostgreSQL's, by which readers know that none before is missing."
    )

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = _("entrée du registre")
        verbose_name_plural = _("entrées du registre")
        default_permissions = ("view",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["content_type", "thing_id", "id"], name="ledger_of_a_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.kind} {self.thing_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry.

        Raises:
            LedgerIsAppendOnly: it is there already.
        """
        if self.pk is not None:
            raise LedgerIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise LedgerIsAppendOnly
