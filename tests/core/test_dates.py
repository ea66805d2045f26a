"""Dates in the administration: read as they are written in French, or in ISO 8601; never now."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django import forms
from django.conf import settings
from django.utils import timezone, translation
from wagtail.admin.widgets import AdminDateInput, AdminDateTimeInput, AdminTimeInput

if TYPE_CHECKING:
    from django.forms import Widget

LANGUAGES = [code for code, _name in settings.LANGUAGES]
HALF_PAST = dt.datetime(2026, 12, 10, 9, 30, tzinfo=timezone.get_default_timezone())


class Training(forms.Form):
    day = forms.DateField(widget=AdminDateInput)
    at = forms.DateTimeField(widget=AdminDateTimeInput)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "day,at",
    [
        ("10/12/2026", "10/12/2026 09:30"),
        ("10/12/26", "10/12/2026 9:30"),
        ("2026-12-10", "2026-12-10 09:30"),
        ("2026-12-10", "2026-12-10T09:30"),
    ],
)
def test_a_date_is_read_in_french_and_in_iso_8601(language: str, day: str, at: str) -> None:
    with translation.override(language):
        form = Training({"day": day, "at": at})

        assert form.is_valid(), form.errors
        assert form.cleaned_data == {"day": HALF_PAST.date(), "at": HALF_PAST}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_shown_is_read_as_it_was(language: str) -> None:
    with translation.override(language):
        shown = Training(initial={"day": HALF_PAST.date(), "at": HALF_PAST})
        values = {name: str(shown[name].value()) for name in ("day", "at")}
        html = str(shown)

        assert 'value="10/12/2026"' in html, values
        assert 'value="10/12/2026 09:30"' in html


@pytest.mark.parametrize("typed", ["demain", "32/12/2026", "2026/12/10", "10 décembre"])
def test_what_can_t_be_read_is_an_error(typed: str) -> None:
    form = Training({"day": typed, "at": typed})

    assert set(form.errors) == {"day", "at"}
    assert f'value="{typed}"' in str(form)


@pytest.mark.parametrize("widget", [AdminDateInput(), AdminDateTimeInput(), AdminTimeInput()])
def test_no_picker_writes_over_what_was_typed(widget: Widget) -> None:
    assert widget.get_config()["validateOnBlur"] is False  # type: ignore[attr-defined]
