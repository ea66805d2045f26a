"""The editor of the administration over HTTP: saving and reviewing as its buttons do."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.urls import reverse
from wagtail.admin.panels import get_edit_handler
from wagtail.blocks.base import BlockField
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.factories.contributions import ticks

if TYPE_CHECKING:
    from core.models import User


class Editor:
    """Somebody of the team who is signed in."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user)

    def open(self, content: Any) -> str:
        """Return what the editor of a content shows."""
        return text_of(self.client.get(edit_address(content), follow=True))

    def save(self, content: Any, action: str = "", **values: Any) -> str:
        """Save a content with other values; return what the next screen shows."""
        data = {**form_data(content, self.user), **values}
        if action:
            data[action] = "1"
        return text_of(self.client.post(edit_address(content), data, follow=True))

    def submit(self, content: Any, **values: Any) -> str:
        """Save a content and submit it to its review."""
        return self.save(content, "action-submit", **values)

    def approve(self, content: Any, given: dict[str, Any] | None = None, **values: Any) -> str:
        """Approve a step, as the dialog of the editor does."""
        return self.act(content, "approve", {**ticks(), **(given or {})}, **values)

    def reject(self, content: Any, comment: str) -> str:
        """Ask for changes."""
        return self.act(content, "reject", {"comment": comment})

    def act(self, content: Any, name: str, given: dict[str, Any], **values: Any) -> str:
        """Act on a step with what its dialog collected."""
        return self.save(
            content,
            "action-workflow-action",
            **{
                "workflow-action-name": name,
                "workflow-action-extra-data": json.dumps(given),
                **values,
            },
        )

    def offers_approval(self, content: Any) -> bool:
        """Return whether the editor offers to approve."""
        return 'data-workflow-action-name="approve"' in self.client.get(
            edit_address(content)
        ).content.decode().replace("&quot;", '"')


def edit_address(content: Any) -> str:
    if isinstance(content, Page):
        return reverse("wagtailadmin_pages:edit", args=[content.pk])
    return reverse(content.snippet_viewset.get_url_name("edit"), args=[content.pk])


def text_of(response: Any) -> str:
    """Return the text of a screen, on one line."""
    html = re.sub(
        r"<script.*?</script>|<template.*?</template>", " ", response.content.decode(), flags=re.S
    )
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("\u00a0", " ").split())


def form_data(content: Any, user: User) -> dict[str, Any]:
    """Return what the editor of a page of text blocks posts, saved as it was opened."""
    latest = type(content).objects.get(pk=content.pk).get_latest_revision_as_object()
    is_page = isinstance(latest, Page)
    handler = type(latest).get_edit_handler() if is_page else get_edit_handler(type(latest))
    more = {"parent_page": latest.get_parent()} if is_page else {}
    form = handler.get_form_class()(instance=latest, for_user=user, **more)
    data = _fields(form)
    for formset in form.formsets.values():
        data |= _fields(formset.management_form)
        for each in formset.initial_forms:
            data |= _fields(each)
    return data


def _fields(form: Any) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in form.fields:
        bound = form[name]
        value = bound.value()
        if isinstance(bound.field, BlockField):
            blocks = [(each.block_type, rich_text(each.value.source)) for each in value]
            data |= nested_form_data({bound.html_name: streamfield(blocks)})
        elif isinstance(value, bool):
            data |= {bound.html_name: "on"} if value else {}
        elif isinstance(value, (list, tuple)) or hasattr(value, "all"):
            rows = value.all() if hasattr(value, "all") else value
            data[bound.html_name] = [getattr(row, "pk", row) for row in rows]
        else:
            data[bound.html_name] = "" if value is None else bound.field.widget.format_value(value)
            if data[bound.html_name] is None:
                data[bound.html_name] = ""
    return data
