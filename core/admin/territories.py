"""The chooser of a region or a department: there are more than a hundred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import ForeignKey
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.forms.models import register_form_field_override
from wagtail.snippets.views.chooser import (
    ChooseResultsView,
    ChooseView,
    SnippetChooserViewSet,
)

from core.models import Territory
from core.search.words import fold, typed_words

if TYPE_CHECKING:
    from django.db.models import Field, QuerySet

DEPARTMENTS = {"kind": Territory.Kind.DEPARTMENT.value}


class TerritoryFilterForm(BaseFilterForm):
    """A search by a name or a number."""

    q = forms.CharField(
        label=_("Rechercher"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Nom ou numéro")}),
    )

    def filter(self, objects: QuerySet[Territory]) -> QuerySet[Territory]:
        """Return the territories whose name or code has each of the words, accents or none."""
        query = self.cleaned_data["q"]
        words = [fold(word) for word in typed_words(query)]
        if not words:
            return objects
        self.is_searching, self.search_query = True, query
        keys = [
            row.pk
            for row in objects
            if all(word in fold(f"{row.name} {row.code}") for word in words)
        ]
        return objects.filter(pk__in=keys)


class TerritoryChooseMixin:
    """A list of territories to choose from, with that search."""

    filter_form_class = TerritoryFilterForm


class TerritoryChooseView(TerritoryChooseMixin, ChooseView):
    """The chooser as it opens."""


class TerritoryChooseResultsView(TerritoryChooseMixin, ChooseResultsView):
    """Its results, as one types."""


class TerritoryChooserViewSet(SnippetChooserViewSet):
    """The chooser of territories: where only departments fit, it offers no region."""

    choose_view_class = TerritoryChooseView
    choose_results_view_class = TerritoryChooseResultsView
    url_filter_parameters: ClassVar[list[str]] = [*DEPARTMENTS]
    preserve_url_parameters: ClassVar[list[str]] = ["multiple", *DEPARTMENTS]

    def on_register(self) -> None:
        """Register the widget of each field, by what fits there."""
        super().on_register()
        every = self.widget_class

        class DepartmentChooser(every):  # type: ignore[misc,valid-type]
            """A chooser of departments."""

            def get_chooser_modal_url(self) -> str:
                return f"{super().get_chooser_modal_url()}?kind={DEPARTMENTS['kind']}"

        def widget_of(field: Field[Any, Any]) -> dict[str, Any]:
            fits = field.remote_field.limit_choices_to if field.remote_field else None
            return {"widget": DepartmentChooser if fits == DEPARTMENTS else every}

        register_form_field_override(ForeignKey, to=Territory, override=widget_of)
