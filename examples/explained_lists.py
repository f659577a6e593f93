"""Five explained lists: what is offered, why, and which rules acted; in English and Chinese.

A corner shop of sixteen things and some weeks of baskets are made in memory, so that everything can be checked by eye:

    python examples/explained_lists.py
    python examples/explained_lists.py --language zh

The page docs/howto/lists.md says what the rules do.
"""

import argparse
import json
from dataclasses import dataclass

import numpy as np

from steelyard.domain import Bilingual, CatalogueFacts, Interactions, Request, Surface, Texts
from steelyard.models.companions.substitutes import Substitutes, Wares
from steelyard.models.companions.substitutes_recipe import SubstitutesRecipe
from steelyard.models.companions.switching import switches
from steelyard.models.companions.together import BoughtTogether
from steelyard.models.companions.visits import Baskets
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.serving.cards import Cards, ItemIds, index_ids
from steelyard.serving.engine import Beside, Engine, Shown
from steelyard.serving.list_rules import rules_applied
from steelyard.serving.shown import Why

GOODS = """
MLK-1 | Whole Milk 1 l       | Meadow  | Grocery > Milk      | 1.20
MLK-2 | Whole Milk 2 l       | Meadow  | Grocery > Milk      | 2.20
MLK-3 | Oat Milk 1 l         | Oatland | Grocery > Milk      | 1.90
MLK-4 | 纯牛奶 1 升          | 草原    | Grocery > Milk      | 1.50
BRD-1 | White Bread 500 g    | Miller  | Grocery > Bread     | 1.10
BRD-2 | Rye Bread 750 g      | Miller  | Grocery > Bread     | 2.10
CRL-1 | Corn Flakes 500 g    | Crunch  | Grocery > Cereal    | 2.80
CRL-2 | Oat Flakes 500 g     | Crunch  | Grocery > Cereal    | 1.40
BAN-1 | Bananas              |         | Fruit > Tropical    | 0.90
APP-1 | Apples               |         | Fruit > Local       | 1.10
BEE-1 | Lager 6 x 330 ml     | Brewer  | Drinks > Beer       | 5.40
BEE-2 | Pale Ale 6 x 330 ml  | Brewer  | Drinks > Beer       | 6.90
CHP-1 | Potato Chips 200 g   | Crisp   | Snacks > Chips      | 1.80
SHA-1 | Shampoo 250 ml       | Foam    | Care > Hair         | 3.20
CON-1 | Conditioner 250 ml   | Foam    | Care > Hair         | 3.40
KEF-1 | Kefir 500 ml         | Meadow  | Grocery > Milk      | 1.60
"""
"""Item id, title, brand, category, price. Nobody has bought the kefir yet."""

WEEK = (
    "MLK-1 CRL-1 BAN-1", "MLK-1 BRD-1 BAN-1", "MLK-3 CRL-2 BAN-1", "BEE-1 CHP-1", "BEE-2 CHP-1 BAN-1", "SHA-1 CON-1",
    "MLK-2 BRD-2 APP-1", "MLK-1 CRL-2", "BEE-1 CHP-1 BRD-1", "MLK-4 BRD-1 APP-1", "MLK-3 CRL-1 APP-1", "MLK-1 CRL-1",
)  # fmt: skip
"""Baskets of a week: each of the six shoppers comes twice, and another one gets the next basket a week later."""
WEEKS, SHOPPERS, DAY_S = 8, 6, 86_400.0
RULES = Rules(
    one_of_text=True, category_cap=2, cap_within=5, diversity=0.3, new_share=0.2, first=5, repeat_categories=("Fruit",)
)


@dataclass(frozen=True)
class List:
    """One list to be explained."""

    title: str
    title_zh: str
    shelf: str
    """``recommend``, ``similar`` or ``bought_with``."""
    items: tuple[str, ...]
    """What is asked about, or was bought before."""


LISTS = (
    List(
        "For somebody who bought corn flakes and bananas",
        "为买过玉米片和香蕉的顾客推荐",
        "recommend",
        ("CRL-1", "BAN-1"),
    ),
    List("For somebody new", "为新顾客推荐", "recommend", ()),
    List("Instead of whole milk", "可替代全脂牛奶的商品", "similar", ("MLK-1",)),
    List("Bought with lager", "与拉格啤酒一起购买", "bought_with", ("BEE-1",)),
    List("Goes with a basket of milk and bread", "与购物车中的牛奶和面包搭配", "bought_with", ("MLK-1", "BRD-1")),
)


def engine() -> Engine:
    """The shop, ready to recommend."""
    rows = [[cell.strip() for cell in line.split("|")] for line in GOODS.strip().splitlines()]
    ids, titles, brands, paths, prices = zip(*rows, strict=True)
    n, none, names = len(rows), ("",) * len(rows), tuple(sorted(set(paths)))
    category = np.array([names.index(path) for path in paths])
    facts = CatalogueFacts(np.arange(n), np.arange(n), category, np.ones(n, np.int64), names)
    texts = Texts(titles, none, paths, brands, none, language="mixed")
    log = _log({item: number for number, item in enumerate(ids)})
    popular = Popularity().fit(log, seed=0)
    personal = Pipeline(
        ItemNeighbours().fit(log, seed=0), facts, surface=Surface.RECOMMEND, rules=RULES, fallback=popular,
        known=ListFacts.of(texts, facts, log),
    )  # fmt: skip
    substitutes = Substitutes(prior=2.0).fit_texts(Wares(texts, facts, np.array(prices, float)))
    sold = np.bincount(log.items, minlength=n).astype(float)
    substitutes.learn(sold, switches(Baskets.of(log, facts.text_of_item), category))
    together = BoughtTogether().of_catalogue(facts).fit(log, seed=0)
    beside = Beside(
        bought_with=Pipeline(together, facts, surface=Surface.SIMILAR, rules=RULES), sentences=SubstitutesRecipe.reasons
    )
    names_of = ("item_id", "title", "brand", "category", "price")
    parts = [[*row[:3], row[3].split(" > "), row[4]] for row in rows]
    lines = [json.dumps(dict(zip(names_of, part, strict=True))).encode() for part in parts]
    cards = Cards(b"".join(lines), np.cumsum([0, *map(len, lines)]))
    similar = Pipeline(substitutes, facts, surface=Surface.SIMILAR, rules=RULES)
    return Engine(
        search=None,
        recommend=personal,
        similar=similar,
        cards=cards,
        ids=ItemIds(index_ids(cards), cards),
        beside=beside,
    )


def _log(numbers: dict[str, int]) -> Interactions:
    """All baskets, oldest first."""
    found = []
    for week in range(WEEKS):
        for place, basket in enumerate(WEEK):
            user, at = (place + week) % SHOPPERS, (7 * week + place / 2) * DAY_S
            found += [(at, user, numbers[item]) for item in basket.split()]
    times, users, items = (np.array(column) for column in zip(*sorted(found), strict=True))
    return Interactions(users, items, times.astype(float), np.ones(len(found)), SHOPPERS, len(numbers))


def answered(made: Engine, asked: List, *, k: int = 5) -> list[Shown]:
    """The items of one list, with their reasons."""
    numbers = tuple(made.number(item) for item in asked.items)
    if asked.shelf == "bought_with":
        return made.bought_with(numbers, k=k, explain=True)
    surface = Surface(asked.shelf)
    request = Request(history=numbers) if surface is Surface.RECOMMEND else Request(items=numbers, exclude=numbers)
    return made.answer(surface, request, k=k, explain=True)


def told(made: Engine, asked: List, *, language: str) -> list[str]:
    """A list as lines: rules in force, then each item with its reasons."""
    is_zh = language == "zh"
    lines = [f"== {asked.title_zh if is_zh else asked.title}"]
    lines += [f"   {rule.text_zh if is_zh else rule.text}" for rule in rules_applied(made.inside, asked.shelf)]
    for place, shown in enumerate(answered(made, asked), start=1):
        lines.append(f"{place}. {shown.title} ({shown.price})")
        for why in shown.reasons:
            lines.append(f"     {_sentence(why, is_zh=is_zh)}")
    return lines


def _sentence(why: Why, *, is_zh: bool) -> str:
    """A reason in words: its own, or those of the store front."""
    plain = {
        "bought_together": Bilingual("Bought together with {title}", "与 {title} 一起购买").filled(title=why.title),
        "popular": ("Popular with everybody", "热门商品"),
    }
    said = (why.text, why.text_zh) if why.text else plain[why.kind]
    share = f" ({why.contribution:.0%})" if why.contribution else ""
    return said[is_zh] + share


def main() -> None:
    """Print all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    chosen, _ = parser.parse_known_args()
    made = engine()
    for asked in LISTS:
        print("\n".join(told(made, asked, language=chosen.language)))
        print()


if __name__ == "__main__":
    main()
