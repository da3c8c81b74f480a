"""`python -m benchmarks gpu`: how good each net of the course gets, and how fast, on one GPU, in 8 minutes.

In this order: `fast` with five seeds, the single layer and AlexNet with three, the others once. Every run is
a process of its own and is written down as soon as it is there, in a file of the machine's name under
`benchmarks/results/`, whose README says what each number is. Before each run an estimate from a probe says
whether it fits into the time that is left; what doesn't fit is named, and `--only resnet18 --runs 3` adds it.

Three clocks: the training, from the first step to the last; with set-up and evaluation; and the whole
process, from the start of Python to the accuracy. Accuracies are of the last epoch, never of the best one:
a single view of each test image, and beside it the mean with its mirror image.

On a GPU that is only borrowed, without a network, CIFAR-10 travels as one archive of JPEG files, class by
class (18 MB for all 60,000), in the folder `data/`, which git ignores. The loader reads it as it is, once:

    python3 -m benchmarks gpu --data data/cifar10-jpeg.tar.xz --results RESULTS --commit COMMIT

needs torch, numpy, Pillow, tqdm and threadpoolctl, no installation. RESULTS is a folder that comes back; what
is in it belongs under `benchmarks/results/`. Such copies cost 2–3 points of accuracy: what is measured on
them stands in a column of its own, and the one of the original pixels stays empty.
"""
