"""All distances: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a1.distances import task


@task.reference
def l1_two_loops(test, train):
    distances = np.zeros((len(test), len(train)))
    for i, x in enumerate(test.astype(np.float64)):
        for j, other in enumerate(train.astype(np.float64)):
            distances[i, j] = np.abs(x - other).sum()
    return distances


@task.reference
def l2_two_loops(test, train):
    distances = np.zeros((len(test), len(train)))
    for i, x in enumerate(test.astype(np.float64)):
        for j, other in enumerate(train.astype(np.float64)):
            distances[i, j] = np.sqrt(((x - other) ** 2).sum())
    return distances


@task.reference
def l2_one_loop(test, train):
    distances = np.zeros((len(test), len(train)))
    for i, x in enumerate(test.astype(np.float64)):
        distances[i] = np.sqrt(((x - train) ** 2).sum(axis=1))
    return distances


@task.reference
def l2_no_loops(test, train):
    test, train = test.astype(np.float64), train.astype(np.float64)
    squares = (test**2).sum(axis=1)[:, None] - 2 * test @ train.T + (train**2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 0))


L1 = ("l1_two_loops", "bytes in l1_two_loops")
TWO_LOOPS = ("l2_two_loops", "bytes in l2_two_loops")
ONE_LOOP = ("l2_one_loop", "bytes in l2_one_loop")
NO_LOOPS = ("l2_no_loops", "bytes in l2_no_loops", "identical images")
WRAPS = "3 − 5 is 254 in bytes: convert the images to float before you subtract."
AFTERWARDS = "You convert after the subtraction, and then 3 − 5 is 254 already: convert the images first."
SQUARED = (
    "Your numbers are the squares of the right ones: the neighbours agree, "
    "but the distance itself is asked for."
)
A_ROOT_OF = (
    "Square each difference first, then add up, then take one root; you took the root of the absolute values."
)
OF_THE_SUM = "Square each difference first, then add up: you squared the sum, in which signs cancel."
CANCEL = "Differences of opposite sign cancel in your sum: take the absolute value before you add up."
ITSELF = (
    "You compare the test images with each other: "
    "each of them then finds itself. Compare with the training images."
)
TRANSPOSED = "The entry [i, j] belongs to test image i and training image j; yours are transposed."
AXIS = "You added up over the images; the sum runs over the numbers of one image."
WHOLE = "Your distances are whole numbers: the array that you put them into cannot hold fractions."
TOO_SMALL = "Distances of more than 255 do not fit into bytes: what you put them into must be of floats."
SHORT = "255² does not fit into int16: convert to float, or to larger whole numbers."


def two_loops(distance, convert=np.float64):
    """distance(x, other) of every pair."""

    def distances(test, train):
        found = np.zeros((len(test), len(train)))
        for i in range(len(test)):
            for j in range(len(train)):
                found[i, j] = distance(test[i].astype(convert), train[j].astype(convert))
        return found

    return distances


@task.wrong(3, CANCEL, breaks=L1, replaces="l1_two_loops")
def absolute_of_the_sum(test, train):
    return two_loops(lambda x, other: abs((x - other).sum()))(test, train)


@task.wrong(
    0, "No absolute value is taken: distances are never negative.", breaks=L1, replaces="l1_two_loops"
)
def no_absolute_value(test, train):
    return two_loops(lambda x, other: (x - other).sum())(test, train)


@task.wrong(
    0, "This is the mean over the numbers of an image; L1 is their sum.", breaks=L1, replaces="l1_two_loops"
)
def mean_difference(test, train):
    return two_loops(lambda x, other: np.abs(x - other).mean())(test, train)


@task.wrong(
    0, "This is the largest difference alone; L1 adds all of them up.", breaks=L1, replaces="l1_two_loops"
)
def largest_difference(test, train):
    return two_loops(lambda x, other: np.abs(x - other).max())(test, train)


@task.wrong(
    0,
    "These are L2 distances: L1 adds up absolute values, without squares or roots.",
    breaks=L1,
    replaces="l1_two_loops",
)
def l2_for_l1(test, train):
    return l2_two_loops(test, train)


@task.wrong(4, WRAPS, breaks="bytes in l1_two_loops", replaces="l1_two_loops")
def l1_of_bytes(test, train):
    distances = np.zeros((len(test), len(train)))
    for i in range(len(test)):
        for j in range(len(train)):
            distances[i, j] = np.abs(test[i] - train[j]).sum()
    return distances


@task.wrong(0, TOO_SMALL, breaks="bytes in l1_two_loops", replaces="l1_two_loops")
def l1_kept_in_bytes(test, train):
    return l1_two_loops(test, train).astype(test.dtype)


@task.wrong(18, ITSELF, breaks=L1, replaces="l1_two_loops")
def l1_to_itself(test, train):
    return l1_two_loops(test, test)


@task.wrong(6, TRANSPOSED, breaks=L1, replaces="l1_two_loops")
def l1_transposed(test, train):
    return l1_two_loops(train, test)


@task.wrong(
    0,
    "The last test image has no distances: range(n) runs from 0 to n − 1 by itself.",
    breaks=L1,
    replaces="l1_two_loops",
)
def l1_one_row_short(test, train):
    distances = np.zeros((len(test), len(train)))
    for i in range(len(test) - 1):  # the last test image is left out
        for j in range(len(train)):
            distances[i, j] = np.abs(test[i].astype(float) - train[j]).sum()
    return distances


@task.wrong(1, SQUARED, breaks=TWO_LOOPS, replaces="l2_two_loops")
def no_root(test, train):
    return two_loops(lambda x, other: ((x - other) ** 2).sum())(test, train)


@task.wrong(2, A_ROOT_OF, breaks=TWO_LOOPS, replaces="l2_two_loops")
def root_of_absolutes(test, train):
    return two_loops(lambda x, other: np.sqrt(np.abs(x - other).sum()))(test, train)


@task.wrong(2, OF_THE_SUM, breaks=TWO_LOOPS, replaces="l2_two_loops")
def square_of_the_sum(test, train):
    return two_loops(lambda x, other: np.sqrt((x - other).sum() ** 2))(test, train)


@task.wrong(
    0,
    "The root of each square is the absolute value, so this is L1: add the squares up, then take one root.",
    breaks=TWO_LOOPS,
    replaces="l2_two_loops",
)
def sum_of_roots(test, train):
    return two_loops(lambda x, other: np.sqrt((x - other) ** 2).sum())(test, train)


@task.wrong(
    0,
    "This is the root of the mean square; L2 is the root of the sum.",
    breaks=TWO_LOOPS,
    replaces="l2_two_loops",
)
def root_of_the_mean(test, train):
    return two_loops(lambda x, other: np.sqrt(((x - other) ** 2).mean()))(test, train)


@task.wrong(
    0,
    "You halve the sum of squares: L2 has no factor of one half.",
    breaks=TWO_LOOPS,
    replaces="l2_two_loops",
)
def root_of_half(test, train):
    return two_loops(lambda x, other: np.sqrt(((x - other) ** 2).sum() / 2))(test, train)


@task.wrong(0, WHOLE, breaks=TWO_LOOPS, replaces="l2_two_loops")
def cut_to_whole_numbers(test, train):
    return l2_two_loops(test, train).astype(int)


@task.wrong(4, WRAPS, breaks="bytes in l2_two_loops", replaces="l2_two_loops")
def l2_of_bytes(test, train):
    distances = np.zeros((len(test), len(train)))
    for i in range(len(test)):
        for j in range(len(train)):
            distances[i, j] = np.sqrt(((test[i] - train[j]) ** 2).sum())
    return distances


@task.wrong(4, AFTERWARDS, breaks="bytes in l2_two_loops", replaces="l2_two_loops")
def converted_afterwards(test, train):
    distances = np.zeros((len(test), len(train)))
    for i in range(len(test)):
        for j in range(len(train)):
            distances[i, j] = np.sqrt(((test[i] - train[j]).astype(float) ** 2).sum())
    return distances


@task.wrong(0, SHORT, breaks="bytes in l2_two_loops", replaces="l2_two_loops")
def squares_in_int16(test, train):
    if test.dtype.kind == "u":
        test, train = test.astype(np.int16), train.astype(np.int16)
    return l2_of_bytes(test, train)


@task.wrong(0, TOO_SMALL, breaks="bytes in l2_two_loops", replaces="l2_two_loops")
def l2_kept_in_bytes(test, train):
    return l2_two_loops(test, train).astype(test.dtype)


@task.wrong(18, ITSELF, breaks=TWO_LOOPS, replaces="l2_two_loops")
def l2_to_itself(test, train):
    return l2_two_loops(test, test)


@task.wrong(6, TRANSPOSED, breaks=TWO_LOOPS, replaces="l2_two_loops")
def l2_transposed(test, train):
    return l2_two_loops(train, test)


@task.wrong(1, SQUARED, breaks=ONE_LOOP, replaces="l2_one_loop")
def no_root_in_one_loop(test, train):
    return l2_one_loop(test, train) ** 2


@task.wrong(
    2,
    "You take the root of each square and add up afterwards: add the squares up first.",
    breaks=ONE_LOOP,
    replaces="l2_one_loop",
)
def roots_before_the_sum(test, train):
    distances = np.zeros((len(test), len(train)))
    for i, x in enumerate(test.astype(float)):
        distances[i] = np.sqrt((x - train) ** 2).sum(axis=1)
    return distances


@task.wrong(4, WRAPS, breaks="bytes in l2_one_loop", replaces="l2_one_loop")
def one_loop_of_bytes(test, train):
    distances = np.zeros((len(test), len(train)))
    for i in range(len(test)):
        distances[i] = np.sqrt(((train - test[i]) ** 2).sum(axis=1))
    return distances


@task.wrong(4, AFTERWARDS, breaks="bytes in l2_one_loop", replaces="l2_one_loop")
def one_loop_converted_afterwards(test, train):
    distances = np.zeros((len(test), len(train)))
    for i in range(len(test)):
        distances[i] = np.sqrt(((train - test[i]).astype(float) ** 2).sum(axis=1))
    return distances


@task.wrong(0, SHORT, breaks="bytes in l2_one_loop", replaces="l2_one_loop")
def one_loop_squares_in_int16(test, train):
    if test.dtype.kind == "u":
        test, train = test.astype(np.int16), train.astype(np.int16)
    return one_loop_of_bytes(test, train)


@task.wrong(5, AXIS, breaks=ONE_LOOP, replaces="l2_one_loop")
def sum_over_images(test, train):
    distances = np.zeros((len(test), len(train)))
    for i, x in enumerate(test.astype(float)):
        distances[i] = np.sqrt(((x - train) ** 2).sum(axis=0))
    return distances


@task.wrong(
    5,
    "Every row holds one number only: you added up over all images at once. The sum runs over the numbers "
    "of one image.",
    breaks=ONE_LOOP,
    replaces="l2_one_loop",
)
def sum_over_all(test, train):
    distances = np.zeros((len(test), len(train)))
    for i, x in enumerate(test.astype(float)):
        distances[i] = np.sqrt(((x - train) ** 2).sum())
    return distances


@task.wrong(6, TRANSPOSED, breaks=ONE_LOOP, replaces="l2_one_loop")
def columns_for_rows(test, train):
    distances = np.zeros((len(test), len(train)))
    for i, x in enumerate(test.astype(float)):
        distances[:, i] = np.sqrt(((x - train) ** 2).sum(axis=1))
    return distances


@task.wrong(6, TRANSPOSED, breaks=ONE_LOOP, replaces="l2_one_loop")
def one_loop_transposed(test, train):
    return l2_one_loop(test, train).T


@task.wrong(18, ITSELF, breaks=ONE_LOOP, replaces="l2_one_loop")
def one_loop_to_itself(test, train):
    return l2_one_loop(test, test)


@task.wrong(
    0,
    "Only the first test image has distances: is the return inside the loop?",
    breaks=ONE_LOOP,
    replaces="l2_one_loop",
)
def return_inside_the_loop(test, train):
    distances = np.zeros((len(test), len(train)))
    distances[0] = l2_one_loop(test[:1], train)
    return distances


@task.wrong(
    0,
    "The steps grow with the training images too, so there is a second loop: "
    "numpy subtracts from all of them at once.",
    breaks="only one loop",
    replaces="l2_one_loop",
)
def two_loops_for_one(test, train):
    return l2_two_loops(test, train)


@task.wrong(1, SQUARED, breaks=NO_LOOPS, replaces="l2_no_loops")
def no_root_without_loops(test, train):
    return l2_no_loops(test, train) ** 2


def expanded(test, train, middle):
    """a² + middle · ab + b², without negative numbers, and its root."""
    test, train = test.astype(float), train.astype(float)
    squares = (test**2).sum(axis=1)[:, None] + middle * test @ train.T + (train**2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 0))


@task.wrong(
    7,
    "(a − b)² = a² − 2ab + b²: your middle term lacks the factor 2.",
    breaks=NO_LOOPS,
    replaces="l2_no_loops",
)
def middle_term_once(test, train):
    return expanded(test, train, -1)


@task.wrong(
    7,
    "(a − b)² = a² − 2ab + b²: your middle term has the wrong sign.",
    breaks=NO_LOOPS,
    replaces="l2_no_loops",
)
def middle_term_added(test, train):
    return expanded(test, train, 2)


@task.wrong(
    0, "(a − b)² = a² − 2ab + b²: your middle term is missing.", breaks=NO_LOOPS, replaces="l2_no_loops"
)
def no_middle_term(test, train):
    return expanded(test, train, 0)


@task.wrong(
    8,
    "The squares of the test images belong in a column, (N, 1), those of the training images in a row: "
    "now every row "
    "gets the wrong ones.",
    breaks=NO_LOOPS,
    replaces="l2_no_loops",
)
def both_as_rows(test, train):
    test, train = test.astype(float), train.astype(float)
    squares = (test**2).sum(axis=1) - 2 * test @ train.T + (train**2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 0))


@task.wrong(
    8,
    "The squares of the training images belong in a row, (M,): "
    "as a column they are added to the wrong distances.",
    breaks=NO_LOOPS,
    replaces="l2_no_loops",
)
def both_as_columns(test, train):
    test, train = test.astype(float), train.astype(float)
    squares = (test**2).sum(axis=1)[:, None] - 2 * test @ train.T + (train**2).sum(axis=1)[:, None]
    return np.sqrt(np.maximum(squares, 0))


@task.wrong(
    0,
    "Row and column are exchanged: the squares of the test images belong in a column, "
    "those of the training images in "
    "a row.",
    breaks=NO_LOOPS,
    replaces="l2_no_loops",
)
def column_and_row_exchanged(test, train):
    test, train = test.astype(float), train.astype(float)
    squares = (test**2).sum(axis=1) - 2 * test @ train.T + (train**2).sum(axis=1)[:, None]
    return np.sqrt(np.maximum(squares, 0))


@task.wrong(
    5,
    "Sum the squares over the numbers of each image; you summed them over the images.",
    breaks=NO_LOOPS,
    replaces="l2_no_loops",
)
def squares_summed_over_images(test, train):
    test, train = test.astype(float), train.astype(float)
    squares = (test**2).sum(axis=0)[:, None] - 2 * test @ train.T + (train**2).sum(axis=0)
    return np.sqrt(np.maximum(squares, 0))


@task.wrong(
    9,
    "The distance of an image to itself is nan: rounding makes its square slightly negative, "
    "so see to it that the root "
    "never meets a number below 0.",
    breaks="identical images",
    replaces="l2_no_loops",
)
def root_of_a_negative(test, train):
    test, train = test.astype(float), train.astype(float)
    return np.sqrt((test**2).sum(axis=1)[:, None] - 2 * test @ train.T + (train**2).sum(axis=1))


@task.wrong(4, WRAPS, breaks="bytes in l2_no_loops", replaces="l2_no_loops")
def differences_of_bytes(test, train):
    if test.dtype.kind == "u":
        return np.sqrt(((test[:, None] - train) ** 2).sum(axis=2))
    return l2_no_loops(test, train)


@task.wrong(
    4,
    "255 · 255 does not fit into bytes, neither in a square nor in a matrix product: "
    "convert the images to float first.",
    breaks="bytes in l2_no_loops",
    replaces="l2_no_loops",
)
def products_of_bytes(test, train):
    squares = (test**2).sum(axis=1)[:, None] - 2 * (test @ train.T) + (train**2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 0))


@task.wrong(
    4,
    "The squares are right, but the matrix product is one of bytes, which wraps round: "
    "convert the images to float first.",
    breaks="bytes in l2_no_loops",
    replaces="l2_no_loops",
)
def matrix_product_of_bytes(test, train):
    ones, others = (test.astype(float) ** 2).sum(axis=1), (train.astype(float) ** 2).sum(axis=1)
    return np.sqrt(np.maximum(ones[:, None] - 2.0 * (test @ train.T) + others, 0))


AT_ONCE = (
    "Right numbers, but the differences of all pairs are held at once: 61 GB for 500 and 5,000 images. "
    "Use one matrix product."
)


@task.wrong(10, AT_ONCE, breaks="memory", replaces="l2_no_loops")
def all_differences_at_once(test, train):
    return np.sqrt(((test[:, None].astype(float) - train) ** 2).sum(axis=2))


@task.wrong(10, AT_ONCE, breaks="memory", replaces="l2_no_loops")
def tiled(test, train):
    N, M = len(test), len(train)
    ones, others = np.repeat(test.astype(float), M, axis=0), np.tile(train.astype(float), (N, 1))
    return np.sqrt(((ones - others) ** 2).sum(axis=1)).reshape(N, M)


HIDDEN = (
    "The steps that Python takes grow with the images, so a loop is hidden in there: "
    "a comprehension is one too."
)


@task.wrong(11, HIDDEN, breaks="no loop at all", replaces="l2_no_loops")
def comprehension(test, train):
    return np.array(
        [[np.sqrt(((x - y) ** 2).sum()) for y in train.astype(float)] for x in test.astype(float)]
    )


@task.wrong(11, HIDDEN, breaks="no loop at all", replaces="l2_no_loops")
def rows_by_comprehension(test, train):
    return np.array([np.sqrt(((x - train) ** 2).sum(axis=1)) for x in test.astype(float)])


@task.wrong(11, HIDDEN, breaks="no loop at all", replaces="l2_no_loops")
def vectorized(test, train):
    test, train = test.astype(float), train.astype(float)
    distance = np.vectorize(lambda i, j: np.sqrt(((test[i] - train[j]) ** 2).sum()))
    return distance(*np.indices((len(test), len(train))))


@task.wrong(11, HIDDEN, breaks="no loop at all", replaces="l2_no_loops")
def applied_along_an_axis(test, train):
    return np.apply_along_axis(lambda x: np.sqrt(((x - train) ** 2).sum(axis=1)), 1, test.astype(float))


@task.wrong(18, ITSELF, breaks=NO_LOOPS, replaces="l2_no_loops")
def no_loops_to_itself(test, train):
    return l2_no_loops(test, test)


@task.wrong(6, TRANSPOSED, breaks=NO_LOOPS, replaces="l2_no_loops")
def no_loops_transposed(test, train):
    return l2_no_loops(train, test)


@task.wrong(
    0,
    "The distances are right, but test or train has changed afterwards: these arrays are the caller's, "
    "make new ones.",
    breaks="l2_no_loops",
    replaces="l2_no_loops",
)
def centred_in_place(test, train):
    found = l2_no_loops(test, train)
    if test.dtype.kind == "f":
        mean = train.mean(axis=0)
        test -= mean
        train -= mean
    return found


@task.wrong(
    0, "What was kept of train belongs to the numbers that it held then: they have changed since.",
    breaks="l2_no_loops", replaces="l2_no_loops",
)  # fmt: skip
def kept_by_id(test, train, kept={}):  # noqa: B006  # that is the slip
    """The training images are kept too, so that no other array gets their id."""
    if id(train) not in kept:
        kept[id(train)] = train, (train.astype(float) ** 2).sum(axis=1)
    test = test.astype(float)
    squares = (test**2).sum(axis=1)[:, None] - 2 * test @ train.astype(float).T + kept[id(train)][1]
    return np.sqrt(np.maximum(squares, 0))
