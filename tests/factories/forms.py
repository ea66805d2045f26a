"""What a public form carries."""

from __future__ import annotations

import time

from bs4 import BeautifulSoup, Tag
from django.core import signing

from core.public_forms import MIN_FILL_SECONDS, STARTED_SALT


def form_opened_earlier(seconds: float = MIN_FILL_SECONDS + 1) -> str:
    """Return what a form carries that was opened long enough ago to be filled in by hand."""
    return signing.dumps(int(time.time() - seconds), salt=STARTED_SALT)


def fields_sent(html: str, selector: str = "form[method=post]") -> dict[str, list[str]]:
    """Return what a browser sends of a form that nobody touches, by the name of each field."""
    form = BeautifulSoup(html, "html.parser").select_one(selector)
    assert form is not None, "no such form"
    assert form.select_one("form") is None, "a browser leaves out a form within another"
    sent: dict[str, list[str]] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        for value in _values(field):
            sent.setdefault(str(field["name"]), []).append(value)
    return sent


def _values(field: Tag) -> list[str]:
    match field.name, str(field.get("type", "text")):
        case "textarea", _:
            # A browser leaves out the first line break.
            return [field.get_text().removeprefix("\n")]
        case "select", _:
            options = field.select("option")
            chosen = [option for option in options if option.has_attr("selected")]
            return [str(option.get("value", "")) for option in chosen or options[:1]]
        case _, "checkbox" | "radio":
            return [str(field.get("value", "on"))] if field.has_attr("checked") else []
        case _, "file" | "submit":
            return []
        case _:
            return [str(field.get("value", ""))]
