"""Tags of the editor of translations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import template
from django.contrib.admin.utils import quote
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from django.utils.timezone import localdate
from wagtail.models import Page, WorkflowMixin

from core.compat.admin import SnippetStatusSidePanel
from core.languages.publishing import may_publish
from core.languages.times import format_day
from review.addresses import edit_path
from review.rights import lock_for
from review.side_panels import TranslationProofreadingSidePanel, is_read
from review.translation_menu import menu_items

if TYPE_CHECKING:
    from django.template import Context

register = template.Library()


@register.inclusion_tag("review/admin/translation_menu.html", takes_context=True)
def translation_menu(context: Context) -> dict[str, Any]:
    """Show what can be done with a translation, to who may."""
    request, translation, instance = (
        context["request"],
        context["translation"],
        context["instance"],
    )
    first, *others = menu_items(request, translation, instance) or [""]
    return {
        "request": request,
        "editing": edit_path(type(instance), instance.pk),
        "default_menu_item": first,
        "rendered_menu_items": others,
        "previews": _previews(translation, instance),
    }


@register.simple_tag(takes_context=True)
def prepare_translation_editor(context: Context) -> str:
    """Correct what wagtail-localize gives to its template.

    Its fields are open whatever lock holds for a user, and the panel of a structure under review
    is that of another kind of object, which can't be shown.
    """
    instance, request = context["instance"], context["request"]
    props = json.loads(context["props"])
    props["object"]["isLocked"] = lock_for(instance, request.user) is not None
    if published_at := getattr(instance, "last_published_at", None):
        props["object"]["lastPublishedDate"] = format_day(localdate(published_at))
    if not may_publish(request.user, instance):
        # The alias would be public at once.
        props["links"]["convertToAliasUrl"] = None
    context["props"] = json.dumps(props, cls=DjangoJSONEncoder)
    lock = instance.get_lock() if isinstance(instance, WorkflowMixin) else None
    context["review_notice"] = (lock.get_message(request.user) if lock else None) or ""
    if isinstance(instance, WorkflowMixin) and not isinstance(instance, Page):
        url_name = instance.snippet_viewset.get_url_name
        context["revisions_compare_url_name"] = url_name("revisions_compare")
        context["workflow_history_url"] = reverse(
            url_name("workflow_history"), args=[quote(instance.pk)]
        )
        context["revision_enabled"] = context["draftstate_enabled"] = True
        (panel,) = context["side_panels"]
        context["side_panels"] = [
            SnippetStatusSidePanel(
                instance,
                request,
                live_object=instance,
                scheduled_object=instance.get_scheduled_revision_as_object(),
                locale=panel.locale,
                translations=panel.translations,
                usage_url=panel.usage_url,
                history_url=reverse(url_name("history"), args=[quote(instance.pk)]),
                last_updated_info=panel.last_updated_info,
            )
        ]
    if is_read(instance):
        panel = TranslationProofreadingSidePanel(context["translation"], instance, request)
        context["side_panels"] = [*context["side_panels"], panel]
    return ""


def _previews(translation: Any, instance: Any) -> list[dict[str, str]]:
    if not isinstance(instance, Page):
        return []
    name = "wagtail_localize:preview_translation"
    return [
        {
            "label": str(label),
            "url": reverse(name, args=[translation.pk, mode] if mode else [translation.pk]),
        }
        for mode, label in instance.preview_modes
    ]
