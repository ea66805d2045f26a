"""Sessions outlive every edition of their page, and so do their registrations."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from events.models import Registration, Session, TrainingPage, WebinarPage
from events.session_sync import cancel_session
from review.actors import acting
from tests.factories import publish
from tests.factories.events import (
    RegistrationFactory,
    TrainingPageFactory,
    WebinarPageFactory,
    agenda,
    in_days,
    only_session,
    training_date,
)
from tests.factories.publishing import SYSTEM

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def local(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def date_data(days: int = 20, **values: Any) -> dict[str, Any]:
    return {
        "id": "",
        "key": "",
        "starts_at": local(in_days(days)),
        "ends_at": local(in_days(days, 7)),
        "mode": "onsite",
        "place": "Lille",
        "address": "",
        "department": "",
        "join_url": "",
        "capacity": "",
        "has_waiting_list": "on",
        "is_open": "on",
    } | values


def page_data(dates: list[dict[str, Any]], initial: int = 0, **values: Any) -> dict[str, Any]:
    return nested_form_data(
        {
            "title": "Formation",
            "slug": "formation",
            "summary": "",
            "dates": inline_formset(dates, initial=initial),
            "documents": inline_formset([]),
            "registration": "here",
            "external_registration_url": "",
            "goals": '{"entityMap": {}, "blocks": []}',
            "attendees": "",
            "prerequisites": "",
            "duration": "",
            "price": "0",
            "organiser": "",
            "body": streamfield([]),
            "comments": inline_formset([]),
        }
        | values
    )


def posted_dates(client: Client, page: TrainingPage) -> list[dict[str, Any]]:
    """Return what the editor's form shows of the dates, ready to be sent back."""
    form = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).context["form"]
    return [
        date_data(
            id=each.instance.pk or "",
            key=each["key"].value() or "",
            starts_at=local(each.instance.starts_at),
            ends_at=local(each.instance.ends_at),
            place=each.instance.place,
        )
        for each in form.formsets["dates"].forms
    ]


def edit(client: Client, page: TrainingPage, dates: list[dict[str, Any]], **values: Any) -> Any:
    initial = sum(1 for each in dates if each["id"])
    response = client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]), page_data(dates, initial, **values)
    )
    page.refresh_from_db()
    return response


class TestInTheEditor:
    def test_a_session_keeps_its_row_through_every_publication(self, editor_client: Client) -> None:
        url = reverse("wagtailadmin_pages:add", args=["events", "trainingpage", agenda().pk])
        response = editor_client.post(url, page_data([date_data()], **{"action-publish": "1"}))
        assert response.status_code == 302, response.context["form"].errors
        page = TrainingPage.objects.get()
        session = only_session(page)
        registration = RegistrationFactory(session=session)

        # Saved as a draft, published, published again: each from what the editor shows then.
        for action, place in (({}, "Roubaix"), (PUBLISH, "Roubaix"), (PUBLISH, "Tourcoing")):
            (only,) = posted_dates(editor_client, page)
            response = edit(editor_client, page, [only | {"place": place}], **action)
            assert response.status_code == 302, response.context["form"].errors

        session.refresh_from_db()
        registration.refresh_from_db()
        assert registration.session == session
        assert session.place == "Tourcoing"
        assert page.sessions.count() == 1

    def test_a_date_that_was_a_draft_keeps_its_key(self, editor_client: Client) -> None:
        page = TrainingPageFactory(title="Formation", slug="formation")
        dates = [*posted_dates(editor_client, page), date_data(30, place="Nantes")]
        edit(editor_client, page, dates)
        assert page.sessions.count() == 1

        edit(editor_client, page, posted_dates(editor_client, page), **PUBLISH)
        added = page.sessions.get(place="Nantes")
        RegistrationFactory(session=added)
        edit(editor_client, page, posted_dates(editor_client, page), **PUBLISH)

        assert page.sessions.get(place="Nantes").pk == added.pk
        assert page.sessions.count() == 2

    def test_a_date_that_people_hold_on_to_is_not_taken_away(self, editor_client: Client) -> None:
        page = TrainingPageFactory(title="Formation", slug="formation")
        registration = RegistrationFactory(session=only_session(page))
        kept = posted_dates(editor_client, page)

        removed = kept[0] | {"DELETE": "on"}
        response = edit(editor_client, page, [removed, date_data(40)], **PUBLISH)

        assert response.status_code == 200
        assert "Annulez-la" in str(response.context["form"].errors)
        assert Registration.objects.get() == registration

    def test_a_page_with_registrations_is_not_deleted(self, editor_client: Client) -> None:
        page = TrainingPageFactory()
        RegistrationFactory(session=only_session(page))

        editor_client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]))

        assert TrainingPage.objects.filter(pk=page.pk).exists()
        with pytest.raises(ProtectedError):
            page.delete()

    @pytest.mark.parametrize(
        "values",
        [
            {"ends_at": local(in_days(1))},
            {"place": ""},
            {"capacity": "0"},
        ],
    )
    def test_a_date_that_makes_no_sense_is_refused(
        self, editor_client: Client, values: dict[str, str]
    ) -> None:
        page = TrainingPageFactory(title="Formation", slug="formation")
        (only,) = posted_dates(editor_client, page)

        response = edit(editor_client, page, [only | values], **PUBLISH)

        assert response.status_code == 200
        assert set(response.context["form"].formsets["dates"].errors[0]) == set(values)


PUBLISH = {"action-publish": "1"}


def test_a_date_without_registrations_goes_with_its_page() -> None:
    page = TrainingPageFactory(dates=[training_date(20), training_date(30)])
    gone = page.sessions.order_by("starts_at").last()
    RegistrationFactory(session=gone, state=Registration.State.CANCELLED)

    page = TrainingPage.objects.get(pk=page.pk)
    page.dates.remove(next(date for date in page.dates.all() if date.key == gone.key))
    publish(page)

    assert not Session.objects.filter(pk=gone.pk).exists()


def test_going_back_to_an_older_revision_keeps_the_people() -> None:
    page = TrainingPageFactory(dates=[training_date(20)])
    first = page.save_revision()
    page.dates.add(training_date(30))
    publish(page)
    later = page.sessions.order_by("starts_at").last()
    registration = RegistrationFactory(session=later)

    with acting(system=SYSTEM):
        first.publish()

    registration.refresh_from_db()
    assert registration.session == later
    assert page.sessions.count() == 2


def test_a_copy_of_a_page_has_sessions_of_its_own() -> None:
    page = TrainingPageFactory()
    RegistrationFactory(session=only_session(page))

    copy = page.copy(update_attrs={"slug": "copie", "title": "Copie"})
    assert not copy.sessions.exists()
    publish(copy)

    assert only_session(copy).pk != only_session(page).pk
    assert only_session(copy).uuid != only_session(page).uuid
    assert only_session(copy).registrations.count() == 0


def test_those_who_come_are_told_of_another_time(django_capture_on_commit_callbacks: Any) -> None:
    page = WebinarPageFactory()
    RegistrationFactory(session=only_session(page), email="camille@example.org")

    page.starts_at += dt.timedelta(hours=1)
    page.ends_at += dt.timedelta(hours=1)
    with django_capture_on_commit_callbacks(execute=True):
        publish(page)
    with django_capture_on_commit_callbacks(execute=True):
        publish(page)

    assert [(m.to, m.subject.split("\u00a0:")[0]) for m in mail.outbox] == [
        (["camille@example.org"], "Changement")
    ]


def test_publishing_again_does_not_bring_a_cancelled_session_back() -> None:
    page = WebinarPageFactory()
    cancel_session(only_session(page).pk)

    publish(page)

    assert only_session(page).is_cancelled


def test_an_event_ends_in_the_list_when_its_last_session_does() -> None:
    page = TrainingPageFactory(dates=[training_date(-5), training_date(5)])

    page.refresh_from_db()

    assert page.first_at < timezone.now() < page.last_at
    assert WebinarPage.objects.count() == 0


def test_saving_a_live_page_changes_no_session_and_writes_to_nobody(
    django_capture_on_commit_callbacks: Any,
) -> None:
    page = TrainingPageFactory(dates=[training_date(20, capacity=1), training_date(30)])
    full = page.sessions.get(capacity=1)
    RegistrationFactory(session=full)
    waiting = RegistrationFactory(session=full, state=Registration.State.WAITING)
    before = list(Session.objects.order_by("pk").values())

    page.title, page.registration = "Autre titre", "none"
    first, second = page.dates.order_by("starts_at")
    first.starts_at += dt.timedelta(hours=1)
    first.capacity, first.place, first.join_url = 5, "Nantes", ""
    page.dates.set([first, training_date(40)])
    with django_capture_on_commit_callbacks(execute=True):
        page.save()

    assert list(Session.objects.order_by("pk").values()) == before
    assert mail.outbox == []

    with django_capture_on_commit_callbacks(execute=True):
        publish(page)

    waiting.refresh_from_db()
    assert waiting.state == Registration.State.CONFIRMED
    assert {m.subject.split("\u00a0:")[0] for m in mail.outbox} == {
        "Changement",
        "Une place s'est libérée",
    }
    assert not Session.objects.filter(key=second.key).exists()
