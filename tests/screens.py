"""What a screen of the administration offers: its links, buttons and forms, as a browser has them.

Nothing here knows a screen by its name. A link is whatever a browser, or the scripts of the
administration, would ask for by itself: an attribute that is an address, a string of the JSON that
a script reads, a button of a form.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from wagtail.blocks import BlockField, FieldBlock, ListBlock, StreamBlock, StructBlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Pair = tuple[str, str]
Pairs = list[Pair]

VOID = {"input", "br", "img", "hr", "meta", "link", "source", "wbr", "col", "area", "use"}
# Where scripts find the starts of addresses, and not addresses.
BASES = {"wagtail-config"}
# What a script posts to; at any other address in an attribute it reads.
POSTED = "data-w-action-url-value"
NOT_TYPED = {"submit", "button", "image", "reset"}
TYPED = {"text", "search", "email", "url", "number", "password"}
TEXT_TO_TYPE = "Texte écrit par un essai"
FILE, IMAGE, TABLE = "<file>", "<image>", "<table>"
"""Stand for a file to send, in the place of its content."""


@dataclass
class Field:
    name: str
    value: str
    kind: str
    is_checked: bool = False
    is_required: bool = False

    def sent(self) -> str | None:
        """Return what is sent for it: its own value, or what it can't be left without."""
        if self.kind in {"checkbox", "radio"}:
            return self.value if self.is_checked or self.is_required else None
        # A browser leaves out the line break with which Django begins the text of an area.
        value = self.value.removeprefix("\n") if self.kind == "textarea" else self.value
        if self.kind in {"text", "textarea"} and self.is_required and not value:
            return TEXT_TO_TYPE
        return value


@dataclass
class Button:
    name: str
    value: str
    label: str
    form: str
    action: str = ""
    method: str = ""


@dataclass
class Form:
    id: str
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    def sent(self) -> Pairs:
        """Return the values that its fields have."""
        return [(f.name, value) for f in self.fields if (value := f.sent()) is not None]


@dataclass(frozen=True)
class Offer:
    """Something that a screen offers to do.

    Attributes:
        label: what a person reads, if there is something to read.
        is_completed: whether a script adds something to the address, which nobody knows here.
        form: that of Django whose blocks a script draws, to be sent with the data.
        modal: where a script first asks for more (a checklist, a reason).
    """

    method: str
    url: str
    label: str
    data: tuple[tuple[str, str], ...] = ()
    button: str = ""
    screen: str = ""
    is_completed: bool = False
    form: Any = None
    modal: str = ""

    def __str__(self) -> str:
        button = f" [{self.button}]" if self.button else ""
        return f"{self.method} {self.url}{button} « {self.label} » on {self.screen}"


class Screen(HTMLParser):
    """The links and forms of a page, or of a part of it."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.links: list[tuple[str, str, str]] = []
        self.scripted: list[tuple[str, str, str]] = []
        self.dialogs: list[tuple[str, str]] = []
        self.toggled: set[str] = set()
        self.forms: list[Form] = []
        self.buttons: list[Button] = []
        self.chosen: list[tuple[str, str]] = []
        self.bulk: list[tuple[str, str]] = []
        self.steps: list[tuple[Form | None, str, str, str]] = []
        self._open_forms: list[Form] = []
        self._labelled: list[tuple[str, Any]] = []
        self._select: Field | None = None
        self._several: tuple[Form, str] | None = None
        self._textarea: Field | None = None
        self._script: str | None = None
        self.feed(html)
        self.close()

    # What the parser finds

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            self._look_at(tag, name, value, given)
        if tag == "form":
            form = Form(
                given.get("id", ""), given.get("action", ""), given.get("method", "get").lower()
            )
            self.forms.append(form)
            self._open_forms.append(form)
        elif tag == "script":
            is_data = given.get("type") == "application/json" and given.get("id") not in BASES
            self._script = "" if is_data else None
        elif tag in {"input", "textarea", "select", "option"}:
            self._field(tag, given)
        if tag == "button" or (tag == "input" and given.get("type") in {"submit", "image"}):
            self._button(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open_forms:
            self._open_forms.pop()
        elif tag == "select":
            self._select = self._several = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "script" and self._script is not None:
            self._data(self._script)
            self._script = None
        if self._labelled and self._labelled[-1][0] == tag:
            _tag, text, finish = self._labelled.pop()
            finish(" ".join("".join(text).split()))

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script += data
        if self._textarea is not None:
            self._textarea.value += data
        for _tag, text, _finish in self._labelled:
            text.append(data)

    # What is made of it

    def _label(self, tag: str, given: dict[str, str], finish: Any) -> None:
        if label := given.get("aria-label") or given.get("title"):
            finish(label)
        else:
            self._labelled.append((tag, [], finish))

    def _look_at(self, tag: str, name: str, value: str, given: dict[str, str]) -> None:
        if name in {"value", "data-object-id"} and "data-bulk-action-checkbox" in given:
            self.chosen.append(("id", value))
        elif name == "data-bulk-action-button":
            self._label(tag, given, lambda label: self.bulk.append((given.get("href", ""), label)))
        elif name == "data-workflow-action-name":
            modal = given.get("data-workflow-action-modal-url", "")
            form = self._form_of(given)
            self._label(tag, given, lambda label: self.steps.append((form, value, modal, label)))
        elif name == "href":
            if tag == "a" and "data-bulk-action-button" not in given:
                self._label(tag, given, lambda label: self._link("GET", value, label))
        elif name == "data-a11y-dialog-show":
            self.toggled.add(value)
        elif name == "data-url" and given.get("data-controller") == "w-dialog":
            self.dialogs.append((given.get("id", ""), value))
        elif name.startswith("data-") and is_path(value):
            if name != "data-workflow-action-modal-url":
                method = "POST" if name == POSTED else "GET"
                self._label(
                    tag, given, lambda label: self.scripted.append((method, value, label or name))
                )
        elif name.startswith("data-") and value[:1] in "[{" and "/" in value:
            self._data(value)

    def _link(self, method: str, address: str, label: str) -> None:
        if address and not address.startswith(("#", "javascript:", "mailto:", "tel:")):
            self.links.append((method, address, label))

    def _data(self, text: str) -> None:
        try:
            value = json.loads(text)
        except ValueError:
            return
        for string in strings(allowed(value)):
            if is_path(string):
                self.scripted.append(("GET", string, ""))
            elif "<" in string and "/admin/" in string:
                part = Screen(string, self.address)
                self.links += part.links
                self.scripted += part.scripted

    def _field(self, tag: str, given: dict[str, str]) -> None:
        if tag == "option":
            if self._several is not None:
                # Nothing is chosen by itself, and each that is chosen is sent.
                if "selected" in given:
                    form, name = self._several
                    form.fields.append(Field(name, given.get("value", ""), "select"))
            elif self._select is not None and (
                "selected" in given or (not self._select.is_checked and not self._select.value)
            ):
                self._select.value = given.get("value", "")
                self._select.is_checked = "selected" in given
            return
        kind = given.get("type", "text") if tag == "input" else tag
        if kind in NOT_TYPED or "disabled" in given or not given.get("name"):
            return
        value = given.get("value", "on" if kind in {"checkbox", "radio"} else "")
        if kind == "file":
            value = file_for(given.get("accept", ""))
        found = Field(
            given["name"],
            value,
            kind,
            is_checked="checked" in given,
            is_required="required" in given,
        )
        if tag == "select":
            self._select = found
            if "multiple" in given and (form := self._form_of(given)):
                self._several = (form, found.name)
                return
        if tag == "textarea":
            self._textarea = found
        form = self._form_of(given)
        if form is not None:
            form.fields.append(found)

    def _form_of(self, given: dict[str, str]) -> Form | None:
        if name := given.get("form"):
            return next((form for form in self.forms if form.id == name), None)
        return self._open_forms[-1] if self._open_forms else None

    def _button(self, tag: str, given: dict[str, str]) -> None:
        if given.get("type", "submit") == "button" or "disabled" in given:
            return
        if "data-workflow-action-name" in given:
            return
        form = self._open_forms[-1] if self._open_forms else None
        button = Button(
            given.get("name", ""),
            given.get("value", ""),
            given.get("value", ""),
            given.get("form", ""),
            given.get("formaction", ""),
            given.get("formmethod", ""),
        )
        if button.form:
            self.buttons.append(button)
        elif form is not None:
            form.buttons.append(button)
        if tag == "button":

            def finish(label: str) -> None:
                button.label = label

            self._label(tag, given, finish)

    # What may be asked for

    def offers(self, shown: Any = None) -> Iterator[Offer]:
        """Yield what the screen offers.

        Args:
            shown: the form of Django that it shows, if there is one.
        """
        for method, address, label in self.links:
            yield self._offer(method, address, label)
        for method, address, label in self.scripted:
            yield replace(self._offer(method, address, label), is_completed=True)
        yield from self._offers_of_dialogs()
        for button in self.buttons:
            for form in self.forms:
                if form.id == button.form:
                    form.buttons.append(button)
        for form in self.forms:
            yield from self._offers_of_form(form, shown)
        yield from self._offers_of_review(shown)
        yield from self._offers_of_bulk()

    def _offers_of_dialogs(self) -> Iterator[Offer]:
        for name, address in self.dialogs:
            if name in self.toggled:
                yield self._offer("GET", address, name)

    def _offers_of_review(self, shown: Any) -> Iterator[Offer]:
        for form, name, modal, label in self.steps:
            if form is not None:
                data = [
                    *form.sent(),
                    ("action-workflow-action", "true"),
                    ("workflow-action-name", name),
                ]
                offer = self._offer("POST", form.action, label, data, name)
                yield replace(offer, form=shown, modal=modal)

    def _offers_of_bulk(self) -> Iterator[Offer]:
        for address, label in self.bulk if self.chosen else []:
            for choice in (*([each] for each in self.chosen), self.chosen):
                query = urlencode([("next", self.address.partition("?")[0]), *choice])
                yield self._offer("GET", f"{address}?{query}", label)

    def _offers_of_form(self, form: Form, shown: Any) -> Iterator[Offer]:
        data = form.sent()
        # A form without a button is sent from one of its fields, or by a script alone.
        by_itself = [Button("", "", "", "")] if any(f.kind in TYPED for f in form.fields) else []
        for button in form.buttons or by_itself:
            sent = [*data, (button.name, button.value)] if button.name else data
            method = (button.method or form.method).upper()
            address = button.action or form.action or self.address
            if method == "GET":
                address = f"{address.partition('?')[0]}?{urlencode(sent)}"
                yield self._offer("GET", address, button.label)
            elif method == "POST":
                offer = self._offer("POST", address, button.label, sent, button.name)
                yield replace(offer, form=shown)

    def _offer(
        self, method: str, address: str, label: str, data: Sequence[Pair] = (), button: str = ""
    ) -> Offer:
        url = urljoin(f"http://testserver{self.address}", address)
        parts = urlsplit(url)
        if parts.netloc == "testserver":
            url = parts._replace(scheme="", netloc="", fragment="").geturl()
        return Offer(method, url, label[:60], tuple(data), button, self.address)


def file_for(accepted: str) -> str:
    """Return which sort of file a field takes, by its attribute ``accept``."""
    if "image" in accepted:
        return IMAGE
    return TABLE if ".csv" in accepted and ".pdf" not in accepted else FILE


def is_path(text: str) -> bool:
    """Return whether a text is an address of the administration."""
    return bool(re.fullmatch(r"/admin/[^\s<>{}]*", text))


def allowed(value: Any) -> Any:
    """Return some JSON without the addresses that a script shows to those who may follow them.

    Beside them stand the permissions: ``canDelete`` for ``deleteUrl``.
    """
    if isinstance(value, dict):
        perms = value.get("perms") or {}
        refused = {f"{name[3:4].lower()}{name[4:]}Url" for name, may in perms.items() if not may}
        return {name: _without(each, refused) for name, each in value.items()}
    return [allowed(each) for each in value] if isinstance(value, list) else value


def _without(value: Any, names: set[str]) -> Any:
    value = allowed(value)
    if isinstance(value, dict):
        return {name: each for name, each in value.items() if name not in names}
    return value


def strings(value: Any) -> Iterator[str]:
    """Yield each string in some JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def fields_of_blocks(form: Any) -> Pairs:
    """Return the values of the blocks of a form, which a script draws and no HTML has."""
    pairs: Pairs = []
    for name, each in getattr(form, "fields", {}).items():
        if isinstance(each, BlockField):
            pairs += _block(each.block, form[name].value(), form.add_prefix(name))
    return pairs


def _block(block: Any, value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(block, StreamBlock):
        yield f"{prefix}-count", str(len(value))
        for number, child in enumerate(value):
            yield from _item(f"{prefix}-{number}", number, child.id or "")
            yield f"{prefix}-{number}-type", child.block_type
            yield from _block(child.block, child.value, f"{prefix}-{number}-value")
    elif isinstance(block, ListBlock):
        yield f"{prefix}-count", str(len(value))
        for number, child in enumerate(value.bound_blocks):
            yield from _item(f"{prefix}-{number}", number, child.id or "")
            yield from _block(child.block, child.value, f"{prefix}-{number}-value")
    elif isinstance(block, StructBlock):
        for name, child in block.child_blocks.items():
            yield from _block(child, value.get(name), f"{prefix}-{name}")
    elif isinstance(block, FieldBlock):
        shown = block.field.widget.render(prefix, block.value_for_form(value), {"id": prefix})
        (form,) = Screen(f"<form>{shown}</form>", "").forms
        yield from form.sent()


def _item(prefix: str, number: int, key: str) -> Iterator[tuple[str, str]]:
    yield f"{prefix}-order", str(number)
    yield f"{prefix}-deleted", ""
    yield f"{prefix}-id", key
