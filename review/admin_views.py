"""The screens of the review: taking back what one changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from wagtail.models import Revision, WorkflowMixin

from core.models import User
from review.addresses import compare_path, edit_path
from review.flow import words_before
from review.rights import lock_for, may_edit


def content_or_404(type_pk: int, object_id: str) -> Any:
    """Return a page or snippet of its specific type.

    Raises:
        Http404: there is none that has reviews.
    """
    content_type = get_object_or_404(ContentType, pk=type_pk)
    model: Any = content_type.model_class()
    if model is None or not issubclass(model, WorkflowMixin):
        raise Http404
    found = get_object_or_404(model, pk=object_id)
    return getattr(found, "specific", found)


@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, type_pk: int, object_id: str) -> HttpResponse:
    """Put back the words of before this user changed them, so that she may approve again."""
    instance, user = content_or_404(type_pk, object_id), request.user
    if not isinstance(user, User) or not may_edit(instance, user):
        raise PermissionDenied(_("Vous ne pouvez pas modifier ce contenu."))
    back_url = edit_path(type(instance), instance.pk)
    before = words_before(instance, user)
    if lock_for(instance, user):
        messages.error(request, _("Ce contenu est verrouillé : vous ne pouvez pas le modifier."))
        return redirect(back_url)
    if before is None:
        messages.error(
            request,
            _("Il n'y a rien à reprendre : vous n'avez pas modifié ce contenu, ou tout l'écrit."),
        )
        return redirect(back_url)
    if request.method == "POST":
        before.as_object().save_revision(user=user, log_action=True, previous_revision=before)
        messages.success(request, _("Vos modifications sont reprises : tout est comme avant."))
        return redirect(back_url)
    context = {
        "instance": instance,
        "before": before,
        "later": _later_authors(instance, before, user),
        "compare_url": compare_path(type(instance), instance.pk, before.pk, "latest"),
        "back_url": back_url,
    }
    return render(request, "review/admin/take_back.html", context)


def _later_authors(instance: Any, before: Revision, user: User) -> list[User]:
    """Return who else wrote since, whose words go too."""
    later = instance.revisions.filter(created_at__gt=before.created_at).exclude(user=user)
    return list(User.objects.filter(pk__in=later.values("user")))
