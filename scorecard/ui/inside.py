"""The server asks nobody outside for the address of its own machine, whatever Streamlit would want it for."""

from __future__ import annotations

from streamlit import net_util


def stay() -> None:
    """From now on Streamlit does not know the address of this machine on the internet, and does not ask a service for it.

    It would whenever a browser of another site knocks, to compare. Who may come in is decided before that, by our own guard.
    """
    net_util.get_external_ip = lambda: None
