"""A confidential address comes out nowhere: tried by hand, then by machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import APIToken, Locale

from core.models import Service, Territory
from network.models import PublishedPlace, Structure
from network.places import PLACE_FIELDS, AccessLevel, Disclosure, Visibility
from network.queries import place_shown, structure_items
from published.composing import detail_of
from published.models import Item, ItemFacet, ItemReference
from published.rebuilding import rebuild_items
from tests.answers import facet, read_text, titles
from tests.door import readers
from tests.factories import UserFactory, admit, publish
from tests.factories.network import LILLE, MARSEILLE, StructureFactory, directory

pytestmark = pytest.mark.django_db

# What would tell the address of a shelter made by the factory; 59 alone is its department.
SECRETS = ("Refuge", "59000", "Lille", "59350", "50.63", "3.063", "50,63")
# A moment whose fractions of a second look like none of them.
at_noon = time_machine.travel("2026-11-27T12:00:00+01:00", tick=False)


def pages_of(structure: Structure) -> list[str]:
    """Return every public address that may speak of a structure."""
    return [
        "/api/v1/structures/?facets=true",
        f"/api/v1/structures/{structure.pk}/",
        "/api/v1/structures/map/",
        "/api/v1/structures/departments/59/",
        "/api/v1/structures.geojson",
        "/api/v1/structures.csv",
        "/api/v1/structures.data-inclusion.json",
        f"/api/v1/resolve/?path={structure.path}",
        "/api/v1/resolve/?path=/reseau/departements/59/",
        structure.path,
        "/reseau/",
        "/reseau/?territory=59",
        "/reseau/departements/59/",
        "/sitemap.xml",
    ]


@pytest.mark.parametrize("reader", [AccessLevel.PUBLIC, AccessLevel.MEMBER])
@at_noon
def test_a_shelter_gives_only_its_department(client: Client, reader: AccessLevel) -> None:
    directory()
    services = [Service.objects.get(slug="ecoute")]
    shelter = StructureFactory(name="Foyer", services=services, shelter=True)
    if reader == AccessLevel.MEMBER:
        client.force_login(UserFactory())

    for address in pages_of(shelter):
        data = read_text(address, client)

        assert "59" in data or address == "/sitemap.xml"
        for secret in SECRETS:
            assert secret not in data, (address, secret)


@at_noon
def test_no_output_of_the_contract_nor_of_the_site_has_a_hidden_place(client: Client) -> None:
    directory()
    StructureFactory(name="Foyer", services=[Service.objects.get(slug="ecoute")], shelter=True)
    every_output = [*readers.SITE, *readers.list_addresses(), *readers.detail_addresses()]
    assert len(every_output) > len(readers.SITE) + len(readers.LISTS)

    answers = {each: readers.read(client, each) for each in (*every_output, *readers.paths())}
    found = {
        (address, secret)
        for address, text in answers.items()
        for secret in SECRETS
        if secret in text
    }

    assert found == set()


def test_an_address_that_is_public_is_shown_everywhere(client: Client) -> None:
    directory()
    structure = StructureFactory(**LILLE)

    for address in pages_of(structure):
        if address not in {"/sitemap.xml", "/api/v1/structures/map/"}:
            assert "Lille" in read_text(address, client), address


def test_a_new_structure_is_confidential() -> None:
    assert Structure().is_confidential
    assert Structure._meta.get_field("is_confidential").db_default is True


DISCLOSURES = [
    Disclosure(is_confidential, visibility, AccessLevel.PUBLIC)
    for is_confidential in (True, False)
    for visibility in (Visibility if not is_confidential else [Visibility.PUBLIC])
]


@pytest.mark.parametrize("now", DISCLOSURES)
@pytest.mark.parametrize("admitted", DISCLOSURES)
def test_the_most_restrictive_of_what_was_admitted_and_of_the_row_holds_in_python_and_sql(
    admitted: Disclosure, now: Disclosure
) -> None:
    StructureFactory(**admitted._asdict(), **LILLE)
    Structure.objects.update(**now._asdict())

    for reader in AccessLevel:
        detail = detail_of(Item.objects.get(kind="structure"), "", reader)
        is_shown = admitted.shows_place(reader) and now.shows_place(reader)
        assert admitted.restricted_by([now]).shows_place(reader) == is_shown
        assert structure_items().filter(place_shown(reader)).exists() == is_shown
        assert (detail.address is not None, detail.position is not None) == (is_shown,) * 2
        assert detail.is_confidential == (admitted.is_confidential or now.is_confidential)


def test_every_part_of_a_place_is_in_the_rule() -> None:
    told = {"street", "postcode", "municipality", "municipality_code", "latitude", "longitude"}

    assert set(PLACE_FIELDS) == told
    assert Structure().disclosure == Disclosure(True, Visibility.PUBLIC, Visibility.PUBLIC)


@pytest.mark.parametrize(
    "query",
    [
        {"near": "50.6366,3.0635", "radius": "1"},
        {"near": "50.6366,3.0635", "radius": "1000"},
        {"bbox": "3,50,4,51"},
        {"bbox": "-180,-90,180,90"},
        {"q": "Refuge"},
        {"q": "59000"},
        {"q": "Lille"},
    ],
)
def test_no_filter_by_place_finds_a_shelter(
    get_json: Callable[..., Any], query: dict[str, str]
) -> None:
    StructureFactory(name="Foyer", shelter=True)
    call_command("wagtail_update_index", verbosity=0)

    data = get_json("/api/v1/structures/", facets="true", **query)

    assert data["count"] == 0
    assert all(value["count"] == 0 for facet in data["facets"] for value in facet["values"])


def test_a_place_finds_the_shelters_of_its_department_after_the_others(
    get_json: Callable[..., Any],
) -> None:
    StructureFactory(name="A", shelter=True)
    StructureFactory(name="B", **LILLE)
    StructureFactory(name="C", department="13", is_confidential=True, **MARSEILLE)

    data = get_json("/api/v1/structures/", place="59100")

    assert [item["title"] for item in data["items"]] == ["B", "A"]
    assert data["items"][0]["distance_km"] == pytest.approx(10, abs=2)
    assert data["items"][1]["distance_km"] is None


@pytest.mark.parametrize("order", ["distance", "name", "-verified_on", "-updated_at"])
def test_no_order_depends_on_where_a_shelter_is(get_json: Callable[..., Any], order: str) -> None:
    StructureFactory(name="B", is_confidential=True, **LILLE)
    StructureFactory(name="A", is_confidential=True, department="13", **MARSEILLE)
    query = {"order": order, "place": "59000"}

    before = get_json("/api/v1/structures/", **query)
    Structure.objects.update(latitude=Decimal("44"), longitude=Decimal("1"))

    assert get_json("/api/v1/structures/", **query) == before


def test_members_see_what_is_for_members(client: Client) -> None:
    structure = StructureFactory(
        phone="01 23 45 67 89",
        place_visibility=Visibility.MEMBERS,
        contact_visibility=Visibility.MEMBERS,
        **LILLE,
    )
    path = structure.path
    stranger = read_text(path)
    assert "Refuge" not in stranger
    assert "01 23 45 67 89" not in stranger

    client.force_login(UserFactory())
    response = client.get(path)

    assert "12 rue du Refuge" in response.content.decode()
    assert "01 23 45 67 89" in response.content.decode()
    assert response["Cache-Control"] == "private, no-store"


def test_a_session_opens_nothing_more_on_the_api(client: Client) -> None:
    StructureFactory(shelter=True)
    client.force_login(UserFactory(is_superuser=True))

    assert "Refuge" not in read_text("/api/v1/structures/", client)


def test_a_token_of_the_team_opens_the_address(settings: Any) -> None:
    settings.RESPONSE_CACHE_SECONDS = 300
    StructureFactory(shelter=True)
    _token, key = APIToken.create_token(user=UserFactory(is_superuser=True), name="Tests")
    assert "Refuge" not in read_text("/api/v1/structures/")

    team = Client(headers={"Authorization": f"Bearer {key}"})

    assert "Refuge" in read_text("/api/v1/structures/", team)
    assert "Refuge" in read_text("/api/v1/structures.csv", team)
    assert "Refuge" not in read_text("/api/v1/structures/")


def test_the_team_sees_on_the_website_what_members_see(editor_client: Client) -> None:
    shelter = StructureFactory(name="Foyer", shelter=True)

    assert "Refuge" not in read_text(shelter.path, editor_client)


def test_a_preview_shows_what_anyone_would_see(editor_client: Client) -> None:
    shelter = StructureFactory(name="Foyer", shelter=True)
    shelter.save_revision()

    response = editor_client.get(
        f"/admin/snippets/network/structure/preview/{shelter.pk}/", {"in_preview_panel": "true"}
    )
    revision = shelter.latest_revision_id
    seen = editor_client.get(
        f"/admin/snippets/network/structure/history/{shelter.pk}/revisions/{revision}/view/"
    )

    assert seen.status_code == 200
    assert "Foyer" in seen.content.decode()
    for secret in SECRETS:
        assert secret not in seen.content.decode()
        assert secret not in response.content.decode()


def test_revisions_are_for_those_who_may_edit(client: Client) -> None:
    shelter = StructureFactory(name="Foyer", shelter=True)
    revision = shelter.save_revision()
    address = (
        f"/admin/snippets/network/structure/history/{shelter.pk}/revisions/{revision.pk}/view/"
    )
    client.force_login(UserFactory())

    assert client.get(address).status_code == 302


@pytest.mark.parametrize("field", ["name", "acronym", "description"])
@pytest.mark.parametrize("secret", ["12 rue du refuge", "59000", "LILLE"])
def test_a_text_may_not_reveal_a_confidential_address(field: str, secret: str) -> None:
    shelter = StructureFactory.build(
        locale=None, structure_type=None, department=None, shelter=True
    )
    shelter.department = StructureFactory(name="Autre").department
    setattr(shelter, field, f"Foyer, {secret}.")

    assert field in shelter._address_in_texts()


def test_the_name_of_the_department_reveals_nothing() -> None:
    structure = StructureFactory(
        name="Foyer de Paris", department="75", is_confidential=True, municipality="Paris"
    )

    structure.full_clean()


def in_english(structure: Structure, **values: Any) -> Structure:
    """Return a translation, published."""
    english = Locale.objects.get_or_create(language_code="en")[0]
    translation = structure.copy_for_translation(english)
    for name, value in values.items():
        setattr(translation, name, value)
    translation.save()
    publish(translation)
    return Structure.objects.get(pk=translation.pk)


def structure_json(structure: Structure) -> Any:
    return json.loads(read_text(f"/api/v1/structures/{structure.pk}/"))


# What sends no signal comes last, so that nothing done after it hides its words.
HIDING: dict[str, Callable[[Structure], Any]] = {
    "published": publish,
    "admitted": admit,
    "saved": lambda structure: structure.save(),
    "updated in bulk": lambda structure: Structure.objects.bulk_update(
        [structure], ["is_confidential"]
    ),
    "updated": lambda structure: Structure.objects.filter(pk=structure.pk).update(
        is_confidential=True
    ),
}
# Saved, a translation takes its place from its source again.
TAKES_ITS_PLACE_AGAIN = ("published", "admitted", "saved")


def hide(structure: Structure, way: str) -> None:
    structure.is_confidential = True
    HIDING[way](structure)


@at_noon
def test_what_is_made_confidential_is_hidden_at_once_in_every_language(
    get_json: Callable[..., Any],
) -> None:
    directory()
    # Each in a street that names the language and the way in which it is hidden.
    hidden = {}
    for way in HIDING:
        for language in ("fr", "en"):
            if language == "fr" or way not in TAKES_ITS_PLACE_AGAIN:
                street = f"12 rue du Refuge {language} {way}"
                structure = StructureFactory(
                    name=f"Foyer {language} {way}", **LILLE | {"street": street}
                )
                hidden[language, way] = (structure, in_english(structure))
                for each in hidden[language, way]:
                    assert structure_json(each)["address"]["street"] == street
    StructureFactory(name="Autre", department="13", **MARSEILLE)
    for locale, q in (("fr", "Lille"), ("en", "59000")):
        assert get_json("/api/v1/structures/", q=q, locale=locale)["count"] == len(hidden)

    for (language, way), (structure, translation) in hidden.items():
        hide(structure if language == "fr" else translation, way)
        for each in (structure, translation):
            assert structure_json(each)["address"] is None, (language, way)

    addresses = dict.fromkeys(
        address for pair in hidden.values() for each in pair for address in pages_of(each)
    )
    for address in addresses:
        data = read_text(address)
        for secret in SECRETS:
            assert secret not in data, (address, data[max(0, data.find(secret) - 200) :][:400])
    for locale in ("fr", "en"):
        for query in (
            {"q": "Lille"},
            {"q": "59000"},
            {"near": "50.6366,3.0635", "radius": "1"},
            {"bbox": "3,50,4,51"},
        ):
            data = get_json("/api/v1/structures/", locale=locale, facets="true", **query)
            assert titles(data) == [], query
            assert data["count"] == 0, query
            assert not sum(facet(data, "territory").values())


@pytest.mark.parametrize("way", TAKES_ITS_PLACE_AGAIN)
def test_a_translation_that_is_saved_takes_its_place_from_its_source_again(way: str) -> None:
    translation = in_english(StructureFactory(name="Foyer", **LILLE), name="Shelter")

    hide(translation, way)

    assert structure_json(translation)["address"]["street"] == "12 rue du Refuge"


def test_what_is_confidential_again_is_still_found_by_its_own_words(
    get_json: Callable[..., Any],
) -> None:
    structure = StructureFactory(name="Foyer", **LILLE)
    translation = in_english(structure, name="Shelter")

    structure.is_confidential = True
    structure.save()

    assert titles(get_json("/api/v1/structures/", q="foyer")) == ["Foyer"]
    assert titles(get_json("/api/v1/structures/", q="shelter", locale="en")) == ["Shelter"]
    structure.is_confidential = False
    structure.save()
    publish(structure)
    assert titles(get_json("/api/v1/structures/", q="Lille")) == ["Foyer"]
    assert titles(get_json("/api/v1/structures/", q="Lille", locale="en")) == ["Shelter"]
    assert structure_json(translation)["address"]["municipality"] == "Lille"


@at_noon
def test_a_row_without_confidentiality_shows_no_address_admitted_as_confidential() -> None:
    directory()
    shelter = StructureFactory(name="Foyer", shelter=True)

    shelter.is_confidential = False
    shelter.save()
    Structure.objects.update(is_confidential=False, place_visibility=Visibility.PUBLIC)

    for address in pages_of(shelter):
        data = read_text(address)
        for secret in SECRETS:
            assert secret not in data, (address, secret)


def secret_words(way: str) -> dict[str, Any]:
    """Return words that nobody admitted, which name how they were written."""
    return {
        "name": f"Zygène {way}",
        "acronym": "ZYG",
        "description": f"Zygène secrète {way}",
        "street": f"9 rue Zygène {way}",
        "postcode": "59140",
        "municipality": f"Zygènes {way}",
        "municipality_code": "59299",
        "latitude": Decimal("43.111111"),
        "longitude": Decimal("5.222222"),
        "phone": "09 99 99 99 99",
        "email": "zygene@example.org",
        "website": "https://zygene.example.org/",
        "opening_hours": "Mo 03:33-04:44",
    }


def update(structure: Structure) -> None:
    Structure.objects.filter(pk=structure.pk).update(**secret_words("update"))


def save(structure: Structure) -> None:
    changed(structure, "save").save()


def bulk_update(structure: Structure) -> None:
    changed(structure, "bulk_update")
    Structure.objects.bulk_update([structure], list(secret_words("")))


def bulk_create(structure: Structure) -> None:
    twin = changed(Structure.objects.get(pk=structure.pk), "bulk_create")
    twin.pk, twin.translation_key = None, uuid4()
    Structure.objects.bulk_create([twin])


def save_draft(structure: Structure) -> None:
    changed(structure, "save_draft").save_revision()


def changed(structure: Structure, way: str) -> Structure:
    for name, value in secret_words(way).items():
        setattr(structure, name, value)
    return structure


def test_words_that_nobody_admitted_are_read_nowhere(
    client: Client, get_json: Callable[..., Any]
) -> None:
    directory()
    # What sends no signal comes last, so that nothing done after it hides its words.
    ways = (save_draft, save, bulk_create, bulk_update, update)
    structures = [StructureFactory(name="Écoute", **LILLE) for _way in ways]
    addresses = dict.fromkeys(path for each in structures for path in pages_of(each))
    before = {address: read_text(address) for address in addresses}

    for write, structure in zip(ways, structures, strict=True):
        write(structure)
    call_command("wagtail_update_index", verbosity=0)

    client.force_login(UserFactory())
    for address, text in before.items():
        assert read_text(address) == text, address
        data = read_text(address, client).casefold()
        for word in ("zyg", "09 99", "43.1111", "59140", "59299", "3 h 33"):
            assert word not in data, (address, word)
    for query in (
        {"q": "zygène"},
        {"q": "zygènes"},
        {"q": "59140"},
        {"near": "43.1111,5.2222", "radius": "1"},
        {"bbox": "5.2,43.1,5.3,43.2"},
    ):
        assert titles(get_json("/api/v1/structures/", **query)) == [], query


def test_translations_have_the_place_that_was_admitted_of_their_source(
    get_json: Callable[..., Any],
) -> None:
    structure = StructureFactory(name="Écoute", **LILLE)
    translation = in_english(structure, name="Listening", website="https://example.org/en/")

    structure.department = Territory.objects.get(code="13")
    for name, value in MARSEILLE.items():
        setattr(structure, name, value)
    structure.save()
    assert structure_json(translation)["address"]["municipality"] == "Lille"
    publish(structure)

    data = structure_json(translation)
    assert (data["title"], data["contacts"]["website"]) == ("Listening", "https://example.org/en/")
    assert data["address"]["municipality"] == "Marseille"
    assert data["department"]["code"] == "13"
    listed = get_json("/api/v1/structures/", locale="en", near="43.3,5.37", facets="true")
    assert titles(listed) == ["Listening"]
    assert facet(listed, "territory") == {"13": 1, "R93": 1}
    assert titles(get_json("/api/v1/structures/", locale="en", q="marseille")) == ["Listening"]
    assert not get_json("/api/v1/structures/", locale="en", q="lille")["count"]


def test_building_structures_anew_changes_nothing() -> None:
    structure = StructureFactory(name="Écoute", **LILLE)
    translation = in_english(structure, name="Listening")
    StructureFactory(name="Foyer", shelter=True)
    structure.street = "1 autre rue"
    publish(structure)
    tables = (Item, PublishedPlace, ItemFacet, ItemReference)

    def rows() -> list[Any]:
        kept: list[Any] = [list(Item.objects.order_by("pk").values())]
        kept.append(list(PublishedPlace.objects.order_by("structure").values()))
        for model, columns in ((ItemFacet, ("name", "value")), (ItemReference, ("kind", "key"))):
            found = model.objects.values_list("item_id", *columns)
            kept.append(sorted(found))
        return kept

    before = rows()
    assert all(model.objects.exists() for model in tables)
    for _again in range(2):
        rebuild_items()
        assert rows() == before
    assert structure_json(translation)["address"]["street"] == "1 autre rue"


# Then by machine: whatever is asked, no answer depends on where the shelters are.

degrees = st.decimals(-80, 80, places=4)
hidden_places = st.fixed_dictionaries(
    {
        "street": st.sampled_from(["1 rue Ouverte", "2 impasse Close", ""]),
        "postcode": st.sampled_from(["59000", "59100", "13001", "75012", ""]),
        "municipality": st.sampled_from(["Lille", "Roubaix", "Marseille", "Paris", ""]),
        "municipality_code": st.sampled_from(["59350", "13055", ""]),
        "latitude": degrees | st.decimals(50, 51, places=4),
        "longitude": degrees | st.decimals(3, 4, places=4),
    }
)
HIDING_ROWS = [
    {"is_confidential": True, "place_visibility": 0},
    {"is_confidential": True, "place_visibility": 2},
    {"is_confidential": False, "place_visibility": 1},
    {"is_confidential": False, "place_visibility": 2},
]
PARAMETERS = {
    "q": st.sampled_from(["Lille", "Roubaix", "Ouverte", "59000", "foyer", "structure"]),
    "near": st.tuples(degrees, degrees).map("{0[0]},{0[1]}".format)
    | st.sampled_from(["50.6366,3.0635", "50.5,3.5"]),
    "place": st.sampled_from(["59000", "59100", "Lille", "13001", "75012", "nulle part"]),
    "radius": st.sampled_from(["1", "5", "50", "1000"]),
    "bbox": st.sampled_from(["3,50,4,51", "-180,-90,180,90", "170,-90,-170,90"]),
    "territory": st.sampled_from(["59", "R32", "13"]),
    "serves": st.sampled_from(["59", "13"]),
    "type": st.sampled_from(["association", "foyer"]),
    "service": st.just("ecoute"),
    "order": st.sampled_from(["name", "distance", "-updated_at", "-verified_on", "relevance"]),
    "limit": st.sampled_from(["1", "2", "100"]),
    "offset": st.sampled_from(["0", "1"]),
}
# A few at a time: all together keep nothing, wherever the shelters are.
queries = st.lists(
    st.one_of(*(st.tuples(st.just(name), values) for name, values in PARAMETERS.items())),
    max_size=3,
).map(dict)
LIST = "/api/v1/structures/"
OTHERS = [
    "/api/v1/structures/map/",
    "/api/v1/structures.geojson",
    "/api/v1/structures.csv",
    "/api/v1/structures.data-inclusion.json",
    "/reseau/",
]
by_machine = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def hidden() -> list[Structure]:
    """Make structures to be hidden, by each example anew, beside one that is not."""
    directory()
    listening = Service.objects.get(slug="ecoute")
    StructureFactory(name="Structure ouverte", **LILLE)
    return [
        StructureFactory(name=f"Foyer {n}", department=department, services=[listening])
        for n, department in enumerate(("59", "59", "13") * 2)
    ]


@by_machine
@given(
    before=st.lists(hidden_places, min_size=6, max_size=6),
    after=st.lists(hidden_places, min_size=6, max_size=6),
    hiding=st.lists(st.sampled_from(HIDING_ROWS), min_size=6, max_size=6),
    asked=st.lists(
        st.tuples(queries, st.sampled_from(OTHERS)), min_size=8, max_size=8, unique_by=repr
    ),
)
def test_no_answer_depends_on_a_hidden_place(
    hidden: list[Structure],
    before: list[dict[str, Any]],
    after: list[dict[str, Any]],
    hiding: list[dict[str, Any]],
    asked: list[tuple[dict[str, str], str]],
) -> None:
    def answers(places: list[dict[str, Any]]) -> dict[str, str]:
        for structure, place, how in zip(hidden, places, hiding, strict=True):
            for name, value in (place | how).items():
                setattr(structure, name, value)
            # As an editor would, which indexes it again; but for the date, which the public sees.
            structure.save()
            admit(structure)
        found = [_ask(address, {}) for address in (LIST, *OTHERS)]
        for query, other in asked:
            found += [_ask(LIST, query), _ask(other, query)]
        return dict(found)

    expected = answers(before)

    for asked_for, answer in answers(after).items():
        assert answer == expected[asked_for], asked_for


def _ask(address: str, query: dict[str, str]) -> tuple[str, str]:
    """Return what was asked for, and the answer."""
    if address == LIST:
        query = query | {"facets": "true"}
    elif address != "/reseau/":
        query = {name: value for name, value in query.items() if name not in {"limit", "offset"}}
    response = Client().get(address, query)
    content = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
    return f"{address} {query}", content.decode()


@pytest.fixture
def shelters() -> list[Structure]:
    return [StructureFactory(name="Foyer", **how) for how in HIDING_ROWS for _twice in range(2)]


@pytest.fixture
def read_before(shelters: list[Structure]) -> dict[str, str]:
    """Read every public address that may speak of the shelters."""
    addresses = dict.fromkeys(address for each in shelters for address in pages_of(each)[:-4])
    return {address: read_text(address) for address in addresses}


@by_machine
@given(places=st.lists(hidden_places, min_size=8, max_size=8))
def test_no_page_of_a_structure_depends_on_its_hidden_place(
    shelters: list[Structure], read_before: dict[str, str], places: list[dict[str, Any]]
) -> None:
    for structure, place in zip(shelters, places, strict=True):
        Structure.objects.filter(pk=structure.pk).update(**place)

    for address, text in read_before.items():
        assert read_text(address) == text, address
