"""What a public repository carries about itself."""

import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def publiccode():
    return yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))


def test_publiccode_has_what_its_standard_wants(publiccode):
    mandatory = {
        *("publiccodeYmlVersion", "name", "url", "platforms", "categories", "developmentStatus"),
        *("softwareType", "description", "legal", "maintenance", "localisation"),
    }
    assert mandatory <= publiccode.keys()
    assert publiccode["maintenance"]["contacts"]
    assert {"localisationReady", "availableLanguages"} <= publiccode["localisation"].keys()

    for description in publiccode["description"].values():
        assert len(description["shortDescription"]) <= 150
        assert 150 <= len(description["longDescription"]) <= 10_000
        assert description["features"]


def test_the_version_the_licence_and_the_languages_are_the_same_everywhere(
    publiccode, project, settings
):
    assert publiccode["softwareVersion"] == project["version"]
    assert publiccode["legal"]["license"] == project["license"]
    assert publiccode["localisation"]["availableLanguages"] == [
        code for code, _ in settings.LANGUAGES
    ]


def test_the_changelog_has_the_current_release_and_its_date(publiccode, project):
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## [{project['version']}] - {publiccode['releaseDate']}\n" in changelog
