"""The exercises of lecture 08: activations and deep gradients."""
