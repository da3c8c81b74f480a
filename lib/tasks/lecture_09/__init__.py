"""The exercises of lecture 09, convolution and pooling."""
