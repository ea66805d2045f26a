"""Plots as SVG, made here: no script, and their colours come from the style sheet."""

from __future__ import annotations

import itertools
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

WIDTH, HEIGHT = 900, 300
MAX_LABELS = 12
MAX_STEPS = 5
REMOVED = ("script", "style", "title")
"""What pygal adds that the Content-Security-Policy, or a screen reader, is better without."""


def bar_chart(labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> SafeString:
    """Return a plot of some series side by side; nothing where all is zero.

    It is for the eyes: its page has the same numbers in a table.
    """
    highest = max((each for values in series.values() for each in values), default=0)
    if not highest:
        return SafeString()
    chart = _load_pygal().Bar(
        js=(),
        width=WIDTH,
        height=HEIGHT,
        margin=10,
        show_legend=len(series) > 1,
        legend_at_bottom=True,
        truncate_legend=-1,
        truncate_label=-1,
        show_minor_x_labels=False,
        x_labels_major_every=-(-len(labels) // MAX_LABELS) or 1,
        include_x_axis=True,
        value_formatter=lambda value: str(intcomma(round(value))),
        disable_xml_declaration=True,
    )
    chart.x_labels = labels
    chart.y_labels = scale_of(highest)
    for label, values in series.items():
        chart.add(str(label), list(values))
    chart.add_xml_filter(_clean)
    # Made of numbers and of our labels, which pygal escapes.
    return mark_safe(chart.render(is_unicode=True))  # noqa: S308


@cache
def _load_pygal() -> ModuleType:
    # It takes a while to import, and readers need it never.
    pygal = import_module("pygal")
    # It looks for its plug-ins by a finder of which Python warns at each import ever after.
    sys.meta_path[:] = [
        each for each in sys.meta_path if not isinstance(each, pygal.PluginImportFixer)
    ]
    return pygal


def scale_of(highest: float) -> list[int]:
    """Return at most six round numbers, from zero to what is not below the highest.

    >>> scale_of(594)
    [0, 200, 400, 600]
    >>> scale_of(3)
    [0, 1, 2, 3]
    """
    step = 1
    for factor in itertools.cycle((2, 2.5, 2)):
        if step * MAX_STEPS >= highest:
            break
        step = round(step * factor)
    return list(range(0, int(-(-highest // step)) * step + 1, step)) if highest else [0, 1]


def _clean(root: Any) -> Any:
    for parent in list(root.iter()):
        for child in list(parent):
            # A comment has a function for a tag.
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in REMOVED:
                parent.remove(child)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return root
