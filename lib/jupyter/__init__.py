"""How the course runs JupyterLab: the settings of servers and kernels, in the place of the user's."""
