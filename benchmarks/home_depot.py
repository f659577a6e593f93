"""Quality of lexical search over a whole catalogue, before and after tuning, beside tantivy's default.

Half of the judged queries tune, the other half judges. Prints one line of JSON; every figure is nDCG@10 as
[mean, standard error] on the judging half.

    python benchmarks/home_depot.py [--shop chorus] [--data ../shared/data] [--seed 0]
"""

import argparse
import json
import time
from pathlib import Path

from judged_shops import DATA, K, TantivyDefault, chorus, halves, home_depot, lists_of, mean_and_error, ndcg, open_shop
from steelyard.models.retrieval.lexical import Lexical, options_from, tune_lexical

PLAIN = {"all_units": 0.0, "title_units": 0.0, "title_order": 0.0, "extra": 0.0, "k1": 1.2, "b": 0.75}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--shop", choices=("home-depot", "chorus"), default="home-depot")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--from-plain", action="store_true", help="start tuning from plain BM25F, not the defaults")
    chosen = parser.parse_args()
    texts, cases = (home_depot if chosen.shop == "home-depot" else chorus)(chosen.data)
    tuning, judging = halves(cases)

    began = time.perf_counter()
    untuned = open_shop(texts, **(PLAIN if chosen.from_plain else {}))
    built_s = time.perf_counter() - began
    began = time.perf_counter()
    options = tune_lexical(untuned, tuning, seed=chosen.seed)
    tuned_s = time.perf_counter() - began
    tuned = Lexical(untuned.state, untuned.index, options=options_from(options))
    plain = Lexical(untuned.state, untuned.index, options=options_from(PLAIN))
    peer = TantivyDefault(texts)

    values = {
        "tantivy_default": ndcg([peer.top(request.query, K) for request in judging.requests], judging),
        "plain_bm25f": ndcg(lists_of(plain, judging), judging),
        "untuned": ndcg(lists_of(untuned, judging), judging),
        "tuned": ndcg(lists_of(tuned, judging), judging),
    }
    report = {
        "benchmark": f"lexical quality, {chosen.shop}",
        "metric": "ndcg@10(gain=linear,unjudged=0)",
        "texts": len(texts),
        "tuning_queries": len(tuning.ids),
        "judging_queries": len(judging.ids),
        **{name: mean_and_error(value) for name, value in values.items()},
        "untuned_minus_tantivy": mean_and_error(values["untuned"] - values["tantivy_default"]),
        "tuned_minus_untuned": mean_and_error(values["tuned"] - values["untuned"]),
        "build_s": round(built_s, 1),
        "tune_s": round(tuned_s, 1),
        "options": options,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
