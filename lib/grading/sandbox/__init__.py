"""Where students' code runs: apart from the instructor's files, the network, and other students' work."""
