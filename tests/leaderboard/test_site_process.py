"""A process that serves thousands of readers: open files and the garbage collector."""

import subprocess
import sys

import pytest

PREPARE = """
import gc, resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, {hard}))
from lib.leaderboard.site.process import prepare_process
room = prepare_process({wanted})
soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
print(room, soft, gc.get_threshold()[0] > 700, gc.get_freeze_count() > 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
@pytest.mark.parametrize(
    ("hard", "wanted", "room", "soft"),
    [("hard", 300, 300, 600), (500, 6000, 200, 500)],
    ids=["as many as are wanted", "as many as the system allows"],
)
def test_it_may_hold_as_many_connections_as_the_system_allows(hard, wanted, room, soft):
    code = PREPARE.format(hard=hard, wanted=wanted)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.split() == [str(room), str(soft), "True", "True"], run.stderr
