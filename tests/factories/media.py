"""Users and the library."""

from __future__ import annotations

import factory
from wagtail.models import Collection

from core.models import Document, Image, User
from tests.factories.files import image_file, text_pdf


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"personne-{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    is_active = True


class LibraryFactory(factory.django.DjangoModelFactory):
    """Base of what belongs to a collection: the root one, by default."""

    class Meta:
        abstract = True

    collection = factory.LazyFunction(Collection.get_first_root_node)


class ImageFactory(LibraryFactory):
    class Meta:
        model = Image

    title = factory.Sequence(lambda n: f"Image {n}")
    file = factory.LazyFunction(image_file)


class DocumentFactory(LibraryFactory):
    """A PDF. Its text is read once the transaction is committed.

    In a test: ``with django_capture_on_commit_callbacks(execute=True)``.
    """

    class Meta:
        model = Document

    title = factory.Sequence(lambda n: f"Document {n}")
    file = factory.LazyFunction(text_pdf)
