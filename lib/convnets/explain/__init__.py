"""What a net looks at, what fools it, what it wants to see: functions (model, image, …) → arrays.

One image at a time, floats (C, H, W), on whatever device the net is; results are numpy arrays. The net is
looked at in evaluation mode and left as it was: the mode of each module, weights and their gradients, hooks.
"""

from lib.convnets.explain.adversarial import fgsm, fgsm_direction, perturb, pgd
from lib.convnets.explain.ascent import Ascent, ascend
from lib.convnets.explain.filters import feature_maps, filter_images
from lib.convnets.explain.grad_cam import grad_cam
from lib.convnets.explain.layers import layers_with_maps
from lib.convnets.explain.network import FromPixels, probabilities
from lib.convnets.explain.occlusion import occlude, occlusion, places, spread
from lib.convnets.explain.saliency import heat_of, saliency, smooth_grad, smooth_grad_steps

__all__ = [
    "Ascent",
    "FromPixels",
    "ascend",
    "feature_maps",
    "fgsm",
    "fgsm_direction",
    "filter_images",
    "grad_cam",
    "heat_of",
    "layers_with_maps",
    "occlude",
    "occlusion",
    "perturb",
    "pgd",
    "places",
    "probabilities",
    "saliency",
    "smooth_grad",
    "smooth_grad_steps",
    "spread",
]
