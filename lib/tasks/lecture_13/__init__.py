"""The exercises of lecture 13, object detection."""
