"""Full-size convnets in torch: models, recipes, one training loop. Start reading at loop.py."""
