"""What a public repository carries about itself."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_with_the_hashes_of_its_files(project, name):
    pins = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"))[1:]
    pinned = {canonicalize_name(pin.partition("==")[0]) for pin in pins}
    wanted = {canonicalize_name(Requirement(line).name) for line in project["dependencies"]}

    assert wanted <= pinned
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
