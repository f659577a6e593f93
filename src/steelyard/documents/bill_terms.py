"""Stages of the life cycle and units of a bill, in English and in Chinese.

The one table of them: decisions, reports, pages and tables take their words from here.
"""

from __future__ import annotations

from steelyard.domain import Bilingual

__all__ = ["STAGES", "UNITS"]

STAGES = {
    "data": Bilingual("data", "数据"),
    "labelling": Bilingual("labelling", "标注"),
    "training": Bilingual("training", "训练"),
    "tuning": Bilingual("tuning", "调优"),
    "hardware": Bilingual("hardware", "硬件"),
    "software": Bilingual("software", "软件"),
    "deployment": Bilingual("deployment", "部署"),
    "serving": Bilingual("serving", "在线服务"),
    "maintenance": Bilingual("maintenance", "维护"),
    "retraining": Bilingual("retraining", "重新训练"),
    "storage": Bilingual("storage", "存储"),
    "bandwidth": Bilingual("bandwidth", "带宽"),
    "overhead": Bilingual("overhead", "管理费用"),
}
UNITS = {
    "month": Bilingual("months", "月"),
    "hour": Bilingual("hours", "小时"),
    "GB_month": Bilingual("GB-months", "GB·月"),
    "GB": Bilingual("GB", "GB"),
    "person_hour": Bilingual("person-hours", "人时"),
}
