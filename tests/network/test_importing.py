"""Structures from a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import strip_tags
from openpyxl import Workbook
from wagtail.models import Locale, ModelLogEntry, ReferenceIndex, Revision

from core.models import ContentVersion
from core.spreadsheets.reader import TableUnreadable
from network.exports import COLUMNS, exported_drafts, to_csv, to_xlsx
from network.imports.planner import Plan, plan_import
from network.imports.reader import read_structures
from network.imports.writer import PlanHasErrors, write_plan
from network.models import Structure, StructureExport, StructureImport
from network.places import AccessLevel
from published.admission import AdmissionRefused
from published.composing import Reading
from published.models import LedgerEntry
from review.actors import acting
from review.content import canonical_hash
from review.provenance import mark_external, release
from tests.answers import titles
from tests.factories import UserFactory, publish
from tests.factories.contributions import member
from tests.factories.network import LILLE, StructureFactory

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

HEAD = (
    "external_id,name,type,services,audiences,street,postcode,municipality,insee_department,"
    "latitude,longitude,confidential,phone,email,website,verified_on"
)
LINE = (
    "D001,Écoute,association,ecoute|soins,mineurs,1 rue X,59000,Lille,59,50.6366,3.0635,non,,"
    "a@example.org,,2024-05-02"
)


def planned(text: str | bytes) -> Plan:
    content = text.encode() if isinstance(text, str) else text
    return plan_import(read_structures(content), Locale.get_default())


def table(*lines: str) -> str:
    return "\n".join((HEAD, *lines)) + "\n"


def load(text: str | bytes, **options: Any) -> tuple[int, int]:
    return write(planned(text), **options)


def write(plan: Plan, **options: Any) -> tuple[int, int]:
    with acting(system="demonstration"):
        return write_plan(plan, **{"is_published": True} | options)


def test_a_row_becomes_a_live_structure_with_its_history() -> None:
    user = member("Coordination")
    version = ContentVersion.current()

    assert load(table(LINE), user=user) == (1, 0)

    structure = Structure.objects.get()
    assert structure.live
    assert not structure.is_confidential
    assert structure.department.code == "59"
    assert set(structure.services.values_list("slug", flat=True)) == {"ecoute", "soins"}
    assert str(structure.latitude) == "50.636600"
    assert structure.latest_revision == structure.live_revision == Revision.objects.get()
    restored = structure.latest_revision.as_object()
    assert restored.name == "Écoute"
    assert {service.slug for service in restored.services.all()} == {"ecoute", "soins"}
    assert ModelLogEntry.objects.get(action="network.import").user == user
    assert ContentVersion.current() > version
    assert ReferenceIndex.get_references_to(structure.structure_type).count() == 1
    entry = LedgerEntry.objects.get(kind="structure")
    assert (entry.user, entry.thing_id, entry.act) == (user, structure.pk, "admit")
    assert entry.content_hash == canonical_hash(restored.serializable_data())


def test_an_imported_structure_is_found_by_its_words(get_json: Any) -> None:
    load(table(LINE))

    assert get_json("/api/v1/structures/", q="écoute")["count"] == 1


@pytest.mark.parametrize("cell, expected", [("", True), ("oui", True), ("non", False)])
def test_confidential_unless_the_file_has_no(cell: str, expected: bool) -> None:
    load(table(LINE.replace(",non,", f",{cell},")))

    assert Structure.objects.get().is_confidential is expected


def test_importing_again_changes_nothing_and_then_only_what_changed() -> None:
    load(table(LINE))
    before = Structure.objects.get()

    assert load(table(LINE)) == (0, 0)
    again = planned(table(LINE.replace("1 rue X", "2 rue Y")))

    (row,) = again.rows
    assert [(c.column, c.before, c.after) for c in row.changes] == [
        ("street", "1 rue X", "2 rue Y")
    ]
    assert write(again) == (0, 1)
    after = Structure.objects.get()
    assert (after.pk, after.street) == (before.pk, "2 rue Y")
    assert after.translation_key == before.translation_key
    assert after.first_published_at == before.first_published_at
    assert Revision.objects.count() == 2


def test_a_column_left_out_leaves_what_is_there() -> None:
    load(table(LINE))

    load("external_id,name\nD001,Autre nom\n")

    structure = Structure.objects.get()
    assert (structure.name, structure.street) == ("Autre nom", "1 rue X")
    assert structure.services.count() == 2


@pytest.mark.parametrize(
    "before, after, column",
    [
        ("association,", "inconnu,", "type"),
        ("ecoute|soins", "ecoute|magie", "services"),
        (",59,", ",99,", "insee_department"),
        ("59000", "5900A", "postcode"),
        ("59000", "13001", "postcode"),
        ("50.6366", "abc", "latitude"),
        ("50.6366", "91", "latitude"),
        ("50.6366", "", "latitude"),
        ("50.6366", "NaN", "latitude"),
        (",non,", ",peut-être,", "confidential"),
        ("a@example.org", "pas-une-adresse", "email"),
        ("2024-05-02", "2024-13-45", "verified_on"),
        ("Écoute,", ",", "name"),
        ("D001,", ",", "external_id"),
        ("Écoute,", f"{'x' * 151},", "name"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(before: str, after: str, column: str) -> None:
    good = LINE.replace("D001", "D000")
    wrong = planned(table(good, LINE.replace(before, after, 1)))

    (row,) = [row for row in wrong.rows if row.errors]
    assert row.line == 3
    assert column in {error.column for error in row.errors}
    with pytest.raises(PlanHasErrors):
        write_plan(wrong, is_published=True)
    assert not Structure.objects.exists()


def test_the_same_identifier_twice_is_wrong() -> None:
    wrong = planned(table(LINE, LINE))

    assert [bool(row.errors) for row in wrong.rows] == [False, True]


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "external_id"),
        (b"name\nX\n", "external_id"),
        (b"external_id,inconnue\n1,2\n", "inconnue"),
        (b"external_id,name,name\n1,2,3\n", "double"),
        (b'external_id,name\n1,"2\n', "abîmé"),
        (b"external_id,name\n1,2,3\n", "cellules"),
        (b"PK\x03\x04broken", "illisible"),
        (b"\x00\x01\x02", "CSV"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(TableUnreadable, match=message):
        read_structures(content)


def test_what_excel_writes_in_france_is_read() -> None:
    text = table(LINE).replace(",", ";").replace("2024-05-02", "02/05/2024")

    load(text.encode("cp1252"))

    structure = Structure.objects.get()
    assert structure.name == "Écoute"
    assert structure.verified_on
    assert structure.verified_on.isoformat() == "2024-05-02"


def test_a_workbook_is_read() -> None:
    book = Workbook()
    for line in csv.reader(
        io.StringIO(table(LINE.replace("59000", "01000").replace(",59,", ",01,")))
    ):
        book.active.append([1000 if cell == "01000" else cell for cell in line])
    output = io.BytesIO()
    book.save(output)

    load(output.getvalue())

    assert Structure.objects.get().postcode == "01000"


def test_what_is_exported_can_be_imported_and_changes_nothing() -> None:
    load(table(LINE, "D002,=Étrange,foyer,,,,,,13,,,,,,,"))
    Structure.objects.update(description="+1 texte", opening_hours="24/7")
    rows = Structure.objects.select_related("department", "structure_type", "locale").order_by("pk")

    team = Reading("", access_level=AccessLevel.TEAM)
    as_csv = planned("".join(to_csv(exported_drafts(rows, team))))
    as_xlsx = planned(to_xlsx(exported_drafts(rows, team)))

    for again in (as_csv, as_xlsx):
        assert [row.errors for row in again.rows] == [[], []]
        assert [row.changes for row in again.rows] == [[], []]
    assert list(as_csv.columns) == list(COLUMNS)


def test_an_entry_made_by_hand_is_changed_by_its_export(get_json: Any) -> None:
    structure = StructureFactory(name="Faite à la main", external_id="")
    rows = Structure.objects.select_related("department", "structure_type", "locale")
    team = Reading("", access_level=AccessLevel.TEAM)
    exported = "".join(to_csv(exported_drafts(rows, team)))

    assert get_json(f"/api/v1/structures/{structure.pk}/")["external_id"] in exported
    unchanged = planned(exported)
    assert [(row.errors, row.changes) for row in unchanged.rows] == [([], [])]

    assert load(exported.replace("Faite à la main", "Corrigée dans le tableau")) == (0, 1)

    assert Structure.objects.get().name == "Corrigée dans le tableau"
    again = "".join(to_csv(exported_drafts(rows.all(), team)))
    assert again == exported.replace("Faite à la main", "Corrigée dans le tableau")


def test_a_draft_that_waits_is_not_lost() -> None:
    load(table(LINE))
    structure = Structure.objects.get()
    structure.name = "Correction"
    structure.save_revision()

    again = planned(table(LINE.replace("1 rue X", "2 rue Y")))

    assert again.rows[0].action == "skip"
    assert write(again) == (0, 0)
    assert Structure.objects.get().get_latest_revision_as_object().name == "Correction"


def test_a_structure_taken_offline_stays_offline() -> None:
    load(table(LINE))
    Structure.objects.get().unpublish()

    load(table(LINE.replace("1 rue X", "2 rue Y")))

    assert not Structure.objects.get().live


def test_without_the_right_to_publish_everything_is_a_draft() -> None:
    load(table(LINE))
    more = LINE.replace("D001", "D002").replace("Écoute", "Nouvelle")

    write_plan(planned(table(LINE.replace("Écoute", "Changée"), more)), is_published=False)

    old = Structure.objects.get(external_id="D001")
    new = Structure.objects.get(external_id="D002")
    assert (old.name, old.live, old.has_unpublished_changes) == ("Écoute", True, True)
    assert old.get_latest_revision_as_object().name == "Changée"
    assert (new.live, new.first_published_at) == (False, None)


@pytest.mark.parametrize("group", ["Relecture", "Partenaires", None])
def test_who_may_not_publish_imports_nothing_that_is_public(
    group: str | None, get_json: Any
) -> None:
    load(table(LINE))
    changed = planned(table(LINE.replace("Écoute", "Changée"), LINE.replace("D001", "D002")))

    with pytest.raises(AdmissionRefused):
        write_plan(changed, member(group) if group else None, is_published=True)

    assert titles(get_json("/api/v1/structures/")) == ["Écoute"]


def pending(**values: Any) -> Structure:
    structure = StructureFactory(
        draft=True, external_id="P001", name="Maison Ouverte", email="maison@example.org", **values
    )
    structure.save_revision()
    mark_external(structure)
    return structure


RETURNING = {
    "as it is": {},
    "under another identifier": {"external_id": "D009"},
    "with a word changed": {"external_id": "D009", "name": "Maison Fermée"},
    "with another case": {"external_id": "D009", "email": "", "name": "MAISON OUVERTE"},
}


@pytest.mark.parametrize("way", RETURNING)
@pytest.mark.parametrize("group", ["Coordination", "Relecture"])
def test_what_waits_for_its_review_does_not_come_back_as_a_table(
    group: str, way: str, get_json: Any
) -> None:
    structure = pending()
    rows = Structure.objects.select_related("department", "structure_type", "locale")
    exported = to_csv(exported_drafts(rows, Reading("", access_level=AccessLevel.TEAM)))
    reader = csv.DictReader(io.StringIO("".join(exported).removeprefix("\ufeff")))
    output = io.StringIO()
    writer = csv.DictWriter(output, COLUMNS)
    writer.writeheader()
    writer.writerows(row | RETURNING[way] | {"phone": "01 23 45 67 89"} for row in reader)

    (row,) = planned(output.getvalue()).rows

    assert row.action == "skip"
    assert "attend sa relecture" in row.notes[0]
    user = member(group)
    result = write_plan(
        planned(output.getvalue()), user, is_published=user.has_perm("network.publish_structure")
    )
    assert result == (0, 0)
    assert Structure.objects.count() == 1
    assert get_json("/api/v1/structures/")["count"] == 0
    release(structure)
    assert planned(output.getvalue()).rows[0].notes != row.notes


def test_a_line_that_waits_is_marked_in_the_preview(editor_client: Client) -> None:
    pending()
    sent = send(editor_client, table(LINE.replace("Écoute", "Maison ouverte")))

    content = editor_client.get(sent["Location"]).content.decode()

    assert "fiche venue de l&#x27;extérieur" in content


def test_the_preview_names_columns_as_the_editor_of_structures_does(editor_client: Client) -> None:
    StructureFactory(external_id="D001", name="Ancien nom", **LILLE)
    changed = send(editor_client, table(LINE))
    wrong = send(editor_client, table(LINE.replace(",59,", ",999,")))

    changes = strip_tags(editor_client.get(changed["Location"]).content.decode())
    errors = strip_tags(editor_client.get(wrong["Location"]).content.decode())

    assert "Nom : Ancien nom" in " ".join(changes.split())
    # With the name that it has in the table to correct.
    assert "Département (insee_department) :" in " ".join(errors.split())


def test_the_door_refuses_what_its_plan_could_not_know(
    editor_client: Client, get_json: Any
) -> None:
    StructureFactory(external_id="D001", name="Ancien nom", **LILLE)
    sent = send(editor_client, table(LINE))
    seen = editor_client.get(sent["Location"])
    english = Locale.objects.get_or_create(language_code="en")[0]
    translation = Structure.objects.get().copy_for_translation(english)
    translation.save()
    with pytest.MonkeyPatch.context() as patch:
        # Marked between the plan and its writing.
        patch.setattr("network.imports.pending.PendingStructures.reason_to_skip", lambda *_a: "")
        mark_external(Structure.objects.get(locale__language_code="fr"))
        done = editor_client.post(sent["Location"], {"digest": seen.context["digest"]}, follow=True)

    assert "vient de l&#x27;extérieur" in done.content.decode()
    assert titles(get_json("/api/v1/structures/")) == ["Ancien nom"]
    assert Structure.objects.get(locale__language_code="fr").name == "Ancien nom"


def test_an_import_moves_its_translations_too(get_json: Any) -> None:
    load(table(LINE))
    english = Locale.objects.get_or_create(language_code="en")[0]
    translation = Structure.objects.get().copy_for_translation(english)
    translation.name = "Listening"
    translation.save()
    publish(translation)

    load(table(LINE.replace("1 rue X", "2 rue Y")))

    data = get_json(f"/api/v1/structures/{translation.pk}/")
    assert (data["title"], data["address"]["street"]) == ("Listening", "2 rue Y")


def test_the_demonstration_is_loaded_once() -> None:
    import pare.demo
    from network.demo import load_structures

    path = Path(pare.demo.__file__).parent / "structures.csv"

    def load_demonstration(**options: Any) -> list[Structure]:
        with acting(system="demonstration"):
            return load_structures(path, **options)

    assert len(load_demonstration()) == 16
    Structure.objects.filter(external_id="D001").update(name="Changée par l'équipe")
    Structure.objects.filter(external_id="D014").delete()
    assert load_demonstration(but={"D014"}) == []
    load_demonstration()

    assert Structure.objects.filter(is_demo=True, live=True).count() == 16
    assert Structure.objects.filter(is_confidential=True).count() == 3
    assert Structure.objects.get(external_id="D001").name == "Changée par l'équipe"


def test_a_number_of_lines_costs_no_number_of_queries(count_queries: Any) -> None:
    def lines(first: int, last: int) -> list[str]:
        return [LINE.replace("D001", f"D{n:03}") for n in range(first, last)]

    load(table(*lines(0, 2)))
    few = count_queries(lambda: planned(table(*lines(0, 2))))
    load(table(*lines(2, 40)))

    assert count_queries(lambda: planned(table(*lines(0, 40)))) == few


# In the admin


def send(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("structures.csv", text.encode())
    return client.post("/admin/reseau/importer/", {"file": file})


def test_a_person_sees_before_anything_is_written(editor_client: Client) -> None:
    StructureFactory(external_id="D001", name="Ancien nom", **LILLE)

    sent = send(editor_client, table(LINE, LINE.replace("D001", "D002")))
    seen = editor_client.get(sent["Location"])

    assert Structure.objects.count() == 1
    content = seen.content.decode()
    assert "<del>Ancien nom</del>" in content
    assert "Son adresse sera publique" in content
    done = editor_client.post(sent["Location"], {"digest": seen.context["digest"]}, follow=True)
    assert "1 structures créées, 1 modifiées" in done.content.decode()
    assert set(Structure.objects.values_list("name", flat=True)) == {"Écoute"}
    twice = editor_client.post(sent["Location"], {"digest": seen.context["digest"]})
    assert twice.status_code == 302
    assert Structure.objects.count() == 2


def test_what_changed_meanwhile_is_shown_again(editor_client: Client) -> None:
    sent = send(editor_client, table(LINE))
    seen = editor_client.get(sent["Location"])
    StructureFactory(external_id="D001", name="Arrivée entre-temps")

    done = editor_client.post(sent["Location"], {"digest": seen.context["digest"]}, follow=True)

    assert "Rien n&#x27;est écrit" in done.content.decode()
    assert Structure.objects.get().name == "Arrivée entre-temps"
    assert StructureImport.objects.get().state == "pending"


def test_a_broken_table_shows_its_errors_and_can_not_be_applied(editor_client: Client) -> None:
    sent = send(editor_client, table(LINE, LINE.replace(",59,", ",99,")))
    seen = editor_client.get(sent["Location"])

    assert "insee_department" in seen.content.decode()
    assert "Appliquer" not in seen.content.decode()
    editor_client.post(sent["Location"], {"digest": seen.context["digest"]})
    assert not Structure.objects.exists()


def test_what_is_no_table_is_told_beside_the_field(editor_client: Client) -> None:
    refused = send(editor_client, "name\nX\n")

    assert refused.status_code == 200
    assert "external_id" in refused.content.decode()
    assert not StructureImport.objects.exists()


def member_of(*codenames: str) -> Any:
    group = Group.objects.create(name="Essai")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", *codenames]))
    user = UserFactory()
    user.groups.add(group)
    return user


@pytest.mark.parametrize("address", ["/admin/reseau/importer/", "/admin/reseau/exporter/csv/"])
def test_imports_and_exports_are_for_the_team(client: Client, address: str) -> None:
    client.force_login(member_of("view_structure"))

    assert client.get(address).status_code == 302


def test_those_who_may_not_publish_make_drafts(client: Client) -> None:
    client.force_login(member_of("add_structure", "change_structure"))
    sent = send(client, table(LINE))
    seen = client.get(sent["Location"])

    client.post(sent["Location"], {"digest": seen.context["digest"]})

    assert Structure.objects.get().live is False


EXPORT = "/admin/reseau/exporter/"
FORMATS = ["csv", "xlsx", "geojson", "data-inclusion"]


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.parametrize("name", FORMATS)
def test_the_team_exports_and_it_is_recorded(editor_client: Client, name: str) -> None:
    StructureFactory(name="Foyer", shelter=True)
    StructureFactory(name="Autre", department="13")
    data = {"with": "1", "reason": "Mettre à jour les fiches"}

    response = editor_client.post(f"{EXPORT}{name}/?is_confidential=true", data)

    content = content_of(response)
    assert "attachment" in response["Content-Disposition"]
    if name in {"csv", "geojson"}:
        assert b"Refuge" in content
        assert b"Autre" not in content
    if name == "data-inclusion":
        assert b"Refuge" not in content
    kept = StructureExport.objects.get()
    assert (kept.count, kept.file_format, kept.filters) == (1, name, "is_confidential=true")
    assert kept.user is not None
    of_team = name != "data-inclusion"
    assert (kept.confidential_count, kept.reason) == (
        (1, "Mettre à jour les fiches") if of_team else (0, "")
    )


@pytest.mark.parametrize("name", ["csv", "xlsx", "geojson"])
def test_confidential_addresses_leave_for_a_reason_alone(editor_client: Client, name: str) -> None:
    StructureFactory(name="Foyer", shelter=True)
    StructureFactory(name="Autre", department="13")

    asked = [
        editor_client.get(f"{EXPORT}{name}/"),
        editor_client.post(f"{EXPORT}{name}/"),
        editor_client.post(f"{EXPORT}{name}/", {"with": "1", "reason": " "}),
    ]

    for response in asked:
        assert b"Pourquoi avez-vous besoin" in content_of(response)
        assert b"Refuge" not in content_of(response)
    assert not StructureExport.objects.exists()
    without = editor_client.post(f"{EXPORT}{name}/", {"without": "1"})
    content = content_of(without)
    assert "attachment" in without["Content-Disposition"]
    if name != "xlsx":
        assert b"Refuge" not in content
        assert b"Autre" in content
    kept = StructureExport.objects.get()
    assert (kept.count, kept.confidential_count, kept.reason) == (1, 0, "")


def test_what_gives_nothing_is_not_recorded(editor_client: Client) -> None:
    StructureFactory(name="Autre", department="13")

    response = editor_client.head(f"{EXPORT}csv/")

    assert response.status_code == 200
    assert content_of(response) == b""
    assert not StructureExport.objects.exists()


def test_nothing_is_asked_where_nothing_is_confidential(editor_client: Client) -> None:
    StructureFactory(name="Autre", department="13")

    response = editor_client.get(f"{EXPORT}csv/")

    assert b"Autre" in content_of(response)
    assert StructureExport.objects.get().confidential_count == 0


def test_direction_reads_who_exported_what_and_why(client: Client) -> None:
    StructureExport.objects.create(
        user=UserFactory(last_name="Ünal"), count=3, confidential_count=2, reason="Un motif"
    )
    for group, is_allowed in (("Direction", True), ("Coordination", False)):
        client.force_login(member(group))
        response = client.get("/admin/reseau/exports/")

        assert (response.status_code == 200) is is_allowed
        assert ("Un motif" in response.content.decode()) is is_allowed
