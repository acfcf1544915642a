"""The filters that turn values into words."""

from typing import Any

import pytest

from backend.currency import Currency
from backend.rendering import _environment, amounts_filled, browser, excerpt, markdown

ETHER = Currency(None, "ETH", 18)
NOW = 1_800_000_000


def say(template: str, language: str = "en", **values: object) -> str:
    return amounts_filled(_environment(language).from_string(template).render(now=NOW, **values))


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
    assert say('<p title="{{ value|rough(currency) }}">', value=value, currency=ETHER) == f'<p title="{said}">'


LONG = 1_234_567_890_123_456_789
EXACT = "1.234567890123456789 ETH"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("<p>It is {{ a|amount(c) }}.</p>", f'<p>It is <span title="{EXACT}">≈ 1.23456 ETH</span>.</p>'),
        (
            "<p>{{ '%(a)s left'|format(a=a|amount(c)) }}</p>",
            f'<p><span title="{EXACT}">≈ 1.23456 ETH</span> left</p>',
        ),
        ('<p title="of {{ a|amount(c) }}">', '<p title="of ≈ 1.23456 ETH">'),
        ("<option value=1>a &lt; {{ a|amount(c) }}</option>", "<option value=1>a &lt; ≈ 1.23456 ETH</option>"),
        ("<p>{{ a|exactly(c) }}</p>", f"<p>{EXACT}</p>"),
        ("<p>{{ (10**16)|amount(c) }}</p>", "<p>0.01 ETH</p>"),
    ],
)
def test_amount_keeps_six_digits_with_the_exact_one_on_hover(template: str, said: str) -> None:
    assert say(template, a=LONG, c=ETHER) == said


def test_amounts_and_shares_are_written_as_the_language_does() -> None:
    values: dict[str, Any] = {"a": LONG, "c": ETHER, "bps": 1_050}

    assert say('<p title="{{ a|amount(c) }} {{ bps|percent }}">', **values) == '<p title="≈ 1.23456 ETH 10.5%">'
    assert say('<p title="{{ a|amount(c) }} {{ bps|percent }}">', "ru", **values) == (
        '<p title="≈ 1,23456 ETH 10,5\N{NO-BREAK SPACE}%">'
    )
    assert say("{{ a|exactly(c) }}", "ru", **values) == "1,234567890123456789 ETH"


def test_whole_units_are_never_cut() -> None:
    dollars = Currency("0x" + "70" * 20, "USDC", 6)

    assert dollars.about(12_345_678_900_000, digits=4) == "≈ 12345678 USDC"
    assert dollars.about(12_345_000_000) == "12345 USDC"
    assert dollars.rough(12_345_678_900) == "12346 USDC"


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


def test_excerpt_parts_the_items_of_a_list() -> None:
    assert excerpt("We need:\n\n- a dome\n- a pier\n\nThen we pour.\n\n1. one\n2. two") == (
        "We need: a dome · a pier · Then we pour. one · two"
    )


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
