"""Is a gradient right, and if not, what is wrong? Numerical against analytic, every element, float64."""

from lib.gradient_check.check import check_gradients
from lib.gradient_check.numerical import numerical_gradient
from lib.gradient_check.report import Comparison, GradientError, GradientReport

__all__ = ["Comparison", "GradientError", "GradientReport", "check_gradients", "numerical_gradient"]
