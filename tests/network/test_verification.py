"""How entries stay true."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.test import Client
from wagtail.models import ModelLogEntry

from network.models import Reminder, Structure
from network.verification import mark_verified, verification_token
from published.models import Item
from review.content import canonical_hash
from tests.factories import UserFactory
from tests.factories.contributions import member
from tests.factories.network import LILLE, StructureFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoCaptureOnCommitCallbacks

pytestmark = pytest.mark.django_db

LONG_AGO = dt.date(2020, 1, 1)


def remind() -> list[str]:
    mail.outbox.clear()
    call_command("remind_structures", verbosity=0)
    return [message.to[0] for message in mail.outbox]


def old(**values: Any) -> Structure:
    return StructureFactory(**{"verified_on": LONG_AGO, "email": "structure@example.org"} | values)


def test_an_entry_is_asked_about_once_a_year_after(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    old()
    old(email="")
    old(email="hors-ligne@example.org", live=False)
    old(email="recente@example.org", verified_on=dt.date.today())

    assert remind() == ["structure@example.org"]
    assert remind() == []
    assert Reminder.objects.count() == 1


def test_an_entry_confirmed_is_asked_about_again_a_year_later() -> None:
    structure = old()
    remind()

    with time_machine.travel("2027-01-01", tick=False):
        mark_verified([structure])
        assert remind() == []
    with time_machine.travel("2028-01-01", tick=False):
        assert remind() == ["structure@example.org"]


def test_a_mail_server_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    old()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError("no server")

    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", fail)
        call_command("remind_structures", verbosity=0)
    assert not Reminder.objects.exists()

    assert remind() == ["structure@example.org"]


def test_a_reminder_has_no_address_in_it() -> None:
    old(is_confidential=True, **LILLE)
    remind()

    (message,) = mail.outbox
    assert "Refuge" not in message.body
    assert "Lille" not in message.body


def link_of(structure: Structure) -> str:
    return f"/reseau/verifier/{verification_token(structure)}/"


def test_a_structure_of_which_nothing_is_public_is_asked_nothing(client: Client) -> None:
    structure = old()
    Item.objects.all().delete()

    assert remind() == []
    assert client.get(link_of(structure)).status_code == 410


def test_one_press_confirms(client: Client) -> None:
    structure = old()
    link = link_of(structure)

    seen = client.get(link)
    structure.refresh_from_db()
    assert structure.verified_on == LONG_AGO
    assert seen["Cache-Control"] == "no-store"
    assert seen["X-Robots-Tag"] == "noindex"

    done = client.post(link)
    structure.refresh_from_db()
    assert structure.verified_on == dt.date.today()
    assert "Merci" in done.content.decode()
    client.post(link)
    assert ModelLogEntry.objects.filter(action="network.verify").count() == 1


def test_the_message_leads_to_the_page(client: Client) -> None:
    old()
    remind()

    link = re.search(r"http://localhost:8000(\S+)", mail.outbox[0].body)

    assert link
    assert client.get(link[1]).status_code == 200


def test_a_forged_or_an_old_link_opens_nothing(client: Client) -> None:
    structure = old()
    link = link_of(structure)

    assert client.get(f"{link[:-3]}xx/").status_code == 410
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=91)):
        assert client.get(link).status_code == 410
        assert client.post(link).status_code == 410
    structure.unpublish()
    assert client.get(link).status_code == 410


def test_a_day_of_verification_is_in_the_next_answer_and_is_no_word(
    client: Client, get_json: Callable[..., Any]
) -> None:
    structure = old(name="Ancien nom")
    admitted = Item.objects.get(page=None, thing_id=structure.pk).content_hash
    Structure.objects.update(name="Nouveau nom")

    client.post(link_of(structure))

    data = get_json(f"/api/v1/structures/{structure.pk}/")
    assert data["title"] == "Ancien nom"
    assert data["verified_on"]["value"] == dt.date.today().isoformat()
    (listed,) = get_json("/api/v1/structures/", order="-verified_on")["items"]
    assert listed["verified_on"] == data["verified_on"]
    assert f"{dt.date.today()}" in client.get("/api/v1/structures.csv").getvalue().decode()
    confirmed = Structure.objects.get()
    confirmed.name = "Ancien nom"
    assert canonical_hash(confirmed.serializable_data()) == admitted


def test_links_show_what_was_admitted(client: Client) -> None:
    structure = old(name="Ancien nom", phone="01 02 03 04 05", **LILLE)
    link = link_of(structure)
    Structure.objects.update(name="Nouveau nom", phone="09 99 99 99 99", street="9 rue Cachée")

    for address in (link, f"{link}corriger/"):
        content = client.get(address).content.decode()
        assert "Ancien nom" in content
        assert "12 rue du Refuge" in content
        for word in ("Nouveau nom", "09 99", "Cachée"):
            assert word not in content, address

    client.post(f"{link}corriger/", correction(structure, name="Nom corrigé"))
    assert Structure.objects.get().get_latest_revision_as_object().name == "Nom corrigé"


def test_a_link_hides_an_address_that_became_confidential(client: Client) -> None:
    structure = old(name="Foyer", **LILLE)
    link = link_of(structure)
    Structure.objects.update(is_confidential=True)

    for address in (link, f"{link}corriger/"):
        content = client.get(address).content.decode()
        for secret in ("Refuge", "59000", "Lille"):
            assert secret not in content, address


def correction(structure: Structure, **values: Any) -> dict[str, Any]:
    return {
        "name": structure.name,
        "email": structure.email,
        "phone": "",
        "street": "",
        **values,
    }


def test_a_correction_waits_for_the_team(client: Client) -> None:
    UserFactory(is_superuser=True, email="equipe@example.org")
    structure = old(name="Ancien nom", description="Texte")

    response = client.post(
        f"{link_of(structure)}corriger/",
        correction(structure, name="Nouveau nom", description="Texte", message="Bonjour"),
    )

    assert "relit vos corrections" in response.content.decode()
    structure.refresh_from_db()
    assert (structure.name, structure.live) == ("Ancien nom", True)
    assert structure.has_unpublished_changes
    draft = structure.get_latest_revision_as_object()
    assert draft.name == "Nouveau nom"
    assert draft.description == "Texte"
    (message,) = [message for message in mail.outbox if "Bonjour" in message.body]
    assert message.to == ["equipe@example.org"]
    assert "Ancien nom" in Client().get(structure.path).content.decode()


def test_a_correction_after_changes_were_asked_for_is_reviewed_again(client: Client) -> None:
    structure, director = old(), member("Direction")
    client.post(f"{link_of(structure)}corriger/", correction(structure, phone="01 02 03 04 05"))
    structure.refresh_from_db()
    state = structure.current_workflow_task_state
    state.specific.reject(user=director, comment="Quel est le bon numéro ?")

    client.post(f"{link_of(structure)}corriger/", correction(structure, phone="01 02 03 04 06"))

    structure = Structure.objects.get(pk=structure.pk)
    assert structure.workflow_in_progress
    assert structure.get_latest_revision_as_object().phone == "01 02 03 04 06"


def test_a_correction_starts_the_workflow_of_structures(client: Client) -> None:
    from django.contrib.contenttypes.models import ContentType
    from wagtail.models import (
        GroupApprovalTask,
        Workflow,
        WorkflowContentType,
        WorkflowTask,
    )

    workflow = Workflow.objects.create(name="Relecture")
    task = GroupApprovalTask.objects.create(name="Relire")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowContentType.objects.update_or_create(
        content_type=ContentType.objects.get_for_model(Structure), defaults={"workflow": workflow}
    )
    structure = old()

    client.post(f"{link_of(structure)}corriger/", correction(structure, phone="01 02 03 04 05"))
    client.post(f"{link_of(structure)}corriger/", correction(structure, phone="01 02 03 04 06"))

    structure.refresh_from_db()
    assert structure.workflow_in_progress
    assert structure.phone == ""
    assert structure.get_latest_revision_as_object().phone == "01 02 03 04 06"


def test_the_form_of_a_shelter_does_not_show_its_address(client: Client) -> None:
    shelter = old(name="Foyer", is_confidential=True, **LILLE)
    link = f"{link_of(shelter)}corriger/"

    seen = client.get(link).content.decode()
    for secret in ("Refuge", "59000", "Lille"):
        assert secret not in seen

    refused = client.post(link, correction(shelter, name="", street="Rue X"))
    assert "Refuge" not in refused.content.decode()
    # Nor does an error tell which words are the address.
    client.post(link, correction(shelter, description="À Lille"))
    draft = Structure.objects.get().get_latest_revision_as_object()
    assert draft.description == "À Lille"
    assert (draft.street, draft.municipality) == ("12 rue du Refuge", "Lille")


def test_hostile_values_are_refused(client: Client) -> None:
    structure = old()

    response = client.post(
        f"{link_of(structure)}corriger/",
        correction(structure, website="javascript:alert(1)", postcode="12", opening_hours="demain"),
    )

    assert response.context["form"].errors.keys() == {"website", "postcode", "opening_hours"}
    assert not Structure.objects.get().has_unpublished_changes


def test_verifying_in_bulk(editor_client: Client, editor: Any) -> None:
    structure, other = old(), old()
    structure.save_revision()
    url = (
        "/admin/bulk/network/structure/verify/"
        f"?id={structure.pk}&id={other.pk}&next=/admin/snippets/network/structure/"
    )

    assert "notées comme vérifiées" in editor_client.get(url).content.decode()
    assert editor_client.post(url).status_code == 302

    structure.refresh_from_db()
    other.refresh_from_db()
    assert structure.verified_on == other.verified_on == dt.date.today()
    assert structure.get_latest_revision_as_object().verified_on == dt.date.today()
    assert ModelLogEntry.objects.filter(action="network.verify", user=editor).count() == 2


def test_the_listing_shows_filters_and_searches(editor_client: Client) -> None:
    old(name="Foyer", is_confidential=True, **LILLE)
    old(name="Toute autre", department="13")
    address = "/admin/snippets/network/structure/"

    assert "Foyer" in editor_client.get(address).content.decode()
    assert (
        "Toute autre"
        not in editor_client.get(address, {"is_confidential": "true"}).content.decode()
    )
    assert "Toute autre" not in editor_client.get(address, {"q": "Lille"}).content.decode()
    export = editor_client.get(
        f"/admin/bulk/network/structure/export/?id={Structure.objects.first().pk}"
    )
    assert export["Location"].startswith("/admin/reseau/exporter/csv/?id=")
