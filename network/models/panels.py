"""The form of a structure in the administration."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)

from core.models.mixins import checkboxes

PRESENTATION_PANELS = [
    MultiFieldPanel(
        [
            FieldPanel("name"),
            FieldPanel("acronym"),
            FieldPanel("structure_type"),
            FieldPanel("description"),
            FieldPanel("services", widget=checkboxes()),
            FieldPanel("audiences", widget=checkboxes()),
        ],
        heading=_("La structure"),
    ),
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
            FieldPanel("website"),
            FieldPanel("opening_hours"),
            FieldPanel("contact_visibility"),
        ],
        heading=_("Contacts"),
    ),
]
PLACE_PANELS = [
    FieldPanel("is_confidential"),
    FieldPanel("place_visibility"),
    FieldPanel("department"),
    MultiFieldPanel(
        [
            FieldPanel("street"),
            FieldRowPanel([FieldPanel("postcode"), FieldPanel("municipality")]),
            FieldPanel("municipality_code"),
            FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
        ],
        heading=_("Adresse"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("coverage"),
            FieldPanel("coverage_territories"),
        ],
        heading=_("Où elle intervient"),
    ),
]
UPKEEP_PANELS = [
    FieldPanel("verified_on"),
    FieldPanel("external_id"),
    FieldPanel("is_demo"),
    PublishingPanel(),
]
EDIT_HANDLER = TabbedInterface(
    [
        ObjectList(PRESENTATION_PANELS, heading=_("Présentation")),
        ObjectList(PLACE_PANELS, heading=_("Lieu")),
        ObjectList(UPKEEP_PANELS, heading=_("Suivi")),
    ]
)
