"""The files under deploy/, held against the code that they speak of."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from shared.observe import Metrics
from shared.settings import Settings
from shared.topology import STAGES

DEPLOY = Path(__file__).parent.parent / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
KINDS = {
    "counter": {"_total"},
    "gauge": {""},
    "histogram": {"_bucket", "_sum", "_count"},
}


def documents(path: Path) -> list[dict[str, Any]]:
    return [dict(document) for document in YAML(typ="safe").load_all(path.read_text())]


MANIFESTS = [
    document
    for path in sorted(KUBERNETES.glob("*.yaml"))
    if path.name not in {"kustomization.yaml", "common.yaml"}
    for document in documents(path)
]


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {found["metadata"]["name"]: found for found in MANIFESTS if found["kind"] == kind}


# --- Grafana and Prometheus ---


def test_the_dashboard_asks_only_for_metrics_and_labels_that_exist():
    dashboard = json.loads((DEPLOY / "grafana" / "dateline.json").read_text())
    metrics = {
        family.name + suffix: family
        for family in Metrics().registry.collect()
        for suffix in KINDS[family.type]
    }
    labels = {label for metric in vars(Metrics()).values() for label in getattr(metric, "_labelnames", ())}
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]

    assert expressions
    for expression in expressions:
        assert set(re.findall(r"dateline_\w+", expression)) <= set(metrics), expression
        for names in re.findall(r"by \(([^)]*)\)", expression):
            assert set(names.split(", ")) <= labels | {"le"}, expression


def test_the_dashboard_asks_only_for_stages_that_exist():
    text = (DEPLOY / "grafana" / "dateline.json").read_text()

    assert set(re.findall(r'stage=\\"(\w+)\\"', text)) <= set(STAGES)


def test_prometheus_looks_for_the_services_of_the_compose_file():
    (configuration,) = documents(DEPLOY / "prometheus.yml")
    (found,) = configuration["scrape_configs"][0]["dns_sd_configs"]

    assert set(found["names"]) == {"ingest", "enrich", "index", "bot"}
    assert found["port"] == 8080


# --- Kubernetes ---


def test_every_manifest_is_listed_and_every_listed_one_exists():
    (kustomization,) = documents(KUBERNETES / "kustomization.yaml")
    listed = {*kustomization["resources"], *(patch["path"] for patch in kustomization["patches"])}

    assert listed == {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}


def test_the_configuration_holds_known_settings():
    (kustomization,) = documents(KUBERNETES / "kustomization.yaml")
    names = {
        literal.partition("=")[0]
        for maker in kustomization["configMapGenerator"]
        for literal in maker["literals"]
    }

    assert {name.removeprefix("DATELINE_").lower() for name in names} <= set(Settings.model_fields)


def test_a_scaled_stage_grows_with_the_lag_of_its_own_group():
    scaled = of_kind("ScaledObject")

    assert set(scaled) == {"enrich", "index"}
    for stage, manifest in scaled.items():
        stream, group = STAGES[stage]
        (trigger,) = manifest["spec"]["triggers"]
        assert trigger["metadata"]["stream"] == stream.name
        assert trigger["metadata"]["consumerGroup"] == group
        assert manifest["spec"]["scaleTargetRef"]["name"] in of_kind("Deployment")
        assert "replicas" not in of_kind("Deployment")[stage]["spec"], "two owners of one number would fight"


def test_there_is_never_a_second_bot():
    specification = of_kind("Deployment")["bot"]["spec"]

    assert specification["replicas"] == 1
    assert specification["strategy"] == {"type": "Recreate"}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kustomize_puts_the_common_part_into_every_deployment(tmp_path):
    command = [str(shutil.which("kubectl")), "kustomize", str(KUBERNETES)]
    built = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True, env={"HOME": str(tmp_path)}
    )
    pods = [
        document["spec"]["template"]["spec"]
        for document in YAML(typ="safe").load_all(built.stdout)
        if document["kind"] in {"Deployment", "Job"}
    ]

    assert len(pods) == 5
    for pod in pods:
        (container,) = pod["containers"]
        assert container["image"].startswith("dateline:")
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["resources"]["limits"]["memory"]
        assert (
            container["args"] == ["setup"]
            or container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
        )
