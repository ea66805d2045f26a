from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.public_forms import FromOutside, TermsField
from network.models import Structure
from network.verification import CORRECTABLE, PLACE


class CorrectionForm(FromOutside, forms.ModelForm[Structure]):
    """What a structure may correct of its own entry.

    A confidential address is shown to no bearer of the link: its fields are
    empty, and change it only where they are filled.
    """

    message = forms.CharField(
        label=_("Message à l'équipe"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ne décrivez aucune situation individuelle."),
    )

    class Meta:
        model = Structure
        fields = (*CORRECTABLE, *PLACE)
        field_classes: ClassVar[dict[str, Any]] = {"services": TermsField, "audiences": TermsField}
        widgets: ClassVar[dict[str, Any]] = {
            "services": forms.CheckboxSelectMultiple,
            "audiences": forms.CheckboxSelectMultiple,
            "description": forms.Textarea(attrs={"rows": 6}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_confidential = self.instance.is_confidential
        if self.is_confidential:
            for name in PLACE:
                self.initial[name] = ""

    def _post_clean(self) -> None:
        """Check each value by itself, without touching the live structure."""
        # The model's own check would reveal which words of a text are its confidential address.
        for name in (*CORRECTABLE, *PLACE):
            if name not in self.cleaned_data or name in {"services", "audiences"}:
                continue
            value = self.cleaned_data[name]
            if value:
                try:
                    field: Any = Structure._meta.get_field(name)
                    field.clean(value, None)
                except ValidationError as error:
                    self.add_error(name, error)

    def changes(self) -> dict[str, Any]:
        """Return the values to write: those that differ from what was shown."""
        return {
            name: list(self.cleaned_data[name])
            if name in {"services", "audiences"}
            else self.cleaned_data[name]
            for name in self.changed_data
            if name != "message"
        }
