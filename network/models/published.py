"""Where the structures are that the public reads of: what lists filter and order by."""

from __future__ import annotations

from django.db import models

from network.models.structures import Structure
from network.places import Visibility
from published.models import Item


class PublishedPlace(models.Model):
    """The place of a structure, as it was admitted with its item.

    Never read without the condition of :func:`network.queries.place_shown`.
    """

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="published_place")
    structure = models.OneToOneField(
        Structure, on_delete=models.CASCADE, related_name="published_place"
    )
    visibility = models.PositiveSmallIntegerField(
        choices=Visibility, help_text="The lowest access level that shows it, as admitted."
    )
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    # The same point on the unit sphere: comparing distances then takes no trigonometry.
    x = models.FloatField(null=True)
    y = models.FloatField(null=True)
    z = models.FloatField(null=True)
    indexed_words = models.CharField(
        max_length=120,
        blank=True,
        help_text="What the search index has of it: nothing unless anyone may know it.",
    )

    class Meta:
        default_permissions = ()
        indexes = (models.Index(fields=["latitude", "longitude"], name="published_place_point"),)

    def __str__(self) -> str:
        return str(self.structure_id)
