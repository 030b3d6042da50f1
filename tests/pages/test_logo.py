"""The logo."""

from scorecard.ui import logo


def test_the_name_needs_no_font_and_each_theme_has_its_ink():
    for theme, whole, ring in ((logo.LIGHT, logo.LOGO_LIGHT, logo.MARK), (logo.DARK, logo.LOGO_DARK, logo.MARK_DARK)):
        ink, first = theme
        assert "<text" not in whole and "currentColor" not in whole and whole.count(f'fill="{ink}"') == 7
        assert ring.count(f'fill="{ink}"') == 6 and ring.count(f'fill="{first}"') == whole.count(f'fill="{first}"') == 1
