from __future__ import annotations

import io
import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef
from django.dispatch import Signal
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, SourceImageIOError
from wagtail.images.models import get_upload_to as image_upload_to
from wagtail.models import CollectionViewRestriction
from wagtail.search import index

from core.files.image_containers import holds_pixels_only
from core.images import CleanImageField, clean_file

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DOCUMENT_TEXT_BYTES = 400_000
"""Bytes of its documents' text that are indexed with a page: PostgreSQL takes 1 MB of words."""

END_OF_TEXT = "\u2063"
"""Separates, in the index, the text of a page from its terms, which are no sentences."""

document_file_saved = Signal()
"""Sent after a document is saved with a new file. Arguments: ``instance``."""

document_read = Signal()
"""Sent after the text of a document was read. Arguments: ``instance``."""


def private_storage() -> Storage:
    """Return the storage that no web server publishes: originals stay behind a permission check."""
    return storages["private"]


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


class Image(AbstractImage):
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
        """Save, with what is known of a new file once it is cleaned.

        Django stores a file while it saves the columns in their order: too late for those of its
        size, width and height.
        """
        is_saved = kwargs.get("update_fields") is None or "file" in kwargs["update_fields"]
        if is_saved and self.file and not self.file._committed:
            self.file.save(self.file.name, self.file.file, save=False)
        super().save(*args, **kwargs)

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

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["image", "filter_spec", "focal_point_key"], name="core_rendition_unique"
            )
        ]


class Document(AbstractDocument):
    """A file of the library, with what a machine could read of it."""

    class TextState(models.TextChoices):
        PENDING = "pending", _("lecture en cours")
        READ = "read", _("texte lu")
        SCANNED = "scanned", _("document numérisé, sans texte")
        BROKEN = "broken", _("document illisible ou protégé")
        NOT_PDF = "not_pdf", _("pas un PDF")

    UNREADABLE_STATES = (TextState.SCANNED, TextState.BROKEN)

    file = models.FileField(
        _("fichier"), storage=private_storage, upload_to="documents", max_length=255
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
    page_count = models.PositiveIntegerField(_("pages"), null=True, editable=False)
    text = models.TextField(_("texte"), blank=True, editable=False)
    text_state = models.CharField(
        _("lecture du texte"),
        max_length=8,
        choices=TextState,
        default=TextState.PENDING,
        editable=False,
    )

    admin_form_fields = ("title", "file", "collection", "tags")
    search_fields: ClassVar[list[index.BaseField]] = [
        *AbstractDocument.search_fields,
        index.SearchField("text"),
    ]

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the document; clear what was read of a file that is replaced."""
        is_new_file = bool(self.file) and not getattr(self.file, "_committed", True)
        if is_new_file:
            self.page_count, self.text, self.text_state = None, "", self.TextState.PENDING
            self.file_hash = ""
            self.file_size = None
        super().save(*args, **kwargs)
        if is_new_file:
            document_file_saved.send(type(self), instance=self)

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


def text_of_documents(keys: Iterable[int]) -> str:
    """Return the text of documents, without those that not everyone may download.

    An excerpt would reveal their text.
    """
    ids = list(keys)
    path = ExpressionWrapper(OuterRef("collection__path"), output_field=CharField())
    restricted = CollectionViewRestriction.objects.alias(reader=path).filter(
        reader__startswith=F("collection__path")
    )
    texts = dict(Document.objects.filter(~Exists(restricted), pk__in=ids).values_list("pk", "text"))
    text = " ".join(texts[pk] for pk in dict.fromkeys(ids) if pk in texts)
    # PDF files have ligatures, soft hyphens, and accents apart from their letters.
    text = unicodedata.normalize("NFKC", text).replace("\xad", "")
    return text.encode()[:MAX_DOCUMENT_TEXT_BYTES].decode(errors="ignore")
