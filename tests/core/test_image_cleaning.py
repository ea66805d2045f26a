"""No stored file holds the place where a picture was taken, whatever its format and way in."""

from __future__ import annotations

import io
import shutil
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from PIL import Image as Pillow
from PIL import ImageChops, ImageSequence
from wagtail.models import Collection
from wagtail.users.models import UserProfile

from core.files.image_cleaning import (
    MAX_ANIMATED_PIXELS,
    MAX_FRAMES,
    MAX_PIXELS,
    MAX_SCANS,
    STORED_FORMATS,
    ImageRejected,
    clean_image,
)
from core.files.image_containers import CHECKS, count_scans, holds_pixels_only
from core.images import REJECTIONS
from core.models import ContentVersion, Image, Rendition, User
from tests.contributions.hostile import many_scans
from tests.factories import ImageFactory, image_file
from tests.factories.photos import (
    PHOTOS,
    SECRET,
    SIGNATURES,
    XMP,
    gif,
    heic,
    jpeg,
    mpo,
    pixels,
    png,
    secret_exif,
    webp,
    wide_profile,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

RENDITIONS = ("width-40", "fill-30x30", "width-40|format-jpeg", "width-40|format-webp", "original")

# What is in a file does not depend on the database that names it.
pytestmark = pytest.mark.one_engine


@pytest.fixture(autouse=True)
def disk() -> Path:
    """Empty the folders that the next assertion walks; both are the tests' own."""
    root = Path(settings.MEDIA_ROOT).parent
    assert Path(settings.PRIVATE_ROOT).parent == root
    for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT):
        shutil.rmtree(folder, ignore_errors=True)
    return root


def upload(case: str) -> SimpleUploadedFile:
    name, make = PHOTOS[case]
    return SimpleUploadedFile(name, make(), "image/*")


def assert_clean(content: bytes, name: str = "") -> None:
    """Look for what should be gone, in the bytes and through another reader than ours."""
    found = [signature for signature in SIGNATURES if signature in content]
    assert not found, (name, found)
    with Pillow.open(io.BytesIO(content)) as image:
        exif = image.getexif()
        assert not dict(exif), name
        assert not exif.get_ifd(0x8825), name
        assert not {"exif", "xmp", "comment", "photoshop", "mp"} & set(image.info), name
        assert not getattr(image, "text", {}), name
    assert holds_pixels_only(content), name


def assert_disk_is_clean(folder: Path, least: int = 1) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= least
    for path in files:
        assert_clean(path.read_bytes(), str(path))


# Ways in


def by_orm(client: Client, file: SimpleUploadedFile) -> None:
    Image.objects.create(title="Photo", file=file)


def by_form(client: Client, file: SimpleUploadedFile) -> None:
    data = {"title": "Photo", "file": file, "collection": 1, "tags": ""}
    response = client.post("/admin/images/add/", data)
    assert response.status_code == 302, response.context["form"].errors


def by_many_at_once(client: Client, file: SimpleUploadedFile) -> None:
    data = {"title": "Photo", "files[]": file, "collection": 1}
    headers = {"x-requested-with": "XMLHttpRequest"}
    answer = client.post("/admin/images/multiple/add/", data, headers=headers).json()
    assert answer["success"] is True, answer


def by_chooser(client: Client, file: SimpleUploadedFile) -> None:
    data = {
        "image-chooser-upload-title": "Photo",
        "image-chooser-upload-file": file,
        "image-chooser-upload-collection": 1,
    }
    response = client.post("/admin/images/chooser/create/", data)
    assert response.json()["step"] in {"chosen", "select_format"}


def by_editing(client: Client, file: SimpleUploadedFile) -> None:
    image = ImageFactory(file=image_file(kind="PNG", name="avant.png"))
    image.get_rendition("width-40")
    data = {"title": "Photo", "file": file, "collection": 1, "tags": ""}
    response = client.post(f"/admin/images/{image.pk}/", data)
    assert response.status_code == 302, response.context["form"].errors


def by_moving(client: Client, file: SimpleUploadedFile) -> None:
    image = ImageFactory(file=file)
    other = Collection.get_first_root_node().add_child(name="Autre")
    address = f"/admin/bulk/core/image/add_to_collection/?id={image.pk}"
    assert client.post(address, {"collection": other.pk}).status_code == 302
    image.refresh_from_db()
    assert image.collection == other


BY_WILLOW = {by_form, by_many_at_once, by_chooser, by_editing}
"""Ways that Wagtail guards: there it refuses the animations that it does not know."""
WAYS = (by_orm, by_form, by_many_at_once, by_chooser, by_editing, by_moving)


@pytest.mark.django_db
@pytest.mark.parametrize("case", PHOTOS)
@pytest.mark.parametrize("way", WAYS)
def test_no_stored_file_holds_metadata(
    editor_client: Client, disk: Path, way: Callable[..., None], case: str
) -> None:
    if way in BY_WILLOW and case in {"animated png", "animated avif"}:
        pytest.skip("refused by Wagtail: see the next test")

    way(editor_client, upload(case))

    image = Image.objects.get()
    renditions = [image.get_rendition(spec) for spec in RENDITIONS]
    image.get_renditions("width-20", "width-30", "width-30|format-avif")
    assert_disk_is_clean(disk, least=len(renditions) + 4)
    assert (image.width, image.height) == (64, 48)
    content = Path(image.file.path).read_bytes()
    assert image.file_size == len(content)
    stored = {kind for kind in STORED_FORMATS.values() if image.file.name.endswith(kind.extensions)}
    with Pillow.open(io.BytesIO(content)) as picture:
        assert [kind.name for kind in stored] == [picture.format]


@pytest.mark.django_db
@pytest.mark.parametrize("case", ["animated png", "animated avif"])
def test_animations_that_wagtail_does_not_know_are_refused(
    editor_client: Client, disk: Path, case: str
) -> None:
    data = {"title": "Photo", "file": upload(case), "collection": 1, "tags": ""}

    response = editor_client.post("/admin/images/add/", data)

    assert response.context["form"].errors["file"]
    assert not [path for path in disk.rglob("*") if path.is_file()]


def test_each_format_that_may_come_in_is_tried() -> None:
    tried = {Path(name).suffix[1:] for name, _make in PHOTOS.values()}
    opened = {Pillow.open(io.BytesIO(make())).format for _name, make in PHOTOS.values()}

    assert tried == set(settings.WAGTAILIMAGES_EXTENSIONS)
    assert opened == set(STORED_FORMATS)
    assert len(CHECKS) == len({kind.name for kind in STORED_FORMATS.values()})
    assert settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS == MAX_PIXELS


@pytest.mark.parametrize("case", PHOTOS)
def test_the_samples_hold_what_is_looked_for(case: str) -> None:
    """Else the tests above would prove little."""
    content = PHOTOS[case][1]()

    assert SECRET in content
    assert sum(signature in content for signature in SIGNATURES) > 1
    assert not holds_pixels_only(content)


# Files that were stored before they were cleaned


def store_as_it_was(case: str) -> Image:
    """Put a photograph where an earlier version left it as it came."""
    name, make = PHOTOS[case]
    image = ImageFactory(file=image_file(kind="PNG", name="avant.png"))
    stored = image.file.storage.save(f"original_images/{name}", ContentFile(make()))
    image.file.storage.delete(image.file.name)
    Image.objects.filter(pk=image.pk).update(file=stored)
    return Image.objects.get(pk=image.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("case", PHOTOS)
def test_a_rendition_of_a_file_that_was_never_cleaned_is_clean(case: str, disk: Path) -> None:
    image = store_as_it_was(case)

    for spec in RENDITIONS:
        image.get_rendition(spec)
    image.get_renditions("width-20", "width-30")

    for rendition in Rendition.objects.filter(image=image):
        assert_clean(Path(rendition.file.path).read_bytes(), rendition.filter_spec)


# What is kept


@pytest.mark.parametrize("case", [case for case in PHOTOS if "gif" not in case])
def test_the_colour_profile_is_kept(case: str) -> None:
    profile = wide_profile()
    with Pillow.open(io.BytesIO(PHOTOS[case][1]())) as before:
        assert len(before.info["icc_profile"]) == len(profile)
        expected = before.info["icc_profile"]

    cleaned = clean_image(io.BytesIO(PHOTOS[case][1]()))

    with Pillow.open(io.BytesIO(cleaned.content)) as after:
        assert after.info["icc_profile"] == expected or len(after.info["icc_profile"]) == len(
            expected
        )


def test_what_is_no_profile_is_not_kept_nor_what_follows_one() -> None:
    output, longer = io.BytesIO(), io.BytesIO()
    pixels().save(output, "JPEG", icc_profile=SECRET * 20)
    pixels().save(longer, "JPEG", icc_profile=wide_profile() + SECRET)

    for content in (output, longer):
        assert SECRET not in clean_image(content).content


@pytest.mark.parametrize("case", PHOTOS)
def test_pixels_and_animation_are_kept(case: str) -> None:
    content = PHOTOS[case][1]()

    cleaned = clean_image(io.BytesIO(content))

    with (
        Pillow.open(io.BytesIO(content)) as before,
        Pillow.open(io.BytesIO(cleaned.content)) as after,
    ):
        is_kept = cleaned.format.is_animated
        assert getattr(after, "n_frames", 1) == (getattr(before, "n_frames", 1) if is_kept else 1)
        for one, other in zip(
            ImageSequence.Iterator(before), ImageSequence.Iterator(after), strict=False
        ):
            difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
            assert max(high for _low, high in difference.getextrema()) < 40
            assert not is_kept or other.info.get("duration") == one.info.get("duration")


def test_a_picture_that_is_clean_is_not_written_again() -> None:
    for _name, make in PHOTOS.values():
        once = clean_image(io.BytesIO(make()))

        assert clean_image(io.BytesIO(once.content)).content == once.content


@pytest.mark.parametrize("make", [jpeg, heic])
def test_a_turned_photograph_is_turned_for_good(make: Callable[..., bytes]) -> None:
    content = make(exif=secret_exif(orientation=6))

    with Pillow.open(io.BytesIO(clean_image(io.BytesIO(content)).content)) as image:
        assert image.size == (48, 64)
        # The upper half, turned a quarter clockwise, is on the right.
        assert image.convert("RGB").getpixel((40, 30))[0] < 100
        assert min(image.convert("RGB").getpixel((5, 30))) > 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
@pytest.mark.parametrize("kind", ["PNG", "GIF", "JPEG", "WEBP", "AVIF", "HEIF"])
def test_every_kind_of_pixels_can_be_kept(mode: str, kind: str) -> None:
    output = io.BytesIO()
    try:
        Pillow.new(mode, (20, 10)).save(output, kind)
    except (OSError, ValueError, KeyError):
        pytest.skip("the format has no such pixels")
    with Pillow.open(output) as before:
        mode = before.mode

    cleaned = clean_image(output)

    with Pillow.open(io.BytesIO(cleaned.content)) as after:
        after.load()
        assert after.mode == mode or kind == "HEIF"


def test_a_transparent_animation_does_not_show_what_came_before() -> None:
    frames = []
    for left in (0, 16):
        frame = Pillow.new("RGBA", (32, 32))
        frame.paste("red", (left, 0, left + 16, 32))
        frames.append(frame)
    output = io.BytesIO()
    options = {"duration": 90, "disposal": 2}
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], **options)
    content = output.getvalue() + b"suite"  # Else it would be kept as it is.

    with Pillow.open(io.BytesIO(clean_image(io.BytesIO(content)).content)) as image:
        seen = [frame.convert("RGBA").copy() for frame in ImageSequence.Iterator(image)]

    assert [frame.getpixel((4, 4))[3] for frame in seen] == [255, 0]
    assert [frame.getpixel((28, 4))[3] for frame in seen] == [0, 255]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_picture_that_turns_in_metadata_that_lie_is_kept() -> None:
    content = jpeg(exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff")

    assert_clean(clean_image(io.BytesIO(content)).content)


# What is refused


def kind_of(kind: str) -> bytes:
    output = io.BytesIO()
    pixels().save(output, kind)
    return output.getvalue()


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000", "PDF"])
def test_a_format_off_the_list_is_refused(kind: str) -> None:
    with pytest.raises(ImageRejected, match="unknown"):
        clean_image(io.BytesIO(kind_of(kind)))


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"rien", kind_of("BMP"), kind_of("JPEG")[:-9]])
def test_code_that_stores_what_can_not_be_cleaned_is_stopped(content: bytes, disk: Path) -> None:
    image = Image(title="X", file=ContentFile(content, name="photo.jpg"))

    with pytest.raises(ValidationError):
        image.full_clean()
    with pytest.raises(ValidationError):
        image.save()

    assert not [path for path in disk.rglob("*") if path.is_file()]


def noise(kind: str) -> bytes:
    output = io.BytesIO()
    Pillow.effect_noise((300, 300), 80).convert("RGB").save(output, kind)
    return output.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
def test_a_truncated_picture_is_refused(kind: str, part: float) -> None:
    content = noise(kind)

    with pytest.raises(ImageRejected, match=r"broken|unknown"):
        clean_image(io.BytesIO(content[: int(part * len(content))]))


def huge(kind: str) -> bytes:
    output = io.BytesIO()
    Pillow.new("1" if kind == "PNG" else "L", (9000, 9000)).save(output, kind)
    return output.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_picture_that_unfolds_too_far_is_refused(kind: str) -> None:
    with pytest.raises(ImageRejected, match="bomb"):
        clean_image(io.BytesIO(huge(kind)))


def test_a_picture_that_is_drawn_over_too_often_is_refused() -> None:
    drawn = 8

    assert count_scans(many_scans(MAX_SCANS - drawn, 100), MAX_SCANS) <= MAX_SCANS
    assert clean_image(io.BytesIO(many_scans(MAX_SCANS - drawn, 100)))
    with pytest.raises(ImageRejected, match="bomb"):
        clean_image(io.BytesIO(many_scans(MAX_SCANS, 100)))
    # What follows the picture, and the thumbnails of its metadata, are not drawn.
    assert count_scans(PHOTOS["jpeg"][1]() + b"\xff\xda" * 100, MAX_SCANS) == 1


@pytest.mark.parametrize("way", [by_form, by_many_at_once, by_chooser])
@pytest.mark.django_db
def test_no_request_of_an_editor_decodes_what_was_sent(
    editor_client: Client, monkeypatch: pytest.MonkeyPatch, way: Callable[..., None]
) -> None:
    def decode(*args: Any, **options: Any) -> None:
        raise AssertionError("decoded in the request")

    monkeypatch.setattr("core.images.clean_image", decode)

    way(editor_client, upload("jpeg"))

    assert Image.objects.exists()


def test_too_many_frames_are_refused() -> None:
    output = io.BytesIO()
    frames = [Pillow.new("L", (8, 8), n % 255) for n in range(MAX_FRAMES + 1)]
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:])
    large = io.BytesIO()
    side = int((MAX_ANIMATED_PIXELS / 20) ** 0.5) + 1
    frames = [Pillow.new("L", (side, side), n) for n in range(20)]
    frames[0].save(large, "GIF", save_all=True, append_images=frames[1:])

    for content in (output, large):
        with pytest.raises(ImageRejected, match="bomb"):
            clean_image(content)


@pytest.mark.django_db
class TestMessages:
    """An editor reads what is wrong beside the file, and nothing typed is lost."""

    @pytest.mark.parametrize(
        "name,kind,word",
        [
            ("photo.jpg", "JPEG", "abîmée"),
            ("photo.png", "PNG", "abîmée"),
            ("photo.gif", "GIF", "abîmée"),
            ("photo.webp", "WEBP", "abîmé"),
            ("photo.avif", "AVIF", "abîmé"),
            ("photo.heic", "HEIF", "abîmé"),
        ],
    )
    def test_a_truncated_picture_is_a_message_on_its_field(
        self, editor_client: Client, name: str, kind: str, word: str
    ) -> None:
        content = noise(kind)
        file = SimpleUploadedFile(name, content[: len(content) * 2 // 3])
        data = {"title": "Un titre choisi", "file": file, "collection": 1, "tags": "un-mot"}

        response = editor_client.post("/admin/images/add/", data)

        assert response.status_code == 200
        [message] = response.context["form"].errors["file"]
        assert word in message or "valide" in message
        assert "Un titre choisi" in response.content.decode()
        assert "un-mot" in response.content.decode()
        assert not Image.objects.exists()

    def test_one_of_many_is_a_message_too(self, editor_client: Client) -> None:
        file = SimpleUploadedFile("photo.jpg", noise("JPEG")[:9000])
        data = {"title": "Photo", "files[]": file, "collection": 1}
        headers = {"x-requested-with": "XMLHttpRequest"}

        answer = editor_client.post("/admin/images/multiple/add/", data, headers=headers)

        assert answer.status_code == 200
        assert answer.json()["success"] is False
        assert "abîmée" in answer.json()["error_message"]

    def test_an_image_is_edited_with_a_message_and_keeps_its_file(
        self, editor_client: Client
    ) -> None:
        image = ImageFactory()
        name = image.file.name
        file = SimpleUploadedFile("photo.jpg", noise("JPEG")[:9000])
        data = {"title": "Neuf", "file": file, "collection": 1, "tags": ""}

        response = editor_client.post(f"/admin/images/{image.pk}/", data)

        assert "abîmée" in response.context["form"].errors["file"][0]
        image.refresh_from_db()
        assert image.file.name == name
        assert Path(image.file.path).exists()

    def test_one_that_takes_too_long_is_a_message(
        self, editor_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.images.SECONDS", 1)
        file = SimpleUploadedFile("photo.jpg", many_scans(40))
        data = {"title": "Un titre choisi", "file": file, "collection": 1}

        response = editor_client.post("/admin/images/add/", data)

        assert response.context["form"].errors["file"] == [str(REJECTIONS["slow"])]
        assert "Un titre choisi" in response.content.decode()
        assert not Image.objects.exists()

    @pytest.mark.parametrize("kind", ["BMP", "TIFF"])
    def test_a_format_off_the_list_is_a_message(self, editor_client: Client, kind: str) -> None:
        for name in (f"photo.{kind.lower()}", "photo.jpg"):
            data = {"title": "X", "file": SimpleUploadedFile(name, kind_of(kind)), "collection": 1}
            response = editor_client.post("/admin/images/add/", data)
            assert response.context["form"].errors["file"]
        assert not Image.objects.exists()


# Portraits of editors, which are public files too


@pytest.mark.django_db
class TestAvatars:
    def post(self, client: Client, file: SimpleUploadedFile) -> Any:
        User.objects.update(first_name="Édith", last_name="Rice")
        page = client.get("/admin/account/")
        data: dict[str, Any] = {}
        for panel in chain.from_iterable(page.context["panels_by_tab"].values()):
            form = panel.get_form()
            for bound in form:
                if bound.name != "avatar" and bound.value() not in {None, False}:
                    data[bound.html_name] = bound.value()
        return client.post("/admin/account/", data | {"avatar-avatar": file})

    @pytest.mark.parametrize("case", ["jpeg", "mpo", "png", "gif", "webp", "avif", "heic"])
    def test_a_portrait_is_clean(self, editor_client: Client, disk: Path, case: str) -> None:
        response = self.post(editor_client, upload(case))

        assert response.status_code == 302
        assert UserProfile.objects.get().avatar
        assert_disk_is_clean(disk)

    def test_a_portrait_that_takes_too_long_is_a_message(
        self, editor_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.images.SECONDS", 1)

        response = self.post(editor_client, SimpleUploadedFile("moi.jpg", many_scans(40)))

        assert response.status_code == 200
        assert "trop de temps" in response.content.decode()

    def test_a_truncated_portrait_is_a_message(self, editor_client: Client) -> None:
        response = self.post(editor_client, SimpleUploadedFile("moi.jpg", noise("JPEG")[:9000]))

        assert response.status_code == 200
        assert "abîmée" in response.content.decode()


# The look at what a file is made of


@pytest.mark.parametrize("case", PHOTOS)
@pytest.mark.parametrize("more", [b"\0", b"suite", b"\xff\xd9", b"\x3b"])
def test_what_follows_a_picture_is_seen(case: str, more: bytes) -> None:
    content = clean_image(io.BytesIO(PHOTOS[case][1]())).content
    assert holds_pixels_only(content)

    assert not holds_pixels_only(content + more)
    assert not holds_pixels_only(content[:-1])


@pytest.mark.parametrize(
    "content",
    [
        lambda: kind_saved("JPEG", comment=b"x"),
        lambda: kind_saved("JPEG", xmp=XMP),
        lambda: kind_saved("JPEG", exif=secret_exif()),
        lambda: kind_saved("JPEG", extra=b"\xff\xe5\0\x06abcd"),
        lambda: kind_saved("GIF", comment=b"x"),
        lambda: kind_saved("WEBP", xmp=XMP),
        lambda: kind_saved("WEBP", exif=secret_exif()),
        lambda: kind_saved("AVIF", xmp=XMP),
        lambda: kind_saved("AVIF", exif=secret_exif()),
        mpo,
        png,
        gif,
        webp,
        heic,
        lambda: b"",
        lambda: b"\xff\xd8\xff",
        lambda: b"GIF89a",
    ],
)
def test_one_kind_of_metadata_is_enough(content: Callable[[], bytes]) -> None:
    assert not holds_pixels_only(content())


def kind_saved(kind: str, **options: Any) -> bytes:
    output = io.BytesIO()
    pixels().save(output, kind, **options)
    return output.getvalue()


# The command that cleans what is stored


def run(**options: Any) -> str:
    output = io.StringIO()
    call_command("clean_images", stdout=output, **options)
    return output.getvalue().strip()


def store_dirty_rendition(image: Image, spec: str) -> Rendition:
    rendition = image.get_rendition(spec)
    name = rendition.file.name
    rendition.file.storage.delete(name)
    assert rendition.file.storage.save(name, ContentFile(jpeg())) == name
    return rendition


@pytest.mark.django_db
class TestCommand:
    @pytest.mark.parametrize("case", PHOTOS)
    def test_what_is_stored_is_cleaned_once(
        self, case: str, disk: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        image = store_as_it_was(case)
        rendition = store_dirty_rendition(image, "width-40|format-jpeg")
        address = rendition.url
        ImageFactory(file=image_file(name="propre.jpg"))

        with django_capture_on_commit_callbacks(execute=True):
            assert run(dry_run=True) == "1 clean, 2 to clean, 0 missing, 0 unreadable"
        assert SECRET in Path(image.file.path).read_bytes()
        with django_capture_on_commit_callbacks(execute=True):
            assert run() == "2 clean, 1 cleaned, 0 missing, 0 unreadable"

        assert_disk_is_clean(disk)
        image = Image.objects.get(pk=image.pk)
        assert image.file_size == len(Path(image.file.path).read_bytes())
        assert (image.width, image.height) == (64, 48)
        assert image.get_rendition("width-40|format-jpeg").url == address
        assert run() == "3 clean, 0 cleaned, 0 missing, 0 unreadable"

    def test_renditions_of_a_clean_file_are_made_again(
        self, disk: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        image = ImageFactory(file=image_file())
        address = store_dirty_rendition(image, "width-20").url

        with django_capture_on_commit_callbacks(execute=True):
            assert run() == "1 clean, 1 cleaned, 0 missing, 0 unreadable"

        assert_disk_is_clean(disk)
        assert Image.objects.get().get_rendition("width-20").url == address

    def test_a_turned_photograph_that_was_cleaned_before_is_described_as_it_is(
        self, disk: Path
    ) -> None:
        image = ImageFactory(file=image_file())
        true = {
            name: getattr(image, name) for name in ("width", "height", "file_size", "file_hash")
        }
        wrong = {"width": 2, "height": 7, "file_size": 1, "file_hash": "0" * 40}
        Image.objects.filter(pk=image.pk).update(**wrong)

        run(dry_run=True)
        assert Image.objects.filter(**wrong).exists()
        version = ContentVersion.current()
        assert run() == "1 clean, 0 cleaned, 0 missing, 0 unreadable"

        assert Image.objects.filter(**true).exists()
        assert ContentVersion.current() != version

    def test_portraits_are_cleaned(
        self, editor: User, disk: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        profile = UserProfile.get_for_user(editor)
        name = default_storage.save("avatar_images/moi.heic", ContentFile(heic()))
        UserProfile.objects.filter(pk=profile.pk).update(avatar=name)

        with django_capture_on_commit_callbacks(execute=True):
            run()

        assert UserProfile.objects.get().avatar.name.endswith(".jpg")
        assert_disk_is_clean(disk)

    def test_a_missing_file_and_a_broken_one_stop_nothing(
        self, disk: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        missing = ImageFactory(file=image_file(name="absente.jpg"))
        missing.file.storage.delete(missing.file.name)
        broken = store_as_it_was("jpeg")
        Path(broken.file.path).write_bytes(noise("JPEG")[:9000])
        good = store_as_it_was("mpo")
        output = io.StringIO()

        with (
            django_capture_on_commit_callbacks(execute=True),
            pytest.raises(CommandError, match=f"core.Image {broken.pk}"),
        ):
            call_command("clean_images", stdout=output)

        assert output.getvalue().strip() == "0 clean, 1 cleaned, 1 missing, 1 unreadable"
        assert_clean(Path(Image.objects.get(pk=good.pk).file.path).read_bytes())
