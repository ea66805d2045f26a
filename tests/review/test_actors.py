"""Who acts is known to what runs below, and nobody is nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from core.models import User
from review.actors import Actor, acting, current_actor
from review.middleware import ActorMiddleware

if TYPE_CHECKING:
    from django.test import Client


def test_nobody_acts_unless_it_is_recorded() -> None:
    user = User(username="claire")

    assert current_actor() is None
    with acting(user=user) as actor:
        assert current_actor() == actor == Actor(user=user)
        with acting(system="upgrade"):
            assert current_actor() == Actor(system="upgrade")
        assert current_actor() == actor
    assert current_actor() is None


def test_an_actor_is_a_user_or_a_reason() -> None:
    for user, system in ((None, ""), (User(), "upgrade")):
        with pytest.raises(ValueError, match="one of the two"), acting(user=user, system=system):
            pass


@pytest.mark.parametrize("path, known", [("/admin/pages/", True), ("/actualites/", False)])
def test_a_request_of_the_administration_has_its_user_as_actor(path: str, known: bool) -> None:
    actors = []
    user = User(username="claire")

    def view(request: HttpRequest) -> HttpResponse:
        actors.append(current_actor())
        return HttpResponse()

    for who in (user, AnonymousUser()):
        request = HttpRequest()
        request.path, request.user = path, who
        ActorMiddleware(view)(request)

    assert actors == [Actor(user=user) if known else None, None]


@pytest.mark.django_db
def test_nobody_acts_after_a_request_that_failed(client: Client, editor: User) -> None:
    client.force_login(editor)

    client.get("/admin/pages/999999/edit/")

    assert current_actor() is None
