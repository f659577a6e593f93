"""``[data]`` of steelyard.toml: where the shop's files are, and what their columns mean."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from steelyard.config.expectations import Expectation
from steelyard.config.files import FileForm, Join
from steelyard.config.section import Count, Section

__all__ = [
    "FIXED_WEIGHTS",
    "AnswerColumns",
    "AnswersSource",
    "Data",
    "EventColumns",
    "EventsSource",
    "FileSource",
    "ItemColumns",
    "ItemsSource",
    "JudgementColumns",
    "JudgementsSource",
    "SameUserColumns",
    "SameUsersSource",
    "UserColumns",
    "UsersSource",
]

FIXED_WEIGHTS = {"view": 1.0, "click": 1.0, "add_to_cart": 3.0, "purchase": 5.0, "rating": 3.0}
"""What events of each kind count where nothing else is said."""
Weight = Literal["fitted"] | Annotated[float, Field(gt=0, le=1_000_000)]
"""A weight, or that it is to be fitted."""
Columns = str | list[str]
"""One column, or several joined by a space."""


def _usual_weights() -> dict[str, Weight]:
    return {**FIXED_WEIGHTS}


class FileSource(FileForm):
    """A file of the shop, and how its rows are read."""

    decimal: Literal["comma", "point"] | None = None
    """The decimal mark of the file's numbers; told from all values of each column where left out."""
    source: str | None = None
    """Name of the connector that knows the export (``shopify``, ``woocommerce``, ``ga4`` …): it fills in what is not
    written here."""
    join: tuple[Join, ...] = ()
    """Other files of the export, whose columns are looked up for every row: each a table ``[[data.events.join]]``."""


class ItemColumns(Section):
    """Which column plays which role in the items file."""

    item_id: str
    """The shop's own identifier."""
    title: Columns
    description: Columns | None = None
    category: Columns | None = None
    """Several columns are levels of a path, widest first; in one column ``>``, ``》``, ``/`` … separate them."""
    brand: str | None = None
    price: Columns | None = None
    """Of several, each row's first price above zero counts, as ``["Sale price", "Regular price"]``. Without it the
    median price paid in the behaviour log is shown, where that has one."""
    price_divisor: Count = 1
    """100 where prices are in cents."""
    currency: str | None = None
    """Currency of the row's price: a price in another than the shop's is emptied, and said."""
    stock: str | None = None
    """Pieces, or words (``in stock``, ``有货``); an item whose stock cannot be read is hidden."""
    image: str | None = None
    image_vector: str | None = None
    """Vectors of the items' pictures, as lists of numbers; also a column of a joined file. `steelyard features` checks
    and uses them."""
    attributes: Columns | None = None
    """Further columns to be searched and shown; a column of JSON objects is unfolded."""
    gtin: str | None = None
    """Trade item number (EAN, UPC, ISBN, JAN), for ``merge_duplicates``; told by its name where left out."""
    parent: str | None = None
    """Names the product that a row is a variant of: its rows share the value (``Handle``), or name another row
    (``Parent``). What a variant leaves empty is taken from the first row of its product."""
    parent_key: str | None = None
    """The column that ``parent`` names, where that is not ``item_id``, as ``SKU``."""
    published: Columns | None = None
    """Says whether the item is on show (``Published``, ``Status``): drafts, archived and hidden ones are known and
    never shown."""


class ItemsSource(FileSource):
    """The catalogue."""

    columns: ItemColumns
    is_log: bool = False
    """True where the file is a log with many rows an item: the most frequent title and the median price are taken."""
    stock_words: dict[str, bool] = Field(default_factory=dict)
    """Own words of the stock column and whether such an item may be offered, as ``{ preorder = true }``."""
    published_words: dict[str, bool] = Field(default_factory=dict)
    """Own words of the column ``published`` and whether such an item is on show, as ``{ season_over = false }``."""
    read_layout: bool = True
    """Whether variants and drafts of a known export are told by its columns where ``parent`` and ``published`` are
    left out."""
    merge_duplicates: bool = False
    """Whether an item stands for all others that are the same product by their trade item number or their text; sizes,
    colours and other variants are never merged. ``merged.parquet`` tells each merge."""
    not_offered: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """An item with one of these words in its title or category is known and never shown, as ``["gift card"]``."""


class EventColumns(Section):
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
    rating: str | None = None
    """Value of a rating: stars, points, percent, letters; a column named ``rating`` where left out."""
    user_agent: str | None = None
    """The header of the request: tells crawlers and agents that shop for people. It is read and not stored."""
    status: Columns | None = None
    """What became of the order (``Financial Status``, ``Cancelled at``, ``订单状态``): what was cancelled, refunded or
    never paid is not learnt from. Of several columns one that says so is enough."""
    currency: str | None = None
    """Currency of the row's price: a price in another than the shop's is emptied, and said."""


class EventsSource(FileSource):
    """The behaviour log."""

    columns: EventColumns
    kind: Literal["impression", "view", "click", "add_to_cart", "purchase", "rating", "search", "return", "hide"] = (
        "purchase"
    )
    """Kind of every event where no column says it."""
    price_is_line_total: bool = False
    """True where a row's price is for all its pieces, False where it is for one."""
    kinds: dict[str, str] = Field(default_factory=dict)
    """Values of the kind column and the kind each stands for, for example ``{ addtocart = "add_to_cart" }``;
    ``"ignore"`` for those that are known and not learnt from."""
    rating_top: Annotated[float, Field(gt=0, le=1e6)] | None = None
    """The best rating there is (5, 10, 100); told from the column where left out."""
    status_words: dict[str, bool] = Field(default_factory=dict)
    """Own words of the column ``status`` and whether such an order was bought, as ``{ pending = true }``."""
    dates: Literal["day-first", "month-first", "year-first"] | None = None
    """What 3/4/2024 means; told from all values of the time column where left out."""
    nobody: tuple[Annotated[str, Field(min_length=1)], ...] | None = None
    """Users that are nobody, as ``["0", "guest"]``; told from the column where left out, none where empty."""
    repeats: Literal["pieces", "duplicates"] | None = None
    """What a purchase is that is there again with equal content: another piece, or the same row twice. Left out, it is
    a piece where the log has dates without a clock and no quantity."""
    like_above: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Ratings above it are liking, the others are not learnt from; 60 % of the best one where left out."""
    leave_out_hostile: bool = True
    """Events of hostile robots are kept and marked, and neither learnt from nor tested on; false learns from them."""


class JudgementColumns(Section):
    """Which column plays which role in the judgements."""

    query: str
    item_id: str
    gain: str


class JudgementsSource(FileSource):
    """Relevance judged by people."""

    columns: JudgementColumns
    grades: dict[str, Annotated[float, Field(ge=-1e6, le=1e6)]] = Field(default_factory=dict)
    """Gains of grades in letters or words, as ``{ E = 3, S = 2, C = 1, I = 0 }``; usual ones are known."""
    origin: Literal["judged", "behaviour", "rules", "model", "mixed"] = "judged"
    """Where the gains come from: people, or a file of `steelyard labels`; it is kept with the queries."""
    judged_by: Annotated[str, Field(max_length=80)] = ""
    """Who judged, as it is shown beside the quality: ``us``, ``three students``."""
    gain_offset: Annotated[float, Field(ge=-1_000_000, le=1_000_000)] = 0.0
    """Added to every value before use: -1 where the scale starts at 1."""


class UserColumns(Section):
    """Which column plays which role in the users' basic information."""

    user: str
    """The identifier that the behaviour log has; a keyed pseudonym of it is stored."""
    attributes: Columns
    """What is known of a user: age band, region, member since. Names, addresses and the like do not belong here."""


class UsersSource(FileSource):
    """What is known of the users beside their behaviour."""

    columns: UserColumns


class SameUserColumns(Section):
    """Which column plays which role in the table of identifiers that are one person."""

    user: str
    """An identifier, as the behaviour log, the till or the app has it."""
    same_as: str
    """Another identifier of the same person, the main one where there is one. Both are stored as keyed pseudonyms."""


class SameUsersSource(FileSource):
    """Identifiers that are one person across channels."""

    columns: SameUserColumns
    most_ids: Annotated[int, Field(ge=1, le=1000)] = 50
    """An identifier with more others is taken to be shared by many people, and joined to nobody."""


class AnswerColumns(Section):
    """Which column plays which role in the questions and answers."""

    question: str
    answer: str
    item_id: str | None = None
    """The product it is about; without it an answer is the shop's own, about delivery, say."""


class AnswersSource(FileSource):
    """Questions that were asked, and their answers."""

    columns: AnswerColumns


class Data(Section):
    """Where the shop's files are and what their columns mean."""

    items: ItemsSource
    events: EventsSource | None = None
    """The behaviour log; without it nothing is recommended from behaviour."""
    judgements: JudgementsSource | None = None
    """Relevance judged by people; without it queries are made from the catalogue."""
    users: UsersSource | None = None
    """Basic information about the users, for those who are new to the log."""
    same_users: SameUsersSource | None = None
    """Which identifiers (web cookie, till card, app) are one person: they have one history, and are erased together."""
    answers: AnswersSource | None = None
    """Pairs of question and answer."""
    reader: str = "files"
    """What reads them: ``files``, or the name of another package's plugin (entry points ``steelyard.sources``)."""
    accept: tuple[str, ...] = ()
    """Reasons for which a load may lose more than a tenth of a table, as ``["event_item_unknown"]``; else it stops and
    asks."""
    expect: tuple[Expectation, ...] = ()
    """What the shop expects of its own data, each a table ``[[data.expect]]``; where it is not so, nothing is
    trained."""
    engine: Literal["duckdb", "spark"] = "duckdb"
    """What works the tables out: ``duckdb`` on this machine, or ``spark`` (extra of that name) with the same result."""
    incremental: bool = True
    """Whether rows of tables in several CSV files are kept, encrypted, so that the next load reads only files that are
    new; never where ``[privacy] keep_days`` is set."""
    max_memory_gb: Annotated[float, Field(gt=0, le=100_000)] = 1.0
    """Memory that preparing may take; what does not fit in two thirds of it is spilled to disk."""
    max_columns: Count = 2000
    """A wider file is refused before it is parsed."""
    event_weights: Literal["learnt", "fitted"] | dict[str, Weight] = Field(default_factory=_usual_weights)
    """How much one event of a kind says about interest. Kinds left out are not learnt from. ``"learnt"``: from the
    purchases that came after it, see ``[labels] purchase_days``. ``"fitted"``: those that find the purchases of the
    validation period best, where they pay beyond chance; one kind as ``{ purchase = 5, view = "fitted" }``, and what is
    given stays. The weights are told in the report on the data."""
    rating_weights: Literal["fitted"] | dict[str, Weight] = Field(default_factory=dict)
    """What the weight of a rating is multiplied with by its value, as ``{ "5" = 1, "4" = 0.5 }``; 1 where left out.
    ``"fitted"``: as ``event_weights``, for all values or for one; a better rating never weighs less."""
