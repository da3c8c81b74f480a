"""What grading a class costs: `python -m benchmarks grading [PART …]`.

kernels      a submission in a warm sandbox, and in bubblewrap, against a stock kernel by nbclient
throughput   40 submissions that sleep 2 s, against stock `nbgrader autograde`
gradebook    CPU of recording one submission
class        1,000 small submissions, 5 % of them broken
torch        100 submissions that import torch
a2, a3       200 real submissions
similarity   1,000 submissions of a2

Each case runs in a process of its own, whose end tells what it and all its descendants took; a fixed start
is taken off by a second run with fewer submissions. CPU seconds are judged; wall time needs a quiet machine.
"""
