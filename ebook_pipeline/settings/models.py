"""Models, their endpoints, and the tools that books are read and drawn with."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from ebook_pipeline.settings.variables import Variables


class Models(Variables):
    """Part of `Settings`."""

    model_dir: Path | None = Field(None, description="A local transformers model; MiniLM if unset.")
    model_cache: Path | None = Field(
        None,
        description="Where models are laid out at first use (100 MB); the user's caches if unset.",
    )
    spacy_model: str = Field(
        "",
        description="A spaCy model, by name or folder, for names in its language; "
        "those that are installed, each for its own, if unset.",
    )
    task_models: Path | None = Field(
        None,
        description="A TOML file of local models by task and language, exported to ONNX: names, "
        "genre, appropriateness, embeddings, summary.",
    )
    llm_url: str | None = Field(None, description="An OpenAI-compatible endpoint; none if unset.")
    llm_model: str = Field(
        "", description="The model there that describes books which nobody has described."
    )
    embedding_model: str = Field(
        "", description="The model there that makes vectors; a local one makes them if unset."
    )
    story_model: str = Field(
        "", description="The model there that writes picture books; a planner does if unset."
    )
    story_tokens: int = Field(
        60_000, ge=1000, description="The most tokens that one story may cost, all tries together."
    )
    picture_model: str = Field(
        "", description="The model there that paints picture books; we draw them if unset."
    )
    picture_size: str = Field(
        "",
        pattern=r"^(\d{2,5}x\d{2,5})?$",
        description="The size in pixels that it is asked for; what the page needs if unset.",
    )
    moderation_model: str = Field(
        "", description="The model there that judges what was painted; none if unset."
    )
    canva_client_id: str = Field("", description="Our integration at Canva; none if unset.")
    canva_client_secret: SecretStr | None = Field(None, description="Its secret.")
    canva_redirect_uri: str = Field(
        "http://127.0.0.1:3001/oauth/redirect",
        description="Where Canva sends the browser back to, as its portal has it.",
    )
    canva_api: str = Field(
        "https://api.canva.com/rest/v1", description="The address of its Connect API."
    )
    llm_api_key: SecretStr | None = Field(None, description="The endpoint's key.")
    languagetool_url: str | None = Field(
        None, description="A LanguageTool server; Harper checks English grammar if unset."
    )
    bisac_mapping: Path | None = Field(
        None, description="CSV lines THEMA,BISAC,HEADING of a licensee of BISG; none is shipped."
    )
    ocr_engine: Literal["auto", "rapidocr", "tesseract", "none"] = Field(
        "auto",
        description="What reads scans: docs/scans.md. By itself RapidOCR what is in its letters, "
        "and Tesseract the rest where it is installed with the book's language.",
    )
    ocr_dpi: int = Field(
        200, ge=100, le=600, description="The resolution that scans are read in, in dots an inch."
    )
    ocr_threads: int = Field(1, ge=1, le=64, description="Threads that read one page.")
    ocr_at_once: int = Field(
        1, ge=1, le=64, description="Pages of one book that are read at a time."
    )
    ocr_pages: int = Field(
        1500, ge=0, description="A book with more scanned pages stays a book of pictures."
    )
    tesseract: Path | None = Field(None, description="The program; looked for if unset.")
    chromium: Path | None = Field(None, description="The browser; looked for if unset.")
    java: Path | None = Field(None, description="A java; the bundled runtime if unset.")
