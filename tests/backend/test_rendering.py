"""The filters that turn values into words."""

import pytest

from backend.currency import Currency
from backend.rendering import _environment, browser, excerpt, markdown

ETHER = Currency(None, "ETH", 18)
NOW = 1_800_000_000


def say(template: str, language: str = "en", **values: object) -> str:
    return _environment(language).from_string(template).render(now=NOW, **values)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0 ETH"),
        (5 * 10**15, "0.005 ETH"),
        (13_533_333_526_234_560, "≈ 0.01353 ETH"),
        (12_345, "≈ 0.00000000000001234 ETH"),
    ],
)
def test_rough_keeps_four_digits_and_rounds_down(value: int, said: str) -> None:
    assert say("{{ value|rough(currency) }}", value=value, currency=ETHER) == said


@pytest.mark.parametrize(
    ("seconds", "english", "russian"),
    [(0, "just now", "только что"), (-7200, "2 hours ago", "2 часа назад"), (86_400 * 3, "in 3 days", "через 3 дня")],
)
def test_ago_tells_both_directions_in_both_languages(seconds: int, english: str, russian: str) -> None:
    assert say("{{ at|ago }}", at=NOW + seconds) == english
    assert say("{{ at|ago }}", "ru", at=NOW + seconds) == russian


def test_exact_names_its_time_zone() -> None:
    assert say("{{ at|exact }}", at=NOW) == "15 Jan 2027, 08:00 UTC"


def test_excerpt_is_plain_and_ends_between_words() -> None:
    text = excerpt("# Title\n\n**bold** [link](https://a.example) " + "word " * 200)

    assert text.startswith("Title: bold link word")
    assert text.endswith("word…")
    assert len(text) <= 321


def test_excerpt_parts_a_heading_from_what_follows() -> None:
    assert excerpt("Out of nothing.\n\n## Saturday\n\nCome at nine.\n\n## Why?\n\n## End") == (
        "Out of nothing. Saturday: Come at nine. Why? End"
    )


@pytest.mark.parametrize("marks", ["![", "*a ", "_a_"])
def test_markdown_with_too_many_marks_stays_plain_text(marks: str) -> None:
    text = marks * 5_001 + "<b>"

    html = markdown(text)

    assert html == f"<p>{marks * 5_001}&lt;b&gt;</p>"


def test_excerpt_looks_at_the_beginning_alone() -> None:
    assert excerpt("word **bold** " * 20 + "![" * 50_000).startswith("word bold word")


def test_markdown_keeps_structure_and_drops_what_could_act() -> None:
    html = markdown("| a |\n|---|\n| b |\n\n<script>x</script>\n\n[x](javascript:y) ![z](https://a.example/z)")

    assert "<td>b</td>" in html
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in html.replace("[x](javascript:y)", "")


def test_markdown_keeps_first_headings_below_the_title_of_the_page() -> None:
    assert markdown("# A\n\n## B") == "<h2>A</h2>\n<h2>B</h2>\n"


def test_browser_names_what_people_know() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    assert browser(agent) == "Firefox, Linux"
    assert browser("curl/8") == ""
