"""One row for a thing and its translations: terms, emergency numbers, funders.

What has no drafts is public in every language as soon as it is saved. Its French form holds the
words of each other language; its facts (a number, a link, a date) are there once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.admin.utils import quote
from django.db.models import Exists, OuterRef, Q, Subquery
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language_bidi, get_language_info, override
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.models import Locale
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from core.languages.facts import words_of

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.forms import Field
    from django.http import HttpRequest, HttpResponse
    from wagtail.admin.panels import Panel
    from wagtail.admin.widgets.button import Button

OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def field_name(word: str, code: str) -> str:
    """Return the name, in the French form, of the field of a word in another language."""
    return f"{word}_{code}"


def language_name(code: str) -> str:
    """Return the name of a language in French, with a capital: « Anglais »."""
    return str(get_language_info(code)["name_translated"]).capitalize()


class TranslatedRowForm(WagtailAdminModelForm):
    """The form of a row in French, with its words in the other languages.

    A word that is left blank is read in French; without any word, there is no translation.
    """

    words: ClassVar[list[str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.originals = {word: self.initial.get(word) or "" for word in self.words}
        self.locales = {each.language_code: each for each in Locale.objects.all()}
        self.translations = self._find_translations()
        for code in OTHERS:
            for word in self.words:
                self._fill(word, code)

    def _find_translations(self) -> dict[str, Any]:
        row = self.instance
        if row.pk is None:
            return {}
        rows = row.get_translations().select_related("locale")
        return {each.locale.language_code: each for each in rows}

    def _fill(self, word: str, code: str) -> None:
        """Show a word as it is translated, and no field in a language that can't be written."""
        name = field_name(word, code)
        source = settings.LANGUAGE_CODE
        is_french = self.instance.locale_id in {None, self.locales[source].pk}
        if code not in self.locales or not is_french:
            self.fields.pop(name, None)
        elif name in self.fields and code in self.translations:
            shown = getattr(self.translations[code], word)
            self.initial[name] = "" if shown == self.originals[word] else shown

    def save(self, commit: bool = True) -> Any:
        """Save the row, and what it is in each language."""
        row = super().save(commit)
        if commit:
            for code in OTHERS:
                self._save_translation(row, code)
        return row

    def _save_translation(self, row: Any, code: str) -> None:
        given = {
            word: self.cleaned_data[field_name(word, code)]
            for word in self.words
            if field_name(word, code) in self.fields
        }
        if not given:
            return
        translation = self.translations.get(code)
        if not any(given.values()):
            if translation is not None:
                translation.delete()
            return
        translation = translation or row.copy_for_translation(self.locales[code])
        for word, value in given.items():
            setattr(translation, word, value or getattr(row, word))
        translation.save()


class TranslatedRowIndexView(IndexView):
    """The list, whose menus ask wagtail-localize nothing for each row."""

    @cached_property
    def columns(self) -> list[Any]:
        """The columns: on a phone, what a row is called and its words in each language."""
        columns: list[Any] = super().columns
        word = words_of(self.model)[0]
        kept = {"bulk_actions", self.list_display[0], word}
        kept |= {field_name(word, code) for code in OTHERS}
        for column in columns:
            if column.name not in kept:
                column.classname = "list-detail"
        return columns

    def get_list_buttons(self, instance: Any) -> list[Button]:
        """Return the menu of a row."""
        buttons: list[Button] = generic.IndexView.get_list_buttons(self, instance)
        return buttons


class TranslatedRowViewSet(SnippetViewSet):
    """The screens of a model without drafts: its list is of things, not of their translations."""

    index_view_class = TranslatedRowIndexView

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows in French, and those that are in another language alone.

        Each comes with its first word in every other language.
        """
        rows = self.model._default_manager
        word = words_of(self.model)[0]
        in_language = rows.filter(translation_key=OuterRef("translation_key"))
        french = Q(locale__language_code=settings.LANGUAGE_CODE)
        return rows.filter(french | ~Exists(in_language.filter(french))).annotate(
            **{
                field_name(word, code): Subquery(
                    in_language.filter(locale__language_code=code).values(word)[:1]
                )
                for code in OTHERS
            }
        )

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Add a column for each language to the list."""
        kwargs = super().get_index_view_kwargs(**kwargs)
        word = words_of(self.model)[0]
        kwargs["list_display"] = [
            *self.list_display,
            *(Column(field_name(word, code), label=language_name(code)) for code in OTHERS),
        ]
        return kwargs

    def construct_view(self, view_class: Any, **kwargs: Any) -> Any:
        """Build a view that offers no choice of a language."""
        if hasattr(view_class, "i18n_enabled"):
            kwargs["i18n_enabled"] = False
        return super().construct_view(view_class, **kwargs)

    def get_edit_handler(self) -> Any:
        """Return the panels of the model, then those of its words in each language."""
        words = words_of(self.model)
        fields = {
            field_name(word, code): _field(self.model, word, code)
            for code in OTHERS
            for word in words
        }
        form = type(f"{self.model.__name__}Form", (TranslatedRowForm,), {"words": words, **fields})
        panels: list[Panel] = [
            *self.model.panels,
            *(
                MultiFieldPanel(
                    [FieldPanel(field_name(word, code)) for word in words],
                    heading=language_name(code),
                )
                for code in OTHERS
            ),
        ]
        return ObjectList(panels, base_form_class=form).bind_to_model(self.model)


def _field(model: type[Model], word: str, code: str) -> Field:
    """Return the field of a word in another language, written in its direction."""
    column: Any = model._meta.get_field(word)
    field: Field = column.formfield(
        required=False, initial="", help_text=_("Vide : c'est le français qui se lit.")
    )
    with override(code):
        direction = "rtl" if get_language_bidi() else "ltr"
    field.widget.attrs |= {"lang": code, "dir": direction}
    return field


def is_translated_row(model: type[Model]) -> bool:
    """Return whether a model is translated in the French form."""
    return isinstance(getattr(model, "snippet_viewset", None), TranslatedRowViewSet)


@hooks.register("before_edit_snippet", order=-1)
def edit_where_it_is_french(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Lead from a translation to the form that holds its words."""
    if not is_translated_row(type(instance)):
        return None
    source = (
        instance.get_translations().filter(locale__language_code=settings.LANGUAGE_CODE).first()
    )
    if source is None:
        return None
    name = type(instance).snippet_viewset.get_url_name("edit")
    return redirect(reverse(name, args=[quote(source.pk)]))
