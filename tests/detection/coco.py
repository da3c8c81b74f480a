"""Average precision as pycocotools counts it: the oracle for rank and average_precision."""

import contextlib
import os

import numpy as np
import pytest


def coco_average_precision(found, objects, thresholds):
    """The AP of one class at each threshold, as COCO's own program gives it; NaN without objects.

    found: for each scene boxes (N, 4) and their scores (N,)
    objects: for each scene the true boxes (M, 4)

    Skips the test where pycocotools is missing; where the tests run for all (CI) it must be there.
    """
    if os.environ.get("CI") != "true":
        pytest.importorskip("pycocotools")
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    images = range(len(objects))
    with contextlib.redirect_stdout(None):
        truth, said = COCO(), COCO()
        truth.dataset = _dataset(objects, [None] * len(objects))
        said.dataset = _dataset([boxes for boxes, _ in found], [scores for _, scores in found])
        truth.createIndex()
        said.createIndex()
        run = COCOeval(truth, said, "bbox")
        run.params.imgIds, run.params.catIds = list(images), [1]
        run.params.iouThrs = np.array(thresholds)
        run.params.areaRng, run.params.areaRngLbl = [[0, 1e10]], ["all"]
        run.params.maxDets = [1000]
        run.evaluate()
        run.accumulate()
    precision = run.eval["precision"][:, :, 0, 0, 0]  # threshold, recall, class, area, most detections
    return np.where((precision < 0).any(axis=1), np.nan, precision.mean(axis=1))


def _dataset(boxes, scores):
    """Boxes as COCO's annotations; their ids begin at 1, since 0 means no match there."""
    annotations = []
    for image, (its_boxes, its_scores) in enumerate(zip(boxes, scores, strict=True)):
        for number, (x1, y1, x2, y2) in enumerate(np.asarray(its_boxes, float).tolist()):
            box = [x1, y1, x2 - x1, y2 - y1]
            annotation = {"id": len(annotations) + 1, "image_id": image, "category_id": 1, "bbox": box}
            annotation |= {"area": box[2] * box[3], "iscrowd": 0}
            if its_scores is not None:
                annotation["score"] = float(its_scores[number])
            annotations.append(annotation)
    images = [{"id": image} for image in range(len(boxes))]
    return {"images": images, "annotations": annotations, "categories": [{"id": 1}], "info": {}}
