"""The screens of accounts, which keep each from those with more rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.users.views import users

from review.accounts.forms import AccountCreationForm, AccountEditForm
from review.accounts.standing import Standing

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse

    from core.models import User


class StandingMixin:
    """A view that knows what the person who asks may manage."""

    request: Any

    @cached_property
    def standing(self) -> Standing:
        return Standing(self.request.user)


class StandingFormMixin(StandingMixin):
    """A view with a form whose choices depend on that."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "standing": self.standing}  # type: ignore[misc]


class OwnCheckboxColumn(BulkActionsCheckboxColumn):
    """A checkbox beside the accounts that this person may manage."""

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = standing

    def render_cell_html(self, instance: User, parent_context: Any) -> str:
        if not self.standing.may_manage(instance):
            return mark_safe("<td></td>")
        html: str = super().render_cell_html(instance, parent_context)
        return html


class IndexView(StandingMixin, users.IndexView):
    """The list of accounts, in which those with more rights lead nowhere."""

    @cached_property
    def columns(self) -> list[Any]:
        _checkbox, *columns = super().columns
        return [
            OwnCheckboxColumn("bulk_actions", obj_type="user", standing=self.standing),
            *columns,
        ]

    def get_base_queryset(self) -> QuerySet[User]:
        accounts: QuerySet[User] = super().get_base_queryset()
        return accounts.prefetch_related("groups", "user_permissions")

    def get_edit_url(self, instance: User) -> str | None:
        return super().get_edit_url(instance) if self.standing.may_manage(instance) else None

    def get_delete_url(self, instance: User) -> str | None:
        return super().get_delete_url(instance) if self.standing.may_manage(instance) else None


class CreateView(StandingFormMixin, users.CreateView):
    """The screen of a new account."""


class OwnAccountMixin(StandingMixin):
    """A view of one account, refused to those who have fewer rights than it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer.

        Raises:
            PermissionDenied: the account has a right that this person has not.
        """
        if not self.standing.may_manage(self.object):  # type: ignore[attr-defined]
            raise PermissionDenied(_("Ce compte a plus de droits que le vôtre."))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class EditView(OwnAccountMixin, StandingFormMixin, users.EditView):
    """The screen of an account."""


class DeleteView(OwnAccountMixin, users.DeleteView):
    """The screen that deletes an account."""


class UserViewSet(users.UserViewSet):
    """« Utilisateurs »."""

    index_view_class = IndexView
    index_template_name = "review/admin/accounts.html"
    create_template_name = "review/admin/new_account.html"
    add_view_class = CreateView
    edit_view_class = EditView
    delete_view_class = DeleteView
    # A copy of an account would be one of nobody.
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[ModelForm[User]]:
        """Return the form of a new account, or of one that there is."""
        return AccountEditForm if for_update else AccountCreationForm
