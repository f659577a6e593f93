"""What a machine's name says of it: its architecture, whether it bursts, whether it has a slice of an accelerator.

A price list often leaves these out, and each of them, taken at its best, makes a machine look cheaper than it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

__all__ = ["ARM", "X86", "Burst", "architecture_of", "burst_of", "sliced_share"]

X86: Final = "x86_64"
ARM: Final = "arm64"

_ARM = re.compile(
    r"""a1\.\w+                                   # AWS: the first Graviton
      | (?:[a-z]+\d+[a-z]*g[a-z]*|mac2[\w-]*|p6e-gb\d+)\.[\w-]+   # AWS: a g behind the generation; Apple; Grace
      | (?:standard_)?[a-z]+\d+(?:-\d+)?[a-z]*p[a-z]*(?:_\w+)?_v\d+   # Azure: a p among the features
      | (?:standard_)?n[a-z]\d+\w*_g[bh]\d+\w*    # Azure: Grace
      | (?:t2a|c4a|n4a|a4x)-[\w-]+                # Google: Tau Arm, Axion, Grace
      | ecs\.[a-z]+\d+[ry]\.\w+                   # Alibaba: Ampere, Yitian
      | (?:vm|bm)\.standard\.a\d[\w.]*            # Oracle: Ampere
      | (?:vm|bm)\.optimized\.a\d[\w.]*
      | k[a-z]+\d[\w.]*                           # Huawei: Kunpeng
      | cax\d+                                    # Hetzner: Ampere
      | sr\d[\w.]*                                # Tencent: Ampere
    """,
    re.VERBOSE | re.IGNORECASE,
)
_X86 = re.compile(
    r"""[a-z]+[\w-]*\d[\w-]*\.(?:nano|micro|small|medium|\d*x?large|metal[\w-]*|\d+xlarge)   # AWS
      | (?:standard_|basic_)?[a-z]{1,2}\d+(?:-\d+)?[a-z]*(?:_[a-z0-9]+)?(?:_v\d+)?   # Azure
      | (?:a2|a3|a4|c2|c2d|c3|c3d|c4|c4d|e2|f1|g1|g2|g4|h3|h4d|m1|m2|m3|m4|n1|n2|n2d|n4|t2d|x4|z3)-[\w+-]+   # Google
      | ecs\.[\w-]+\.[\w-]+                       # Alibaba
      | (?:vm|bm)\.(?:standard|optimized|denseio|gpu)\d?[\w.-]*   # Oracle
    """,
    re.VERBOSE | re.IGNORECASE,
)

_EC2 = "Amazon EC2 user guide, burstable instances, baseline utilisation per vCPU"
_AZURE = "Azure documentation, B-series sizes, base performance of the machine over its vCPUs"
_GOOGLE = "Google Compute Engine documentation, shared-core machine types, fraction of each vCPU"
_T2 = {"nano": "0.05", "micro": "0.1", "small": "0.2", "medium": "0.2", "large": "0.3", "xlarge": "0.225",
       "2xlarge": "0.16875"}  # fmt: skip
_T3 = {**_T2, "xlarge": "0.4", "2xlarge": "0.4"}
_SHARES: dict[str, tuple[str, str]] = {
    **{f"t2.{size}": (share, _EC2) for size, share in _T2.items()},
    **{f"{family}.{size}": (share, _EC2) for family in ("t3", "t3a", "t4g") for size, share in _T3.items()},
    "b1ls": ("0.05", _AZURE), "b1s": ("0.1", _AZURE), "b1ms": ("0.2", _AZURE), "b2s": ("0.2", _AZURE),
    "b2ms": ("0.3", _AZURE), "b4ms": ("0.225", _AZURE), "b8ms": ("0.16875", _AZURE), "b16ms": ("0.16875", _AZURE),
    "e2-micro": ("0.125", _GOOGLE), "e2-small": ("0.25", _GOOGLE), "e2-medium": ("0.5", _GOOGLE),
    "f1-micro": ("0.2", _GOOGLE), "g1-small": ("0.5", _GOOGLE),
}  # fmt: skip
_BURSTS = re.compile(
    r"""t[2346][a-z]*\.\w+                         # AWS: t2, t3, t3a, t4g; Huawei: t6
      | (?:standard_)?b\d+[a-z]*(?:_v\d+)?        # Azure: B
      | e2-(?:micro|small|medium) | f1-micro | g1-small   # Google: shared cores
      | ecs\.t\d+[\w-]*\.[\w-]+                   # Alibaba: t5, t6
      | .*(?:burst|baseline).*                    # Oracle: burstable shapes
    """,
    re.VERBOSE | re.IGNORECASE,
)

_SLICES = {
    "nv6ads_a10_v5": "1/6", "nv12ads_a10_v5": "1/3", "nv18ads_a10_v5": "1/2", "nv4as_v4": "1/8", "nv8as_v4": "1/4",
    "nv16as_v4": "1/2", "g6f.large": "1/8", "g6f.xlarge": "1/8", "g6f.2xlarge": "1/4", "g6f.4xlarge": "1/2",
    "gr6f.4xlarge": "1/2",
}  # fmt: skip
_SLICED = re.compile(r"ecs\.(?:vgn|sgn)\w*[\w.-]*", re.IGNORECASE)
"""Alibaba's machines with a virtual accelerator: how large a share depends on the size."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A machine whose vCPUs are not to be had without end."""

    share: Decimal | None
    """Share of each vCPU it sustains; ``None`` where this module does not know it."""
    source: str


def architecture_of(name: str) -> str:
    """Architecture of a cloud's machine type.

    Args:
        name: Of the type, or of its row: what stands before the last slash is left out.

    Returns:
        ``x86_64`` or ``arm64``; empty where the name is not of a form that a large cloud uses.
    """
    short = _short(name)
    if _ARM.fullmatch(short):
        return ARM
    return X86 if _X86.fullmatch(short) else ""


def burst_of(name: str) -> Burst | None:
    """Whether a machine type is of a family known to burst.

    Args:
        name: As ``architecture_of``.

    Returns:
        ``None`` for all others.
    """
    short = _short(name)
    share, source = _SHARES.get(short.removeprefix("standard_"), ("", ""))
    if share:
        return Burst(Decimal(share), source)
    return Burst(None, "") if _BURSTS.fullmatch(short) else None


def sliced_share(name: str) -> str | None:
    """Share of an accelerator that a machine type has, where that is known to be less than one.

    Args:
        name: As ``architecture_of``.

    Returns:
        ``1/6``; empty where it is sliced and nobody says how finely; ``None`` where it is not known to be sliced.
    """
    short = _short(name).removeprefix("standard_")
    return _SLICES.get(short) or ("" if _SLICED.fullmatch(short) else None)


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1].lower()
