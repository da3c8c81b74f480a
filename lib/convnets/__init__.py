"""Full-size convnets in torch."""
