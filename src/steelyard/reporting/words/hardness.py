"""How hard the data is: figures, reasons and the verdict."""

from __future__ import annotations

__all__ = ["HARDNESS"]

HARDNESS: dict[str, tuple[str, str]] = {
    "hard_title": ("How hard the data is", "数据有多难"),
    "hard_size": (
        "{events} events of {users} users on {items} items are learnt from; {held_out} later ones say what follows.",
        "用 {users} 位用户对 {items} 件商品的 {events} 个事件学习；之后的 {held_out} 个事件用来检验。",
    ),
    "hard_successors": ("Effective successors of an item", "一件商品的有效后继数"),
    "hard_successors_says": (
        "1 is certain; {alike} if the last item is not looked at. The commonest successor comes true in {top} of "
        "cases, the most popular item in {popular}.",
        "1 为完全确定；不看上一件商品时为 {alike}。最常见的后继命中 {top}，最热门商品命中 {popular}。",
    ),
    "hard_text": ("Successor's text is the nearer one", "后继商品的文本更相近"),
    "hard_text_says": (
        "against an item of like popularity; 50 % is chance. Texts are compared by their words.",
        "与热度相当的另一件商品相比；50% 即随机。按词比较文本。",
    ),
    "hard_history": ("History adds to the last visit", "历史比只看上次多出"),
    "hard_history_says": (
        "nDCG@10 of item neighbours: {last} from the last visit, {whole} from the history (best decay {decay}).",
        "商品近邻的 nDCG@10：只看上次 {last}，看全部历史 {whole}（最佳衰减 {decay}）。",
    ),
    "hard_order": ("Order adds to the history", "先后顺序带来的增量"),
    "hard_order_says": (
        "what counting older items less adds to counting all of them alike.",
        "较早的商品降权，与一视同仁相比多出的部分。",
    ),
    "hard_repeats": ("Repeats", "复购占比"),
    "hard_repeats_says": (
        "of the later events are of an item that the user had before.",
        "之后的事件中，用户以前有过该商品的比例。",
    ),
    "hard_again": (
        "Bought again: of what a user took, {share} was taken again at a later visit. In these categories it is "
        "surely more than that, and more than 10 %:",
        "再次购买：用户买过的商品中有 {share} 在之后的访问中又买。以下类别可以肯定高于此值，也高于 10%：",
    ),
    "hard_again_setting": (
        "They are not offered again today. To let them come back, put this under [rules]; nothing is set by itself, "
        "and `steelyard measure` tells what it gains:",
        "目前不会再次推荐这些商品。若要允许，请将下面的设置写入 [rules]；"
        "系统不会自动设置，效果可用 `steelyard measure` 测量：",
    ),
    "hard_again_category": ("Category", "类别"),
    "hard_again_share": ("Taken again", "再次购买占比"),
    "hard_again_pairs": ("Of", "基数"),
    "hard_pairs": ("{n} pairs of user and item", "{n} 个用户与商品的组合"),
    "hard_unknown": ("unknown", "未知"),
    "hard_unlikely": (
        "A transformer is unlikely to pay here: {why}.",
        "在这里用 Transformer 多半不划算：{why}。",
    ),
    "hard_open": (
        "Whether a transformer pays here is open: {why}.",
        "在这里用 Transformer 是否划算尚不能判断：{why}。",
    ),
    "hard_worth_a_trial": (
        "A transformer is worth a trial here: {why}.",
        "在这里值得试一试 Transformer：{why}。",
    ),
    "hard_none": (
        "Nothing can be said about a transformer: {why}.",
        "对 Transformer 无法下结论：{why}。",
    ),
    "hard_why_few_held_out": (
        "fewer than 100 users came back in the validation period, or the last visit finds nothing",
        "验证期内回来的用户不足 100 位，或只看上次什么也找不到",
    ),
    "hard_why_repeats": (
        "more than half of what is wanted was had before, and own frequency finds that",
        "一半以上是用户以前有过的商品，用户自己的购买频次就能找到",
    ),
    "hard_why_repeats_unsure": (
        "repeats may be more than half of what is wanted",
        "复购可能占到一半以上",
    ),
    "hard_why_history_little": (
        "the history adds less than 7 % to the last visit for sure, so there is little for it to read",
        "可以肯定历史比只看上次多出不到 7%，可读的信息很少",
    ),
    "hard_why_history_as_measured": (
        "the history does not clearly add more than on the two sets that were measured, where a published transformer "
        "had 2 % more and 11 % less nDCG@10 than item neighbours",
        "历史带来的增量并不明显高于实测的两个数据集；在那里，已发表的 Transformer 的 nDCG@10 "
        "比商品近邻分别高 2% 和低 11%",
    ),
    "hard_why_history_much": (
        "the history adds more than on the sets that were measured",
        "历史带来的增量高于实测的数据集",
    ),
    "hard_why_order_little": (
        "the order of the history adds less than 8 % for sure, which is less than on both sets that were measured, and "
        "order is what a transformer reads",
        "可以肯定历史的先后顺序带来的增量不到 8%，低于实测的两个数据集，而 Transformer 正是靠顺序",
    ),
    "hard_why_order_unsure": (
        "it is not sure that the order of the history tells anything",
        "尚不能确定历史的先后顺序有用",
    ),
    "hard_why_few_events": (
        "there are fewer than 100,000 events, and no transformer was measured on so few",
        "事件不足 10 万个，尚无如此少数据的实测",
    ),
    "hard_rule": (
        "A rule of thumb from two shops with both figures; measure it where the price of being wrong matters.",
        "这只是由两个实测数据集得出的经验法则；判断失误代价较高时请实际测量。",
    ),
}
