"""What is hidden from a submission, and what Python needs of the same places."""

import os
import subprocess
import sys

import pytest

from keras_course.course.exercises.checking.bubblewrap import bubblewrap_command
from keras_course.course.exercises.checking.places import PACKAGE, covered, hidden_places, search_path


@pytest.fixture
def home(tmp_path):
    """A home folder with a virtual environment in it, a link to another one, and files."""
    for folder in ("project/venv/lib", "project/notes", "private"):
        (tmp_path / "home" / folder).mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "home" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "home" / "key").write_text("secret")
    return tmp_path / "home"


def test_a_folder_is_hidden_as_a_whole(home):
    assert covered(str(home), ["/usr", f"{home}2"]) == [str(home)]


def test_what_is_needed_of_a_folder_stays(home):
    found = covered(str(home), [f"{home}/project/venv"])
    assert sorted(found) == [f"{home}/key", f"{home}/private", f"{home}/project/notes"]
    assert covered(str(home), [f"{home}/project", str(home)]) == []


def test_a_link_to_what_is_needed_stays(home):
    assert f"{home}/linked" not in covered(str(home), [f"{home}/linked", str(home.parent / "elsewhere")])


def test_of_a_folder_that_cannot_be_listed_the_way_to_what_is_needed_stays(home, monkeypatch):
    real = os.scandir

    def refuse(folder):
        if folder == str(home):
            raise PermissionError(folder)
        return real(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert covered(str(home), [f"{home}/project/venv"]) == [f"{home}/project/notes"]


def test_the_package_is_hidden_and_no_place_is_inside_another(tmp_path):
    places = hidden_places([tmp_path / "students"])
    assert any(f"{PACKAGE}{os.sep}".startswith(f"{place}{os.sep}") for place in places)
    assert all(not one.startswith(f"{other}{os.sep}") for one in places for other in places)
    assert not any(sys.prefix == place or sys.prefix.startswith(f"{place}{os.sep}") for place in places)


def test_a_root_folder_is_not_hidden():
    assert hidden_places(["/"]) == hidden_places()


def test_packages_of_a_user_are_found_from_the_home_folder(home):
    """`pip install --user` puts them below the folder in which a student may well work."""
    site = home / ".local" / "lib" / "site-packages"
    site.mkdir(parents=True)
    code = "from keras_course.course.exercises.checking.places import search_path; print(search_path())"
    path = os.pathsep.join([str(site), str(home), os.path.dirname(PACKAGE)])
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=home, env=environment)
    assert str(site) in result.stdout
    assert f"'{home}'" not in result.stdout


def test_no_tests_are_on_the_search_path(request):
    assert str(request.path.parent) in sys.path
    assert str(request.path.parent) not in search_path()


def test_bubblewrap_hides_a_folder_of_more_files_than_it_takes_arguments(tmp_path):
    needed, work = tmp_path / "many" / "needed", tmp_path / "work"
    for folder in (needed / "inner", work):
        folder.mkdir(parents=True)
    for number in range(5000):
        (tmp_path / "many" / f"{number}.txt").touch()
    (needed / "library.py").write_text("x = 1\n")
    (tmp_path / "many" / "link").symlink_to("needed")
    hidden = [*covered(str(tmp_path / "many"), [str(needed)]), str(needed / "inner")]
    command = bubblewrap_command(str(work), hidden)
    if command is None or subprocess.run([*bubblewrap_command(str(work), []), "true"], check=False).returncode:
        pytest.skip("no bubblewrap here")
    listed = f"ls {tmp_path}/many {needed} && cat {tmp_path}/many/link/library.py && ! touch {tmp_path}/many/new"
    seen = subprocess.run([*command, "sh", "-c", listed], capture_output=True, text=True, check=True)
    assert seen.stdout.split() == f"{tmp_path}/many: link needed {needed}: inner library.py x = 1".split()
