"""Bills that tests write: a file of FOCUS with one good line, and what to change in it."""

import csv
import io
import random
from decimal import Decimal

from steelyard.adapters.invoices.bill_files import BillFiles
from steelyard.adapters.ledgers.sqlite import SqliteLedger
from steelyard.workflows.accounts.import_bills import import_bills
from steelyard.workflows.accounts.read_bills import BillSource

LINE = {
    "BilledCost": "10.00",
    "EffectiveCost": "12.50",
    "ListCost": "15.00",
    "ContractedCost": "12.50",
    "BillingAccountId": "a-1",
    "BillingAccountName": "shop",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-03T00:00:00Z",
    "ChargePeriodEnd": "2026-10-04T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeClass": "",
    "ChargeDescription": "c5.large for search",
    "InvoiceId": "INV-7",
    "InvoiceIssuerName": "AWS",
    "ProviderName": "AWS",
    "PublisherName": "AWS",
    "PricingQuantity": "24",
    "PricingUnit": "Hours",
    "ServiceName": "AmazonEC2",
    "ServiceCategory": "Compute",
    "Tags": '{"team": "search", "model": "hybrid"}',
    "x_Stage": "serving",
}


def line(**changes):
    """The good line with some columns changed."""
    return {**LINE, **changes}


def as_csv(*lines):
    """A file of lines, with the columns of all of them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for each in lines for name in each)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def written(folder, *lines, name="bill.csv"):
    """A file of lines in a folder."""
    path = folder / name
    path.write_text(as_csv(*lines), "utf-8")
    return path


def source(**how):
    """How files are read, with what is shipped."""
    files = BillFiles()
    return BillSource(**{"files": files, "rules": files.stage_rules(), **how})


def ledger(folder):
    """A ledger in a folder."""
    return SqliteLedger(folder / "ledger.sqlite")


def booked(folder, *paths, into=None, **how):
    """Import files into a ledger of that folder."""
    kept = ("same_bill", "totals")
    options = {name: how.pop(name) for name in kept if name in how}
    return import_bills(paths, ledger=into or ledger(folder), source=source(**how), **options)


SERVICES = (
    ("AWS", "Amazon Elastic Compute Cloud", "Compute", "Hours"),
    ("AWS", "Amazon Simple Storage Service", "Storage", "GB-Mo"),
    ("AWS", "AWS Data Transfer", "Networking", "GB"),
    ("Microsoft", "Azure Cognitive Search", "AI and Machine Learning", "Hours"),
    ("Microsoft", "Virtual Machines", "Compute", "1 Hour"),
    ("Oracle", "Oracle Autonomous Database", "Databases", "OCPU Per Hour"),
)


def month_of_focus_1_0(n, seed):
    """A month of three providers as the specification's version 1.0 describes it: tiny amounts, NULL for what is not
    said, times without a zone, refunds, taxes, free lines, a reservation bought once and used hour by hour."""
    draw = random.Random(seed)
    rows = [_focus_row(draw, number) for number in range(n)]
    commitment = {"CommitmentDiscountId": "ri-1", "CommitmentDiscountType": "Reserved Instance",
                  "CommitmentDiscountCategory": "Usage", "ServiceName": "Amazon Elastic Compute Cloud",
                  "ProviderName": "AWS", "BillingAccountId": "account-AWS"}  # fmt: skip
    bought = {"ChargeCategory": "Purchase", "BilledCost": "730.0000000001", "EffectiveCost": "0",
              "ChargeFrequency": "One-Time", "ChargeDescription": "a year of c5.large"}  # fmt: skip
    rows.append(_focus_row(draw, n) | commitment | bought)
    for hour in range(24):
        used = {"BilledCost": "0", "EffectiveCost": "0.0833333333", "CommitmentDiscountStatus": "Used",
                "ChargeCategory": "Usage", "ChargeDescription": f"c5.large, hour {hour}"}  # fmt: skip
        rows.append(_focus_row(draw, n + 1 + hour) | commitment | used)
    return rows


def _focus_row(draw, number):
    provider, service, category, unit = draw.choice(SERVICES)
    day, kind = draw.randrange(1, 30), draw.choices(("Usage", "Tax", "Credit", "free", "refund"), (80, 5, 5, 6, 4))[0]
    cost = Decimal(draw.randrange(1, 10**9)).scaleb(-11)
    sign = {"free": 0, "Credit": -1, "refund": -1}.get(kind, 1)
    is_usage = kind in ("Usage", "free", "refund")
    quantity = Decimal(draw.randrange(1, 10**6)).scaleb(-4) * (-1 if kind == "refund" else 1)
    return {
        "BilledCost": f"{sign * cost:f}", "EffectiveCost": f"{sign * cost:f}", "ListCost": f"{sign * cost * 2:f}",
        "ContractedCost": f"{sign * cost:f}", "BillingAccountId": f"account-{provider}", "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-09-01 00:00:00", "BillingPeriodEnd": "2026-10-01 00:00:00",
        "ChargePeriodStart": f"2026-09-{day:02} 00:00:00", "ChargePeriodEnd": f"2026-09-{day + 1:02} 00:00:00",
        "ChargeCategory": kind if kind in ("Tax", "Credit") else "Usage", "ChargeClass": "NULL",
        "ChargeDescription": f"{service} {number}", "ChargeFrequency": "Usage-Based",
        "CommitmentDiscountCategory": "NULL", "CommitmentDiscountId": "NULL", "CommitmentDiscountStatus": "NULL",
        "CommitmentDiscountType": "NULL", "ProviderName": provider, "PublisherName": provider,
        "InvoiceIssuerName": provider, "PricingQuantity": f"{quantity:f}" if is_usage else "NULL",
        "PricingUnit": unit if is_usage else "NULL", "ConsumedQuantity": "NULL", "ConsumedUnit": "NULL",
        "RegionId": "us-east-1", "ResourceId": f"resource-{draw.randrange(40)}", "ServiceName": service,
        "ServiceCategory": category, "SkuId": f"sku-{draw.randrange(20)}", "SubAccountId": "NULL",
        "Tags": '{"environment": "prod", "application": "shop"}',
    }  # fmt: skip
