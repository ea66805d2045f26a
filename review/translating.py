"""Translating in the admin: who may is asked first, and every refusal is explained.

These views stand before those of wagtail-localize, at the same addresses. What reviewers read in
the editor of a translation is what is translated at that moment, so that whatever writes texts of
one under review saves its draft anew, which takes the review back to its start.
"""

from __future__ import annotations

from contextlib import suppress
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from wagtail.models import DraftStateMixin, Page
from wagtail_localize.models import Translation

from core.compat import localize_admin
from core.languages.publishing import explain_refusal, may_publish
from review.addresses import edit_path
from review.rights import lock_for
from review.translations import restart_if_changed

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpRequest


class SubmitPageTranslationView(localize_admin.SubmitPageTranslationView):
    """« Traduire », for a page: for who may edit it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.refuse() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.refuse() or super().post(request, **kwargs)

    def refuse(self) -> HttpResponse | None:
        """Return where to go instead, if this user may not have it translated."""
        if self.object.permissions_for_user(self.request.user).can_edit():
            return None
        messages.error(self.request, _("Seule une personne qui peut modifier une page la traduit."))
        return redirect("wagtailadmin_home")


class SubmitSnippetTranslationView(localize_admin.SubmitSnippetTranslationView):
    """« Traduire », for a structure: what has no drafts is translated in its own form."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.refuse() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.refuse() or super().post(request, **kwargs)

    def refuse(self) -> HttpResponse | None:
        """Return where to go instead, if it is not translated so."""
        if isinstance(self.object, DraftStateMixin):
            return None
        messages.info(self.request, _("Ses traductions sont dans son formulaire, plus bas."))
        return redirect(edit_path(type(self.object), self.object.pk))


class UpdateTranslationsView(localize_admin.UpdateTranslationsView):
    """« Mettre à jour »: publishes the translations that this user may publish."""

    def get_form(self) -> Form:
        """Return the form, which offers to publish to who may."""
        form: Form = super().get_form()
        targets = (translation.get_target_instance() for translation in self.enabled())
        if not any(may_publish(self.request.user, target) for target in targets):
            del form.fields["publish_translations"]
        return form

    def enabled(self) -> list[Translation]:
        """Return the translations to update."""
        found = self.object.translations.filter(enabled=True)
        return list(found.select_related("source", "target_locale"))

    def form_valid(self, form: Form) -> HttpResponse:
        """Give translators the texts as they are now; publish if asked."""
        with transaction.atomic():
            self.object.update_from_db()
            translations = self.enabled()
            for translation in translations:
                translation.source = self.object
                if form.cleaned_data.get("use_machine_translation"):
                    self.translate_by_machine(translation)
                self.object.update_target_view_restrictions(translation.target_locale)
            self.components.save(self.object, sources_and_translations={self.object: translations})
        messages.success(self.request, self.get_success_message())
        # What was asked, and not what the form offers: a refusal is explained.
        if "publish_translations" in self.request.POST:
            self.publish(translations)
        for translation in translations:
            with suppress(ValidationError):
                restart_if_changed(translation, self.request.user)
        return redirect(self.get_success_url() or self.get_default_success_url())

    def translate_by_machine(self, translation: Translation) -> None:
        """Translate what is left by machine, where this user may."""
        with suppress(PermissionDenied):
            localize_admin.apply_machine_translation(
                translation.pk, self.request.user, localize_admin.get_machine_translator()
            )

    def publish(self, translations: list[Translation]) -> None:
        """Publish translations, each by itself."""
        published, invalid, refused = [], [], {}
        for translation in translations:
            name = translation.target_locale.get_display_name()
            try:
                with transaction.atomic():
                    translation.save_target(user=self.request.user, publish=True)
            except PermissionDenied as refusal:
                refused[str(refusal)] = True
            except ValidationError:
                invalid.append(name)
            else:
                published.append(name)
        for reason in refused:
            messages.error(self.request, reason)
        if invalid:
            messages.error(
                self.request,
                _("Non publié (%(languages)s) : des textes traduits ne conviennent pas.")
                % {"languages": get_text_list(invalid, _("et"))},
            )
        if published:
            messages.success(
                self.request,
                _("Publié : %(languages)s.") % {"languages": get_text_list(published, _("et"))},
            )


def convert_to_alias(request: HttpRequest, page_id: int) -> HttpResponse:
    """Let a translation follow the French again: that replaces what the public reads."""
    page = get_object_or_404(Page, pk=page_id)
    if not may_publish(request.user, page):  # type: ignore[arg-type]
        messages.error(request, explain_refusal(page))
        return redirect(edit_path(type(page), page.pk))
    response: HttpResponse = localize_admin.convert_to_alias(request, page_id)
    state = page.current_workflow_state
    if state is not None and Page.objects.filter(pk=page.pk, alias_of__isnull=False).exists():
        state.cancel(user=request.user)
    return response


def restarting(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view of wagtail-localize write texts: what is under review is saved anew with them."""

    @wraps(view)
    def writing(request: HttpRequest, translation_id: int, **kwargs: Any) -> HttpResponse:
        translation = get_object_or_404(Translation, pk=translation_id)
        instance = translation.get_target_instance()
        if request.method != "GET" and (lock := lock_for(instance, request.user)):
            message = lock.get_message(request.user)
            if request.method != "POST":
                return HttpResponse(message, status=HTTPStatus.LOCKED)
            messages.error(request, message)
            return redirect(edit_path(type(instance), instance.pk))
        response = view(request, translation_id, **kwargs)
        if request.method != "GET" and response.status_code < HTTPStatus.BAD_REQUEST:
            # A text that is not valid is marked, and none can be approved as long as it is there.
            with suppress(ValidationError):
                restart_if_changed(translation, request.user)
        return response

    return writing
