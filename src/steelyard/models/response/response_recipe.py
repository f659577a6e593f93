"""``response``: recommendations in the order of what is likely to follow, as it is built, and refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from steelyard.config.section import Section
from steelyard.domain import Bilingual, FloatArray, Surface
from steelyard.errors import ConfigError
from steelyard.models.building import Bench, Part, Values
from steelyard.models.ports import Parts, Retriever
from steelyard.models.recipe import REFUSED, FittedRecipe, Need, Plan, Recipe, Variant, find_recipe
from steelyard.models.response.chain import ResponseModel
from steelyard.models.response.early import EarlyFirst, opened_early
from steelyard.models.response.fitting import fitted, opened_model
from steelyard.models.response.learning import Gain
from steelyard.models.response.objective import Goal, Objective
from steelyard.models.response.ranker import MARGIN_UNKNOWN, ResponseRanker, ResponseRanking
from steelyard.models.retrieval.shortlists import nearest_to_default

__all__ = ["ResponseOptions", "ResponseRecipe", "refusal"]

_TABLE = "[models.response]"
_OWN = "response"
_FORMAT = 1
_HOUR_S = 3600.0
_LEAST_ROWS = 200
_WEIGHTS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
_GROWN = ("rounds", "leaves", "rate", "l2", "bags", "negatives", "positive_weight", "select")
_Share = Annotated[float, Field(ge=0, le=1)]


class ResponseOptions(Section):
    """Table ``[models.response]``."""

    first: str = "item-knn"
    """Kind of recommendation that finds the candidates, as it is without being made smaller."""
    kinds: Annotated[tuple[Literal["trees", "deep"], ...], Field(min_length=1)] = ("trees",)
    """What tells chances, each a configuration of its own: boosted trees, or a network (DCN-V2 with attention to the
    history) for all stages together."""
    objective: Goal = "buy"
    """What a list is put in order by: the chance of a ``click``, a ``cart`` or a purchase (``buy``), the gross profit
    to expect (``profit``), or a ``weighted`` sum of them."""
    weights: dict[Literal["click", "cart", "buy", "profit"], float] = Field(default_factory=dict)
    """How much each counts in the sum, where the objective is ``weighted``."""
    margin: _Share | None = None
    """Gross profit as a share of the price; items of no category in ``margins`` have it. Without either nothing is
    known of profit, which is not the same as none."""
    margins: dict[str, _Share] = Field(default_factory=dict)
    """Gross profit as a share of the price by category, such as ``"Shoes > Boots"``; the narrowest counts."""
    candidates: Annotated[int, Field(ge=10, le=1000)] = 100
    """So many of the best of the first stage are put in order."""
    weight: Annotated[float, Field(gt=0, le=1)] | None = None
    """Of the objective against the first stage's score; found on the validation period where left out. For ``profit``
    and ``weighted`` it is 1 then, since what people did next does not say what earns most."""
    window_hours: Annotated[float, Field(gt=0, le=24 * 90)] = 24.0
    """What follows an impression counts when it comes within so many hours."""
    rounds: Annotated[int, Field(ge=10, le=5000)] = 400
    """Trees of a forest at most; fewer where later rows say that it is enough."""
    leaves: Annotated[int, Field(ge=2, le=255)] = 8
    """Of a tree."""
    rate: Annotated[float, Field(gt=0, le=1)] = 0.05
    """How much each tree counts."""
    l2: Annotated[float, Field(ge=0, le=1e6)] = 5.0
    """Penalty on the leaves' values."""
    bags: Annotated[int, Field(ge=1, le=50)] = 1
    """Forests that are averaged, each on rows drawn with replacement (bagging); one learns from all rows."""
    negatives: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the rows without response that is learnt from; probabilities are corrected for it."""
    positive_weight: Annotated[float, Field(gt=0, le=1e6)] = 1.0
    """How many times a row with response counts; probabilities are corrected for it."""
    select: _Share = 0.0
    """Strength of an L1 penalty that selects columns before trees are grown: 0 keeps all."""
    text: _Share = 0.0
    """Share of the variance of the titles' words that is kept as columns, by principal components; 0 leaves words
    out."""
    epochs: Annotated[int, Field(ge=1, le=200)] = 8
    """Rounds over all rows that the network learns for at most; fewer where later rows say that it is enough."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the network's numbers, and of the items' own vectors, that is left out while it learns."""
    decay: Annotated[float, Field(ge=0, le=1)] = 1e-4
    """L2 penalty on the network's weights (decoupled, AdamW)."""
    minutes: Annotated[float, Field(gt=0, le=1440)] = 30.0
    """At most so many minutes a network is trained."""
    calibration: Literal["auto", "none", "beta", "isotonic"] = "auto"
    """How probabilities are calibrated on later rows; ``auto`` takes what is best on rows it was not fitted on."""

    @model_validator(mode="after")
    def _check_weights(self) -> ResponseOptions:
        if (self.objective == "weighted") != bool(self.weights):
            raise ValueError('objective "weighted" and the table weights belong together: give both or neither')
        wants_profit = self.objective == "profit" or bool(self.weights.get("profit"))
        if wants_profit and self.margin is None and not self.margins:
            raise ValueError(f"an objective of profit needs margin or margins in {_TABLE}: an unknown margin is no 0")
        return self

    @property
    def goal(self) -> Objective:
        """What is to be large."""
        return Objective(self.objective, {str(name): value for name, value in self.weights.items()})


class ResponseRecipe(Recipe):
    """A first stage finds candidates; a model of clicks and purchases puts them in order, where it pays."""

    surface = Surface.RECOMMEND
    options = ResponseOptions
    needs = frozenset({Need.BEHAVIOUR})
    reasons: ClassVar[Mapping[str, Bilingual]] = {
        "response_click": Bilingual("estimated chance of a click: {words}", "预计点击概率：{words}"),
        "response_cart": Bilingual("estimated chance of going into the cart: {words}", "预计加购概率：{words}"),
        "response_buy": Bilingual("estimated chance of a purchase: {words}", "预计购买概率：{words}"),
        MARGIN_UNKNOWN: Bilingual("its margin is not known: placed by its chance", "毛利未知：按概率排列"),
    }

    def variants(self, plan: Plan) -> Iterable[Variant]:
        """The objective over the first stage, by each kind of model."""
        options: ResponseOptions = plan.options
        first = _first_stage(plan, options.first)
        whole = first.variant
        settings = [_FORMAT, options.model_dump(mode="json")]
        for kind in dict.fromkeys(options.kinds):
            name = _OWN if kind == "trees" else f"{_OWN}-{kind}"
            own = [*settings, kind]
            models = _Models(
                Part(f"parts/recommend/{name}", partial(fitted, options, kind, is_early=False), settings=own),
                Part(f"parts/recommend/{name}.early", partial(fitted, options, kind, is_early=True), settings=own),
            )
            made_from = (*whole.needed, models.whole, models.early)
            tuned = Part(f"tuned/{name}", partial(_tuned, options, first, models), made_from, settings)
            roles = {**whole.parts, "response": models.whole}
            yield Variant(name, roles, tuned, dict, upkeep=whole.upkeep)

    def open(self, parts: Parts, options: Mapping[str, Any]) -> Retriever:
        """The first stage's roles and ``response``; options as the tuned part gave them."""
        first = find_recipe(str(options["kind"])).open(parts, options["first"])
        if not options.get("is_adopted", False):
            return first
        model, margin = opened_model(parts, "response")
        objective = Objective(options["objective"], dict(options["weights"]))
        ranking = ResponseRanking(objective, int(options["candidates"]), float(options["weight"]))
        return ResponseRanker(first, model, margin, ranking)


def refusal(note: Mapping[str, Any]) -> dict[str, str]:
    """Why the order of a first stage is left as it is, in words.

    Args:
        note: Fact ``learning`` of the tuned values.

    Returns:
        A sentence for each language; nothing where it pays.
    """
    sentences = {
        "nothing_follows": (
            "the log holds {kinds}: it does not say what was shown or looked at and not bought, so nothing can be "
            "learnt of responses",
            "日志只有 {kinds}：没有说明哪些商品展示过或浏览过却未购买，无法学习响应",
        ),
        "few_rows": (
            "{rows} rows whose outcome is known are too few to learn responses from; it takes {least}",
            "结果已知的行只有 {rows} 条，不足以学习响应，至少需要 {least} 条",
        ),
        "no_stage": (
            "the objective {objective} needs {stage}, and the log tells {known} only",
            "目标 {objective} 需要 {stage}，而日志只包含 {known}",
        ),
        "no_better": (
            "the chance of {stage} is told {gain:+.5f} nats a row better than everybody's share (standard error "
            "{error:.5f}, {positives} of {n} later rows), which is not clearly more than nothing",
            "{stage} 的概率预测比总体比例每行好 {gain:+.5f} 奈特（标准误 {error:.5f}，{n} 行中 {positives} 行），"
            "不能确定有提升",
        ),
        "no_gain": (
            "putting the candidates of {first} in order by the objective does not clearly raise nDCG@10 on {queries} "
            "cases of the validation period",
            "在验证期的 {queries} 个案例上，按目标重排 {first} 的候选没有明显提高 nDCG@10",
        ),
    }
    if note.get("why") not in sentences:
        return {}
    en, zh = sentences[note["why"]]
    return {"en": en.format(**note), "zh": zh.format(**note)}


@dataclass(frozen=True, slots=True)
class _First:
    """The first stage: its recipe, the recipe's options, and the whole configuration of it."""

    recipe: FittedRecipe
    options: Any
    variant: Variant


def _first_stage(plan: Plan, kind: str) -> _First:
    recipe = find_recipe(kind)
    if not isinstance(recipe, FittedRecipe):
        raise ConfigError(
            f"{_TABLE} first: {kind!r} cannot be fitted on part of the log, which choosing a weight needs: name a "
            "recommendation such as item-knn, ials or content"
        )
    options = plan.config.models.tables.get(kind) or recipe.options()
    return _First(recipe, options, next(iter(recipe.variants(Plan(plan.config, options)))))


@dataclass(frozen=True, slots=True)
class _Models:
    """The model that is served, and one that has not seen the validation period."""

    whole: Part
    early: Part


def _tuned(options: ResponseOptions, first: _First, models: _Models, bench: Bench) -> Values:
    """Options of the retriever, what they rest on, and why it is not to be measured where it does not pay."""
    recipe, variant = first.recipe, first.variant
    values = dict(bench.values(variant.tuned)) if variant.tuned is not None else {}
    kept = {name: value for name, value in values.items() if name != REFUSED}
    plain = {"kind": recipe.name, "first": dict(variant.options(kept)), "is_adopted": False}
    for part in (models.whole, models.early):
        if "why" in bench.state(part).facts["learning"]:
            return _said(plain, bench.state(part).facts["learning"])
    learning = bench.state(models.early).facts["learning"]
    for told in learning["gains"]:
        if told["stage"] in options.goal.needed() and not Gain(**told).is_certain:
            return _said(plain, {**told, "why": "no_better"})
    model, margin = opened_model(bench.open({"response": models.early}), "response")
    weight = _weight(options, model, margin, opened_early(recipe, first.options, bench))
    if not weight:
        return _said(plain, {"why": "no_gain", "first": recipe.name, "queries": len(bench.shop.recommend_tuning.ids)})
    asked = {"objective": options.objective, "weights": dict(options.weights), "candidates": options.candidates}
    return _said({**plain, **asked, "is_adopted": True, "weight": weight}, learning)


def _weight(options: ResponseOptions, model: ResponseModel, margin: FloatArray, first: EarlyFirst) -> float:
    """Of the objective against the first stage: as given, or what the validation period says; 0 where nothing does."""
    if options.weight is not None:
        return options.weight
    if options.objective in ("profit", "weighted"):
        return 1.0

    def with_weight(weight: float) -> Retriever:
        if not weight:
            return first.retriever
        ranking = ResponseRanking(options.goal, options.candidates, weight)
        return ResponseRanker(first.retriever, model, margin, ranking)

    return nearest_to_default(with_weight, _WEIGHTS, first.cases, at=0.0)


def _said(values: Mapping[str, Any], note: Mapping[str, Any]) -> Values:
    return {**values, "learning": dict(note), REFUSED: refusal(note)}
