"""A story as a JSON object: the rows of a JSONL file and the stories of a push request have the same fields."""

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from services.ingest.formats.items import Item, Rejection, make_item


def _scalar_text(value: Any) -> Any:
    """Ids are often numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[str, BeforeValidator(_scalar_text)]


class StoryRow(BaseModel):
    """The fields that a story may have; others are ignored. A text or a title must be there."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    external_id: Id | None = Field(default=None, validation_alias=AliasChoices("id", "external_id", "guid"))
    title: str | None = None
    text: str | None = Field(default=None, validation_alias=AliasChoices("text", "body", "content"))
    url: str | None = Field(default=None, validation_alias=AliasChoices("url", "link"))
    published_at: str | int | float | None = Field(
        default=None, validation_alias=AliasChoices("published_at", "published", "date")
    )
    author: str | None = None
    language: str | None = None
    heading: str | None = None
    highlighted: bool = False


def read_row(value: object, *, where: str = "", base_url: str | None = None) -> Item | Rejection:
    """Return the object as an item. ``not_an_object`` and ``bad_field`` say what is wrong with it in plain words."""
    if not isinstance(value, dict):
        return Rejection("not_an_object", f"{where}: a story is a JSON object".lstrip(": "))
    try:
        row = StoryRow.model_validate(value)
    except ValidationError as error:
        return Rejection("bad_field", f"{where}: {in_plain_words(error)}".lstrip(": "))
    return make_item(
        text=row.text,
        title=row.title,
        external_id=row.external_id,
        url=row.url,
        base_url=base_url,
        author=row.author,
        date=row.published_at,
        heading=row.heading,
        highlighted=row.highlighted,
        language=row.language,
        where=where,
    )


_EXPECTED = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "missing": "is missing",
    "extra_forbidden": "is not a field that is known here",
}


def in_plain_words(error: ValidationError) -> str:
    """Every fault as ``field: what is wrong``, each field once, without the library's jargon."""
    faults: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in fault["loc"][:1]) or "the object"
        faults.setdefault(place, _EXPECTED.get(fault["type"], fault["msg"].removeprefix("Value error, ")))
    return "; ".join(f"{place} {message}" for place, message in faults.items())
