"""Trees over fused recommenders, as they are built: grown on validation cases, refused where they do not pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from steelyard.domain import IntArray, State
from steelyard.errors import ArtefactError
from steelyard.models.blending.earlier import earlier_parts
from steelyard.models.blending.growing import Described, learn_trees
from steelyard.models.blending.listed import Asked, pool_of, usable_cases
from steelyard.models.blending.members import Member
from steelyard.models.blending.pool import Pool
from steelyard.models.blending.told import tree_refusal
from steelyard.models.blending.traits import ItemTraits, traits_of
from steelyard.models.blending.tree_fusion import TreeFusion, head_of
from steelyard.models.blending.tree_rows import RowMaker, TextLinks
from steelyard.models.blending.weighted import Weight, WeightedFusion, open_weighted, weighed, weights_from
from steelyard.models.building import Bench, Fill, Folder, Part, Values
from steelyard.models.learned_ranking.forest import Growth, open_forest
from steelyard.models.learned_ranking.tree_arrays import trees_from
from steelyard.models.ports import Parts
from steelyard.models.ranking.rules import Rules
from steelyard.models.recipe import REFUSED, Plan
from steelyard.models.retrieval.content import TEXT_LINKS
from steelyard.models.retrieval.links import Links

__all__ = ["FOREST", "TREE_ROLES", "Trees", "open_trees"]

FOREST = "forest.onnx"
"""The forest's file in its part; none where nothing was adopted."""
TREE_ROLES = ("trees", "items", "texts")
_FORMAT = 1
_TOLD_EVERY = 500


def _items(bench: Bench) -> State:
    return traits_of(bench.shop).state()


ITEMS = Part("parts/fused/items", _items, settings=_FORMAT)
"""What trees look at of an item, whoever asks."""


class Trees:
    """The parts of one fusion by trees.

    Args:
        plan: The shop's settings and the options of fusion.
        members: Fused.
        parts: Lists of the members for validation cases, and the weights fitted to them.
        form: Ends the names of the parts.
        rules: Of the shop.
    """

    def __init__(
        self, plan: Plan, members: Sequence[Member], parts: tuple[Part, Part], form: str, rules: Rules
    ) -> None:
        self.options, self.members, self.form, self.rules = plan.options, members, form, rules
        self.lists, self.weights = parts

    @property
    def roles(self) -> dict[str, Part]:
        """Beside those of the members."""
        return {"trees": self._grown(), "items": ITEMS, "texts": TEXT_LINKS}

    def tuned(self) -> Part:
        """Options of ``open_trees``, and why the fusion is not to be measured where trees do not pay."""
        made_from = (self._grown(), self.weights)
        return Part(f"tuned/fused-trees{self.form}", partial(_tuned, *made_from), made_from, uses_tables=False)

    def _grown(self) -> Part:
        earlier = earlier_parts([ITEMS], tuned=None)[ITEMS.name]
        made_from = (self.lists, self.weights, earlier, TEXT_LINKS)
        settings = [_FORMAT, self.options.candidates, self.options.leaves]
        return Part(f"parts/fused/trees{self.form}", partial(self._make, earlier), made_from, settings)

    def _make(self, earlier: Part, bench: Bench) -> Fill:
        options, values, lists = self.options, bench.values(self.weights), bench.state(self.lists)
        kinds = [each["kind"] for each in values["members"]]
        names: list[str] = list(lists.facts["members"])
        if not names:
            return partial(_write, State({}, {"is_adopted": False, "learning": {"why": "few_cases"}}), None)
        whole = pool_of(lists)
        pool = Pool(whole.items, whole.scores[[names.index(kind) for kind in kinds]])
        asked = usable_cases(bench, self.rules, most=options.cases)
        maker = RowMaker(kinds, ItemTraits.from_state(bench.state(earlier)), texts_of(bench.state(TEXT_LINKS)))
        cases = described(pool, asked, maker, weights_from(values), n=options.candidates, progress=bench.progress)
        growth = Growth(leaves=options.leaves, seed=bench.seed, threads=bench.threads)
        learned = learn_trees(cases, growth, n_cases=len(asked.requests), names=maker.names, progress=bench.progress)
        facts = {"is_adopted": learned.forest is not None, "learning": learned.note, "candidates": options.candidates}
        if learned.forest is None:
            return partial(_write, State({}, facts), None)
        return partial(_write, State(learned.forest.trees(), facts), learned.forest.graph())


def described(
    pool: Pool, asked: Asked, maker: RowMaker, weights: Sequence[Weight], *, n: int, progress: Any
) -> Described:
    """Rows of the cases with something right among the candidates.

    Args:
        pool: Of the members that count.
        asked: Requests, and what is right.
        maker: Describes.
        weights: Of the members.
        n: Candidates of each case, the best by weights.
        progress: Told how far it has come.

    Returns:
        Case after case.
    """
    gains, widths = pool.gains(asked.relevant, asked.gains), pool.is_there.sum(axis=1)
    rows = [np.empty((0, len(maker.names)), np.float32)]
    values, sizes, kept = [np.empty(0)], [], []
    for case in np.flatnonzero(gains.any(axis=1)).tolist():
        if case % _TOLD_EVERY == 0:
            progress(case, len(gains), "describing candidates")
        width = int(widths[case])
        one = Pool(pool.items[case : case + 1, :width], pool.scores[:, case : case + 1, :width])
        fused = weighed(one, weights)
        places = head_of(fused, n)
        of_case = gains[case, places]
        if not of_case.any():
            continue
        rows.append(maker.rows(asked.requests[case], fused, places))
        values.append(of_case)
        sizes.append(len(places))
        kept.append(case)
    chosen: IntArray = np.array(kept, np.int64)
    return Described(np.concatenate(rows), np.concatenate(values), np.array(sizes, np.int64), asked.ideal[chosen])


def open_trees(parts: Parts, options: Mapping[str, Any]) -> TreeFusion | WeightedFusion:
    """The fusion of a configuration.

    Args:
        parts: Opens the members' roles and ``TREE_ROLES``.
        options: As ``open_weighted``, and ``trees``: whether they were adopted, and ``candidates``.

    Returns:
        Ready to answer; in the order of the weights where no tree was adopted.

    Raises:
        ArtefactError: Trees were adopted, and their part holds none.
    """
    weighted = open_weighted(parts, options)
    if not options["trees"]["is_adopted"]:
        return weighted
    trees = trees_from(parts.state("trees").arrays)
    if trees is None:
        raise ArtefactError("the part in the role 'trees' holds no trees; run build again")
    items, texts = ItemTraits.from_state(parts.state("items")), texts_of(parts.state("texts"))
    maker = RowMaker([each.kind for each in weighted.weights], items, texts)
    forest = open_forest(parts.content("trees", FOREST), trees)
    return TreeFusion(weighted, maker, forest, candidates=int(options["trees"]["candidates"]))


def texts_of(state: State) -> TextLinks:
    """Which texts are alike.

    Args:
        state: Of ``content.TEXT_LINKS``.

    Returns:
        Without a link where texts say nothing.
    """
    return TextLinks(Links.from_state(state), state.arrays["text_of_item"].astype(np.int64))


def _tuned(trees: Part, weights: Part, bench: Bench) -> Values:
    facts = bench.state(trees).facts
    values = {name: value for name, value in bench.values(weights).items() if name != REFUSED}
    adopted = {"is_adopted": facts["is_adopted"], "candidates": facts.get("candidates", 0)}
    learning = {"weights": values.get("learning", {}), "trees": facts["learning"]}
    return {**values, "trees": adopted, "learning": learning, REFUSED: tree_refusal(facts["learning"])}


def _write(state: State, graph: bytes | None, folder: Folder) -> None:
    folder.write_state(state)
    if graph is not None:
        folder.write_bytes(FOREST, graph)
