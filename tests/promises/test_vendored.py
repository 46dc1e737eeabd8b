"""Third-party assets are the pinned ones, unchanged, with their licences."""

import json
from pathlib import Path

import plotly

from tests.tools.vendor_assets import ASSETS, HEATMAP_RULE, MANIFEST, PLOTLY_STYLE, ROOT, manifest

VENDORED_FOLDERS = [ROOT / "portal" / "static" / "vendor", ROOT / "portal" / "fonts"]


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    assert json.loads(MANIFEST.read_text(encoding="utf-8")) == manifest()


def test_no_file_is_vendored_without_standing_in_the_manifest() -> None:
    listed = {path for asset in manifest() for path in asset["files"]}
    found = {
        str(path.relative_to(ROOT))
        for folder in VENDORED_FOLDERS
        for path in folder.rglob("*")
        if path.is_file() and path != MANIFEST
    }

    assert found == listed


def test_every_asset_comes_with_its_licence() -> None:
    for asset in ASSETS:
        assert {"LICENSE", "OFL.txt"} & set(asset.files.values()), asset.package


def test_plotly_in_python_draws_for_the_vendored_script() -> None:
    bundled = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    script = ROOT / "portal/static/vendor/plotly/plotly-cartesian.min.js"

    assert "plotly.js v4.1.1" in bundled.read_text(encoding="utf-8")[:200]
    assert "v4.1.1" in script.read_text(encoding="utf-8")[:200]


def test_the_style_of_charts_is_a_file_of_rules() -> None:
    style = (ROOT / PLOTLY_STYLE).read_text(encoding="utf-8")

    assert ".js-plotly-plot" in style
    assert HEATMAP_RULE in style
