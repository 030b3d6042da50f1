"""Parts of a page that have a script of their own: the browser fetches it as a file of this server, and runs no text as a script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

HERE = Path(__file__).parent
SCRIPTS = "scripts"
OURS = "seven_systems"


class Piece:
    """A component whose script is the file of its name. Called as Streamlit's own are, it draws itself and gives its state."""

    def __init__(self, name: str, html: str):
        self.name, self._html = name, html
        self._draw: Callable[..., Any] | None = None

    @property
    def key(self) -> str:
        """The name under which Streamlit knows it, and under which its script is fetched."""
        return f"{OURS}.{self.name}"

    def __call__(self, **given: Any) -> Any:
        """Its state in this run."""
        if self._draw is None or not self._known():
            self._draw = self._registered()
        return self._draw(**given)

    def _known(self) -> bool:
        return not runtime.exists() or get_bidi_component_manager().get_component_asset_root(self.key) is not None

    def _registered(self) -> Callable[..., Any]:
        """The component as Streamlit knows it from now on. Where no server runs there is nothing to fetch a script from."""
        if not runtime.exists():
            return st.components.v2.component(self.key, html=self._html, js=(HERE / SCRIPTS / f"{self.name}.js").read_text("utf-8"))
        manifest = ComponentManifest(OURS, "1", [ComponentConfig(self.name, SCRIPTS)])
        get_bidi_component_manager().register_from_manifest(manifest, HERE)
        return st.components.v2.component(self.key, html=self._html, js=f"{self.name}.js")
