"""Words of the data-protection report."""

from __future__ import annotations

__all__ = ["HOLDINGS", "PRIVACY"]

PRIVACY = {
    "title": ("Data protection: {shop}", "数据保护报告：{shop}"),
    "made_at": ("Made {at} from the configuration and from what is stored.", "{at} 根据配置与实际存储的数据生成。"),
    "controller": ("Who answers for the data", "数据负责人"),
    "contact": ("Where to turn to", "联系方式"),
    "not_said": (
        "not said: set controller and contact in [privacy]",
        "未填写：请在 [privacy] 中设置 controller 和 contact",
    ),
    "what": ("What is stored, why, and how long", "存储了什么、为何存储、存多久"),
    "data": ("Data", "数据"),
    "why": ("Why", "用途"),
    "where": ("Where", "位置"),
    "fields": ("Fields", "字段"),
    "how_long": ("How long", "期限"),
    "size": ("Size", "大小"),
    "days": ("{n} days", "{n} 天"),
    "no_end": ("no end set: keep_days in [privacy]", "未设期限：见 [privacy] 中的 keep_days"),
    "until_ended": ("as long as the shop is run", "商店运营期间"),
    "purposes": ("Further purposes", "其他用途"),
    "how": ("How people are protected", "如何保护个人"),
    "pseudonyms": (
        "Identifiers of people, visits and events are replaced by keyed pseudonyms (BLAKE2b, 128 bits) while they are "
        "read. Without the key nobody can be linked to them; the key lies in a file that only its owner can read.",
        "用户、访问和事件的标识在读取时即替换为带密钥的假名（BLAKE2b，128 位）。没有密钥，任何人都无法将其对应到个人；"
        "密钥保存在仅所有者可读的文件中。",
    ),
    "contacts": (
        "Texts in which somebody wrote an e-mail address, or a telephone, card or identity number, are emptied before "
        "they are stored.",
        "若文本中含有电子邮箱、电话、银行卡或身份证件号码，则在存储前清空。",
    ),
    "least": (
        "Nothing is published of fewer than {n} people; published numbers are multiples of it, or carry noise of a "
        "privacy loss of at most {epsilon} a month.",
        "不公布少于 {n} 人的任何分组；公布的数字为其整数倍，或加入噪声，每月隐私损失不超过 {epsilon}。",
    ),
    "no_personal": (
        "Anybody may switch personalisation off: lists are then the same for everybody, and what they do is stored as "
        "nobody's.",
        "任何人都可关闭个性化推荐：此后所有人看到相同的列表，其行为不再记录到任何人名下。",
    ),
    "erasure": (
        "{n} people were erased. They are left out of every later load, and each erasure has a sealed receipt.",
        "已删除 {n} 人的数据。此后的每次载入都会排除他们，每次删除都有签封的回执。",
    ),
    "previous": (
        "The key before is still kept: destroy it with steelyard privacy rotate-key --destroy.",
        "旧密钥仍被保留：请用 steelyard privacy rotate-key --destroy 销毁。",
    ),
    "models": (
        "Models hold links between items and item factors; user-knn, where it is fitted, also holds the items of each "
        "person, without a pseudonym.",
        "模型只含商品之间的关联与商品因子；启用 user-knn 时，它还含有每个人的商品，但不含假名。",
    ),
    "private": (
        "Model {model} was learnt with differential privacy: epsilon {epsilon}, delta {delta}, over {n} people; the "
        "unit is a person.",
        "模型 {model} 以差分隐私学得：epsilon {epsilon}，delta {delta}，共 {n} 人；以一个人为单位。",
    ),
    "guarded": (
        "The server asks for the administrator's key for everything that is not for shoppers.",
        "服务器对非顾客功能要求管理员密钥。",
    ),
    "local": ("The server is reached from its own machine only.", "服务器仅可从本机访问。"),
    "who": ("Who read people's data", "谁读取过个人数据"),
    "reader": ("Who", "读取者"),
    "purpose": ("What for", "目的"),
    "lines": ("Entries", "条目"),
    "first": ("First", "最早"),
    "last": ("Last", "最近"),
    "intact": ("Every entry is as it was written.", "所有条目均未被改动。"),
    "broken": ("Entry {n} was changed or taken away after it was written.", "第 {n} 条在写入后被改动或删除。"),
    "nobody": ("Nobody so far.", "尚无。"),
}
HOLDINGS = {
    "log": (("Behaviour log, prepared", "整理后的行为日志"), ("to fit and judge models", "训练与评估模型")),
    "users": (("Basic information about users", "用户的基本信息"), ("to fit models for newcomers", "为新用户训练模型")),
    "people": (
        ("Which identifiers are one person", "哪些标识属于同一人"),
        ("to keep one history of each, and to erase all of it", "每人一份历史，并能一并删除"),
    ),
    "histories": (("Items of each person", "每人的商品历史"), ("to recommend", "推荐")),
    "events": (("Events since, as sent to the server", "服务器收到的后续事件"), ("to recommend at once", "即时推荐")),
    "erased": (("Pseudonyms of the erased", "已删除者的假名"), ("so that a load leaves them out", "载入时排除他们")),
    "readings": (("Log of readings", "读取日志"), ("to show who read people's data", "说明谁读取过个人数据")),
    "key": (("Key of the pseudonyms", "假名密钥"), ("to know people again by what they did", "凭行为再次识别")),
}
"""Name and purpose of each kind of data, in English and Chinese."""
