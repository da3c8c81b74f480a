"""What a budget of time buys on this machine: `python -m benchmarks budgets [PART …]`.

shapes      one minute on the built-in images
hard        one minute on them with every nuisance at its strongest
3m, 10m     three and ten minutes on CIFAR-10, from the usual places
3m-fp32, 10m-fp32   the same with products in 32 bits

Each budget is spent three times, with the seeds 0, 1 and 2, which were fixed beforehand, and each of them
stands in the file of results. A training is `course train --budget …` in a process of its own, as a person
starts it; its time counts from the start of that process to its end. Accuracies are of the last epoch: a
single view of each test image, and beside it the mean with its mirror image. All parts together take an hour
and a half, on a machine that does nothing else.
"""
