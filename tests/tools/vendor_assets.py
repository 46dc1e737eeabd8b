"""Fetches the pinned third-party assets from npm's packages into the project and writes their manifest.

Run it when a version is raised: `.venv/bin/python -m tests.tools.vendor_assets`. It needs npm and Chromium.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import servers

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "portal" / "static" / "vendor" / "MANIFEST.json"
EXTRACT_STYLE = """
    () => [...document.getElementById("plotly.js-style-global").sheet.cssRules].map(rule => rule.cssText)
"""
# Its own style for pixelated heatmaps is set inline, where a strict policy refuses it.
HEATMAP_RULE = ".js-plotly-plot .plotly .heatmaplayer image { image-rendering: pixelated; }"


@dataclass(frozen=True)
class Asset:
    """A pinned package: `files` maps a path inside it to a path inside the project's `folder`."""

    package: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]


ASSETS = (
    Asset(
        package="plotly.js-cartesian-dist-min",
        version="4.1.1",
        licence="MIT",
        folder="portal/static/vendor/plotly",
        files={"plotly-cartesian.min.js": "plotly-cartesian.min.js", "LICENSE": "LICENSE"},
    ),
    Asset(
        package="@digital-go-jp/design-tokens",
        version="1.1.9",
        licence="MIT",
        folder="portal/static/vendor/design-tokens",
        files={"dist/tokens.css": "tokens.css", "LICENSE": "LICENSE"},
    ),
    Asset(
        package="@expo-google-fonts/noto-sans-jp",
        version="0.4.3",
        licence="OFL-1.1",
        folder="portal/fonts",
        files={
            "400Regular/NotoSansJP_400Regular.ttf": "NotoSansJP-400.ttf",
            "700Bold/NotoSansJP_700Bold.ttf": "NotoSansJP-700.ttf",
            "LICENSE_FONT": "OFL.txt",
        },
    ),
)
PLOTLY_STYLE = "portal/static/vendor/plotly/plotly.css"


def main() -> None:
    """Fetch every asset, extract plotly's style sheet and write the manifest."""
    for asset in ASSETS:
        fetch(asset)
    extract_plotly_style()
    MANIFEST.write_text(json.dumps(manifest(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def fetch(asset: Asset) -> None:
    """Copy the files of one package into the project."""
    folder = ROOT / asset.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run(
            ["npm", "pack", "--silent", f"{asset.package}@{asset.version}"],
            cwd=temporary,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        [archive] = Path(temporary).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(temporary, filter="data")
        for inside, ours in asset.files.items():
            shutil.copyfile(Path(temporary, "package", inside), folder / ours)


def extract_plotly_style() -> None:
    """Write the style that plotly.js would put into the page as a file that a strict policy allows."""
    with servers.chromium() as browser:
        page = browser.new_page()
        page.set_content("<div id='chart'></div>")
        page.add_script_tag(path=ROOT / "portal/static/vendor/plotly/plotly-cartesian.min.js")
        page.evaluate("() => Plotly.newPlot('chart', [{type: 'bar', y: [1, 2]}])")
        rules = page.evaluate(EXTRACT_STYLE)
    (ROOT / PLOTLY_STYLE).write_text("\n".join([*rules, HEATMAP_RULE]) + "\n", encoding="utf-8")


def manifest() -> list[dict[str, Any]]:
    """Return name, version, licence and the SHA-256 of each file of every asset."""
    return [
        {
            "name": asset.package,
            "version": asset.version,
            "licence": asset.licence,
            "files": {path: sha256(ROOT / path) for path in paths(asset)},
        }
        for asset in ASSETS
    ]


def paths(asset: Asset) -> list[str]:
    """Return the paths of an asset's files, from the top of the project."""
    extracted = [PLOTLY_STYLE] if PLOTLY_STYLE.startswith(asset.folder) else []
    return sorted([f"{asset.folder}/{ours}" for ours in asset.files.values()] + extracted)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
