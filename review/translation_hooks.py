"""Translations in the administration: addresses, buttons, and what their editor answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail_localize.models import Translation

from core.compat import localize_admin
from core.languages.publishing import may_publish
from core.languages.translations import translation_of
from review import translating, translations
from review.addresses import edit_path
from review.models.wording import title_of
from review.rights import may_edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from wagtail.admin.action_menu import ActionMenuItem

    from core.models import User

BEFORE_LOCALIZE = -1
"""The order of what stands before wagtail-localize: at its addresses, and when it would answer."""


@require_http_methods(["GET", "POST"])
def submit_page(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show a confirmation; on POST, save a translated page as a draft and start its review."""
    page = get_object_or_404(Page, pk=page_id).specific
    translation = translation_of(page)
    if translation is None:
        return redirect(edit_path(type(page), page.pk))
    return _submit(request, translation, page)


@require_http_methods(["GET", "POST"])
def submit_snippet(request: HttpRequest, translation_id: int) -> HttpResponse:
    """Show a confirmation; on POST, save a translated structure as a draft and start its review."""
    translation = get_object_or_404(Translation, pk=translation_id, enabled=True)
    return _submit(request, translation, translation.get_target_instance())


def _submit(request: HttpRequest, translation: Translation, instance: Any) -> HttpResponse:
    editing = edit_path(type(instance), instance.pk)
    user: User = request.user  # type: ignore[assignment]
    if not may_edit(instance, user):
        raise PermissionDenied
    if not translations.can_be_reviewed(instance, user):
        messages.error(request, translations.TOO_LATE)
        return redirect(editing)
    if request.method != "POST":
        return render(
            request,
            "review/admin/submit_translation.html",
            {
                "title": title_of(instance),
                "translation": translation,
                "editing": editing,
            },
        )
    try:
        translations.submit(translation, user)
    except ValidationError:
        messages.error(request, translations.INVALID)
    else:
        instance = translation.get_target_instance()
        messages.success(
            request,
            _("« %(title)s » est en relecture.") % {"title": title_of(instance)},
        )
    return redirect(editing)


@hooks.register("register_admin_urls", order=BEFORE_LOCALIZE)
def register_translating() -> list[URLPattern]:
    """Register the views of translations, of which some stand before wagtail-localize's."""
    segment = "localize/translate/<int:translation_id>"
    writing = translating.restarting
    return [
        path(
            "traductions/<int:page_id>/relecture/",
            submit_page,
            name="submit_translation_for_review",
        ),
        path(
            "traductions/proposees/<int:translation_id>/",
            submit_snippet,
            name="submit_snippet_translation_for_review",
        ),
        path(
            "localize/submit/page/<int:page_id>/",
            translating.SubmitPageTranslationView.as_view(),
        ),
        path(
            "localize/submit/snippet/<slug:app_label>/<slug:model_name>/<str:pk>/",
            translating.SubmitSnippetTranslationView.as_view(),
        ),
        path(
            "localize/update/<int:translation_source_id>/",
            translating.UpdateTranslationsView.as_view(),
        ),
        path("localize/page/<int:page_id>/convert_to_alias/", translating.convert_to_alias),
        path(
            f"{segment}/strings/<int:string_segment_id>/edit/",
            writing(localize_admin.edit_string_translation),
        ),
        path(
            f"{segment}/overrides/<int:overridable_segment_id>/edit/",
            writing(localize_admin.edit_override),
        ),
        path(f"{segment}/pofile/upload/", writing(localize_admin.upload_pofile)),
        path(f"{segment}/machine_translate/", writing(localize_admin.machine_translate)),
    ]


@hooks.register("before_edit_page", order=BEFORE_LOCALIZE)
@hooks.register("before_edit_snippet", order=BEFORE_LOCALIZE)
def answer_editor(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Do what the editor of a translation asks for."""
    return translations.answer(request, instance)


@hooks.register("construct_page_action_menu")
def hide_converting(
    items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]
) -> None:
    """Remove « Convertir en alias », which replaces what the public reads, where it is refused."""
    page = context.get("page")
    if page is not None and page.pk and not may_publish(request.user, page):  # type: ignore[arg-type]
        items[:] = [item for item in items if item.name != "localize-convert-to-alias"]


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def offer_review(page: Page, user: User, **kwargs: Any) -> Iterator[Button]:
    """Add a button with which translators submit a translation for review."""
    # A translation is never in the source language: nothing is asked of the database for that.
    if (
        page.locale.language_code != settings.LANGUAGE_CODE
        and translations.can_be_reviewed(page, user)
        and translation_of(page)
    ):
        yield Button(
            gettext_lazy("Proposer à la relecture"),
            reverse("submit_translation_for_review", args=[page.pk]),
            icon_name="check",
            priority=62,
        )
