"""The competition: the same secret gives the same bytes, the key stays apart, and look-ups are seen."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_challenge import CLASSES, OTHER, SECRET, small_dataset

from data_loaders import torch7
from lib.leaderboard import make_competition, read_challenge, read_predictions, write_challenge
from lib.leaderboard.command import make_challenge
from lib.leaderboard.competition import NOISED, UNCHANGED, UNREADABLE, digest_of
from lib.leaderboard.key_file import read_key, write_key

DATA = small_dataset()


def test_one_secret_makes_one_competition_byte_for_byte():
    one, again = make_competition(DATA, SECRET), make_competition(small_dataset(), SECRET)
    assert np.array_equal(one.images, again.images)
    for name in ("labels", "treatment", "public"):
        assert np.array_equal(getattr(one.key, name), getattr(again.key, name))
    assert one.key.digest == again.key.digest == digest_of(one.images)


def test_the_bytes_are_those_of_any_machine_and_any_version_of_numpy():
    competition = make_competition(DATA, SECRET)
    assert competition.key.labels[:12].tolist() == FIRST_LABELS
    assert competition.key.digest.startswith(DIGEST)


FIRST_LABELS, DIGEST = [3, 4, 7, 5, 7, 4, 4, 0, 4, 3, 5, 2], "7785d4d160fb5900"


def test_another_secret_makes_another_order_other_halves_and_other_noise():
    one, other = make_competition(DATA, SECRET).key, make_competition(DATA, OTHER).key
    for name in ("labels", "treatment", "public"):
        assert not np.array_equal(getattr(one, name), getattr(other, name))


@settings(deadline=None, max_examples=20)
@given(st.binary(min_size=16, max_size=64), st.integers(20, 120))
def test_every_image_is_there_once_with_its_own_label(secret, count):
    data = small_dataset(count)
    made = make_competition(data, secret)
    key = made.key
    assert sorted(key.labels) == sorted(data.test.labels)
    table = {image.tobytes(): label for image, label in zip(data.test.images, data.test.labels, strict=True)}
    for row in np.flatnonzero(key.treatment == UNCHANGED):
        assert table[made.images[row].tobytes()] == key.labels[row]
    for row in np.flatnonzero(key.treatment == NOISED):
        off = np.abs(data.test.images.astype(int) - made.images[row]).mean(axis=(1, 2, 3))
        assert data.test.labels[off.argmin()] == key.labels[row]
        assert 0 < off.min() < 6


@settings(deadline=None, max_examples=20)
@given(st.floats(0, 0.5), st.floats(0, 0.5), st.integers(20, 200))
def test_shares_and_halves_are_as_said(noised, unreadable, count):
    key = make_competition(small_dataset(count), SECRET, noised=noised, unreadable=unreadable).key
    assert (key.treatment == NOISED).sum() == min(round(noised * count), count - round(unreadable * count))
    assert (key.treatment == UNREADABLE).sum() == round(unreadable * count)
    assert not (key.public & key.private).any()
    assert np.array_equal(key.public | key.private, key.treatment != UNREADABLE)
    assert abs(int(key.public.sum()) - int(key.private.sum())) <= 1


def test_the_noise_is_as_strong_as_it_should_be():
    grey = small_dataset(400)
    grey.test.images[:] = 128
    made = make_competition(grey, SECRET, unreadable=0.5)
    mild, strong = (made.images[made.key.treatment == kind].astype(float) for kind in (NOISED, UNREADABLE))
    assert abs(mild.mean() - 128) < 0.2
    assert abs(mild.std() - 4) < 0.2
    assert abs(strong.mean() - 128) < 1
    assert 66 < strong.std() < 75  # 75, less what is cut at 0 and 255
    assert abs(np.corrcoef(strong.reshape(len(strong), -1))[0, 1:]).max() < 0.4  # each has noise of its own


def test_the_data_set_itself_is_left_as_it_is():
    data = small_dataset()
    before = data.test.images.copy()
    make_competition(data, SECRET)
    assert np.array_equal(data.test.images, before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"secret": b"short"}, "secret: expected at least 16 bytes, got 5 bytes"),
        ({"secret": "a secret of the tests"}, "secret: expected at least 16 bytes, got a str"),
        ({"noised": 0.9, "unreadable": 0.2}, "noised: expected at most 1 − unreadable = 0.8, got 0.9"),
        ({"noised": -0.1}, "noised: expected a number from 0 to 1"),
        ({"dataset": small_dataset(19)}, "dataset: expected at least 20 test images, got 19"),
    ],
)
def test_what_makes_no_competition_is_told(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_competition(**{"dataset": DATA, "secret": SECRET, **arguments})


def test_students_get_images_in_both_forms_and_a_sample(tmp_path):
    made = make_competition(DATA, SECRET)
    files = write_challenge(tmp_path / "challenge", made.images, CLASSES)
    assert sorted(os.listdir(tmp_path / "challenge")) == sorted(path.name for path in files)
    assert np.array_equal(read_challenge(tmp_path / "challenge"), made.images)
    assert np.array_equal(torch7.load(tmp_path / "challenge" / "te_data.bin"), made.images)
    assert read_predictions(tmp_path / "challenge" / "sample_submission.csv", count=200).tolist() == [0] * 200
    about = (tmp_path / "challenge" / "README.txt").read_text("utf-8")
    assert all(name in about for name in CLASSES)


def test_te_data_has_the_size_that_deck_a2_states(tmp_path):
    images = np.zeros((10_000, 3, 32, 32), np.uint8)
    write_challenge(tmp_path, images, CLASSES)
    assert f"{(tmp_path / 'te_data.bin').stat().st_size / 2**20:.2f}" == "29.30"


def test_the_same_images_give_the_same_files(tmp_path):
    made = make_competition(DATA, SECRET)
    folders = [tmp_path / "one", tmp_path / "other"]
    one, other = (write_challenge(folder, made.images, CLASSES) for folder in folders)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
    write_challenge(folders[0], made.images, CLASSES)  # over what it has written itself


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "key.json").write_text("{}")
    with pytest.raises(ValueError, match=r"to: expected a new or an empty folder, got one with 'key.json'"):
        write_challenge(tmp_path, DATA.test.images, CLASSES)
    assert os.listdir(tmp_path) == ["key.json"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and rubbish", b"\x93NUMPY"])
def test_a_damaged_challenge_is_told(tmp_path, content):
    with pytest.raises(FileNotFoundError, match=r"expected challenge.npz"):
        read_challenge(tmp_path)
    (tmp_path / "challenge.npz").write_bytes(content)
    with pytest.raises(ValueError, match="copy it again"):
        read_challenge(tmp_path)


# The key.


def test_a_key_is_read_back_and_nobody_else_may_read_it(tmp_path):
    key = make_competition(DATA, SECRET).key
    path = tmp_path / "new" / "key.json"
    before = os.umask(0)
    try:
        write_key(path, key)
    finally:
        os.umask(before)
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    back = read_key(path)
    for name in ("labels", "treatment", "public"):
        assert np.array_equal(getattr(back, name), getattr(key, name))
        assert getattr(back, name).dtype == getattr(key, name).dtype
    assert (back.classes, back.data, back.digest) == (key.classes, key.data, key.digest)


def test_a_key_is_never_readable_by_others_not_even_while_it_is_written(tmp_path):
    if os.name == "nt":
        pytest.skip("Windows has no modes")
    program = (
        "import os, signal, sys\n"
        "from lib.files import replacing_text\n"
        "os.umask(0)\n"
        f"with replacing_text({str(tmp_path / 'key.json')!r}, private=True) as file:\n"
        "    file.write('half'); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode != 0
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600]


@pytest.mark.parametrize("place", ["repository/keys/key.json", "repository/key.json"])
def test_a_key_is_not_written_into_a_repository(tmp_path, place):
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    with pytest.raises(ValueError, match="key: expected a file outside of the course and of any repository"):
        write_key(tmp_path / place, make_competition(DATA, SECRET).key)


def test_a_key_is_not_written_into_the_course(tmp_path, monkeypatch):
    monkeypatch.setattr("lib.leaderboard.key_file.ROOT", tmp_path)
    with pytest.raises(ValueError, match="outside of the course"):
        write_key(tmp_path / "lib" / "key.json", make_competition(DATA, SECRET).key)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="outside of the course"):
        write_key(tmp_path / "link" / "key.json", make_competition(DATA, SECRET).key)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"labels": [1]}',
        '{"labels": ["x"], "treatment": [0], "public": [1], "classes": ["a"], "data": "", "digest": ""}',
        '{"labels": [1], "treatment": [0], "public": [1], "classes": ["a"], "data": "", "digest": ""}',
        '{"labels": [0, 0], "treatment": [0], "public": [1], "classes": ["a"], "data": "", "digest": ""}',
        '{"labels": [0], "treatment": [2], "public": [1], "classes": ["a"], "data": "", "digest": ""}',
    ],
)
def test_what_is_no_key_is_refused(tmp_path, content):
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(ValueError, match="key: expected"):
        read_key(tmp_path / "key.json")


# Both, as the command makes them.


@pytest.fixture
def few_images(monkeypatch):
    monkeypatch.setattr("lib.leaderboard.command.load_dataset", lambda name: DATA)


def test_the_key_is_never_in_the_students_folder(tmp_path, few_images):
    files = make_challenge(tmp_path / "students", SECRET, tmp_path / "kept" / "key.json")
    key = read_key(tmp_path / "kept" / "key.json")
    assert key.digest == digest_of(read_challenge(tmp_path / "students"))
    with np.load(tmp_path / "students" / "challenge.npz") as arrays:
        assert sorted(arrays) == ["ids", "images"]
        assert np.array_equal(arrays["ids"], np.arange(1, 201))
    secrets = [key.labels.tobytes(), key.labels.astype(np.uint8).tobytes(), key.treatment.tobytes(), SECRET]
    secrets += [key.public.tobytes(), str(key.labels.tolist())[1:40].encode(), key.digest.encode()]
    for path in files:
        content = path.read_bytes()
        assert not any(secret in content for secret in secrets), path.name


@pytest.mark.parametrize("key", ["students/key.json", "students/deeper/key.json", "students"])
def test_a_key_in_the_students_folder_is_refused_and_nothing_is_written(tmp_path, few_images, key):
    with pytest.raises(ValueError, match="key: expected a file outside of the students' folder"):
        make_challenge(tmp_path / "students", SECRET, tmp_path / key)
    assert os.listdir(tmp_path) == []


def test_the_same_secret_makes_the_same_challenge_again(tmp_path, few_images):
    one = make_challenge(tmp_path / "one", SECRET, tmp_path / "key.json")
    other = make_challenge(tmp_path / "other", SECRET, tmp_path / "key2.json")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
    assert (tmp_path / "key.json").read_bytes() == (tmp_path / "key2.json").read_bytes()


def test_a_key_of_other_images_is_never_replaced(tmp_path, few_images):
    make_challenge(tmp_path / "one", SECRET, tmp_path / "key.json")
    before = (tmp_path / "key.json").read_bytes()
    with pytest.raises(ValueError, match="key: expected that of these images, got another one"):
        make_challenge(tmp_path / "other", OTHER, tmp_path / "key.json")
    assert (tmp_path / "key.json").read_bytes() == before
    assert not (tmp_path / "other").exists()
    make_challenge(tmp_path / "other", SECRET, tmp_path / "key.json")
