"""The public words of a post: the JSON of its body block."""

from pydantic import BaseModel, Field

POST_TYPE = "application/vnd.koinon.post+json"
MAX_FILES = 20


class PostBody(BaseModel):
    """Title, teaser (Markdown), and the alternative texts of pictures: `{cid, alt}`."""

    title: str = Field(min_length=1, max_length=200)
    text: str = Field(default="", max_length=200_000)
    files: list[dict[str, str]] = Field(default_factory=list, max_length=MAX_FILES)
