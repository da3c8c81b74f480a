"""The exercises of lecture 11, CIFAR-10 on the GPU."""
