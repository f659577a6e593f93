"""What machines' names say: architecture, bursting, slices of accelerators."""

import pytest

from steelyard.cost.prices.families import architecture_of, burst_of, sliced_share


@pytest.mark.parametrize(
    "name",
    (
        "aws/us-east-1/t4g.micro m6g.large c7gn.4xlarge r8gd.metal-24xl x2gd.medium im4gn.large a1.large "
        "is4gen.large g5g.xlarge D2ps_v5 Standard_D4pls_v5 E8pds_v5 B2ps_v2 t2a-standard-1 c4a-highcpu-4 "
        "ecs.g8y.large ecs.c6r.xlarge VM.Standard.A1.Flex oci/x/VM.Standard.A2.Flex.1OCPU cax11 "
    ).split(),
)
def test_an_arm_machine_is_known_by_its_name(name: str):
    assert architecture_of(name) == "arm64"


@pytest.mark.parametrize(
    "name",
    (
        "aws/us-east-1/t3.micro t3a.micro c5.large m7i.large m6i.metal g4dn.xlarge g5.xlarge g6.xlarge gr6.4xlarge "
        "p4de.24xlarge B1s B4ms D2s_v5 F4s_v2 NC4as_T4_v3 NV6ads_A10_v5 e2-micro n1-standard-4+t4 c2-standard-8 "
        "ecs.g7re.large ecs.c8i.large ecs.gn5i-c4g1.xlarge VM.Standard.E5.Flex.1OCPU BM.GPU.A100-v2.8 "
    ).split(),
)
def test_an_x86_machine_is_known_by_its_name(name: str):
    assert architecture_of(name) == "x86_64"


@pytest.mark.parametrize("name", ["cellar/box", "our-server", "machine one"])
def test_a_name_of_ones_own_says_nothing_of_the_architecture(name: str):
    assert architecture_of(name) == ""


@pytest.mark.parametrize(
    ("name", "share"),
    [("t3a.micro", "0.1"), ("t4g.small", "0.2"), ("t2.xlarge", "0.225"), ("Standard_B2ms", "0.3"), ("e2-medium", "0.5"),
     ("f1-micro", "0.2"), ("g1-small", "0.5")],
)  # fmt: skip
def test_a_burstable_machine_is_known_with_its_share(name: str, share: str):
    found = burst_of(name)

    assert found is not None
    assert str(found.share) == share
    assert found.source


@pytest.mark.parametrize(
    "name", ["ecs.t6-c1m1.large", "ecs.t5-lc1m1.small", "Standard_B2ats_v2", "VM.Standard.E4.burstable"]
)
def test_a_burstable_machine_of_an_unknown_share_is_known_as_such(name: str):
    found = burst_of(name)

    assert found is not None
    assert found.share is None


@pytest.mark.parametrize(
    "name", ["m5.large", "D2s_v5", "e2-standard-2", "c7g.large", "ecs.g7.large", "f1.2xlarge", "trn1.2xlarge"]
)
def test_a_machine_that_keeps_its_cores_does_not_burst(name: str):
    assert burst_of(name) is None


def test_a_slice_of_an_accelerator_is_known():
    assert sliced_share("azure/eastus/NV6ads_A10_v5") == "1/6"
    assert sliced_share("ecs.vgn6i-m4.xlarge") == ""
    assert sliced_share("NV36ads_A10_v5") is None
