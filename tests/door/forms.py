"""What the forms of the admin carry when nothing is changed in them."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from wagtail.admin.panels import get_edit_handler
from wagtail.blocks import ChooserBlock, ListBlock, RichTextBlock, StreamBlock, StructBlock
from wagtail.blocks.base import BlockField
from wagtail.images.blocks import ImageBlock
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield


def form_data(instance: Any, user: Any, parent: Page | None = None) -> dict[str, Any]:
    """Return what the editor of a page or snippet posts when it is saved as it was opened."""
    handler = (
        type(instance).get_edit_handler()
        if isinstance(instance, Page)
        else get_edit_handler(type(instance))
    )
    more = {"parent_page": parent or instance.get_parent()} if isinstance(instance, Page) else {}
    form = handler.get_form_class()(instance=instance, for_user=user, **more)
    data = _fields(form)
    for formset in form.formsets.values():
        data |= _fields(formset.management_form)
        for each in formset.initial_forms:
            data |= _fields(each)
    return data


def _fields(form: Any) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in form.fields:
        data |= _field(form[name])
    return data


def _field(bound: Any) -> dict[str, Any]:
    name, value = bound.html_name, bound.value()
    if isinstance(bound.field, BlockField):
        return nested_form_data({name: block_data(bound.field.block, value)})
    if value is None or value is False:
        return {} if value is False else {name: ""}
    if value is True:
        return {name: "on"}
    if isinstance(value, (list, tuple)) or hasattr(value, "all"):
        items = value.all() if hasattr(value, "all") else value
        if type(bound.field.widget).__name__ == "AdminTagWidget":
            return {name: bound.field.widget.format_value(items) or ""}
        return {name: [getattr(item, "pk", item) for item in items]}
    shown = bound.field.widget.format_value(value)
    if isinstance(shown, list):
        shown = shown[0] if len(shown) == 1 else shown
    return {name: "" if shown is None else shown}


def block_data(block: Any, value: Any) -> Any:
    """Return the nested data of a block."""
    for kind, data in BLOCKS.items():
        if isinstance(block, kind):
            return data(block, value)
    if isinstance(value, bool):
        return "on" if value else None
    return "" if value is None else str(value)


def _image(block: Any, value: Any) -> Any:
    if value is None:
        return {"image": "", "alt_text": ""}
    return {
        "image": value.pk,
        "alt_text": value.contextual_alt_text or "",
        **({"decorative": "on"} if value.decorative else {}),
    }


def _stream(block: Any, value: Any) -> Any:
    return streamfield(
        [(child.block_type, block_data(child.block, child.value)) for child in value or []]
    )


def _struct(block: Any, value: Any) -> Any:
    found = {name: block_data(child, value.get(name)) for name, child in block.child_blocks.items()}
    return {name: data for name, data in found.items() if data is not None}


def _list(block: Any, value: Any) -> Any:
    items = [block_data(block.child_block, item) for item in value]
    rows = {
        str(number): {"value": item, "deleted": "", "order": str(number), "id": ""}
        for number, item in enumerate(items)
    }
    return {"count": str(len(items)), **rows}


BLOCKS: dict[Any, Callable[[Any, Any], Any]] = {
    # Before a block of fields, which it is too.
    ImageBlock: _image,
    StreamBlock: _stream,
    StructBlock: _struct,
    ListBlock: _list,
    RichTextBlock: lambda block, value: rich_text(getattr(value, "source", value or "")),
    ChooserBlock: lambda block, value: getattr(value, "pk", value) or "",
}
"""What the editor posts for each kind of block; the first that fits."""


class FormParser(HTMLParser):
    """Collects the fields of the forms in a page, every box ticked."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name")
        if name and tag in {"input", "textarea", "select"}:
            ticked = "on" if values.get("type") in {"checkbox", "radio"} else ""
            self.data[name] = values.get("value") or ticked


def ticked_form(html: str) -> dict[str, str]:
    """Return what a form posts once every box in it is ticked."""
    parser = FormParser()
    parser.feed(html)
    parser.data.pop("csrfmiddlewaretoken", None)
    return parser.data
