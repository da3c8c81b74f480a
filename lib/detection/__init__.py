"""From *what* to *where*: R-CNN on scenes of one's own, step by step, in numpy; only features need torch.

scenes → proposals → crops → features → classifiers → box regression → suppression → average precision.

Source: Girshick, Donahue, Darrell and Malik, "Rich feature hierarchies for accurate object detection and
semantic segmentation", CVPR 2014, which deck C announces.
"""
