"""The course library: import its parts, such as `lib.classifiers` or `lib.demos`."""
