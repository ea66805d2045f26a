"""Photos never reveal where a child is; files of the library stay in it until a page shows them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image as Pillow

from core.files.image_cleaning import ImageRejected, clean_image
from core.models import Document, Image
from tests.factories import DocumentFactory, ImageFactory, image_file, text_pdf

MAKE, GPS, ORIENTATION, GPS_LATITUDE = 0x010F, 0x8825, 0x0112, 2
XMP = b"<x:xmpmeta><rdf:li>Lille, 59000</rdf:li></x:xmpmeta>"


def exif(orientation: int = 1) -> Pillow.Exif:
    data = Pillow.Exif()
    data[MAKE] = "Telephone de Lea"
    data[ORIENTATION] = orientation
    data.get_ifd(GPS)[GPS_LATITUDE] = (50.0, 38.0, 14.0)
    return data


def half_red(kind: str, orientation: int, **options: Any) -> ContentFile[bytes]:
    """Return a picture whose top half is red once it is turned the right way up."""
    upright = Pillow.new("RGB", (40, 60), "white")
    upright.paste("red", (0, 0, 40, 30))
    # Orientation 6 (EXIF 2.32): the stored picture must be turned a quarter clockwise.
    stored = upright.rotate(90, expand=True) if orientation == 6 else upright
    output = io.BytesIO()
    stored.save(output, kind, exif=exif(orientation), **options)
    return ContentFile(output.getvalue(), name=f"photo.{kind.lower()}")


@pytest.fixture
def location() -> bytes:
    return b"Telephone de Lea"


@pytest.mark.django_db
class TestMetadata:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_a_picture_comes_in_without_place_or_device(self, kind: str, location: bytes) -> None:
        file = image_file(
            name=f"photo.{kind.lower()}",
            kind=kind,
            exif=exif(),
            **({"xmp": XMP} if kind != "PNG" else {}),
        )
        assert location in file.read()

        image = ImageFactory(file=file)

        with image.file.open("rb") as kept:
            content = kept.read()
        assert location not in content
        assert b"59000" not in content
        with Pillow.open(io.BytesIO(content)) as picture:
            assert picture.format == kind
            assert not dict(picture.getexif())
            assert not picture.getexif().get_ifd(GPS)
        assert image.file_size == len(content)

    def test_a_comment_is_removed(self) -> None:
        image = ImageFactory(file=image_file(comment=b"Chez Lea, Lille"))

        with image.file.open("rb") as kept:
            assert b"Lille" not in kept.read()

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_a_turned_picture_is_turned_for_good(self, kind: str) -> None:
        image = ImageFactory(file=half_red(kind, orientation=6))

        assert (image.width, image.height) == (40, 60)
        with image.file.open("rb") as kept, Pillow.open(kept) as picture:
            red, white = (
                picture.convert("RGB").getpixel((20, 5)),
                picture.convert("RGB").getpixel((20, 55)),
            )
        assert red[0] > 200 > red[1] + 100
        assert min(white) > 200

    def test_renditions_are_clean_too(self, location: bytes) -> None:
        image = ImageFactory(file=image_file(exif=exif()))

        rendition = image.get_rendition("width-40|format-jpeg")

        with rendition.file.open("rb") as kept:
            assert location not in kept.read()

    def test_the_pixels_of_an_upright_jpeg_are_not_compressed_again(self) -> None:
        file = image_file(size=(200, 120), exif=exif())
        with Pillow.open(io.BytesIO(file.read())) as before:
            pixels = before.tobytes()
        file.seek(0)

        image = ImageFactory(file=file)

        with image.file.open("rb") as kept, Pillow.open(kept) as after:
            assert after.tobytes() == pixels

    def test_transparency_and_animation_are_kept(self) -> None:
        frames = [Pillow.new("RGB", (8, 8), color) for color in ("red", "blue")]
        output = io.BytesIO()
        frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], duration=90)
        glass = io.BytesIO()
        Pillow.new("RGBA", (8, 8), (255, 0, 0, 40)).save(glass, "PNG")

        moving = clean_image(io.BytesIO(output.getvalue())).content
        clear = clean_image(io.BytesIO(glass.getvalue())).content

        with Pillow.open(io.BytesIO(moving)) as picture:
            assert picture.n_frames == 2
        with Pillow.open(io.BytesIO(clear)) as picture:
            assert picture.getpixel((0, 0))[3] == 40

    def test_what_is_no_image_is_refused(self) -> None:
        with pytest.raises(ImageRejected, match="unknown"):
            clean_image(io.BytesIO(b"rien"))


@pytest.mark.django_db
class TestPlaces:
    def test_originals_are_outside_of_what_is_served(self, client: Client) -> None:
        image, document = ImageFactory(), DocumentFactory()

        for file in (image.file, document.file):
            path = Path(file.path)
            assert path.is_relative_to(settings.PRIVATE_ROOT)
            assert not path.is_relative_to(settings.MEDIA_ROOT)
            for address in (f"/media/{file.name}", f"/{file.name}", f"/private/{file.name}"):
                assert client.get(address).status_code == 404

    def test_a_rendition_is_at_an_address_that_nobody_guesses(self) -> None:
        first, second = (ImageFactory(file=image_file("photo.jpg")) for _ in range(2))

        one, two = (image.get_rendition("width-40").url.split("/") for image in (first, second))

        assert one[:3] == two[:3] == ["", "media", "images"]
        assert len(one[3]) == 20
        assert one[3] != two[3]


@pytest.mark.django_db
class TestUploads:
    """Through the views that editors use."""

    def test_an_image_uploaded_by_an_editor_is_clean(
        self, editor_client: Client, location: bytes
    ) -> None:
        response = editor_client.post(
            "/admin/images/add/",
            {"title": "Photo", "file": image_file(exif=exif()), "collection": 1, "tags": ""},
        )

        assert response.status_code == 302, response.context["form"].errors
        image = Image.objects.get()
        with image.file.open("rb") as kept:
            assert location not in kept.read()
        assert image.uploaded_by_user.username == "editrice"

    def test_many_images_at_once_are_clean_too(
        self, editor_client: Client, location: bytes
    ) -> None:
        response = editor_client.post(
            "/admin/images/multiple/add/",
            {"title": "Photo", "files[]": image_file(exif=exif()), "collection": 1},
            headers={"x-requested-with": "XMLHttpRequest"},
        )

        assert response.json()["success"] is True
        with Image.objects.get().file.open("rb") as kept:
            assert location not in kept.read()

    @pytest.mark.parametrize(
        "name,content",
        [
            ("dessin.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
            ("photo.jpg", b"<html>"),
        ],
    )
    def test_what_is_no_picture_is_refused(
        self, editor_client: Client, name: str, content: bytes
    ) -> None:
        response = editor_client.post(
            "/admin/images/add/",
            {"title": "X", "file": ContentFile(content, name=name), "collection": 1},
        )

        assert response.status_code == 200
        assert "file" in response.context["form"].errors
        assert not Image.objects.exists()

    def test_a_document_uploaded_by_an_editor_is_read(
        self, editor_client: Client, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            response = editor_client.post(
                "/admin/documents/add/",
                {"title": "Guide", "file": text_pdf("Hirondelle"), "collection": 1, "tags": ""},
            )

        assert response.status_code == 302, response.context["form"].errors
        document = Document.objects.get()
        assert (document.text, document.page_count) == ("Hirondelle", 1)

    @pytest.mark.parametrize("name", ["page.html", "programme.exe", "dessin.svg"])
    def test_only_documents_are_taken(self, editor_client: Client, name: str) -> None:
        response = editor_client.post(
            "/admin/documents/add/",
            {"title": "X", "file": ContentFile(b"<script>", name=name), "collection": 1},
        )

        assert "file" in response.context["form"].errors
        assert not Document.objects.exists()
