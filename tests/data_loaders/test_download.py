import hashlib
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mirror_server import MirrorServer

from data_loaders import download, mirrors
from data_loaders.download import DownloadError, fetch
from data_loaders.transfer import Patience

IMPATIENT = Patience(silence=0.3, window=0.3, slowest=150_000)
NAME = "data.tar.gz"


@pytest.fixture(scope="module")
def server():
    with MirrorServer() as server:
        yield server


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def get(server, tmp_path):
    server.log.clear()

    def get(*ways, folder=tmp_path, **options):
        options = {"progress": False, "patience": IMPATIENT} | options
        return fetch(NAME, [server.url(way) for way in ways], **known(server), dest_folder=folder, **options)

    return get


def known(server):
    return {"size": len(server.content), "sha256": hashlib.sha256(server.content).hexdigest()}


def leave_partial(folder, server, content):
    path = folder / f"{NAME}.{known(server)['sha256'][:8]}.part"
    path.write_bytes(content)
    return path


def assert_complete(path, server):
    assert path.read_bytes() == server.content
    assert not list(path.parent.glob("*.part"))


def test_a_good_mirror_is_asked_once_and_the_file_is_kept(server, get, tmp_path):
    path = get("good")
    assert path == tmp_path / NAME
    assert_complete(path, server)
    assert get("good") == path
    assert server.log == [("good", 0)]


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("503", "answered 503"),
        ("404", "answered 404"),
        ("html", "web page"),
        ("other", "1000 bytes where 200,000 are needed"),
        ("wrong", "another checksum"),
        ("cut", "closed after 150,000 of 200,000 bytes"),
        ("reset", "Connection"),
        ("hang", "silent for 0.3 s"),
        ("stall", "silent for 0.3 s after 30,000"),
    ],
)
def test_the_next_mirror_takes_over(server, get, tmp_path, way, reason):
    with pytest.raises(DownloadError, match=reason):
        get(way)
    assert not (tmp_path / NAME).exists()
    assert_complete(get(way, "good"), server)


@pytest.mark.parametrize(
    "address", ["ftp://127.0.0.1/x", "http://", "http://[bad", "nonsense", "http://127.0.0.1:9/x"]
)
def test_an_address_that_cannot_work_is_one_more_reason(server, tmp_path, address):
    options = known(server) | {"dest_folder": tmp_path, "progress": False, "patience": IMPATIENT}
    with pytest.raises(DownloadError, match="could not be downloaded") as error:
        fetch(NAME, [address], **options)
    assert f"  {address}: " in str(error.value)
    assert_complete(fetch(NAME, [address, server.url("good")], **options), server)


def test_the_error_names_every_mirror_and_what_to_do(get, server, tmp_path):
    with pytest.raises(DownloadError) as error:
        get("503", "html")
    first, *reasons, advice = str(error.value).splitlines()
    assert NAME in first
    assert [line.split(": ")[0].strip() for line in reasons] == [server.url("503"), server.url("html")]
    assert str(tmp_path) in advice


def test_a_slow_mirror_is_given_up_and_its_bytes_are_kept(server, get):
    assert_complete(get("slow-40", "good"), server)
    (slow, zero), (good, start) = server.log
    assert (slow, good, zero) == ("slow-40", "good", 0)
    assert start > 0


@pytest.mark.family(share=3)
def test_where_all_are_slow_the_fastest_is_used(server, get, tmp_path):
    leave_partial(tmp_path, server, server.content[:130_000])
    assert_complete(get("slow-20", "slow-100", "slow-10"), server)
    assert [way for way, _ in server.log] == ["slow-20", "slow-100", "slow-10", "slow-100"]


@pytest.mark.family(share=3)
def test_where_the_fastest_fails_later_the_next_one_goes_on(server, get, tmp_path, monkeypatch):
    leave_partial(tmp_path, server, server.content[:130_000])
    transfer, times = download.transfer, []

    def failing(url, *arguments, hurry, report):
        times.append(url.rpartition("/")[2])
        if not hurry and url.endswith("slow-100"):
            raise download.MirrorError("gone")
        return transfer(url, *arguments, hurry=hurry, report=report)

    monkeypatch.setattr(download, "transfer", failing)
    assert_complete(get("slow-40", "slow-100"), server)
    assert times == ["slow-40", "slow-100", "slow-100", "slow-40"]


def test_a_later_call_goes_on_where_the_first_one_ended(server, get):
    with pytest.raises(DownloadError):
        get("cut")
    server.log.clear()
    assert_complete(get("good"), server)
    assert server.log == [("good", 150_000)]


@pytest.mark.parametrize("way", ["norange", "badrange", "416", "nolength", "good"])
def test_every_answer_to_a_range_ends_well(server, get, tmp_path, way):
    leave_partial(tmp_path, server, server.content[:70_000])
    assert_complete(get(way), server)
    assert server.log[0] == (way, 70_000)


@pytest.mark.parametrize("content", [b"x" * 70_000, b"x" * 200_000, b"x" * 200_001, b""])
def test_a_wrong_partial_file_is_replaced(server, get, tmp_path, content):
    leave_partial(tmp_path, server, content)
    assert_complete(get("good"), server)


def test_a_complete_partial_file_needs_no_mirror(server, get, tmp_path):
    leave_partial(tmp_path, server, server.content)
    assert_complete(get(), server)


def test_a_file_with_another_checksum_is_kept_beside(server, get, tmp_path):
    for number, old in enumerate([b"my own copy", b"another one"]):
        (tmp_path / NAME).write_bytes(old)
        assert_complete(get("good"), server)
        assert (tmp_path / f"{NAME}.unverified{number or ''}").read_bytes() == old


def test_a_failed_download_leaves_a_file_of_that_name_alone(get, tmp_path):
    (tmp_path / NAME).write_bytes(b"my own copy")
    with pytest.raises(DownloadError):
        get("503")
    assert (tmp_path / NAME).read_bytes() == b"my own copy"


quick_failures = st.sampled_from(
    ["503", "html", "other", "wrong", "cut", "reset", "norange", "badrange", "416"]
)


@given(ways=st.lists(quick_failures, max_size=4), length=st.integers(0, 250_000), right=st.booleans())
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_came_before_the_last_good_mirror_completes_it(
    server, get, tmp_path_factory, ways, length, right
):
    folder = tmp_path_factory.mktemp("any")
    leave_partial(folder, server, server.content[:length] if right else bytes(length))
    assert_complete(get(*ways, "good", folder=folder), server)


def test_two_threads_download_once(server, get):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: get("slow-400", patience=Patience()), range(2))
    assert first == second
    assert_complete(first, server)
    assert server.log == [("slow-400", 0)]


@pytest.mark.family(share=3)
def test_two_processes_download_once(server, tmp_path):
    server.log.clear()
    code = (
        "import sys; from data_loaders.download import fetch\n"
        "name, url, size, sha256, folder = sys.argv[1:]\n"
        "fetch(name, [url], size=int(size), sha256=sha256, dest_folder=folder, progress=False)"
    )
    facts = known(server)
    command = [
        sys.executable,
        "-c",
        code,
        NAME,
        server.url("slow-200"),
        str(facts["size"]),
        facts["sha256"],
        tmp_path,
    ]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert_complete(tmp_path / NAME, server)
    assert server.log == [("slow-200", 0)]
    assert sum("waiting for it" in words for words in said) <= 1


def test_a_disk_without_space_is_noticed_before_the_download(server, get, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 100_000))
    with pytest.raises(
        DownloadError, match=r"no room left in .*; free some space, or set COURSE_DATA"
    ) as error:
        get("good")
    assert str(tmp_path) in str(error.value)
    assert server.log == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_fills_up_is_one_sentence(server, get, tmp_path):
    partial = leave_partial(tmp_path, server, b"")
    partial.unlink()
    partial.symlink_to("/dev/full")
    with pytest.raises(DownloadError, match=r"no room left in .*; free some space, or set COURSE_DATA"):
        get("good", "good")
    assert server.log == [("good", 0)]


def test_changes_of_mirror_are_announced(get, capsys):
    get("503", "slow-40", "good", progress=True)
    said = capsys.readouterr()
    assert "answered 503" in said.out
    assert "too slow, " in said.out
    assert "200k/200k" in said.err


def test_cifar10_comes_from_the_table_with_the_own_mirror_first(server, monkeypatch, tmp_path):
    archive = mirrors.RemoteArchive("cifar-10-python.tar.gz", **known(server), mirrors=(server.url("good"),))
    monkeypatch.setattr(mirrors, "CIFAR10", archive)
    monkeypatch.setattr(download, "CIFAR10", archive)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("COURSE_CIFAR10_URL", server.url("503"))
    server.log.clear()
    assert_complete(download.fetch_cifar10(progress=False), server)
    assert server.log == [("503", 0), ("good", 0)]


def test_the_table_is_well_formed():
    archive = mirrors.CIFAR10
    assert len(archive.sha256) == 64
    assert len(set(archive.mirrors)) == len(archive.mirrors) >= 4
    assert all(url.startswith("https://") and archive.filename in url for url in archive.mirrors)
    assert "cs.toronto.edu" in archive.mirrors[-1]
    assert os.environ.get("COURSE_CIFAR10_URL") or mirrors.cifar10_mirrors() == archive.mirrors
