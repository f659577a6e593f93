"""Recommenders of others, each in a process of its own: it fits, then answers what it is asked on its input.

Started by recommend_peers.py with the interpreter of an environment of its own for each library (none is a
dependency of the product), made anywhere outside the repository:

    for peer in implicit lenskit sansa rectools; do uv venv --python 3.11 PEERS/$peer; done
    uv pip install --python PEERS/implicit/bin/python implicit psutil pyarrow
    uv pip install --python PEERS/lenskit/bin/python lenskit psutil pyarrow
    uv pip install --python PEERS/sansa/bin/python sansa "scikit-sparse<0.5" psutil pyarrow
    uv pip install --python PEERS/rectools/bin/python "rectools[torch]" psutil "pyarrow<20"

sansa compiles scikit-sparse against SuiteSparse (Debian: libsuitesparse-dev libopenblas0; without root, its packages
unpacked in a folder: SUITESPARSE_INCLUDE_DIR, SUITESPARSE_LIBRARY_DIR, CFLAGS and LDFLAGS name it while it compiles,
SANSA_LIBRARIES while it runs). scikit-sparse 0.5 wants a newer SuiteSparse than Debian 12 has.

A line of JSON goes out for each that comes in:

* ``{"fit": {...}}`` fits with these options and tells processor and wall seconds, and megabytes;
* ``{"ask": "validation" | "test", "users": [begin, end, step], "alone": false}`` writes ``<name>.npz`` with items and
  scores of the best 50 of these users, and tells processor and wall seconds; ``alone`` asks them one by one.

A user's history is in the order of the events, the latest last, and holds what came before the item to be found:
libraries that can fold a user in are given it, also those that learn users' vectors.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from peer_talk import NONE, K, answering, read


def n_bytes(*arrays):
    """Bytes of dense arrays and of sparse matrices together."""
    return sum(
        array.nbytes if hasattr(array, "nbytes") else sum(n_bytes(part) for part in (array.data, array.indices))
        for array in arrays
    )


class Implicit:
    """What the models of ``implicit`` share: they take rows of a matrix, and fold users in."""

    libraries = ("implicit.cpu.als", "implicit.nearest_neighbours")
    folds = False

    def fit(self, learn, options, seed):
        """Learns; what is measured."""
        self.model = self.made(options, seed)
        self.model.fit(learn.matrix(), show_progress=False)

    def lists(self, asked):
        """Items and scores of the best 50 of each of these users. Shapes (users, 50)."""
        rows = asked.matrix()
        numbers = np.arange(len(asked)) if len(asked) > 1 else 0
        how = {"recalculate_user": True} if self.folds else {}
        items, scores = self.model.recommend(numbers, rows, N=K, filter_already_liked_items=True, **how)
        items, scores = np.atleast_2d(items), np.atleast_2d(scores)
        return np.where(scores > self.nothing, items, NONE), scores


class ImplicitAls(Implicit):
    """Alternating least squares; users' vectors are solved anew from their histories."""

    nothing = -1e30
    folds = True

    def made(self, options, seed):
        """A model of the library."""
        from implicit.cpu.als import AlternatingLeastSquares

        return AlternatingLeastSquares(random_state=seed, num_threads=1, **options)

    def size(self):
        """Bytes of the arrays that answer."""
        return n_bytes(self.model.item_factors)


class ImplicitItems(Implicit):
    """Its item neighbours, by the kind of likeness."""

    nothing = 0.0

    def made(self, options, seed):
        """A model of the library."""
        from implicit import nearest_neighbours as kinds

        options = dict(options)
        return getattr(kinds, options.pop("kind"))(num_threads=1, **options)

    def size(self):
        """Bytes of the arrays that answer."""
        return n_bytes(self.model.similarity)


class Lenskit:
    """A pipeline of LensKit around one scorer, asked with the items of a history; other training items rank."""

    libraries = ("pandas", "lenskit.batch", "lenskit.training", "lenskit.pipeline.common", "lenskit.knn.ease",
                 "lenskit.knn.item", "lenskit.als", "lenskit.basic.popularity")  # fmt: skip

    def fit(self, learn, options, seed):
        """Learns; what is measured."""
        import pandas as pd
        from lenskit.data import from_interactions_df
        from lenskit.pipeline import topn_pipeline
        from lenskit.training import TrainingOptions

        users = np.repeat(learn.users, np.diff(learn.offsets))
        frame = pd.DataFrame({"user_id": users, "item_id": learn.items, "rating": np.ones(len(users), np.float32)})
        data = from_interactions_df(frame.drop_duplicates(["user_id", "item_id"]))
        self.known = np.unique(learn.items)  # others are an error of the library where seen items are left out
        scorer, self.options = self.scorer(dict(options)), options
        self.pipeline = topn_pipeline(scorer, n=K)
        self.pipeline.train(data, TrainingOptions(rng=seed))

    def lists(self, asked):
        """Items and scores of the best 50 of each of these users. Shapes (users, 50)."""
        from lenskit import recommend
        from lenskit.batch import recommend as recommend_all
        from lenskit.data import ItemList, RecQuery

        known = [each[np.isin(each, self.known)] for each in map(asked.of, range(len(asked)))]
        queries = [
            RecQuery(user_id=int(user), history_items=ItemList(item_ids=known[place]), query_id=place)
            for place, user in enumerate(asked.users)
        ]
        items, scores = np.full((len(queries), K), NONE), np.full((len(queries), K), -np.inf)
        if len(queries) == 1:
            found = [(0, recommend(self.pipeline, queries[0], n=K))]
        else:  # lists come under the numbers of the queries
            found = [(int(key[0]), one) for key, one in recommend_all(self.pipeline, queries, n=K, n_jobs=1).items()]
        for place, one in found:
            items[place, : len(one)], scores[place, : len(one)] = one.ids(), one.scores()
        return items, scores

    def component(self):
        """The scorer that was trained."""
        return self.pipeline.node("scorer").component


class LenskitItems(Lenskit):
    """Item neighbours of implicit feedback."""

    def scorer(self, options):
        """A scorer of the library."""
        from lenskit.knn import ItemKNNScorer

        return ItemKNNScorer(feedback="implicit", **options)

    def size(self):
        """Bytes of the arrays that answer."""
        return int(self.component().sim_matrix.nbytes)


class LenskitEase(Lenskit):
    """The inverse of the whole matrix of items."""

    def scorer(self, options):
        """A scorer of the library."""
        from lenskit.knn.ease import EASEScorer

        return EASEScorer(**options)

    def size(self):
        """Bytes of the arrays that answer."""
        return n_bytes(self.component().weights)


class LenskitAls(Lenskit):
    """Implicit matrix factorisation; users are folded in."""

    def scorer(self, options):
        """A scorer of the library."""
        from lenskit.als import ImplicitMFScorer

        return ImplicitMFScorer(**options)

    def size(self):
        """Bytes of the arrays that answer."""
        return n_bytes(np.asarray(self.component().item_embeddings))


class LenskitPopular(Lenskit):
    """Best sellers."""

    def scorer(self, options):
        """A scorer of the library."""
        from lenskit.basic import PopScorer

        return PopScorer(**options)

    def size(self):
        """Bytes of the arrays that answer."""
        return n_bytes(np.asarray(self.component().item_scores_))


class Sansa:
    """Its two sparse factors; the best 50 of ``forward`` are taken here: its own ``recommend`` fails on short rows."""

    libraries = ("sansa",)

    def fit(self, learn, options, seed):
        """Learns; what is measured."""
        import sansa

        kinds = {
            "cholmod": sansa.CHOLMODGramianFactorizerConfig,
            "icf": sansa.ICFGramianFactorizerConfig,
        }
        self.model = sansa.SANSA(
            sansa.SANSAConfig(
                l2=options["l2"],
                weight_matrix_density=options["density"],
                gramian_factorizer_config=kinds[options["factorizer"]](),
                lower_triangle_inverter_config=sansa.UMRUnitLowerTriangleInverterConfig(scans=1, finetune_steps=5),
            )
        )
        self.model.fit(learn.matrix())

    def lists(self, asked):
        """Items and scores of the best 50 of each of these users. Shapes (users, 50)."""
        items, scores = np.full((len(asked), K), NONE), np.full((len(asked), K), -np.inf)
        for low in range(0, len(asked), 1000):
            some = asked.taken(low, low + 1000)
            table = self.model.forward(some.matrix()).tocsr()
            for place in range(len(some)):
                row = slice(table.indptr[place], table.indptr[place + 1])
                ids, values = table.indices[row], table.data[row]
                kept = ~np.isin(ids, some.of(place)) & (values > 0)
                ids, values = ids[kept], values[kept]
                best = np.argpartition(-values, K)[:K] if len(values) > K else np.arange(len(values))
                best = best[np.argsort(-values[best], kind="stable")]
                items[low + place, : len(best)], scores[low + place, : len(best)] = ids[best], values[best]
        return items, scores

    def size(self):
        """Bytes of the arrays that answer."""
        return n_bytes(*self.model.weights)


class Rectools:
    """SASRec of RecTools with the options given, trained until its seconds are spent; the last weights."""

    libraries = ("torch", "pytorch_lightning", "rectools.dataset", "rectools.models")

    def fit(self, learn, options, seed):
        """Learns; what is measured."""
        import torch
        from pytorch_lightning import seed_everything
        from rectools.dataset import Dataset
        from rectools.models import SASRecModel

        torch.set_num_threads(1)
        seed_everything(seed, verbose=False)
        options = dict(options)
        limits, self.told = (options.pop("cpu_s"), options.pop("wall_s")), {}
        if options.pop("ligr", False):
            from rectools.models.nn.transformers.ligr import LiGRLayers

            options["transformer_layers_type"] = LiGRLayers
        self.model = SASRecModel(
            get_trainer_func=lambda: _trainer(limits, self.told), recommend_batch_size=1024,
            recommend_torch_device="cpu", **options,
        )  # fmt: skip
        self.model.fit(Dataset.construct(_frame(learn)))

    def lists(self, asked):
        """Items and scores of the best 50 of each of these users. Shapes (users, 50)."""
        from rectools.dataset import Dataset

        found = self.model.recommend(
            asked.users, Dataset.construct(_frame(asked)), k=K, filter_viewed=True, on_unsupported_targets="ignore"
        )
        items, scores = np.full((len(asked), K), NONE), np.full((len(asked), K), -np.inf)
        places = np.searchsorted(asked.users, found["user_id"].to_numpy())
        ranks = found["rank"].to_numpy() - 1
        items[places, ranks], scores[places, ranks] = found["item_id"].to_numpy(), found["score"].to_numpy()
        return items, scores

    def size(self):
        """Bytes of the arrays that answer."""
        return sum(p.nbytes for p in self.model.lightning_model.torch_model.parameters())


def _frame(histories):
    import pandas as pd

    lengths = np.diff(histories.offsets)
    ages = np.concatenate([np.arange(n) for n in lengths])
    return pd.DataFrame({
        "user_id": np.repeat(histories.users, lengths), "item_id": histories.items, "weight": 1.0,
        "datetime": pd.Timestamp("2020-01-01") + pd.to_timedelta(ages, unit="D"),
    })  # fmt: skip


def _trainer(limits, told):
    from pytorch_lightning import Callback, Trainer

    class Spent(Callback):
        def on_train_start(self, trainer, module):
            self.began = time.process_time(), time.monotonic()

        def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
            told["steps"] = trainer.global_step
            spent = time.process_time() - self.began[0], time.monotonic() - self.began[1]
            trainer.should_stop = any(one > limit for one, limit in zip(spent, limits, strict=True))

        def on_train_epoch_end(self, trainer, module):
            told["epochs"] = trainer.current_epoch + 1

    return Trainer(
        max_epochs=200, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, callbacks=[Spent()],
    )  # fmt: skip


SYSTEMS = {
    "implicit-als": ImplicitAls,
    "implicit-cosine": ImplicitItems,
    "implicit-bm25": ImplicitItems,
    "lenskit-itemknn": LenskitItems,
    "lenskit-ease": LenskitEase,
    "lenskit-als": LenskitAls,
    "lenskit-popular": LenskitPopular,
    "sansa": Sansa,
    "rectools-sasrec": Rectools,
    "rectools-esasrec": Rectools,
}


def main(name, work, seed):
    """Reads the data, then answers."""
    out, sys.stdout = sys.stdout, sys.stderr  # libraries that print do not disturb the talk
    system, data = SYSTEMS[name](), read(work)
    for library in system.libraries:
        importlib.import_module(library)
    print(json.dumps({"ready": name, "pid": os.getpid()}), file=out, flush=True)
    answering(system, name, data, work=work, out=out, seed=seed)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
