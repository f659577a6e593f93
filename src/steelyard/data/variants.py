"""Rows that are variants of a product, rows of pictures, parents without a price, and items that are not on show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from steelyard.config.schema import ItemsSource
from steelyard.data.guessing.role_names import ROLE_NAMES
from steelyard.data.guessing.roles import folded_name
from steelyard.data.published import Shown
from steelyard.data.quality import Check, Finding
from steelyard.data.schema import Role, Wanted

if TYPE_CHECKING:
    from steelyard.data.schema import Frame, SourcePort

__all__ = ["NEVER_SHOWN", "first_price", "variant_checks", "with_layout_told", "with_parents", "with_published"]

NEVER_SHOWN = "_never_shown"
"""1 where the item is known and must not be shown."""
_INHERITED = ("title", "description", "category", "brand", "image", "attributes_of_product")
_PARENTS = (
    (("Handle", "Variant Price"), "Handle", None),
    (("Type", "SKU", "Parent", "Regular price"), "Parent", "SKU"),
)
"""Columns by which an export with variants is known, which of them names the product, and what that is a name of."""
_SURE_NAMES = frozenset(map(folded_name, ROLE_NAMES["published"])) | {"status", "visible", "active", "enabled"}
_LATER = 2
_NO_OPTION = "Default Title"
"""What one shop system writes where a product has no variants."""


def with_layout_told(source: ItemsSource, columns: Sequence[str]) -> tuple[ItemsSource, list[Finding]]:
    """The catalogue's section with variants and drafts told by the columns of the file, where it says nothing of them.

    Args:
        source: As it is configured; ``read_layout`` allows it.
        columns: Of the file.

    Returns:
        The section, and a finding for what was told, so that nobody has to wonder.
    """
    c = source.columns
    if source.is_log or not source.read_layout:
        return source, []
    used = {name for value in (c.item_id, c.title, c.stock, c.price, c.category, c.brand) for name in _listed(value)}
    more: dict[str, str | list[str]] = {}
    if c.parent is None:
        for needs, parent, key in _PARENTS:
            if set(needs) <= set(columns):
                more |= {"parent": parent} | ({"parent_key": key} if key and c.item_id != key else {})
                break
    if c.published is None:
        said = [name for name in columns if folded_name(name) in _SURE_NAMES and name not in used]
        more |= {"published": said} if said else {}
    if not more:
        return source, []
    told = ", ".join(f"{role} = {' + '.join(_listed(names))}" for role, names in more.items())
    says = f"told by the columns of the file: {told}; set them in [data.items.columns], or read_layout = false"
    told_source = source.model_copy(update={"columns": c.model_copy(update=more)})
    return told_source, [Finding("items", "layout_told", "info", "flag", len(more), 0.0, says)]


def _listed(names: str | list[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())


def first_price(frame: Frame, wanted: Wanted) -> Frame:
    """The frame in which ``price`` is the first price above zero of the columns given for it.

    Args:
        frame: Has ``price``, ``price_1`` … with their texts.
        wanted: The roles that were read.

    Returns:
        The same where one column is the price.
    """
    others = [role.name for role in wanted.roles if role.name.startswith("price_")]
    if not others:
        return frame
    names = ["price", *others]
    above = [nw.when(nw.col(name) > 0).then(nw.col(name)) for name in names]
    texts = [nw.when(nw.col(name) > 0).then(nw.col(f"{name}_text")) for name in names]
    value = nw.coalesce(*above, *map(nw.col, names)).alias("price")
    text = nw.coalesce(*texts, *(nw.col(f"{name}_text") for name in names)).alias("price_text")
    return frame.with_columns(value, text).drop([n for o in others for n in (o, f"{o}_text")])


def with_published(sources: SourcePort, frame: Frame, wanted: Wanted, *, shown: Shown) -> Frame:
    """The frame with ``_hidden``: 1 where the item is a draft, archived or hidden; ``_later`` and ``_unsaid`` say why.

    Args:
        sources: For intermediate tables.
        frame: What ``scan`` gave.
        wanted: The roles that were read.
        shown: What tells whether items are on show.

    Returns:
        Of several columns one that says no is enough; ``_later`` is 1 for a day to come, and without a day of
        publishing nothing is published. A word that is not known (``_unsaid``) hides its item where the column has
        others that are: a draft that is shown does more harm than an item that is not.
    """
    role = wanted.role("published")
    if role is None:
        return frame.with_columns(*(nw.lit(0).alias(name) for name in ("_hidden", "_later", "_unsaid")))
    hidden, later, unsaid = [], [], []
    for output, column in zip(role.outputs, role.columns, strict=True):
        name = f"{output}_says"
        is_flag = folded_name(column) not in {"status", "productstatus", "state", "状态", "商品状态"}
        counted = frame.filter(~nw.col(output).is_null()).select(output).unique()
        is_known = is_dated = False
        with sources.writing({output: "text", name: "int"}, name=f"{output}_values") as rows:
            for batch in sources.batches(counted):
                meanings = [_meaning(value, shown, is_flag=is_flag) for value in batch[output]]
                is_known |= any(meaning >= 0 for meaning in meanings)
                is_dated |= any(shown.is_later(value) is not None for value in batch[output])
                rows.write({output: batch[output], name: meanings})
        frame = frame.join(sources.table(f"{output}_values"), on=output, how="left")
        is_hidden = nw.col(name).is_in([0, _LATER])
        if is_dated and folded_name(column).startswith("publish") and wanted.role("parent") is None:
            is_hidden = is_hidden | nw.col(output).is_null()
        hidden.append(_flag(is_hidden | (nw.col(name) == -1) if is_known else is_hidden))
        later.append(_flag(nw.col(name) == _LATER))
        unsaid.append(_flag(nw.col(name) == -1))
    marks = {
        "_hidden": hidden,
        "_later": later,
        "_unsaid": unsaid,
    }  # an engine's greatest of a single column is an error
    found = frame.with_columns(*(nw.max_horizontal(nw.lit(0), *flags).alias(name) for name, flags in marks.items()))
    return found.drop([f"{output}_says" for output in role.outputs])


def _meaning(value: str, shown: Shown, *, is_flag: bool) -> int:
    """1 for what is on show, 0 for what is not, 2 for what is from a later day, -1 for what is not known."""
    said = shown.says(value, is_flag=is_flag)
    if said is None:
        return -1
    return _LATER if not said and shown.is_later(value) else int(said)


def with_parents(frame: Frame, wanted: Wanted) -> Frame:
    """The frame in which every variant has what it leaves empty from the row that stands for its product.

    Args:
        frame: Has ``row``, ``_hidden`` and the outputs of the roles.
        wanted: The roles that were read.

    Returns:
        With ``_inherits``, ``_is_picture``, ``_is_parent`` and ``_never_shown`` (0 or 1). A variant of a product that
        is not on show is not either.
    """
    parent = wanted.role("parent")
    if parent is None:
        nothing = (nw.lit(0).alias(name) for name in ("_inherits", "_is_picture", "_is_parent"))
        return frame.with_columns(*nothing, nw.col("_hidden").alias(NEVER_SHOWN))
    frame = _without_default_options(_grouped(frame, wanted), wanted)
    titles = _outputs(wanted, "title")
    inherited = [name for role in _INHERITED for name in _outputs(wanted, role)]
    if wanted.role("price"):
        inherited += ["price", "price_text"]
    is_titled = ~nw.coalesce(*map(nw.col, titles)).is_null() if len(titles) > 1 else ~nw.col(titles[0]).is_null()
    heads = _heads(frame, is_titled)
    heads = heads.select(
        nw.col("_group"),
        nw.col("row").alias("_head_row"),
        nw.col("_hidden").alias("_head_hidden"),
        *(nw.col(name).alias(f"_head_{name}") for name in inherited),
    )
    variants = frame.filter(~nw.col("parent").is_null()).group_by("_group").agg(nw.len().alias("_n_variants"))
    frame = frame.join(heads, on="_group", how="left").join(variants, on="_group", how="left")
    is_other = nw.col("row") != nw.col("_head_row")
    price = nw.col("price").is_null() if wanted.role("price") else nw.lit(True)
    is_head_of_others = nw.col("parent").is_null() & (nw.col("_n_variants") > 0)
    is_picture = nw.col("item_id").is_null() & ~nw.col("parent").is_null() & ~is_titled & price & is_other
    frame = frame.with_columns(
        _flag(is_other & ~is_titled & ~nw.col(f"_head_{titles[0]}").is_null()).alias("_inherits"),
        _flag(is_picture).alias("_is_picture"),
        _flag(is_head_of_others & price).alias("_is_parent") if wanted.role("price") else nw.lit(0).alias("_is_parent"),
        nw.max_horizontal(nw.col("_hidden"), nw.coalesce(nw.col("_head_hidden"), nw.lit(0))).alias("_hidden"),
    )
    filled = [
        nw.coalesce(nw.col(name), nw.when(nw.col("_is_parent") == 0).then(nw.col(f"_head_{name}"))).alias(name)
        for name in inherited
    ]
    never = nw.max_horizontal(nw.col("_hidden"), nw.col("_is_parent")).alias(NEVER_SHOWN)
    gone = ["_group", "_head_row", "_head_hidden", "_n_variants", *(f"_head_{name}" for name in inherited)]
    return frame.with_columns(*filled, never).drop(gone)


def _grouped(frame: Frame, wanted: Wanted) -> Frame:
    """With ``_group``: the value that all rows of one product share."""
    own = nw.coalesce(nw.col("parent_key"), nw.col("item_id")) if wanted.role("parent_key") else nw.col("item_id")
    frame = frame.with_columns(own.alias("_own"))
    by_id = nw.when(nw.col("parent").str.starts_with("id:")).then(nw.col("parent").str.replace_all("^id:", ""))
    frame = frame.with_columns(by_id.alias("_by_id"))
    named = frame.filter(nw.col("parent").is_null() & ~nw.col("item_id").is_null())
    named = named.group_by("item_id").agg(nw.col("_own").min().alias("_named"))
    frame = frame.join(named.rename({"item_id": "_by_id"}), on="_by_id", how="left")
    return frame.with_columns(nw.coalesce(nw.col("_named"), nw.col("parent"), nw.col("_own")).alias("_group")).drop(
        ["_own", "_by_id", "_named"]
    )


def _heads(frame: Frame, is_titled: nw.Expr) -> Frame:
    """The row that stands for each product: the one that names no parent, else the first with a title."""
    rank = nw.when(nw.col("parent").is_null() & is_titled).then(nw.lit(0.0)).otherwise(nw.lit(1.0))
    ranked = frame.filter(is_titled & ~nw.col("_group").is_null()).with_columns(
        (rank * nw.lit(1e12) + nw.col("row")).alias("_rank")
    )
    first = ranked.group_by("_group").agg(nw.col("_rank").min())
    return ranked.join(first, on=["_group", "_rank"], how="inner")


def _without_default_options(frame: Frame, wanted: Wanted) -> Frame:
    options = _outputs(wanted, "attributes")
    if not options:
        return frame
    return frame.with_columns(
        *(nw.when(nw.col(name) != nw.lit(_NO_OPTION)).then(nw.col(name)).alias(name) for name in options)
    )


def variant_checks(wanted: Wanted) -> list[Check]:
    """What is counted of variants, drafts and rows of pictures.

    Args:
        wanted: The roles that were read.

    Returns:
        Notes, none of them an error.
    """
    checks = []
    if wanted.role("parent"):
        checks += [
            Check(
                "picture_row",
                "info",
                "quarantine",
                nw.col("_is_picture") == 1,
                "the row holds another picture of its product and no variant",
                is_loss=False,
            ),
            Check(
                "variant_inherits",
                "info",
                "flag",
                nw.col("_inherits") == 1,
                "a variant: what it leaves empty is taken from the first row of its product",
            ),
            Check(
                "parent_of_variants",
                "info",
                "flag",
                nw.col("_is_parent") == 1,
                "the row stands for its variants and has no price of its own; known, and never shown",
            ),
        ]
    if wanted.role("published"):
        says = "a draft, an archived or a hidden item (published); known, and never shown"
        checks += [
            Check(
                "item_not_published",
                "info",
                "flag",
                (nw.col("_hidden") == 1) & (nw.col("_unsaid") == 0) & (nw.col("_later") == 0),
                says,
                values_of="published_0",
            ),
            Check(
                "published_later",
                "warning",
                "flag",
                nw.col("_later") == 1,
                "the day from which it is on show is to come; known, and not shown until the data are read after it",
                values_of="published_0",
            ),
            Check(
                "published_unread",
                "warning",
                "flag",
                nw.col("_unsaid") == 1,
                "what it says of being on show is not known; hidden where other values of the column are: say in "
                "published_words what the word means",
                values_of="published_0",
            ),
        ]
    return checks


def _outputs(wanted: Wanted, name: str) -> tuple[str, ...]:
    role: Role | None = wanted.role(name)
    return role.outputs if role else ()


def _flag(when: nw.Expr) -> nw.Expr:
    return nw.when(when).then(nw.lit(1)).otherwise(nw.lit(0))
