"""Convnets at full size, in torch: models, recipes, one training loop."""
