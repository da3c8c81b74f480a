"""Predictions of lecture 06, neural networks."""

from __future__ import annotations

import numpy as np

from lib.lessons.predictions.kinds import Choice, Number, SeveralNumbers, Sketch
from lib.lessons.predictions.prediction import Prediction
from lib.lessons.predictions.scale import Scale

STEPS = np.array([100, 250, 300, 350, 400, 450, 500, 600, 700, 800, 1000, 1300, 2300, 3000])
SOLVED = np.array([0, 0, 2, 15, 61, 148, 217, 321, 360, 376, 385, 391, 392, 393])  # of 400 starts


def share_that_solved_xor(steps: np.ndarray) -> np.ndarray:
    """Per cent of the 400 starts of the eleven lines that have solved XOR after so many steps."""
    share: np.ndarray = np.interp(np.log(steps), np.log(STEPS), 100 * SOLVED / 400)
    return share


def pieces_of_a_fold(layers: np.ndarray) -> np.ndarray:
    """Straight pieces of a line that is folded once by each layer."""
    return 2.0**layers


predictions = [
    Prediction(
        "06.one_matrix",
        "$f = W_3 (W_2 (W_1 x))$, without anything in between, for the sizes 3072, 100, 60, 10. Together the"
        " three matrices have 313,800 numbers. The same function can be computed from far fewer. From how"
        " many?",
        Number(100, 1_000_000, unit="numbers", log=True, close=1.02),
        30_720,
        "The product $W_3 W_2 W_1$ is one matrix with 10 rows and 3072 columns. Ten thousand such layers "
        "in a row are still one layer.",
        tells=("30,720", "30720", "layers in a row"),
    ),
    Prediction(
        "06.xor_starts",
        "The eleven lines start 400 times, each time with other random weights. Draw how many per cent of "
        "the starts have solved XOR after so many steps.",
        Sketch(
            Scale(100, 3000, "steps", log=True),
            Scale(0, 100, "starts that have solved it", unit="%"),
            points=11,
        ),
        share_that_solved_xor,
        "For the first 300 steps nearly nothing seems to happen. By step 1000, 385 of the 400 are done. The "
        "last few sit on a plateau: two or three corners are right, and the gradient is small.",
        tells=("385", "plateau", "nothing seems to happen"),
    ),
    Prediction(
        "06.plus_sign",
        "The version from the blog computes `l2_delta = (y - l2) * l2 * (1 - l2)`, where `l2` is the output "
        "and `y` the target, and updates the weights with `syn1 += l1.T.dot(l2_delta)`. Our lines update "
        "with `-=`. Where does the blog's version go?",
        Choice("uphill: it does not learn", "downhill, as ours", "downhill, but only half of the time"),
        "downhill, as ours",
        "Its error is target minus output, ours is output minus target. So its deltas are *minus* the "
        "gradient, and adding them goes down. Two signs differ, and the step is the same.",
        tells=("two signs", "minus the gradient", "minus* the gradient"),
    ),
    Prediction(
        "06.first_loss",
        "Before the first step, the net gives nearly equal scores to all ten classes. What is the loss?",
        Number(0, 10, close=0.02),
        float(np.log(10)),
        "Each class has a probability of about 1/10, and $-\\log(1/10) = 2.303$. Look at this number before"
        " every training: if it is another one, something is wrong.",
        tells=("2.303", "ln 10", "log 10"),
    ),
    Prediction(
        "06.own_net",
        "After 1000 steps: how many per cent of the 5000 training pictures does your net get right, and how"
        " many per cent of 1000 new ones? Guessing gives 10 %, and a linear classifier gets 34 % of the new"
        " ones.",
        SeveralNumbers(("training pictures", "new pictures"), 0, 100, unit="%", close=6),
        (64.4, 43.5),
        "A hidden layer gains nearly ten points. The gap between the two numbers is called overfitting: the "
        "net knows the training pictures too well. And no layer knows yet what is *near* in a picture: "
        "lecture 09.",
        tells=("43.5", "64.4", "ten points"),
    ),
    Prediction(
        "06.firing_rate",
        "A neuron with a sigmoid has the weights (2, 1) and the bias 0. What is its firing rate for the "
        "inputs (1, −2)?",
        Number(-3, 3, close=0.01),
        0.5,
        "The sum is $2 \\cdot 1 + 1 \\cdot (-2) = 0$, and $\\sigma(0) = \\frac12$.",
        tells=("2 \\cdot 1 + 1",),
    ),
    Prediction(
        "06.capacity",
        "Networks of several sizes learn from the same 80 noisy points. Which one gets most of 4000 *new* "
        "points right?",
        Choice("3 units", "6 units", "20 units", "20 units, λ = 0.003", "20 units, λ = 0.03"),
        "20 units, λ = 0.003",
        "Twenty units without a penalty learn the noise, too. The right penalty lets them bend gently, and "
        "so they are ahead of every small network. Too large a penalty makes the border nearly straight.",
        tells=("learn the noise", "bend gently", "is the winner"),
    ),
    Prediction(
        "06.torch_or_entropy",
        "The same network sees the same 1000 examples, at the same rate, 0.01. With which loss does it get "
        "more new points right?",
        Choice("squared error", "cross-entropy", "equally many"),
        "squared error",
        "But it is no fair race: the gradient of cross-entropy is at most 1 in size, that of the squared "
        "error is $2 (o - t)$. With five times the rate, cross-entropy wins. Compare losses at the best rate"
        " of each.",
        tells=("no fair race", "at most 1 in size", "is behind"),
    ),
    Prediction(
        "06.twice_the_bumps",
        "You double the number of bumps. By what factor does the largest error fall, for boxes and for "
        "tents?",
        SeveralNumbers(("boxes", "tents"), 1, 16, close=0.6),
        (2, 4),
        "On a piece half as wide, the function moves half as far from its middle: a factor of 2. Tents are"
        " straight pieces, and miss only the curvature, which grows with the square of the width.",
        tells=("factor of 2", "factor of 4", "curvature"),
    ),
    Prediction(
        "06.folds",
        "A layer of two ReLUs folds a line once. The next layer folds what is already folded, and so on. "
        "Draw how many straight pieces the curve has after so many layers.",
        Sketch(Scale(1, 8, "layers"), Scale(1, 1000, "pieces", log=True), points=8),
        pieces_of_a_fold,
        "Each layer doubles the pieces: 256 after eight layers, which have 16 units. One layer of ReLUs "
        "needs 255 units for that.",
        tells=("256 after", "doubles the", "255 units"),
    ),
    Prediction(
        "06.torn",
        "Ten classes, targets 0 to 9, squared error. You are sure that it is class 0 or class 8, with equal "
        "chances. Which answer costs least on average?",
        Number(0, 9, close=0.1),
        4,
        "The squared error asks for the mean, 4: a class that you have ruled out. An order of the names "
        "that nobody meant decides what is near.",
        tells=("the mean, 4", "ruled out", "answer 4"),
    ),
    Prediction(
        "06.linear_code",
        "A network without any bend, $f(x) = W_2 W_1 x$, passes on 8 numbers and is trained with gradient "
        "descent. PCA with 8 components is computed by linear algebra. Whose error is larger on new "
        "pictures?",
        Choice("the network's, clearly", "PCA's, clearly", "they are the same within 1 %"),
        "they are the same within 1 %",
        "No matrix of rank 8 loses less on the training pictures than PCA, and gradient descent finds it, "
        "from examples alone.",
        tells=("same error", "spans the space"),
    ),
]
