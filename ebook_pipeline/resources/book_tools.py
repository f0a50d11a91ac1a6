"""The domain's workers, made of resources and settings: for stages and for commands alike.

Imports stand in the functions: a command imports what it asks for, and nothing else.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ebook_pipeline.books.converting.conversion import ConversionTools
    from ebook_pipeline.books.describing.describer import Describer
    from ebook_pipeline.books.judging.assessor import QualityAssessor
    from ebook_pipeline.resources import Resources


def conversion_tools(
    resources: "Resources", on_step: "Callable[[str], None]" = lambda _: None
) -> "ConversionTools":
    """What converts books, within the settings' limits; `on_step` hears what is being done."""
    from ebook_pipeline.books import language_model
    from ebook_pipeline.books.converting.conversion import ConversionTools
    from ebook_pipeline.books.converting.recognizing.recognition import PageRecognition
    from ebook_pipeline.tools.sandbox import Limits

    settings = resources.settings
    language_model.lay_out(settings.models)
    limits = Limits(settings.tool_seconds, settings.tool_megabytes)
    recognition = PageRecognition(
        resources.page_recognizers,
        settings.scratch / "recognized",
        settings.ocr_pages,
        settings.ocr_at_once,
    )
    return ConversionTools(resources.browser, resources.typesetter, limits, on_step, recognition)


def describer(resources: "Resources") -> "Describer":
    """What makes one description of what submitter, file and text say.

    Raises PipelineError where the settings' policy is none.
    """
    from ebook_pipeline.books import language_model
    from ebook_pipeline.books.describing.describer import Describer
    from ebook_pipeline.books.judging.policy import load_quality_policy

    settings = resources.settings
    language_model.lay_out(settings.models)
    leave_out = load_quality_policy(settings.quality_policy).leaves_out_boilerplate
    return Describer(resources.text_models, resources.copywriter, settings.bisac_mapping, leave_out)


def quality_assessor(resources: "Resources") -> "QualityAssessor":
    """What judges books by the settings' policy. Raises PipelineError where that is no policy."""
    from ebook_pipeline.books.judging.assessor import QualityAssessor
    from ebook_pipeline.books.judging.policy import load_quality_policy

    settings = resources.settings
    policy = load_quality_policy(settings.quality_policy)
    models, grammar = resources.text_models, resources.grammar_checker
    return QualityAssessor(policy, models, settings.models, grammar)
