"""The agenda: trainings and webinars."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    Panel,
)
from wagtail.api import APIField
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Orderable
from wagtail.search import index

from core.blocks import RICH_TEXT_FEATURES, BodyBlock
from core.models import (
    AttachedDocument,
    BasePage,
    Image,
    IndexPage,
    WithAudiences,
    WithSummary,
    WithThemes,
)
from events.models.sessions import Mode, RegistrationMode, Session, Slot, Venue

if TYPE_CHECKING:
    from collections.abc import Sequence

WEBINAR_KEY = uuid.UUID(int=1)
"""The key of a webinar's only session on its page."""


class EventIndexPage(IndexPage):
    """The agenda: what is to come, what has been, month by month."""

    template = "events/event_index_page.html"
    subpage_types: ClassVar[list[str]] = ["events.TrainingPage", "events.WebinarPage"]

    class Meta:
        verbose_name = _("agenda")
        verbose_name_plural = _("agendas")


class EventKind(models.TextChoices):
    TRAINING = "training", _("Formation")
    WEBINAR = "webinar", _("Webinaire")


class EventPage(WithSummary, WithThemes, WithAudiences, BasePage):
    """What a training and a webinar share: one table, so that the agenda is one list.

    Never made itself.
    """

    class Registration(models.TextChoices):
        HERE = "here", _("Sur ce site")
        EXTERNAL = "external", _("Sur un autre site")
        NONE = "none", _("Sans inscription")

    kind = models.CharField(
        _("nature"), max_length=8, choices=EventKind, editable=False, db_index=True
    )
    registration = models.CharField(
        _("inscription"),
        max_length=8,
        choices=Registration,
        default=Registration.HERE,
        help_text=_("Ici, ailleurs (avec un lien), ou sans inscription."),
    )
    external_registration_url = models.URLField(
        _("adresse d'inscription"),
        max_length=500,
        blank=True,
        help_text=_("Seulement si l'inscription se fait sur un autre site."),
    )
    image = models.ForeignKey(
        Image,
        verbose_name=_("image"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Décorative : son texte alternatif n'est pas lu, le titre suffit."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("programme"),
        blank=True,
        help_text=_("Le déroulé, heure par heure si vous l'avez."),
    )

    # Derived from the dates, for what reads the pages themselves.
    first_at = models.DateTimeField(_("premier début"), null=True, editable=False)
    last_at = models.DateTimeField(_("dernière fin"), null=True, editable=False, db_index=True)

    registration_panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [FieldPanel("registration"), FieldPanel("external_registration_url")],
            heading=_("Inscription"),
        )
    ]
    classification_panels: ClassVar[list[Panel]] = [
        *WithThemes.theme_panels,
        *WithAudiences.audience_panels,
    ]
    # Never the join link: whoever searches would find it.
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
        *WithThemes.theme_search_fields,
        *WithAudiences.audience_search_fields,
        index.SearchField("body"),
        index.FilterField("kind"),
        index.FilterField("last_at"),
    ]
    # Nor here: anyone reads it.
    api_fields: ClassVar[list[APIField]] = [
        *BasePage.api_fields,
        *map(
            APIField,
            (
                "kind",
                "summary",
                "themes",
                "audiences",
                "registration",
                "external_registration_url",
                "image",
                "body",
                "first_at",
                "last_at",
            ),
        ),
    ]

    is_creatable = False
    image_field = "image"
    fields_without_words: ClassVar[tuple[str, ...]] = ("first_at", "last_at")
    KIND: ClassVar[str]

    class Meta:
        verbose_name = _("événement")
        verbose_name_plural = _("événements")

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Require the address of a registration elsewhere.

        Raises:
            ValidationError: it is missing.
        """
        super().clean()
        if self.registration == self.Registration.EXTERNAL and not self.external_registration_url:
            raise ValidationError(
                {"external_registration_url": _("Donnez l'adresse où l'on s'inscrit.")}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, deriving the times of the whole."""
        self.kind = self.KIND
        if kwargs.get("update_fields") is None:
            self.first_at, self.last_at = self.get_period()
        super().save(*args, **kwargs)

    @property
    def registration_mode(self) -> str:
        """Return how one registers for what this page shows (:class:`RegistrationMode`).

        Each language has sessions of its own to show, and their seats are those of the French:
        counted twice, they would be given twice.
        """
        is_french = self.locale.language_code == settings.LANGUAGE_CODE
        elsewhere = self.registration == self.Registration.HERE and not is_french
        return str(RegistrationMode.ORIGINAL if elsewhere else self.registration)

    def get_planned_sessions(self) -> Sequence[Session | TrainingDate]:
        """Return the sessions as this page, draft or live, has them; each with its ``key``."""
        raise NotImplementedError

    def displayed_sessions(self) -> list[Session]:
        """Return the sessions to show: those planned here, and those with registrations.

        The rows are as they were admitted; a preview shows what they would become.
        """
        kept: dict[uuid.UUID | None, Session] = {}
        if self.pk:
            kept = {session.key: session for session in self.sessions.with_seats_taken()}
        data = []
        for plan in self.get_planned_sessions():
            session = kept.pop(plan.key, None) or Session(key=plan.key or uuid.uuid4())
            self.write_session(session, plan)
            data.append(session)
        for session in kept.values():
            self.write_session(session)
        return sorted([*data, *kept.values()], key=lambda session: session.starts_at)

    def write_session(self, session: Session, plan: Slot | None = None) -> None:
        """Write to a session what this page has for all of them, and what it plans for this one."""
        session.page = self
        session.title = self.title
        session.summary = self.summary or self.search_description
        session.registration_mode = self.registration_mode
        session.external_registration_url = self.external_registration_url
        for name in Session.SYNCED_FIELDS if plan else ():
            setattr(session, name, getattr(plan, name))

    def get_period(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """Return when the first of the planned sessions starts, and when the last one ends."""
        planned = [plan for plan in self.get_planned_sessions() if plan.starts_at and plan.ends_at]
        first = min((plan.starts_at for plan in planned), default=None)
        return first, max((plan.ends_at for plan in planned), default=None)

    def get_display_date(self) -> tuple[dt.date | None, str]:
        first, _last = self.get_period()
        return (timezone.localdate(first) if first else None), "day"


class EventDocument(AttachedDocument):
    """A file that goes with an event; for a webinar, most often afterwards."""

    page = ParentalKey(EventPage, related_name="documents", on_delete=models.CASCADE)

    class Meta(AttachedDocument.Meta):
        verbose_name = _("document")
        verbose_name_plural = _("documents")


class TrainingDate(Orderable, Venue):
    """A date of a training, as its page plans it. Once published, it is a :class:`Session`."""

    page = ParentalKey("events.TrainingPage", related_name="dates", on_delete=models.CASCADE)
    # Travels in the form: a draft's rows have no primary key yet, and a published revision
    # still has none, so that the next edition makes them anew.
    key = models.UUIDField(_("clé"), null=True, blank=True)

    fields_without_words: ClassVar[tuple[str, ...]] = ("key",)

    panels: ClassVar[list[Panel]] = [
        FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
        FieldRowPanel([FieldPanel("mode"), FieldPanel("place")]),
        FieldRowPanel([FieldPanel("address"), FieldPanel("department")]),
        FieldPanel("join_url"),
        FieldRowPanel([FieldPanel("capacity"), FieldPanel("has_waiting_list")]),
        FieldPanel("is_open"),
        FieldPanel("key", widget=forms.HiddenInput, classname="w-hidden"),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("date")
        verbose_name_plural = _("dates")

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%d/%m/%Y %H:%M}"

    def clean(self) -> None:
        super().clean()
        self.key = self.key or uuid.uuid4()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = self.key or uuid.uuid4()
        super().save(*args, **kwargs)


class TrainingForm(WagtailAdminPageForm):
    """A training's form, which keeps the dates that people have registered for."""

    def clean(self) -> dict[str, Any]:
        """Refuse to remove a date that has registrations."""
        cleaned: dict[str, Any] = super().clean()
        formset = self.formsets.get("dates")
        if formset is None or not self.instance.pk:
            return cleaned
        # As they were sent: the rows themselves are checked after this.
        kept = {str(form["key"].value()) for form in formset.forms if not form["DELETE"].data}
        removed = [date.key for date in self.instance.dates.all() if str(date.key) not in kept]
        held = Session.objects.filter(
            page_id=self.instance.pk,
            key__in=removed,
            registrations__state__in=("confirmed", "waiting"),
            cancelled_at=None,
        )
        if held.exists():
            self.add_error(
                None,
                _(
                    "Des personnes sont inscrites à une date que vous retirez. Annulez-la d'abord "
                    "dans « Inscriptions » : elles seront prévenues."
                ),
            )
        return cleaned


class TrainingPage(EventPage):
    """A training, on one or several dates."""

    KIND = EventKind.TRAINING

    goals = RichTextField(
        _("objectifs"),
        features=RICH_TEXT_FEATURES,
        blank=True,
        help_text=_("Ce que les personnes formées sauront faire."),
    )
    attendees = models.CharField(
        _("public visé"), max_length=250, blank=True, help_text=_("En quelques mots.")
    )
    duration = models.CharField(
        _("durée"), max_length=60, blank=True, help_text=_("Par exemple : 2 jours, 14 heures.")
    )
    prerequisites = models.CharField(
        _("prérequis"),
        max_length=250,
        blank=True,
        help_text=_("Ce qu'il faut savoir ou avoir fait avant ; vide s'il ne faut rien."),
    )
    organiser = models.CharField(
        _("organisateur"),
        max_length=150,
        blank=True,
        help_text=_("Vide : la page n'en montre pas."),
    )
    price = models.DecimalField(
        _("prix en euros"), max_digits=7, decimal_places=2, default=0, help_text=_("0 : gratuit.")
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        *WithSummary.summary_panels,
        MultiFieldPanel(
            [
                FieldPanel("goals"),
                FieldPanel("attendees"),
                FieldPanel("prerequisites"),
                FieldRowPanel([FieldPanel("duration"), FieldPanel("price")]),
                FieldPanel("organiser"),
            ],
            heading=_("Formation"),
        ),
        FieldPanel("body"),
        InlinePanel("dates", heading=_("Dates"), label=_("Date"), min_num=1),
        *EventPage.registration_panels,
        FieldPanel("image"),
        InlinePanel("documents", heading=_("Documents"), label=_("Document")),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *EventPage.search_fields,
        index.SearchField("goals"),
        index.SearchField("attendees"),
        index.SearchField("organiser"),
        index.RelatedFields("dates", [index.SearchField("place")]),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *EventPage.api_fields,
        *map(APIField, ("goals", "attendees", "duration", "prerequisites", "organiser", "price")),
    ]

    base_form_class = TrainingForm
    template = "events/training_page.html"
    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("formation")
        verbose_name_plural = _("formations")

    def get_planned_sessions(self) -> Sequence[Session | TrainingDate]:
        return list(self.dates.all())


class Speaker(Orderable):
    """Someone who speaks at a webinar."""

    page = ParentalKey("events.WebinarPage", related_name="speakers", on_delete=models.CASCADE)
    name = models.CharField(
        _("nom"), max_length=120, help_text=_("Avec l'accord de la personne : c'est public.")
    )
    role = models.CharField(
        _("fonction"), max_length=150, blank=True, help_text=_("Ce qu'elle fait, et où.")
    )

    panels: ClassVar[list[Panel]] = [FieldRowPanel([FieldPanel("name"), FieldPanel("role")])]

    class Meta(Orderable.Meta):
        verbose_name = _("intervenant·e")
        verbose_name_plural = _("intervenant·es")

    def __str__(self) -> str:
        return self.name


class WebinarPage(Slot, EventPage):
    """A webinar: one session online, and afterwards its replay."""

    KIND = EventKind.WEBINAR

    replay_url = models.URLField(
        _("rediffusion"),
        max_length=500,
        blank=True,
        help_text=_("Un lien public, une fois le webinaire passé."),
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        *WithSummary.summary_panels,
        FieldPanel("body"),
        InlinePanel("speakers", heading=_("Intervenant·es"), label=_("Intervenant·e")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldPanel("join_url"),
                FieldRowPanel([FieldPanel("capacity"), FieldPanel("has_waiting_list")]),
                FieldPanel("is_open"),
            ],
            heading=_("Quand et comment"),
        ),
        *EventPage.registration_panels,
        FieldPanel("image"),
        MultiFieldPanel(
            [
                FieldPanel("replay_url"),
                InlinePanel("documents", heading=_("Documents"), label=_("Document")),
            ],
            heading=_("Après le webinaire"),
        ),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *EventPage.search_fields,
        index.RelatedFields("speakers", [index.SearchField("name"), index.SearchField("role")]),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *EventPage.api_fields,
        *map(APIField, ("starts_at", "ends_at", "speakers", "replay_url")),
    ]

    template = "events/webinar_page.html"
    parent_page_types: ClassVar[list[str]] = ["events.EventIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("webinaire")
        verbose_name_plural = _("webinaires")

    def get_planned_sessions(self) -> Sequence[Session | TrainingDate]:
        session = Session(
            key=WEBINAR_KEY,
            mode=Mode.ONLINE,
            **{field.name: getattr(self, field.name) for field in Slot._meta.get_fields()},
        )
        return [session]
