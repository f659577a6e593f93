"""What engines do in their own ways is worked out in one: lower case."""

import duckdb
import narwhals.stable.v2 as nw
import pyarrow as pa

from steelyard.data.values.lower_case import lower_case, lower_word, with_final_sigma


def worked_out(column, expression):
    table = pa.table({"x": column})  # read by the engine
    relation = duckdb.connect().from_arrow(table)
    return nw.from_native(relation).select(expression.alias("y")).collect()["y"].to_list()


def test_lower_case_is_one_whatever_gives_it():
    texts = ["İade", "ΟΔΟΣ ΣΑΣ", "Lamp", "红灯", "i\u0307ade", None]

    assert worked_out(texts, lower_case(nw.col("x"))) == ["iade", "οδοσ σασ", "lamp", "红灯", "iade", None]
    assert [lower_word(text) for text in texts[:5]] == ["iade", "οδοσ σασ", "lamp", "红灯", "iade"]
    assert with_final_sigma("οδοσ σασ, σ 2σ3") == "οδος σας, σ 2σ3"
