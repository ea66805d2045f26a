from __future__ import annotations

import io
import unicodedata
from contextlib import contextmanager, nullcontext
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import connection, models, transaction
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef
from django.dispatch import Signal
from django.utils.crypto import get_random_string, salted_hmac
from django.utils.translation import gettext_lazy as _
from PIL.Image import DecompressionBombError
from taggit.managers import TaggableManager
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, SourceImageIOError
from wagtail.images.models import get_upload_to as image_upload_to
from wagtail.log_actions import log
from wagtail.models import CollectionViewRestriction
from wagtail.search import index

from core.files.image_containers import holds_pixels_only
from core.images import CleanImageField, clean_file
from core.registry import get_file_uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.models.users import User

MAX_DOCUMENT_TEXT_BYTES = 400_000
"""Bytes of its documents' text that are indexed with a page: PostgreSQL takes 1 MB of words."""

END_OF_TEXT = "\u2063"
"""Separates, in the index, the text of a page from its terms, which are no sentences."""

document_file_saved = Signal()
"""Sent after a document is saved with a new file. Arguments: ``instance``."""
file_admitted = Signal()
"""Sent after a file that published content holds is replaced by one that may be public.

Arguments: ``instance`` (a document or an image), ``user``, ``reason``.
"""


class FileInPublicUse(PermissionDenied):
    """The file of an image that published content shows was to be replaced by nobody."""


document_read = Signal()
"""Sent after the text of a document was read. Arguments: ``instance``."""


def private_storage() -> Storage:
    """Return the storage that no web server publishes: originals stay behind a permission check."""
    return storages["private"]


def document_upload_to(document: Document, name: str) -> str:
    """Return where to store a document: apart, so that its name needs no suffix."""
    return f"documents/{get_random_string(12)}/{name}"


def delete_when_unused(storage: Storage, name: str) -> None:
    """Delete a stored file once the transaction is committed, unless a row refers to it."""

    def delete() -> None:
        holders = (Document, DocumentVersion, Image)
        if not any(model._default_manager.filter(file=name).exists() for model in holders):
            storage.delete(name)

    if name:
        transaction.on_commit(delete)


class ReplaceableFile:
    """A file of the library, which may be replaced.

    Attributes:
        admitted_by: who makes a new file public in the place of the one that published content
            holds, or the reason for which the program does; to be set before saving.
    """

    admitted_by: User | str | None = None

    def has_new_file(self, update_fields: Any = None) -> bool:
        """Return whether saving these fields stores a new file."""
        is_saved = update_fields is None or "file" in update_fields
        file: Any = getattr(self, "file")  # noqa: B009 - Of the models that extend this one.
        return bool(file) and is_saved and not file._committed

    def log_admission(self, before: str) -> None:
        """Record who replaced the file of something public, and announce it."""
        by = self.admitted_by
        user, reason = (None, by) if isinstance(by, str) else (by, "")
        file: Any = self
        data = {"before": before, "after": file.file_hash, "reason": reason}
        log(self, "core.replace_file", user=user, data=data)
        file_admitted.send(type(self), instance=self, user=user, reason=reason)


def _plain(file: File[bytes], name: str) -> File[bytes]:
    """Return a file that holds pixels only: itself if it can."""
    file.seek(0)
    is_plain = holds_pixels_only(file.read())
    file.seek(0)
    if is_plain:
        return file
    try:
        return clean_file(file, name)
    except ValidationError as error:
        raise SourceImageIOError(f"{name}: {error.code}") from error


@contextmanager
def undrawable(image: Image) -> Iterator[None]:
    """Raise what may happen while an image is drawn as the one error that Wagtail expects."""
    # A transaction that is open goes on without what was written of them.
    savepoint = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with savepoint:
            yield
    except SourceImageIOError:
        raise
    # Pillow has no error of its own for files that are damaged.
    except (OSError, SyntaxError, EOFError, DecompressionBombError) as error:
        raise SourceImageIOError(f"{image.file.name}: {error}") from error


class Image(ReplaceableFile, AbstractImage):
    """An image of the library.

    The original file is private and only its renditions are public: Wagtail
    does not apply a collection's privacy to image files. A file keeps its pixels
    and its colour profile only, since a photo must never show where a child is.
    """

    file = CleanImageField(
        verbose_name=_("fichier"),
        storage=private_storage,
        upload_to=image_upload_to,
        width_field="width",
        height_field="height",
    )
    # Wagtail's own models of the same name are installed too: other reverse names than theirs.
    tags = TaggableManager(
        verbose_name=_("mots-clés"), blank=True, help_text=None, related_name="library_images"
    )
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("envoyé par"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    missing_since = models.DateTimeField(
        _("fichier manquant depuis le"), null=True, editable=False, db_index=True
    )
    credit = models.CharField(
        _("crédit"), max_length=200, blank=True, help_text=_("Auteur et licence, tels qu'affichés.")
    )

    admin_form_fields = (
        "title",
        "file",
        "description",
        "credit",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with what is known of a new file once it is cleaned, and without old renditions.

        Raises:
            FileInPublicUse: published content shows it, and nobody admits the new file.
        """
        if not self.has_new_file(kwargs.get("update_fields")):
            super().save(*args, **kwargs)
            return
        before = Image.objects.filter(pk=self.pk).first() if self.pk else None
        self.missing_since = None
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "missing_since"}
        is_held = before is not None and get_file_uses().is_published(self)
        if is_held and not self.admitted_by:
            raise FileInPublicUse(
                _("Cette image est en ligne : son fichier ne peut pas être remplacé ainsi.")
            )
        # Django stores a file while it saves the columns in their order: too late for those of
        # its size, width and height.
        self.file.save(self.file.name, self.file.file, save=False)
        with transaction.atomic():
            super().save(*args, **kwargs)
            if before is not None:
                self.renditions.all().delete()
                delete_when_unused(before.file.storage, str(before.file.name))
            if before is not None and is_held:
                self.log_admission(before.file_hash)

    def create_rendition(self, filter: Filter) -> AbstractRendition:
        """Draw a rendition, and store it.

        Raises:
            SourceImageIOError: the stored file is missing or damaged, or nothing can be written.
        """
        with undrawable(self):
            return super().create_rendition(filter)

    def create_renditions(self, *filters: Filter) -> dict[Filter, AbstractRendition]:
        """Draw renditions, and store them.

        Raises:
            SourceImageIOError: the stored file is missing or damaged, or nothing can be written.
        """
        if not filters:
            return {}
        with undrawable(self):
            return super().create_renditions(*filters)

    def generate_rendition_file(
        self, filter: Filter, *, source: File[bytes] | None = None
    ) -> File[bytes]:
        """Draw a rendition from the pixels alone, whatever the stored file holds.

        Willow copies EXIF, XMP and more from the file that it opens, and a file may have been
        stored before images were cleaned.

        Raises:
            SourceImageIOError: the stored file is missing or can't be read.
        """
        if source is None:
            with self.open_file() as stored:
                source = File(io.BytesIO(stored.read()), name=self.file.name)
        rendition: File[bytes] = super().generate_rendition_file(
            filter, source=_plain(source, str(self.file.name))
        )
        return _plain(rendition, str(rendition.name))


class Rendition(AbstractRendition):
    """One size of an image, ready to be served."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="renditions")

    def get_upload_to(self, filename: str) -> str:
        """Return where to keep the file: at an address that nobody guesses.

        Editors' thumbnails are renditions too, of images that nothing public shows yet.
        """
        secret = salted_hmac("core.Rendition", str(self.image_id)).hexdigest()[:20]
        return f"images/{secret}/{super().get_upload_to(filename).rpartition('/')[2]}"

    def draw_again(self) -> None:
        """Draw it from its image, at the address that it has.

        Raises:
            OSError: the file of the image can't be read.
        """
        drawn = self.image.generate_rendition_file(self.filter)
        old = PurePath(str(self.file.name))
        name = old.with_suffix(PurePath(str(drawn.name)).suffix).name
        self.file.storage.delete(str(old))
        self.file.save(name, drawn, save=False)
        Rendition.objects.filter(pk=self.pk).update(
            file=self.file.name, width=self.width, height=self.height
        )
        self.purge_from_cache()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="core_rendition_unique"
            )
        ]


class TextState(models.TextChoices):
    """How far the text of a document could be read."""

    PENDING = "pending", _("lecture en cours")
    READ = "read", _("texte lu")
    SCANNED = "scanned", _("document numérisé, sans texte")
    BROKEN = "broken", _("document illisible ou protégé")
    NOT_PDF = "not_pdf", _("pas un PDF")


class DescribedFile(models.Model):
    """A stored file, with what a machine could read of it."""

    file = models.FileField(
        _("fichier"), storage=private_storage, upload_to=document_upload_to, max_length=255
    )
    page_count = models.PositiveIntegerField(_("pages"), null=True, editable=False)
    text = models.TextField(_("texte"), blank=True, editable=False)
    text_state = models.CharField(
        _("lecture du texte"),
        max_length=8,
        choices=TextState,
        default=TextState.PENDING,
        editable=False,
    )

    class Meta:
        abstract = True


class Document(ReplaceableFile, DescribedFile, AbstractDocument):
    """A file of the library, with what a machine could read of it.

    Its own file is what editors see. While published content holds it, the public is given
    ``public_version``, which is another as long as nobody who may publish has admitted a new one.
    """

    TextState = TextState
    UNREADABLE_STATES = (TextState.SCANNED, TextState.BROKEN)

    is_tagged = models.BooleanField(
        _("PDF balisé"),
        null=True,
        editable=False,
        help_text=_("Inconnu tant que le fichier n'a pas été lu, ou s'il n'est pas un PDF."),
    )
    # Wagtail's own models of the same name are installed too: other reverse names than theirs.
    tags = TaggableManager(
        verbose_name=_("mots-clés"), blank=True, help_text=None, related_name="library_documents"
    )
    uploaded_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("envoyé par"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    missing_since = models.DateTimeField(
        _("fichier manquant depuis le"), null=True, editable=False, db_index=True
    )
    public_version = models.ForeignKey(
        "core.DocumentVersion",
        verbose_name=_("version publique"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    admin_form_fields = ("title", "file", "collection", "tags")
    search_fields: ClassVar[list[index.BaseField]] = [
        *AbstractDocument.search_fields,
        index.SearchField("text"),
    ]

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the document; of a new file, keep the one that it replaces while it is public."""
        if not self.has_new_file(kwargs.get("update_fields")):
            super().save(*args, **kwargs)
            return
        before = Document.objects.filter(pk=self.pk).first() if self.pk else None
        is_held = before is not None and get_file_uses().is_published(self)
        self.page_count, self.text, self.text_state = None, "", TextState.PENDING
        self.is_tagged = self.missing_since = None
        self._set_document_file_metadata()
        with transaction.atomic():
            self.public_version = before.get_public_version() if before and is_held else None
            if kwargs.get("update_fields") is not None:
                read = {"page_count", "text", "text_state", "is_tagged", "missing_since"}
                derived = {*read, "file_hash", "file_size", "public_version"}
                kwargs["update_fields"] = {*kwargs["update_fields"], *derived}
            super().save(*args, **kwargs)
            if before is not None:
                delete_when_unused(before.file.storage, str(before.file.name))
                self._clear_old_versions()
            if before is not None and is_held and self.admitted_by:
                self.admit(self.admitted_by)
                self.log_admission(before.file_hash)
        document_file_saved.send(type(self), instance=self)

    @property
    def public_file(self) -> Document | DocumentVersion:
        """Return the file that the public is given where the public is given any."""
        return self.public_version or self

    @property
    def filename(self) -> str:
        """Return the name of the file of the public, by which it is downloaded."""
        return PurePath(str(self.public_file.file.name)).name

    @property
    def has_waiting_file(self) -> bool:
        """Return whether the public is still given an older file than editors see."""
        return self.public_version is not None and self.public_version.file != self.file

    def get_public_version(self) -> DocumentVersion:
        """Return the version that the public is given, recorded if it was not."""
        return self.public_version or self._record_version("public before it was replaced")

    def admit(self, admitted_by: User | str) -> None:
        """Make the present file the one of the public.

        Args:
            admitted_by: who does it, or the reason for which the program does.
        """
        current = self.public_version
        if current is not None and current.file == self.file:
            return
        self.public_version = self._record_version(admitted_by)
        self.save(update_fields=["public_version"])
        self._clear_old_versions()

    def _record_version(self, admitted_by: User | str) -> DocumentVersion:
        user, reason = (None, admitted_by) if isinstance(admitted_by, str) else (admitted_by, "")
        return DocumentVersion.objects.create(
            document=self,
            file=self.file.name,
            file_size=self.file_size,
            file_hash=self.file_hash,
            page_count=self.page_count,
            text=self.text,
            text_state=self.text_state,
            admitted_by=user,
            reason=reason,
        )

    def _clear_old_versions(self) -> None:
        """Delete the files of versions that the public is not given any more."""
        for version in self.versions.exclude(pk=self.public_version_id or 0).exclude(file=""):
            storage, name = version.file.storage, str(version.file.name)
            version.file, version.text = "", ""
            version.save(update_fields=["file", "text"])
            delete_when_unused(storage, name)

    @property
    def accessibility_warning(self) -> str:
        """Return the warning for editors if a screen reader can't read this file, else ''."""
        match self.text_state:
            case self.TextState.SCANNED:
                return str(
                    _(
                        "« %(title)s » est une image numérisée : la recherche n'en trouvera pas le "
                        "texte et un lecteur d'écran ne pourra pas le lire. Si vous le pouvez, "
                        "remplacez-le par le PDF d'origine."
                    )
                    % {"title": self.title}
                )
            case self.TextState.BROKEN:
                return str(
                    _(
                        "« %(title)s » n'a pas pu être lu : le fichier est abîmé ou protégé par un "
                        "mot de passe. Il est conservé, mais vérifiez qu'il s'ouvre."
                    )
                    % {"title": self.title}
                )
            case _:
                return ""


class DocumentVersion(DescribedFile):
    """A file of a document that was admitted, with who did it: the last is that of the public.

    Of those before it, the record is kept and the file is not.
    """

    # What it belongs to is no use of it.
    wagtail_reference_index_ignore = True

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    file_size = models.PositiveBigIntegerField(_("taille"), null=True)
    file_hash = models.CharField(_("empreinte"), max_length=40, blank=True)
    admitted_at = models.DateTimeField(_("admise le"), auto_now_add=True)
    admitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("admise par"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    reason = models.CharField(_("motif"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("version d'un document")
        verbose_name_plural = _("versions de documents")
        default_permissions = ()

    def __str__(self) -> str:
        return PurePath(str(self.file.name)).name


def text_of_documents(keys: Iterable[int]) -> str:
    """Return the text of documents, without those that not everyone may download.

    An excerpt would reveal their text.
    """
    ids = list(keys)
    path = ExpressionWrapper(OuterRef("collection__path"), output_field=CharField())
    restricted = CollectionViewRestriction.objects.alias(reader=path).filter(
        reader__startswith=F("collection__path")
    )
    documents = Document.objects.filter(~Exists(restricted), pk__in=ids)
    texts = {
        document.pk: document.public_file.text
        for document in documents.select_related("public_version")
    }
    text = " ".join(texts[pk] for pk in dict.fromkeys(ids) if pk in texts)
    # PDF files have ligatures, soft hyphens, and accents apart from their letters.
    text = unicodedata.normalize("NFKC", text).replace("\xad", "")
    return text.encode()[:MAX_DOCUMENT_TEXT_BYTES].decode(errors="ignore")
