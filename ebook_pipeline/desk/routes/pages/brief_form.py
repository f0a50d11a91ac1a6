"""A brief as a form has it: flat fields, a character each for hero, friend and helper."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from ebook_pipeline.books.picture_books.brief import Brief

ROLES = ("hero", "friend", "helper")
OF_CHARACTER = ("name", "species", "colour", "garment", "garment_colour", "gender")
PLAIN = (
    "title", "theme", "kind", "language", "age_group", "moral", "focus", "setting", "thing",
    "trim", "paper", "ebook", "author", "dedication", "series",
)  # fmt: skip
_LONGEST = 500


def _text() -> Any:
    return Field("", max_length=_LONGEST)


class BriefForm(BaseModel):
    """What the page's fields hold; `action` says which button was pressed."""

    model_config = ConfigDict(extra="ignore")
    action: str = _text()
    account: str = _text()
    tag: str = _text()
    title: str = _text()
    theme: str = _text()
    kind: str = "story"
    language: str = "en"
    age_group: str = "3-5"
    moral: str = _text()
    focus: str = _text()
    setting: str = _text()
    thing: str = _text()
    trim: str = "8.5x8.5"
    paper: str = "premium-colour"
    ebook: str = "reflowable"
    author: str = _text()
    dedication: str = _text()
    series: str = _text()
    volume: str = ""
    pages: str = "32"
    seed: str = "1"
    hero_name: str = _text()
    hero_species: str = _text()
    hero_colour: str = _text()
    hero_garment: str = _text()
    hero_garment_colour: str = _text()
    hero_gender: str = "female"
    friend_name: str = _text()
    friend_species: str = _text()
    friend_colour: str = _text()
    friend_garment: str = _text()
    friend_garment_colour: str = _text()
    friend_gender: str = "male"
    helper_name: str = _text()
    helper_species: str = _text()
    helper_colour: str = _text()
    helper_garment: str = _text()
    helper_garment_colour: str = _text()
    helper_gender: str = "female"

    @classmethod
    def of(cls, brief: Brief, account: str) -> Self:
        """The form as it shows this brief."""
        plain = brief.model_dump(mode="json", include=set(PLAIN))
        numbers = {"pages": str(brief.pages), "seed": str(brief.seed), "account": account}
        numbers["volume"] = str(brief.volume or "")
        cast = {
            f"{one.role}_{part}": getattr(one, part)
            for one in brief.characters
            for part in OF_CHARACTER
        }
        return cls.model_validate(plain | numbers | cast)

    def brief(self) -> Brief:
        """What was typed. Raises ValidationError where a field holds what no brief may."""
        plain = {name: getattr(self, name).strip() for name in PLAIN}
        characters = [self._character(role) for role in ROLES if self.said(role, "species")]
        numbers = {"pages": self.pages.strip() or "32", "seed": self.seed.strip() or "1"}
        numbers["volume"] = self.volume.strip() or "0"
        return Brief.model_validate(plain | numbers | {"characters": characters})

    def said(self, role: str, part: str) -> str:
        """A field of a character."""
        return str(getattr(self, f"{role}_{part}")).strip()

    def _character(self, role: str) -> dict[str, str]:
        return {"role": role} | {part: self.said(role, part) for part in OF_CHARACTER}
