"""Schemas of the home page, the pages of text, the team, and the site as a whole."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from core.references import Ref
from core.registry import register_schema
from core.schemas import (
    Block,
    Card,
    KeyFigure,
    Link,
    PageDetail,
    PaginatedList,
    PartialDate,
    Picture,
    Schema,
    Teaser,
    Term,
    serialize_body,
)
from core.schemas.blocks import target_ref
from home.models import (
    CampaignPage,
    EmergencyNumber,
    Funder,
    HomePage,
    StandardPage,
    TeamPage,
)


class PageCard(Card):
    """A page of text in a list."""

    type: Literal["home", "standard", "campaign", "team"]


class TextDetail(PageDetail):
    """Base of the pages of text, whose cards name their types."""

    @classmethod
    def own_words(cls, page: Any) -> dict[str, Any]:
        return super().own_words(page) | {"type": cls.type_name()}


class PageList(PaginatedList[PageCard]):
    """One page of the list of pages of text."""


class Entrance(Schema):
    """A way in for one kind of visitor."""

    title: str = Field(examples=["Je suis un parent"])
    text: str
    url: str = Field(description="Absolute address, or tel: or mailto:.")


class Mission(Schema):
    title: str
    text: str


class Section(Schema):
    """The latest pages of a section of the site."""

    title: str = Field(examples=["Dernières ressources"])
    link: Link = Field(description="The section itself.")
    items: list[Teaser]


@register_schema(HomePage, card=PageCard)
class HomeDetail(TextDetail):
    """The home page."""

    type: Literal["home"] = "home"
    tagline: str
    image: Picture | None
    entrances: list[Entrance]
    missions: list[Mission]
    key_figures: list[KeyFigure]
    sections: list[Section]
    body: list[Block]

    @classmethod
    def own_words(cls, page: HomePage) -> dict[str, Any]:
        return super().own_words(page) | {
            "tagline": page.tagline,
            "image": Picture.ref(page.image_id, "full", alt=""),
            "entrances": [
                Entrance.construct_trusted(
                    title=value["title"], text=value["text"] or "", url=target
                )
                for value in (block.value for block in page.entrances)
                if (target := target_ref(value))
            ],
            "missions": [
                Mission(title=block.value["title"], text=block.value["text"] or "")
                for block in page.missions
            ],
            "key_figures": [KeyFigure.from_value(block.value) for block in page.key_figures],
            "sections": [
                Section.construct_trusted(
                    title=value["title"],
                    link=Ref("link", (value["section"].pk,), is_required=True),
                    items=Ref("latest", (value["section"].pk, value["count"]), is_required=True),
                )
                for value in (block.value for block in page.sections)
                if value["section"] is not None
            ],
            "body": serialize_body(page.body),
        }


@register_schema(StandardPage, card=PageCard)
class StandardDetail(TextDetail):
    """A page of text."""

    type: Literal["standard"] = "standard"
    image: Picture | None
    body: list[Block]
    children: list[Link] = Field(description="The pages below it.")

    @classmethod
    def own_words(cls, page: StandardPage) -> dict[str, Any]:
        return super().own_words(page) | {
            "image": Picture.ref(page.image_id, "full", alt=""),
            "body": serialize_body(page.body),
            "children": Ref("children", (page.pk,)) if page.pk else [],
        }


@register_schema(CampaignPage, card=PageCard)
class CampaignDetail(TextDetail):
    """A prevention campaign."""

    type: Literal["campaign"] = "campaign"
    slogan: str = Field(examples=["JE gère !"])
    image: Picture | None
    audiences: list[Term]
    external_url: str
    starts_on: PartialDate | None
    ends_on: PartialDate | None
    body: list[Block]

    @classmethod
    def own_words(cls, page: CampaignPage) -> dict[str, Any]:
        return super().own_words(page) | {
            "slogan": page.slogan,
            "image": Picture.ref(page.image_id, "full", alt=""),
            "audiences": Term.refs(page.audiences.all()),
            "external_url": page.external_url,
            "starts_on": PartialDate.ref(page.starts_on) if page.starts_on else None,
            "ends_on": PartialDate.ref(page.ends_on) if page.ends_on else None,
            "body": serialize_body(page.body),
        }


class Member(Schema):
    """Someone of the team."""

    role: str = Field(examples=["Éducatrice spécialisée"])
    name: str = Field(description="Empty where the role alone is public.")
    text: str
    photo: Picture | None


@register_schema(TeamPage, card=PageCard)
class TeamDetail(TextDetail):
    """Who runs the project."""

    type: Literal["team"] = "team"
    members: list[Member]
    body: list[Block]

    @classmethod
    def own_words(cls, page: TeamPage) -> dict[str, Any]:
        return super().own_words(page) | {
            "members": [
                Member.construct_trusted(
                    role=value["role"],
                    name=value["name"] or "",
                    text=value["text"] or "",
                    photo=Picture.ref(value["photo"].pk if value["photo"] else None, "full"),
                )
                for value in (block.value for block in page.members)
            ],
            "body": serialize_body(page.body),
        }


AnyPageDetail = Annotated[
    HomeDetail | StandardDetail | CampaignDetail | TeamDetail, Field(discriminator="type")
]


class EmergencyContact(Schema):
    """A number to call or write to in an emergency."""

    number: str = Field(examples=["119"])
    label: str = Field(examples=["Enfance en danger"])
    note: str = Field(examples=["gratuit, 24 h/24, confidentiel"])
    channel: Literal["call", "sms"]
    uri: str = Field(description="What a telephone opens.", examples=["tel:119", "sms:114"])
    is_prominent: bool = Field(description="Whether it belongs at the top of every page.")
    verified_on: date | None

    @classmethod
    def from_model(cls, number: EmergencyNumber) -> Self:
        scheme = "sms" if number.channel == number.Channel.SMS else "tel"
        return cls(
            number=number.number,
            label=number.label,
            note=number.note,
            channel="sms" if number.channel == number.Channel.SMS else "call",
            uri=f"{scheme}:{number.number.replace(' ', '')}",
            is_prominent=number.is_prominent,
            verified_on=number.verified_on,
        )


class FunderInfo(Schema):
    """Who pays for the project."""

    name: str
    url: str
    logo: Picture | None

    @classmethod
    def from_model(cls, funder: Funder, origin: str) -> Self:
        logo = funder.logo
        return cls(
            name=funder.name,
            url=funder.url,
            logo=Picture.find(logo, origin, ("max-320x160|format-webp",), alt="") if logo else None,
        )


class SocialLink(Schema):
    name: str = Field(examples=["LinkedIn"])
    url: str


class Feed(Schema):
    """An Atom feed."""

    title: str
    url: str


class Language(Schema):
    """A language of the site."""

    locale: str = Field(examples=["fr"])
    name: str = Field(description="In the language itself.", examples=["Français"])
    home: Link


class SiteInfo(Schema):
    """What surrounds every page."""

    name: str = Field(examples=["Projet PARÉ"])
    tagline: str
    locale: str = Field(examples=["fr"])
    operator: str = Field(description="Who runs the project.", examples=["Droit d'Enfance"])
    home: Link
    search: Link
    subscribe: Link = Field(description="Where to subscribe to the newsletter.")
    privacy: Link = Field(description="What the site keeps of its visitors, and their rights.")
    menu: list[Link] = Field(description="The main menu.")
    legal_links: list[Link] = Field(description="Contact and legal pages, for the foot of a page.")
    safety_link: Link | None = Field(
        description="What the quick exit does and doesn't do; how to browse safely."
    )
    quick_exit_url: str = Field(description="A neutral page, to leave for at once.")
    emergency_numbers: list[EmergencyContact]
    contact_email: str
    contact_phone: str
    funders: list[FunderInfo]
    social_links: list[SocialLink]
    feeds: list[Feed]
    languages: list[Language]


class ProcessingInfo(Schema):
    """One use of personal data, in plain words."""

    key: str = Field(examples=["newsletter"])
    name: str
    purpose: str
    people: str = Field(description="Whose data.")
    data: str = Field(description="What is kept.")
    legal_basis: str
    readers: list[str] = Field(description="Who sees it.")
    kept: list[str] = Field(description="For how long.")
    remains: str = Field(description="What an erasure leaves, and why; or empty.")


class ConsentTerms(Schema):
    """What a person must be shown before they agree, and its version to send back."""

    purpose: str = Field(examples=["registration"])
    version: str = Field(examples=["2026-01"])
    text: str


class PrivacyNotice(Schema):
    """What the site keeps of visitors, and their rights."""

    locale: str = Field(examples=["fr"])
    title: str
    summary: str
    html_url: str
    controller: str = Field(description="Who answers for it.")
    contact_email: str
    contact_phone: str
    rights: list[str]
    processings: list[ProcessingInfo]
    consents: list[ConsentTerms]
    subscription: Link
