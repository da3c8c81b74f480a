"""What a class costs the page of the challenge: `python -m benchmarks leaderboard [PART …]`.

scoring   a file of 10,000 predictions: read, checked, scored; beside Python's csv module without checks
page      a student's page with the standing that all share; beside one that is found out for each
class     1,000 students, 2,000 readers of the live page, 33 pages a second, 200 uploads a minute, a minute
          long, on the server as `course leaderboard serve` runs it; then the same readers at an application
          of Starlette that does nothing, which is the floor

In `class` the load comes from a process of its own, whose CPU is given apart from the server's. Each reader
holds a connection for the live standing, and loads the page again once a minute, by a plan that does not wait
for slow answers: a page's time counts from the moment at which it was to be asked for. Nothing is compressed,
and style sheet and script are left out, which browsers keep. Wall times are those of a quiet machine with two
cores.
"""
