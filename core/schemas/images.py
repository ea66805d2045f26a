from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Self

from pydantic import Field
from wagtail.images.models import Filter, SourceImageIOError

from core.absences import Absences
from core.references import Ref
from core.schemas.base import Schema
from core.web.links import build_absolute_url

if TYPE_CHECKING:
    from core.models import Image

CARD_SPECS = tuple(f"fill-{w}x{w * 9 // 16}|format-webp" for w in (320, 640, 960))
"""A card's image: 16:9 around the focal point."""
FULL_SPECS = tuple(f"width-{w}|format-webp" for w in (480, 800, 1200, 1600))
"""An image in a page: its own shape."""
SHARE_SPEC = "fill-1200x630|format-jpeg"


UNDRAWN = Absences("The image %s can't be drawn, and is left out: %s")
"""The images that are left out for now."""

SIZES = {"card": CARD_SPECS, "full": FULL_SPECS, "share": (SHARE_SPEC,)}
"""The specs by the names that references to pictures have for them."""


@cache
def rendition_filter(spec: str) -> Filter:
    """Return the filter of a spec, parsed once: a list asks for dozens."""
    return Filter(spec=spec)


class Source(Schema):
    """One size of a picture."""

    url: str
    width: int = Field(description="In pixels.", examples=[640])
    height: int = Field(description="In pixels.", examples=[360])


class FocalPoint(Schema):
    """Where to look, as percentages from the top left (CSS ``object-position``)."""

    x: float = Field(ge=0, le=100, examples=[50.0])
    y: float = Field(ge=0, le=100, examples=[33.3])


class Picture(Schema):
    """An image in every size that screens need."""

    alt: str = Field(description="Alternative text; empty for a decorative image (RGAA 1.2).")
    src: str = Field(description="Absolute address of the size to use by default.")
    width: int
    height: int
    srcset: list[Source] = Field(description="Every size, narrowest first.")
    focal_point: FocalPoint | None
    credit: str

    @staticmethod
    def ref(
        image_id: int | None, size: str, alt: str | None = None, *, is_required: bool = False
    ) -> Ref | None:
        """Return the reference to an image, if there is one.

        Args:
            image_id: the key of the image.
            size: one of :data:`SIZES`.
            alt: the alternative text in this place; by default the image's description.
            is_required: whether what holds it goes with it.
        """
        return Ref("picture", (image_id, size, alt), is_required) if image_id else None

    @classmethod
    def find(
        cls, image: Image, origin: str, specs: tuple[str, ...], alt: str | None = None
    ) -> Self | None:
        """Return an image as :meth:`from_model` does, or nothing where it can't be drawn.

        Its file is gone or damaged, or no file can be written: what shows it is shown without. It
        is tried again after a minute.
        """
        key = (image.pk, image.file_hash, specs)
        if key in UNDRAWN:
            return None
        try:
            return cls.from_model(image, origin, specs, alt)
        except SourceImageIOError as error:
            UNDRAWN.add(key, error)
            return None

    @classmethod
    def from_model(
        cls, image: Image, origin: str, specs: tuple[str, ...], alt: str | None = None
    ) -> Self:
        """Return an image at the given rendition specs.

        Args:
            image: with its renditions prefetched where there are many.
            origin: what its addresses start with.
            specs: Wagtail filter specs, narrowest first. A rendition that is missing is made.
            alt: the alternative text in this place; by default the image's description.

        Raises:
            SourceImageIOError: a rendition is missing and can't be made.
        """
        renditions = image.get_renditions(*map(rendition_filter, specs))
        sizes = {
            r.width: Source.construct_trusted(
                url=build_absolute_url(r.url, origin), width=r.width, height=r.height
            )
            for r in (renditions[spec] for spec in specs)
        }
        sources = list(sizes.values())
        default = sources[min(1, len(sources) - 1)]
        focal = image.get_focal_point()
        return cls.construct_trusted(
            alt=image.default_alt_text if alt is None else alt,
            src=default.url,
            width=default.width,
            height=default.height,
            srcset=sources,
            focal_point=FocalPoint.construct_trusted(
                x=round(100 * focal.centroid_x / image.width, 1),
                y=round(100 * focal.centroid_y / image.height, 1),
            )
            if focal
            else None,
            credit=image.credit,
        )
