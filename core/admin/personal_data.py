"""« Données personnelles »: what is held of one person, to give it to them or to erase it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.email_addresses import normalize_email
from core.models import PersonalDataAct, User
from core.privacy.addresses import Address
from core.privacy.archive import AllHeld, collect, export_person
from core.privacy.erasing import ErasureRefused, erase_person, refusal

if TYPE_CHECKING:
    from django.http import HttpRequest

SHOWN_ACTS = 20


class AddressForm(forms.Form):
    """The address of the person who asks."""

    address = forms.EmailField(
        label=gettext_lazy("Adresse e-mail de la personne"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ExportForm(AddressForm):
    """Why what is held of a person is exported."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Pourquoi"), choices=PersonalDataAct.Reason.choices
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].widget = forms.HiddenInput()


class EraseForm(ExportForm):
    """Why a person is erased, with their address typed again."""

    confirmation = forms.CharField(
        label=gettext_lazy("Retapez l'adresse pour confirmer"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        typed = normalize_email(cleaned.get("confirmation", ""))
        if typed and typed != normalize_email(cleaned.get("address", "")):
            self.add_error("confirmation", _("Ce n'est pas l'adresse de cette personne."))
        return cleaned


def may_handle(user: Any) -> bool:
    """Return whether a user may export and erase what is held of people."""
    return bool(user.has_perm("core.handle_personal_data"))


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def personal_data(request: HttpRequest) -> HttpResponse:
    """Show what is held of a person, export it or erase it; no address of the screen has theirs."""
    user = request.user
    if not isinstance(user, User) or not may_handle(user):
        raise PermissionDenied
    act = request.POST.get("act", "find") if request.method == "POST" else ""
    form = AddressForm(request.POST if act else None)
    if not act or not form.is_valid():
        return _show(request, form, status=422 if act else 200)
    address = form.cleaned_data["address"]
    given = request.POST if act in {"export", "erase"} else None
    export_form = ExportForm(given if act == "export" else None, initial={"address": address})
    erase_form = EraseForm(given if act == "erase" else None, initial={"address": address})
    if act == "export" and export_form.is_valid():
        return _download(export_person(address, user, export_form.cleaned_data["reason"]))
    if act == "erase" and erase_form.is_valid():
        return _erase(request, user, address, erase_form.cleaned_data["reason"])
    held = collect(address)
    return _show(
        request,
        form,
        status=200 if act == "find" else 422,
        held=held,
        refusal=refusal(Address(address), user),
        remains=_remains(held),
        export_form=export_form,
        erase_form=erase_form,
    )


def _remains(held: AllHeld) -> list[Any]:
    return [part.processing for part in held.parts if part.processing.remains]


def _show(request: HttpRequest, form: AddressForm, status: int, **more: Any) -> HttpResponse:
    acts = PersonalDataAct.objects.select_related("user")[:SHOWN_ACTS]
    context = {"form": form, "acts": acts, **more}
    return render(request, "core/admin/personal_data.html", context, status=status)


def _download(archive: bytes) -> HttpResponse:
    response = HttpResponse(archive, content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="donnees-personnelles.zip"'
    return response


def _erase(request: HttpRequest, user: User, address: str, reason: str) -> HttpResponse:
    try:
        erased = erase_person(address, user, reason)
    except ErasureRefused as refused:
        messages.error(request, str(refused))
        return redirect("personal_data")
    messages.success(
        request,
        _("C'est effacé : %(count)s lignes. La preuve est ci-dessous, sans l'adresse.")
        % {"count": erased.counts.total()},
    )
    if erased.to_replace:
        messages.warning(
            request,
            _("Ces documents citent encore l'adresse : remplacez leur fichier. %(documents)s")
            % {"documents": ", ".join(f"n° {each.pk}" for each in erased.to_replace)},
        )
    return redirect("personal_data")
