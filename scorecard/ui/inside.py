"""What happens inside Streamlit's server and this product decides: it asks nobody outside, and holds so much of what a tab uploads."""

from __future__ import annotations

from streamlit import net_util, runtime

UPLOADS = "/_stcore/upload_file/"
MOST_HELD = 150_000_000


def stay() -> None:
    """From now on Streamlit does not know the address of this machine on the internet, and does not ask a service for it.

    It would whenever a browser of another site knocks, to compare. Who may come in is decided before that, by our own guard.
    """
    net_util.get_external_ip = lambda: None


def too_much(scope: dict) -> str:
    """Why a tab may upload no more, as a sentence; "" when it may, and for everything that is no upload.

    Streamlit holds each file in memory until the page or the browser lets it go; a program need never let go.
    """
    path = scope.get("path", "")
    if scope["type"] != "http" or scope["method"] != "PUT" or not path.startswith(UPLOADS) or not runtime.exists():
        return ""
    kept = getattr(runtime.get_instance().uploaded_file_mgr, "file_storage", {}).get(path.removeprefix(UPLOADS).partition("/")[0], {})
    coming = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    held = sum(len(file.data) for file in list(kept.values())) + (int(coming) if coming.isdigit() else 0)
    return f"This tab holds files of {MOST_HELD // 1_000_000} MB. Take one away, or load the page again." if held > MOST_HELD else ""
