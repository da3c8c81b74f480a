"""The probe measures what a learner does, in the time it has, and leaves no trace."""

import time

import pytest
import torch

from lib.convnets import probe as probes
from lib.convnets.probe import Speed, probe


class Clock:
    """A machine where time passes only while it computes."""

    def __init__(self, monkeypatch, share=1.0):
        self.wall = self.cpu = 0.0
        self.share = share  # of the processor that is left for us
        monkeypatch.setattr(time, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(time, "thread_time", lambda: self.cpu)

    def work(self, seconds):
        self.wall += seconds / self.share
        self.cpu += seconds


class Slow:
    """Takes `seconds` an image, and ten times as long the first time."""

    def __init__(self, clock, seconds):
        self.clock, self.seconds, self.sizes = clock, seconds, []

    def step(self, images, labels, rate):
        assert len(images) == len(labels)
        self.clock.work(self.seconds * len(images) * (1 if self.sizes else 10))
        self.sizes.append(len(images))
        torch.rand(1)  # dropout


@pytest.fixture(autouse=True)
def threads():
    """Lets a test choose how many there are."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("batch_size", [1, 20, 128, 1000])
@pytest.mark.parametrize("seconds", [1e-4, 1e-3, 0.03])
@pytest.mark.parametrize("share", [1.0, 0.3])
def test_images_per_second_are_those_of_the_learner(monkeypatch, batch_size, seconds, share):
    clock = Clock(monkeypatch, share)
    learner = Slow(clock, seconds)
    speed = probe(lambda: learner, batch_size)
    assert speed.idle == pytest.approx(1 / seconds)
    assert speed.now == pytest.approx(share / seconds)
    assert speed.busy is (share < 0.5)
    assert speed.seconds(1000) == pytest.approx(1000 * seconds)
    assert speed.batch_size <= batch_size
    first = 11 * min(batch_size, probes.FIRST) * seconds / share
    assert clock.wall < max(6.5, 5 * first)
    if 5 * batch_size * seconds / share < 4:
        assert speed.batch_size == batch_size
        assert clock.wall > 4


def test_a_burst_of_other_programs_does_not_count(monkeypatch):
    clock = Clock(monkeypatch)
    learner = Slow(clock, 1e-3)
    plain = learner.step

    def disturbed(images, labels, rate):
        clock.share = 0.1 if len(learner.sizes) % 5 == 4 else 1.0
        plain(images, labels, rate)

    learner.step = disturbed
    speed = probe(lambda: learner, 300)
    assert speed.idle == pytest.approx(1000)
    assert speed.now == pytest.approx(1000)


@pytest.mark.parametrize(("wait", "fastest"), [(1.0, 2), (5.0, 1)])
def test_one_thread_is_taken_where_two_wait_for_each_other(monkeypatch, threads, wait, fastest):
    """Two threads do twice as much, unless others slow them down `wait` times; waiting looks like work."""
    threads(2)
    clock = Clock(monkeypatch)
    learner = Slow(clock, 1e-3)
    plain = learner.step

    def step(*arguments):
        learner.seconds = 1e-3 if torch.get_num_threads() == 1 else wait * 1e-3 / 2
        plain(*arguments)

    learner.step = step
    speed = probe(lambda: learner, 128)
    assert speed.threads == fastest
    assert speed.now == speed.idle == pytest.approx(1000 * fastest)
    assert torch.get_num_threads() == 2
    assert clock.wall < 6.5


def test_the_generator_of_torch_stays_where_it_was(monkeypatch):
    before = torch.get_rng_state()
    probe(lambda: Slow(Clock(monkeypatch), 1e-2), 64)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_real_net_is_measured():
    class Real:
        def __init__(self):
            self.model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(48, 10))

        def step(self, images, labels, rate):
            assert images.is_contiguous(memory_format=torch.channels_last)
            torch.nn.functional.cross_entropy(self.model(images), labels).backward()

    start = time.perf_counter()
    speed = probe(Real, 16, (3, 4, 4), seconds=0.2)
    assert speed.idle >= speed.now > 0
    assert speed.steps > 1
    assert time.perf_counter() - start < 30


def test_a_speed_says_that_the_machine_is_busy():
    assert str(Speed(1234.6, 1200, 128, 9, 2)) == "1,235 images a second"
    assert str(Speed(1234.6, 400, 128, 9, 1)) == "1,235 images a second (now 400: this machine is busy)"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((Slow(None, 1), 8), "build: expected a function that makes a learner, .*; write lambda: learner"),
        ((None, 8), "build: expected a function that makes a learner, got None"),
        ((Slow, 0), "batch_size: expected a whole number of at least 1, got 0"),
        ((Slow, 8, 32), r"size: expected \(C, H, W\), such as \(3, 32, 32\), got 32"),
        ((Slow, 8, (3, 0, 32)), r"size: expected"),
    ],
)
def test_what_cannot_be_probed_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        probe(*arguments)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "5"])
def test_a_time_that_is_none_is_refused(seconds):
    with pytest.raises(ValueError, match="seconds: expected a "):
        probe(Slow, 8, seconds=seconds)
