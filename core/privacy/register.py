"""The register of processing activities (GDPR, article 30), written from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import override

from core.privacy.registry import declarations, processings
from core.privacy.words import describe_kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from core.privacy.registry import Processing

HEAD = """# Registre des traitements

Ce que le site garde des personnes (RGPD, article 30). Ce fichier est écrit par le programme : \
`python manage.py personal_data register > docs/registre-des-traitements.md`. Chaque champ vient \
du fichier `personal_data.py` de son application ; un test échoue quand un modèle a un champ qui \
n'y est pas, et quand ce fichier n'est plus à jour.

Le responsable du traitement est la structure qui exploite le site. Les durées sont appliquées \
toutes les heures par `apply_retention`. Exporter ou effacer une personne : **Données \
personnelles**, dans l'administration, ou `manage.py personal_data export|erase ADRESSE` \
([comment](operations.md#people)).
"""


def write_register() -> str:
    """Return the register, in French, as Markdown."""
    with override("fr"):
        return "\n".join([HEAD, *(line for each in processings() for line in _section(each))])


def _section(processing: Processing) -> Iterator[str]:
    yield f"## {processing.name}\n"
    yield "| | |\n|---|---|"
    yield f"| Pour quoi | {processing.purpose} |"
    yield f"| Qui est concerné | {_capitalized(processing.people)} |"
    yield f"| Données | {_capitalized(processing.data)} |"
    yield f"| Base légale | {_capitalized(processing.legal_basis.label)} |"
    yield f"| Qui les voit | {', '.join(str(each.label) for each in processing.readers)} |"
    if processing.remains:
        yield f"| Ce qui reste d'une personne effacée | {processing.remains} |"
    yield "\n| Modèle | Champs | Durée |\n|---|---|---|"
    for declared in declarations():
        for part in declared.held:
            if part.processing is processing:
                names = ", ".join(f"`{name}`" for name in part.fields)
                yield f"| `{_path(declared.model)}` | {names} | {describe_kept(part.kept)} |"
    yield ""


def _path(model: type[Model]) -> str:
    return f"{model.__module__}.{model.__name__}"


def _capitalized(words: object) -> str:
    text = str(words)
    return text[:1].upper() + text[1:]
