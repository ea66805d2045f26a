"""Review of translations, which wagtail-localize publishes without a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.models import Page

from core.languages.translations import translation_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.models import User


def can_be_reviewed(page: Page, user: User) -> bool:
    """Return whether a user may submit the page for review now."""
    rights = page.permissions_for_user(user)
    return rights.can_edit() and rights.can_submit_for_moderation()


@require_http_methods(["GET", "POST"])
def submit_for_review(request: HttpRequest, page_id: int) -> HttpResponse:
    """Show a confirmation; on POST, save the translation as a draft and start its workflow.

    Raises:
        PermissionDenied: this person may not edit the page, it is being reviewed
            already, or it has no workflow.
        Http404: it is no translation.
    """
    page = get_object_or_404(Page, pk=page_id).specific
    user: User = request.user  # type: ignore[assignment]
    if not can_be_reviewed(page, user):
        raise PermissionDenied
    translation = translation_of(page)
    if translation is None:
        return redirect("wagtailadmin_pages:edit", page.pk)
    editing = reverse("wagtailadmin_pages:edit", args=[page.pk])
    if request.method != "POST":
        return render(
            request,
            "core/admin/submit_translation_for_review.html",
            {"page": page, "translation": translation, "editing": editing},
        )
    try:
        with transaction.atomic():
            translation.save_target(user=user, publish=False)
            page = Page.objects.get(pk=page.pk).specific
            page.get_workflow().start(page, user)
    except ValidationError:
        messages.error(
            request, _("Des textes traduits ne conviennent pas : ils sont signalés ci-dessous.")
        )
    else:
        messages.success(request, _("« %(title)s » est en relecture.") % {"title": page.title})
    return redirect(editing)
