"""The columns of FOCUS 1.2, the common format of cloud bills: names, types, which must be there, which may be empty.

FOCUS is the FinOps Open Cost and Usage Specification (github.com/FinOps-Open-Cost-and-Usage-Spec/FOCUS_Spec, tag v1.2,
CC BY 4.0, read 2026-11-21). Only facts of the specification are here; ``focus_check`` applies its rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "ALLOWED",
    "COLUMNS",
    "LATER_NAMES",
    "SUBCATEGORIES",
    "TOGETHER",
    "VERSION",
    "ChargeCategory",
    "Column",
    "Level",
    "Type",
    "known_as",
]

VERSION = "1.2"


class ChargeCategory(StrEnum):
    """What a charge is, at the highest level."""

    USAGE = "Usage"
    PURCHASE = "Purchase"
    TAX = "Tax"
    CREDIT = "Credit"
    ADJUSTMENT = "Adjustment"


class Level(StrEnum):
    """Whether a column must be there."""

    MANDATORY = "mandatory"
    CONDITIONAL = "conditional"
    """Where the provider has what it describes."""
    RECOMMENDED = "recommended"


class Type(StrEnum):
    """What its values are."""

    TEXT = "String"
    DECIMAL = "Decimal"
    TIME = "Date/Time"
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the specification."""

    name: str
    level: Level
    is_nullable: bool
    type: Type
    since: str
    """First version that has it."""


_M, _C, _R = Level
_T, _D, _W, _J = Type.TEXT, Type.DECIMAL, Type.TIME, Type.JSON
_FOUND = (
    Column("AvailabilityZone", _R, True, _T, "0.5"),
    Column("BilledCost", _M, False, _D, "0.5"),
    Column("BillingAccountId", _M, False, _T, "0.5"),
    Column("BillingAccountName", _M, True, _T, "0.5"),
    Column("BillingAccountType", _C, False, _T, "1.2"),
    Column("BillingCurrency", _M, False, _T, "0.5"),
    Column("BillingPeriodEnd", _M, False, _W, "0.5"),
    Column("BillingPeriodStart", _M, False, _W, "0.5"),
    Column("CapacityReservationId", _C, True, _T, "1.1"),
    Column("CapacityReservationStatus", _C, True, _T, "1.1"),
    Column("ChargeCategory", _M, False, _T, "1.0-preview"),
    Column("ChargeClass", _M, True, _T, "1.0"),
    Column("ChargeDescription", _M, True, _T, "1.0-preview"),
    Column("ChargeFrequency", _R, False, _T, "1.0-preview"),
    Column("ChargePeriodEnd", _M, False, _W, "0.5"),
    Column("ChargePeriodStart", _M, False, _W, "0.5"),
    Column("CommitmentDiscountCategory", _C, True, _T, "1.0-preview"),
    Column("CommitmentDiscountId", _C, True, _T, "1.0-preview"),
    Column("CommitmentDiscountName", _C, True, _T, "1.0-preview"),
    Column("CommitmentDiscountQuantity", _C, True, _D, "1.1"),
    Column("CommitmentDiscountStatus", _C, True, _T, "1.0"),
    Column("CommitmentDiscountType", _C, True, _T, "1.0-preview"),
    Column("CommitmentDiscountUnit", _C, True, _T, "1.1"),
    Column("ConsumedQuantity", _C, True, _D, "1.0"),
    Column("ConsumedUnit", _C, True, _T, "1.0"),
    Column("ContractedCost", _M, False, _D, "1.0"),
    Column("ContractedUnitPrice", _C, True, _D, "1.0"),
    Column("EffectiveCost", _M, False, _D, "1.0-preview"),
    Column("InvoiceId", _R, True, _T, "1.2"),
    Column("InvoiceIssuerName", _M, False, _T, "0.5"),
    Column("ListCost", _M, False, _D, "1.0-preview"),
    Column("ListUnitPrice", _C, True, _D, "1.0-preview"),
    Column("PricingCategory", _C, True, _T, "1.0-preview"),
    Column("PricingCurrency", _C, False, _T, "1.2"),
    Column("PricingCurrencyContractedUnitPrice", _C, True, _D, "1.2"),
    Column("PricingCurrencyEffectiveCost", _C, False, _D, "1.2"),
    Column("PricingCurrencyListUnitPrice", _C, True, _D, "1.2"),
    Column("PricingQuantity", _M, True, _D, "1.0-preview"),
    Column("PricingUnit", _M, True, _T, "1.0-preview"),
    Column("ProviderName", _M, False, _T, "0.5"),
    Column("PublisherName", _M, False, _T, "0.5"),
    Column("RegionId", _C, True, _T, "1.0"),
    Column("RegionName", _C, True, _T, "1.0"),
    Column("ResourceId", _C, True, _T, "0.5"),
    Column("ResourceName", _C, True, _T, "0.5"),
    Column("ResourceType", _C, True, _T, "1.0-preview"),
    Column("ServiceCategory", _M, False, _T, "0.5"),
    Column("ServiceName", _M, False, _T, "0.5"),
    Column("ServiceSubcategory", _R, False, _T, "1.1"),
    Column("SkuId", _C, True, _T, "1.0-preview"),
    Column("SkuMeter", _C, True, _T, "1.1"),
    Column("SkuPriceDetails", _C, True, _J, "1.1"),
    Column("SkuPriceId", _C, True, _T, "1.0-preview"),
    Column("SubAccountId", _C, True, _T, "0.5"),
    Column("SubAccountName", _C, True, _T, "0.5"),
    Column("SubAccountType", _C, True, _T, "1.2"),
    Column("Tags", _C, True, _J, "1.0-preview"),
)
COLUMNS: Mapping[str, Column] = {column.name: column for column in _FOUND}
"""By name, in the order of an export."""

TOGETHER: tuple[tuple[str, ...], ...] = (
    tuple(name for name in COLUMNS if name.startswith("CommitmentDiscount")),
    ("CapacityReservationId", "CapacityReservationStatus"), ("ConsumedQuantity", "ConsumedUnit"),
    ("RegionId", "RegionName"), ("SubAccountId", "SubAccountName"), ("ResourceId", "ResourceName"),
    ("SkuId", "SkuMeter", "SkuPriceId", "SkuPriceDetails"),
)  # fmt: skip
"""Columns that must all be there when one of them is."""

LATER_NAMES: Mapping[str, str] = {"ServiceProviderName": "ProviderName", "HostProviderName": "PublisherName"}
"""Names of 1.3 and 1.4, by which 1.2 calls them. 1.3 gave ProviderName a successor; 1.4 dropped the old names. The host
provider is the nearest 1.4 has to a publisher; a file that has both keeps its own PublisherName."""

SUBCATEGORIES: Mapping[str, tuple[str, ...]] = {
    "AI and Machine Learning": (
        "AI Platforms",
        "Bots",
        "Generative AI",
        "Machine Learning",
        "Natural Language Processing",
    ),
    "Analytics": ("Analytics Platforms", "Business Intelligence", "Data Processing", "Search", "Streaming Analytics"),
    "Business Applications": ("Productivity and Collaboration",),
    "Compute": ("Containers", "End User Computing", "Quantum Compute", "Serverless Compute", "Virtual Machines"),
    "Databases": (
        "Caching",
        "Data Warehouses",
        "Ledger Databases",
        "NoSQL Databases",
        "Relational Databases",
        "Time Series Databases",
    ),
    "Developer Tools": (
        "Developer Platforms",
        "Continuous Integration and Deployment",
        "Development Environments",
        "Source Code Management",
        "Quality Assurance",
    ),
    "Identity": ("Identity and Access Management",),
    "Integration": ("API Management", "Messaging", "Workflow Orchestration"),
    "Internet of Things": ("IoT Analytics", "IoT Platforms"),
    "Management and Governance": (
        "Architecture",
        "Compliance",
        "Cost Management",
        "Data Governance",
        "Disaster Recovery",
        "Endpoint Management",
        "Observability",
        "Support",
    ),
    "Media": ("Content Creation", "Gaming", "Media Streaming", "Mixed Reality"),
    "Migration": ("Data Migration", "Resource Migration"),
    "Mobile": (),
    "Multicloud": ("Multicloud Integration",),
    "Networking": (
        "Application Networking",
        "Content Delivery",
        "Network Connectivity",
        "Network Infrastructure",
        "Network Routing",
        "Network Security",
    ),
    "Security": ("Secret Management", "Security Posture Management", "Threat Detection and Response"),
    "Storage": ("Backup Storage", "Block Storage", "File Storage", "Object Storage", "Storage Platforms"),
    "Web": ("Application Platforms",),
    "Other": (),
}
"""Subcategories by category; each category also has ``Other (<category>)``."""

_STATUS = ("Used", "Unused")
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "ChargeCategory": tuple(map(str, ChargeCategory)),
    "ChargeClass": ("Correction",),
    "ChargeFrequency": ("One-Time", "Recurring", "Usage-Based"),
    "CommitmentDiscountCategory": ("Spend", "Usage"),
    "CommitmentDiscountStatus": _STATUS,
    "CapacityReservationStatus": _STATUS,
    "PricingCategory": ("Standard", "Dynamic", "Committed", "Other"),
    "ServiceCategory": tuple(SUBCATEGORIES),
    "ServiceSubcategory": tuple(
        each for category, names in SUBCATEGORIES.items() for each in (*names, f"Other ({category})")
    ),
}
"""Values of the columns that have a closed list."""


def known_as(header: tuple[str, ...], *, own: Sequence[str] = ()) -> dict[str, str]:
    """What FOCUS 1.2 calls the columns of a file of any version, its names in any case and with or without underscores.

    Args:
        header: Column names of the file.
        own: Custom columns that are known, likewise.

    Returns:
        By the file's name. A column that no version defines gets the prefix ``x_`` of custom columns. Of two names that
        differ in their case alone, the second is a custom column.
    """
    known = {_fold(name): name for name in (*COLUMNS, *LATER_NAMES)}
    custom = {name.casefold(): name for name in own}
    names: dict[str, str] = {}
    for name in header:
        found = name if name in COLUMNS else known.get(_fold(name), name)
        later = LATER_NAMES.get(found)
        if later is not None and later not in names.values() and not _has(header, later):
            found = later
        if name.startswith(("x_", "X_")):
            found = custom.get(name.casefold(), name)
        elif found not in COLUMNS or found in names.values():
            found = f"x_{name}"
        names[name] = found
    return names


def _has(header: tuple[str, ...], name: str) -> bool:
    return any(_fold(each) == _fold(name) for each in header)


def _fold(name: str) -> str:
    return name.replace("_", "").replace(" ", "").casefold()
