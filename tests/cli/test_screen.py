"""What commands show: no character from a file steers the terminal."""

import json

import pytest

from keras_course.cli.screen import new_table, screen, styled

NASTY = "\x1b]0;title\x07\x1b[2Jcat\x9b31m\r‮"


@pytest.mark.parametrize(
    "show",
    [
        lambda console: console.print(f"run of {NASTY}"),
        lambda console: console.print(styled(NASTY, f": {NASTY}")),
        lambda console: console.print(f"{NASTY} in a long line", soft_wrap=True),
    ],
)
def test_texts_are_spelled_out(monkeypatch, capsys, show):
    show(screen())
    output = capsys.readouterr().out
    assert r"\x1b[2Jcat\x9b31m\r" in output.replace("\n", "")
    assert all(character.isprintable() or character == "\n" for character in output)


def test_cells_are_spelled_out(capsys):
    table = new_table(NASTY, ">number", title=NASTY)
    table.add_row(NASTY, "1")
    console = screen()
    console.width = 200
    console.print(table)
    output = capsys.readouterr().out
    assert output.count(r"\x1b[2Jcat") == 3
    assert all(character.isprintable() or character == "\n" for character in output)


def test_lines_stay_lines(capsys):
    screen().print("one\ntwo\tthree")
    assert capsys.readouterr().out == "one\ntwo     three\n"


def test_a_run_of_somebody_else(course, tmp_path):
    """Names in its config and its records reach the screen by messages alone, and harmless."""
    run = tmp_path / "run"
    run.mkdir()
    config = {"kind": "comparison", "models": [NASTY], "recipe": {"models": [NASTY], "data": "digits", "seed": 0}}
    (run / "config.json").write_text(json.dumps(config))
    for line in (
        "compare --run-dir run --resume",
        "export run out",
        "predict run run/x.png",
        "train --run-dir run --resume",
    ):
        code, output, errors = course(line)
        assert code == 2
        assert all(character.isprintable() or character == "\n" for character in output + errors)
    (run / "config.json").write_bytes(b"{" + b" " * 20_000_000 + b"}")
    code, _, errors = course("export run out")
    assert code == 2 and "more than 16777216 bytes" in errors
