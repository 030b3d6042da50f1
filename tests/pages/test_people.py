"""The page People: figures of each CSM in their context, for each role what it may see, and nobody ranked."""

from __future__ import annotations

import pytest

from scorecard import access


@pytest.mark.parametrize("role", access.ROLES)
def test_the_page_opens_in_every_role(look, role):
    at = look("people", role)
    assert not at.exception and at.title[0].value == "People"
