"""Where the parts of the live graph stand, in points."""

WIDTH, HEIGHT = 756, 446  # of the figure
TOP, BOTTOM = 30, 128  # the expression's line; the panel below
GRAPH_HEIGHT = HEIGHT - TOP - BOTTOM
COLUMNS = (20, 180, 268, 352, 436, 500)  # of the panel: to, upstream, ×, local, =, gradient
ROWS = (56, 18)  # of the panel: a gate here has one or two parents
