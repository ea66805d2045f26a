from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import get_upload_to as image_upload_to
from wagtail.search import index

from core.images import CleanImageField


def private_storage() -> Storage:
    """Return the storage that no web server publishes: originals stay behind a permission check."""
    return storages["private"]


class Image(AbstractImage):
    """An image of the library.

    The original file is private and only its renditions are public: Wagtail
    does not apply a collection's privacy to image files. EXIF and GPS data are
    removed when a file comes in, since a photo must never tell where a child is.
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

    TROUBLED = (TextState.SCANNED, TextState.BROKEN)

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
        """Save, and have a new file read in the background once it is committed."""
        from core.tasks import read_document  # noqa: PLC0415 (tasks import the models)

        is_new_file = bool(self.file) and not getattr(self.file, "_committed", True)
        if is_new_file:
            self.page_count, self.text, self.text_state = None, "", self.TextState.PENDING
            self.file_hash = ""
            self.file_size = None
        super().save(*args, **kwargs)
        if is_new_file:
            transaction.on_commit(lambda: read_document.enqueue(self.pk))

    @property
    def trouble(self) -> str:
        """What an editor should know of this file, or an empty string."""
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
