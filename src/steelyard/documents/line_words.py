"""The sentences of a bill's lines, in English and in Chinese, by what a line pays for.

The one table of them: reports, pages, tables and documents take their words from here.
"""

from __future__ import annotations

from steelyard.domain import Bilingual, CostLine, LineKey

__all__ = ["line_said", "words_of"]

_WORDS: dict[LineKey, tuple[str, str]] = {
    LineKey.DATA_PREPARATION: ("preparing the data", "准备数据"),
    LineKey.MEASURING: ("measuring all configurations", "测量全部配置"),
    LineKey.OTHER_CONFIGURATIONS: ("training configurations that were not chosen", "训练未入选的配置"),
    LineKey.PART_TRAINING: ("making {detail}", "制作 {detail}"),
    LineKey.PART_RETRAINING: ("making {detail}, again", "重新制作 {detail}"),
    LineKey.OTHER_PARTS_TRAINING: ("making parts that were not measured apart", "制作未单独计量的部件"),
    LineKey.OTHER_PARTS_RETRAINING: (
        "making parts that were not measured apart, again",
        "重新制作未单独计量的部件",
    ),
    LineKey.LABELS: ("judging relevance", "相关性标注"),
    LineKey.PEOPLE_TUNING: ("people: set-up and tuning", "搭建与调优（人力）"),
    LineKey.PEOPLE_OPERATIONS: ("people: operations", "日常维护（人力）"),
    LineKey.PEOPLE_ON_CALL: ("people: on call", "值班（人力）"),
    LineKey.PEOPLE_ROLE: ("{detail}", "{detail}"),
    LineKey.MODEL_UPKEEP: ("people: keeping the model", "维护模型（人力）"),
    LineKey.MODEL_LABELS: ("people: labels for the model", "模型所需标注（人力）"),
    LineKey.ENCODER_UPKEEP: ("people: encoder upkeep", "维护编码器（人力）"),
    LineKey.MACHINE_UPKEEP: ("people: machine upkeep", "照管机器（人力）"),
    LineKey.SERVING_MACHINES: ("{detail}", "{detail}"),
    LineKey.RESERVED_MACHINES: ("{detail} reserved", "{detail}（预留）"),
    LineKey.ON_DEMAND_MACHINES: ("{detail} on demand", "{detail}（按需）"),
    LineKey.SPOT_MACHINES: ("{detail} spot", "{detail}（竞价）"),
    LineKey.PROMPT_TOKENS: ("tokens sent to {detail}", "发给 {detail} 的词元"),
    LineKey.COMPLETION_TOKENS: ("tokens that {detail} writes", "{detail} 写出的词元"),
    LineKey.MODEL_MACHINES: ("machines of the language model, {detail}", "语言模型的机器，{detail}"),
    LineKey.SERVING_DISKS: ("disks of the serving machines", "服务机器的磁盘"),
    LineKey.STORED_DATA: ("data and event log", "数据与事件日志"),
    LineKey.TRAFFIC: ("answers sent to shoppers", "发给顾客的应答"),
    LineKey.TRAFFIC_TIER: ("answers sent to shoppers, {detail}", "发给顾客的应答，{detail}"),
    LineKey.BALANCER: (
        "load balancer with sessions kept by user, {detail}",
        "按用户保持会话的负载均衡器，{last}",
    ),
    LineKey.BALANCER_TRAFFIC: (
        "load balancer with sessions kept by user, {detail}",
        "按用户保持会话的负载均衡器，{last}",
    ),
    LineKey.PUBLIC_ADDRESSES: ("public addresses of the machines, {detail}", "各机器的公网地址，{last}"),
    LineKey.ZONE_TRAFFIC: ("traffic between availability zones, {detail}", "可用区之间的流量，{last}"),
    LineKey.NAT_GATEWAY: ("NAT gateway, {detail}", "NAT 网关，{last}"),
    LineKey.LOGS: ("logs and monitoring, {detail}", "日志与监控，{last}"),
    LineKey.BACKUPS: ("backups and snapshots of the disks, {detail}", "磁盘的备份与快照，{last}"),
    LineKey.CDN: ("content delivery network, {detail}", "内容分发网络（CDN），{last}"),
    LineKey.DOMAIN_NAME: (
        "domain name, DNS zone and TLS certificate, {detail}",
        "域名、DNS 与 TLS 证书，{last}",
    ),
    LineKey.SERVICE_CHARGE: ("{detail}", "{detail}"),
    LineKey.SERVICE_ABOVE_TIERS: ("{detail}, above its last tier", "{detail}，超出最后一档"),
    LineKey.METERED_TIME: ("machine time of {detail}", "{detail} 的机器时间"),
    LineKey.METERED_TRAFFIC: ("answers sent", "发出的应答"),
    LineKey.METERED_STORAGE: ("data and models kept", "保存的数据与模型"),
    LineKey.OTHER: ("{detail}", "{detail}"),
}


def words_of(key: LineKey, detail: str = "") -> Bilingual:
    """What a line pays for, in words.

    Args:
        key: What it pays for.
        detail: Which of several.

    Returns:
        Both languages; Chinese leaves out the folder of a row's name.
    """
    en, zh = _WORDS[key]
    last = detail.rsplit("/", 1)[-1]
    return Bilingual(en.format(detail=detail), zh.format(detail=detail, last=last))


def line_said(line: CostLine) -> Bilingual:
    """What a line of a bill pays for, in words."""
    return words_of(line.key, line.detail)
