"""The screens of groups, which keep each from rights that they have not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import TitleColumn
from wagtail.users.views import groups

from accounts.account_views import StandingFormMixin, StandingMixin
from accounts.forms import GroupForm
from accounts.standing import KEPT_GROUPS, Standing, rights_by_group

if TYPE_CHECKING:
    from django.contrib.auth.models import Group
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse


class IndexView(StandingMixin, groups.IndexView):
    """The list of groups, in which those with more rights lead nowhere."""

    @cached_property
    def columns(self) -> list[Any]:
        return [
            TitleColumn(
                "name", label=gettext_lazy("Nom"), sort_key="name", get_url=self.get_edit_url
            )
        ]

    def get_edit_url(self, instance: Group) -> str | None:
        return super().get_edit_url(instance) if self.standing.may_give(instance) else None

    def get_delete_url(self, instance: Group) -> str | None:
        may_delete = instance.name not in KEPT_GROUPS and self.standing.may_give(instance)
        return super().get_delete_url(instance) if may_delete else None


class OwnRightsMixin(StandingFormMixin):
    """A form that gives a group no right that the person who fills it in has not."""

    object: Group
    request: HttpRequest

    @cached_property
    def permission_panel_forms(self) -> list[Any]:
        panels: list[Any] = super().permission_panel_forms  # type: ignore[misc]
        for panel in panels:
            if hasattr(panel, "form"):
                panel.form = narrowed(panel.form, self.standing)
        return panels

    def process_form(self) -> HttpResponse:
        """Save the group.

        Raises:
            PermissionDenied: it would have a right that the person who fills the form in has not.
        """
        # As they are before: she may be in this group.
        bool(self.standing.own)
        with transaction.atomic():
            response: HttpResponse = super().process_form()  # type: ignore[misc]
            if self.object.pk and not self.standing.covers(rights_by_group()[self.object.pk]):
                # The message that it was saved, which it is not.
                list(get_messages(self.request))
                raise PermissionDenied(_("Vous ne pouvez pas donner un droit que vous n'avez pas."))
            return response


class CreateView(OwnRightsMixin, groups.CreateView):
    """The screen of a new group."""


class OwnGroupMixin(StandingMixin):
    """A view of one group, refused to those who have fewer rights than it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer.

        Raises:
            PermissionDenied: the group has a right that this person has not.
        """
        if not self.standing.may_give(self.get_object()):  # type: ignore[attr-defined]
            raise PermissionDenied(_("Ce groupe a plus de droits que vous."))
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class EditView(OwnGroupMixin, OwnRightsMixin, groups.EditView):
    """The screen of a group."""

    @property
    def can_delete(self) -> bool:
        return super().can_delete and self.object.name not in KEPT_GROUPS


class DeleteView(OwnGroupMixin, groups.DeleteView):
    """The screen that deletes a group."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer.

        Raises:
            PermissionDenied: the program knows the group by its name.
        """
        if self.get_object().name in KEPT_GROUPS:
            raise PermissionDenied(_("Ce groupe fait partie du site : il ne se supprime pas."))
        return super().dispatch(request, *args, **kwargs)


class GroupViewSet(groups.GroupViewSet):
    """« Groupes »."""

    index_view_class = IndexView
    add_view_class = CreateView
    edit_view_class = EditView
    delete_view_class = DeleteView

    def get_form_class(self, for_update: bool = False) -> type[GroupForm]:
        """Return the form of a group."""
        return GroupForm


def narrowed(form: type[Form], standing: Standing) -> type[Form]:
    """Return a form of permissions over a place, with those that somebody has."""

    class Narrowed(form):  # type: ignore[misc,valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            field = self.fields.get("permissions")
            if field is not None:
                field.queryset = standing.narrow(field.queryset)

    return Narrowed
