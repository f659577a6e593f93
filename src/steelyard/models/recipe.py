"""How a model declares itself: what it needs, which parts it is built of, its variants, and how it is opened.

A recipe is found by its entry point, in the group of the surface it answers (``steelyard.recipes.search``,
``steelyard.recipes.recommend``), under the name that ``[models]`` lists; its options are the table ``[models.<name>]``.
Built-in models and those of other packages are found and used in the same way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from steelyard import registry
from steelyard.config.schema import Config
from steelyard.config.section import Section
from steelyard.domain import Bilingual, Endpoint, State, Surface, Upkeep
from steelyard.errors import ConfigError
from steelyard.models.building import Bench, Part
from steelyard.models.early_bench import EarlyBench, OneState
from steelyard.models.listed_options import each_size, largest_first
from steelyard.models.ports import Parts, Retriever
from steelyard.models.searching import Make, Search, SearchSpace

__all__ = [
    "REFUSED",
    "WHOLE",
    "Companion",
    "FittedRecipe",
    "InstalledModels",
    "Need",
    "NoOptions",
    "Plan",
    "Recipe",
    "Variant",
    "find_recipe",
]

WHOLE = ""
"""The form of a part that is left as it was fitted."""


REFUSED = "refused"
"""Among the values of ``Variant.tuned``: why the variant is not to be measured after all, because what was learnt while
it was made says that it cannot pay; a sentence for each language, ``en`` and ``zh``, and an empty mapping otherwise. It
is shown with what was not built. Such values are not handed to ``Variant.options``."""


class Need(StrEnum):
    """What a model cannot do without. Where a shop lacks it the model is left out, and it is said why."""

    BEHAVIOUR = "behaviour"
    """Events that were held back to judge recommendations."""
    TEXT = "text"
    """Titles."""
    JUDGEMENTS = "judgements"
    """Relevance judged by people."""
    ENCODER = "encoder"
    """A pre-trained encoder that reads the catalogue's language."""


class Companion(StrEnum):
    """What a model can say of one item: which others go with it."""

    SUBSTITUTES = "substitutes"
    """What could be bought instead."""
    BOUGHT_TOGETHER = "bought_together"
    """What is bought with it."""
    SAME_PEOPLE = "same_people"
    """What suits those who bought it; stands in where nothing says what is bought together."""


class NoOptions(Section):
    """Options of a model that has none."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A configuration to be: which parts play which roles, and where its numbers come from."""

    name: str
    parts: Mapping[str, Part]
    """Parts by role; the pipeline adds the catalogue and the fallback."""
    tuned: Part | None = None
    """Values that were tuned; handed to ``options``."""
    options: Callable[[Mapping[str, Any]], Mapping[str, Any]] = field(default=dict)
    """From the tuned values to the options that ``open`` is given."""
    upkeep: Upkeep = field(default_factory=Upkeep)
    whole: str = ""
    """Name of the variant that this is a smaller form of: its quality is taken to be at most that one's, and it is not
    made where that one's would not win at its price. Empty for one that is no smaller form, or is cheap to make."""
    is_uncompressed: bool = False
    """Whether it is the plain configuration of a large model, which savings are counted from."""
    opened: Callable[[Mapping[str, Any]], Collection[str]] | None = None
    """From the tuned values, without ``REFUSED``, to the roles that it is opened with; all of ``parts`` where left out.
    What tuning left no use for is neither loaded nor packaged."""
    endpoint: Endpoint | None = None
    """A model behind an address that it asks while shoppers wait: priced, and judged on a sample where it says so."""

    @property
    def needed(self) -> tuple[Part, ...]:
        """All parts it is opened with or made ready by."""
        return (*self.parts.values(), *((self.tuned,) if self.tuned is not None else ()))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a recipe knows of the shop when it lists its variants: settings only, nothing is read yet."""

    config: Config
    options: Any
    """The recipe's own options, of its own class."""

    def form(self, by: str, of: Part, form: str) -> Part:
        """A smaller form of a part.

        Args:
            by: Name of the compression: ``encoder``, ``vectors``, ``neighbours``, or a plugin's.
            of: The part as it was fitted.
            form: As the compression calls it.

        Returns:
            The part that will hold it; ``of`` itself where the form is the whole.

        Raises:
            UnknownPlugin: There is no such compression.
            ConfigError: It knows no such form.
        """
        made: Part = registry.load("compressions", by)(self.config, of, form)
        return made


class Recipe(ABC):
    """How one kind of model is built, opened and explained. Stateless: what it makes are parts."""

    surface: ClassVar[Surface]
    """Which questions it answers."""
    options: ClassVar[type[Section]] = NoOptions
    """The table ``[models.<name>]``: unknown keys are refused, and each option has a docstring."""
    needs: ClassVar[frozenset[Need]] = frozenset()
    reads_past: ClassVar[bool] = False
    """Whether it may read ``Request.past`` and ``Request.asked_s``: users' events with their times are kept for it."""
    reads_basics: ClassVar[bool] = False
    """Whether it reads ``Request.basics``: what the shop's table of users says of each is kept for it."""
    companion: ClassVar[Companion | None] = None
    """What it can say of one item; None where it cannot."""
    space: ClassVar[SearchSpace] = {}
    """What a search with the budget of ``[tune]`` may vary, by the name of the tuned value; nothing unless declared."""
    size: ClassVar[str] = ""
    """Option that may list several values, each a model of its own with the value in its name; empty where none may."""
    reasons: ClassVar[Mapping[str, Bilingual]] = {}
    """Sentences for reasons of its own by ``Reason.kind``; ``{item}`` and ``{words}`` are filled in. The kinds of the
    built-in models need none."""

    @abstractmethod
    def variants(self, plan: Plan) -> Iterable[Variant]:
        """The configurations it can be measured as, the whole one first.

        Args:
            plan: The shop's settings and the recipe's own options.

        Returns:
            Names are unique among all configurations: each begins with the recipe's own name.
        """

    @abstractmethod
    def open(self, parts: Parts, options: Mapping[str, Any]) -> Retriever:
        """The model, ready to answer.

        Args:
            parts: By the roles of a variant.
            options: As ``Variant.options`` gave them.

        Returns:
            A retriever of text numbers for search, of item numbers for everything else.
        """

    def search_space(self, options: Any) -> SearchSpace:
        """What may be varied for a shop: ``space`` without what the shop sets itself.

        Args:
            options: The recipe's own; what stands in the shop's file is left as it is.

        Returns:
            As ``space``.
        """
        given = options.model_fields_set
        return {name: dimension for name, dimension in self.space.items() if name not in given}

    def looks_back(self, options: Mapping[str, Any]) -> bool:
        """Whether it reads them where it is opened with these options: where it may, unless overridden."""
        return self.reads_past

    def sentences(self, options: Mapping[str, Any]) -> Mapping[str, Bilingual]:
        """Sentences for reasons that the model gives, beyond those of the built-in kinds: its own, unless overridden.

        Args:
            options: That it is opened with.

        Returns:
            As ``reasons``.
        """
        return self.reasons


class FittedRecipe(Recipe):
    """A recommender that is tuned on the validation period and fitted on all before the judging period.

    A plugin implements ``fit`` and ``open``; the rest has sensible defaults. With a ``space`` its values are searched
    where the shop has a budget for it, ``[tune]``.
    """

    surface: ClassVar[Surface] = Surface.RECOMMEND
    needs: ClassVar[frozenset[Need]] = frozenset({Need.BEHAVIOUR})
    name: ClassVar[str]
    """As the entry point calls it."""
    version: ClassVar[str] = ""
    """Another one makes everything again: to be changed with what ``tune`` or ``fit`` do. Ours are made again with each
    version of Steelyard."""
    upkeep: ClassVar[Upkeep] = Upkeep()
    """What people have to do for it, beyond what every model takes: billed, as the recipe's assumption."""
    forms: ClassVar[tuple[str, str]] = ("", "")
    """Name of a compression and of the option that lists its forms; empty where there are none."""

    def tune(self, bench: Bench, options: Any) -> Mapping[str, Any]:
        """Numbers for ``fit`` and ``open`` from the tuning cases; none unless overridden.

        Args:
            bench: ``bench.shop.learn`` came before ``bench.shop.recommend_tuning``, whose targets are to be found.
            options: The recipe's own.

        Returns:
            JSON-able values by name.
        """
        return {}

    @abstractmethod
    def fit(self, bench: Bench, options: Any, tuned: Mapping[str, Any]) -> State:
        """The model fitted on ``bench.shop.learn_all``.

        Args:
            bench: Where it is made.
            options: The recipe's own.
            tuned: What ``tune`` gave.

        Returns:
            Arrays and facts, all that ``open`` needs in the role ``model``.
        """

    def opening(self, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Options for ``open``: what was tuned, unless overridden."""
        return tuned

    def start(self, options: Any, tuned: Mapping[str, Any]) -> Mapping[str, Any]:
        """Where a search begins: of each name that is varied the value that ``tune`` gave, or else the option's."""
        return {name: tuned.get(name, getattr(options, name, None)) for name in self.search_space(options)}

    def taken(self, tuned: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
        """What ``tune`` gave, with what a search found in its place."""
        return {**tuned, **values}

    def trials(self, bench: Bench, options: Any, tuned: Mapping[str, Any]) -> Make:
        """How a trial of a search is made: fitted before the validation period, unless overridden to save time.

        Args:
            bench: Where it is made.
            options: The recipe's own.
            tuned: What ``tune`` gave.

        Returns:
            From values by the names of ``space`` to the model.
        """
        early: Any = EarlyBench(bench)

        def make(values: Mapping[str, Any]) -> Retriever:
            chosen = self.taken(tuned, values)
            return self.open(OneState(self.fit(early, options, chosen)), self.opening(chosen))

        return make

    def part(self, options: Any) -> tuple[Part, Part]:
        """The tuned values and the fitted model.

        Args:
            options: The recipe's own; of several sizes the first.

        Returns:
            Both parts, the values first.
        """
        size, options = next(iter(each_size(options, self.size).items()))
        name = f"{self.name}-{size}" if size else self.name
        settings = [self.name, options.model_dump(mode="json"), *([self.version] if self.version else [])]

        space = self.search_space(options)

        def tune(bench: Bench) -> Mapping[str, Any]:
            cases = bench.shop.recommend_tuning
            swept = self.tune(bench, options) if cases.requests else {}
            if not space or not cases.requests:
                return swept
            begin = self.start(options, swept)
            search = Search(f"tuned/{name}", space, begin, cases, lambda: self.trials(bench, options, swept), settings)
            return self.taken(swept, bench.search(search))

        tuned = Part(f"tuned/{name}", tune, settings=settings, is_searched=bool(space))

        def fit(bench: Bench) -> State:
            return self.fit(bench, options, bench.values(tuned))

        whole = f"parts/recommend/{name}{'.full' if self.forms[0] else ''}"
        return tuned, Part(whole, fit, (tuned,), settings)

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """The model of each size as it was fitted, and in each smaller form."""
        by, listed = self.forms
        forms: Sequence[str] = largest_first(plan.options, listed) if by else (WHOLE,)
        for size, options in each_size(plan.options, self.size).items():
            only = {self.size: (getattr(options, self.size),)} if size else {}
            tuned, whole = self.part(options.model_copy(update=only))
            for form in forms:
                model = plan.form(by, whole, form) if form else whole
                name = "-".join(filter(None, (self.name, size, form)))
                yield Variant(name, {"model": model}, tuned, self.opening, self.upkeep)


def find_recipe(name: str) -> Recipe:
    """The recipe of this name, whichever surface it answers.

    Args:
        name: As in ``[models]`` and in ``Configuration.kind``.

    Returns:
        A recipe; those of other packages are found like our own.

    Raises:
        UnknownPlugin: There is none; the message offers the nearest names.
        ConfigError: What the entry point names is no recipe, or answers another surface than its group says.
    """
    surface = registry.surface_of(name)
    made = registry.load(registry.RECIPES[surface], name)
    recipe = made() if isinstance(made, type) else made
    if not isinstance(recipe, Recipe):
        raise ConfigError(
            f"the entry point {name!r} of steelyard.recipes.{surface} names {made!r}, which is no Recipe: "
            "name a subclass of steelyard.models.recipe.Recipe"
        )
    if recipe.surface != surface:
        raise ConfigError(
            f"the recipe {name!r} answers {recipe.surface}, its entry point says {surface}: "
            f"move it to the group steelyard.recipes.{recipe.surface}"
        )
    return recipe


class InstalledModels:
    """All installed recipes, as the reader of steelyard.toml asks for them: names at once, classes when needed."""

    def names(self) -> Sequence[str]:
        """Of all recipes; none is imported."""
        return [name for names in registry.recipes().values() for name in names]

    def options(self, name: str) -> type[Section]:
        """The class that checks ``[models.<name>]``.

        Args:
            name: Of a recipe, which is imported.

        Returns:
            Its options.

        Raises:
            UnknownPlugin: There is no such recipe.
        """
        return find_recipe(name).options

    def tables(self) -> dict[str, type[Section]]:
        """The class of each table ``[models.<name>]`` by name, sorted; all recipes are imported."""
        return {name: self.options(name) for name in sorted(self.names())}
