"""The tasks of assignment 2: gates, a graph, modules and a criterion."""
