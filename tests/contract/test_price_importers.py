"""Every built-in importer keeps the promises that a third party's must keep."""

import json
from dataclasses import replace

from steelyard import registry
from steelyard.assembly.prices import Prices
from steelyard.testing import PriceImporterContract


class TestCsv(PriceImporterContract):
    name = "csv"
    listed = "own/eu-central-1/box.large"

    def write(self, folder, price):
        path = folder / "prices.csv"
        path.write_text(
            "name,service,price,unit,kind,source,as_of,vcpus,memory_gb\n"
            f"{self.listed},instance,{price},hour,quoted,offer of the provider,2026-10-30,2,8\n",
            "utf-8",
        )
        return path


class TestSkyPilot(PriceImporterContract):
    name = "skypilot"
    listed = "c5.large"
    region = "eu-central-1"

    def write(self, folder, price):
        path = folder / "vms.csv"
        path.write_text(
            "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone\n"
            f"c5.large,,,2,4,,{price},0.03,eu-central-1,eu-central-1a\n"
            "c5.large,,,2,4,,0.085,0.03,us-east-1,us-east-1a\n",
            "utf-8",
        )
        return path


class TestGpuhunt(PriceImporterContract):
    name = "gpuhunt"
    listed = "e2-standard-2"
    region = "us-east1"

    def write(self, folder, price):
        path = folder / "gcp.csv"
        path.write_text(
            "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot\n"
            f"e2-standard-2,us-east1-b,{price},2,8.0,0,,,False\n"
            "e2-standard-2,us-east1-b,0.04,2,8.0,0,,,True\n",
            "utf-8",
        )
        return path


class TestKarpenterJson(PriceImporterContract):
    name = "karpenter"
    listed = "e2-standard-2"
    region = "us-east1"

    def write(self, folder, price):
        path = folder / "prices.json"
        sized = {"onDemandPricePerHour": price, "vcpu": 2, "memory": 8}
        path.write_text(json.dumps({"us-east1": {"e2-standard-2": sized}}), "utf-8")
        return path


class TestKarpenterGo(PriceImporterContract):
    name = "karpenter"
    listed = "e2-standard-2"
    region = "us-east1"

    def request(self):
        return replace(super().request(), specs=Prices().books().load("gcp-us-east1"))

    def write(self, folder, price):
        path = folder / "zz_generated.pricing.go"
        path.write_text(
            "// generated at 2026-07-20T13:44:30Z for us-east1\n"
            "var InitialOnDemandPrices = map[string]map[string]float64{\n"
            '\t"us-east1": {\n'
            f'\t\t"e2-standard-2": {price}, "e2-standard-4": 0.134,\n'
            "\t},\n}\n",
            "utf-8",
        )
        return path


class TestGenaiPrices(PriceImporterContract):
    name = "genai-prices"
    listed = "openai/small"

    def write(self, folder, price):
        path = folder / "data.json"
        models = [{"id": "small", "prices": {"input_mtok": price or None, "output_mtok": "0.6"}}]
        path.write_text(json.dumps([{"id": "openai", "models": models}]), "utf-8")
        return path


def test_every_installed_importer_has_a_suite():
    tested = {each.name for each in PriceImporterContract.__subclasses__()}

    assert set(registry.names("price-importers")) <= tested
