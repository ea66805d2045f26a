"""Bulk actions: Wagtail shows its bar whole to everyone, and fails whole on what it may not do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.models import Page

from core.compat.admin import bulk_action_registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model, QuerySet
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    from core.models import User

MAX_DIGITS = 19
"""A key with more is in no database, and an error in some."""


def offered_bulk_actions(
    request: HttpRequest, model: type[Model], objects: Iterable[Model]
) -> list[type[Any]]:
    """Return the bulk actions that this person may take on one of the objects at least."""
    rows = list(objects)
    return [
        action
        for action in bulk_action_registry.get_bulk_actions_for_model(
            model._meta.app_label, model._meta.model_name
        )
        if _is_offered(action(request, model), rows)
    ]


def _is_offered(action: BulkAction, rows: list[Model]) -> bool:
    # The bar stays as it is while a list is filtered: on rows that it had not at first.
    if isinstance(action, ChosenRowsAction):
        return bool(rows) and action.is_allowed
    return any(map(action.check_perm, rows))


def explain_left_out(action: str, instance: Model, user: User) -> str:
    """Return why a bulk action leaves an object out, and what to do instead."""
    if getattr(instance, "locked", False):
        return _("verrouillé·e : demandez à qui l'a fait de le déverrouiller.")
    if isinstance(instance, Page):
        return _explain_page(action, instance, user)
    return _("c'est à la Direction ou à la Coordination de le faire.")


def _explain_page(action: str, page: Page, user: User) -> str:
    if page.is_root():
        return _("c'est la racine du site.")
    if action == "unpublish" and not page.live:
        return _("elle n'est pas en ligne.")
    if action in {"delete", "move"} and page.permissions_for_user(user).can_edit():
        return _explain_kept(page)
    return _("c'est à la Direction ou à la Coordination de le faire.")


def _explain_kept(page: Page) -> str:
    if page.live:
        return _("elle est en ligne : demandez-le à la Direction ou à la Coordination.")
    return _("elle a des sous-pages : demandez-le à la Direction.")


class ChoosableRowsMixin:
    """A list whose rows may be chosen by those who may act on them.

    Attributes:
        bulk_permission: that of its bulk actions.
    """

    bulk_permission = ""

    request: Any
    model: Any

    @property
    def may_choose_rows(self) -> bool:
        return bool(self.request.user.has_perm(self.bulk_permission))

    @cached_property
    def columns(self) -> list[Any]:
        """The columns, after that of the checkboxes."""
        columns: list[Any] = super().columns  # type: ignore[misc]
        if not self.may_choose_rows:
            return columns
        name = self.model._meta.model_name
        return [BulkActionsCheckboxColumn("bulk_actions", obj_type=name), *columns]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add whether the reader may choose rows."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"may_choose_rows": self.may_choose_rows}


def title_id(row: Model) -> str:
    """Return the id of the title of a row, which describes its checkbox."""
    return f"{row._meta.model_name}_{row.pk}_title"


class ChosenRowsAction(BulkAction):
    """What may be done with one row of a list of ours, done with those that were chosen.

    Attributes:
        permission: that of doing it with one row.
        button: the words that do it.
        is_final: whether nothing undoes it.
        has_letter_step: whether what it sends is shown once its form is filled in.
    """

    template_name = "core/admin/bulk_action.html"
    permission = ""
    icon = "check"
    button: ClassVar[Any] = ""
    is_final = False
    has_letter_step = False

    @property
    def is_allowed(self) -> bool:
        """Whether this person may do it at all."""
        return bool(self.request.user.has_perm(self.permission))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer.

        Raises:
            PermissionDenied: this person may not; Wagtail would name the rows that she chose.
        """
        if not self.is_allowed:
            raise PermissionDenied
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    @classmethod
    def rows(cls) -> QuerySet[Any]:
        """Return what may be chosen, with all that the screen shows of it."""
        raise NotImplementedError

    def get_all_objects_in_listing_query(self, parent_id: str | None) -> list[str]:
        """Return nothing: « all » would forget by what the list was filtered."""
        return []

    @classmethod
    def get_queryset(cls, model: type[Model], object_ids: Iterable[str]) -> list[Any]:
        """Return the rows that were chosen.

        Raises:
            Http404: there is none.
        """
        keys = [key for key in object_ids if key.isdecimal() and len(key) < MAX_DIGITS]
        if found := list(cls.rows().filter(pk__in=keys)):
            return found
        raise Http404

    def why_not(self, row: Any) -> str:
        """Return why it can't be done with a row; nothing if it can."""
        raise NotImplementedError

    def name_of(self, row: Any) -> str:
        """Return what a row is named by."""
        return str(row)

    def address_of(self, row: Any) -> str:
        """Return where a row is seen by itself."""
        raise NotImplementedError

    def detail_of(self, row: Any) -> str:
        """Return what distinguishes a row from another of the same name."""
        return ""

    def describe(self, rows: Sequence[Any], form: Form) -> dict[str, Any]:
        """Return the effects and the letters of doing it."""
        return {}

    def do(self, row: Any) -> str:
        """Do it with one row, and return why it could not be done."""
        raise NotImplementedError

    def do_all(self, rows: Sequence[Any]) -> int:
        """Do it, name each row with which it could not be done, and count the others."""
        reasons = [(row, self.do(row)) for row in rows]
        self._report([(row, reason) for row, reason in reasons if reason])
        return sum(not reason for _row, reason in reasons)

    def describe_done(self, count: int) -> str:
        """Return a sentence on what was done."""
        raise NotImplementedError

    def check_perm(self, obj: Any) -> bool:
        """Return whether it can be done with a row."""
        return self.is_allowed and not self.why_not(obj)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the screen shows."""
        context = super().get_context_data(**kwargs)
        rows = [each["item"] for each in context["items"]]
        is_last_step = not self.has_letter_step or "form_is_filled_in" in kwargs
        shown = self.describe(rows, context["form"]) if rows and is_last_step else {}
        return {
            **context,
            "title": self.display_name,
            "header_icon": self.icon,
            "noun": self.model._meta.verbose_name_plural
            if len(rows) > 1
            else self.model._meta.verbose_name,
            "rows": [(self.name_of(r), self.address_of(r), self.detail_of(r)) for r in rows],
            "left_out": [
                (self.name_of(r), self.why_not(r)) for r in context["items_with_no_access"]
            ],
            "is_last_step": is_last_step,
            "is_typed": is_last_step and self.has_letter_step,
            "is_final": self.is_final,
            "button": self.button if is_last_step else _("Voir la lettre avant de l'envoyer"),
            **shown,
        }

    def form_valid(self, form: Form) -> HttpResponse:
        """Show the letter of what was typed, then do it."""
        if "edit" in self.request.POST:
            return self._show(form)
        if self.has_letter_step and "confirmed" not in self.request.POST:
            return self._show(form, form_is_filled_in=True)
        response: HttpResponse = super().form_valid(form)
        return response

    def _show(self, form: Form, **kwargs: bool) -> HttpResponse:
        shown: HttpResponse = self.render_to_response(self.get_context_data(form=form, **kwargs))
        return shown

    def prepare_action(
        self, objects: list[Any], objects_without_access: dict[str, list[Any]]
    ) -> HttpResponse | None:
        """Name what is left out; go back where nothing is left."""
        left_out = objects_without_access["items_with_no_access"]
        self._report([(row, self.why_not(row)) for row in left_out])
        return None if objects else redirect(self.next_url)

    def _report(self, reasons: Iterable[tuple[Any, str]]) -> None:
        for row, reason in reasons:
            values = {"title": self.name_of(row), "reason": reason}
            messages.warning(self.request, _("« %(title)s » : %(reason)s") % values)

    def get_execution_context(self) -> dict[str, Any]:
        return {"view": self}

    @classmethod
    def execute_action(
        cls, objects: list[Any], *, view: ChosenRowsAction, **kwargs: Any
    ) -> tuple[int, int]:
        """Do it with each row with which it can be done."""
        return view.do_all(objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str | None:
        return self.describe_done(num_parent_objects) if num_parent_objects else None
