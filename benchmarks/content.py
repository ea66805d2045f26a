"""Many resources, each with everything that a real one has."""

from __future__ import annotations

import datetime as dt
import io
import random

from django.core.files import File
from django.core.files.images import ImageFile
from PIL import Image as Pillow
from reportlab.pdfgen.canvas import Canvas

from core.models import Audience, Document, Image, ResourceType, Territory, Theme
from home.models import HomePage
from published.rebuilding import admit_live
from resources.models import ResourceAuthor, ResourceIndexPage, ResourcePage

WORDS = [
    "repérage",
    "accompagnement",
    "mineur",
    "famille",
    "éducateur",
    "réseau",
    "écoute",
    "fugue",
    "protocole",
    "soin",
    "hébergement",
    "numérique",
    "prévention",
    "justice",
    "santé",
    "parole",
    "confiance",
    "équipe",
    "territoire",
]
LOCAL_SHARE = 0.4
FILES = 20


def make_resources(count: int, seed: int = 1) -> ResourceIndexPage:
    """Make a resource centre with *count* resources, the same ones for the same seed."""
    chance = random.Random(seed)
    index = ResourceIndexPage(title="Ressources", slug="ressources", show_in_menus=True)
    HomePage.objects.get().add_child(instance=index)
    images, documents = _files(chance)
    types = list(ResourceType.objects.all())
    themes = list(Theme.objects.all())
    audiences = list(Audience.objects.all())
    territories = list(Territory.objects.filter(kind=Territory.Kind.DEPARTMENT))
    for number in range(count):
        territory = chance.choice(territories) if chance.random() < LOCAL_SHARE else None
        page = ResourcePage(
            title=f"{_sentence(chance, 6)} {number}",
            slug=f"ressource-{number}",
            summary=_sentence(chance, 40),
            resource_type=chance.choice(types),
            published_on=dt.date(2020, 1, 1) + dt.timedelta(days=chance.randrange(2400)),
            document=chance.choice(documents),
            cover=chance.choice(images),
            territory=territory,
            territory_scope="territory" if territory else "national",
            body=[
                {"type": "rich_text", "value": f"<p>{_sentence(chance, 80)}</p>"} for _ in range(6)
            ],
        )
        page.authors.add(ResourceAuthor(name=f"Association Exemple {number % 30}"))
        page.tags.add(*chance.sample(WORDS, 3))
        page.themes = chance.sample(themes, 3)
        page.audiences = chance.sample(audiences, 2)
        index.add_child(instance=page)
    admit_live("demonstration")
    return index


def _sentence(chance: random.Random, length: int) -> str:
    return " ".join(chance.choices(WORDS, k=length)).capitalize()


def _files(chance: random.Random) -> tuple[list[Image], list[Document]]:
    images, documents = [], []
    for number in range(FILES):
        picture, drawing = io.BytesIO(), io.BytesIO()
        colour = tuple(chance.randrange(256) for _ in range(3))
        Pillow.new("RGB", (1600, 900), colour).save(picture, "JPEG")
        file = ImageFile(picture, name=f"image-{number}.jpg")
        images.append(Image.objects.create(title=f"Image {number}", file=file))
        canvas = Canvas(drawing)
        canvas.drawString(100, 700, _sentence(chance, 12))
        canvas.save()
        pdf = File(drawing, name=f"document-{number}.pdf")
        documents.append(Document.objects.create(title=f"Document {number}", file=pdf))
    return images, documents
