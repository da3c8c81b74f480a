"""The commands of `course`, known before anything is installed: name → what it does, in one line."""

COMMANDS = {
    "start": "open the course in JupyterLab",
    "test": "run the tests",
    "doctor": "check this computer, and say how to mend what is wrong",
    "data": "list, fetch, convert and verify data sets",
    "demo": "list the live demos, or open one of them",
    "export": "write lectures as web pages, with pictures in the place of demos",
}
