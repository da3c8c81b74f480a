"""Published checksums, by which original files are recognised."""

from __future__ import annotations

import hashlib

from .files import Files
from .safe_archive import Archive

# As the data set's page prints them (Krizhevsky, The CIFAR-10 dataset).
ARCHIVES_MD5 = {
    "cifar-10-python.tar.gz": "c58f30108f718f92721af3b95e74349a",
    "cifar-10-matlab.tar.gz": "70270af85842c9e89bb428ec9976c926",
    "cifar-10-binary.tar.gz": "c32a1d4ab5d03f1284b67883e8d87530",
}

# Every file of one form; a copy is original where all of them fit. Each line: the function, then the files.
SETS = (
    (  # as torchvision lists them
        "md5",
        {
            "data_batch_1": "c99cafc152244af753f735de768cd75f",
            "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
            "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
            "data_batch_4": "634d18415352ddfa80567beed471001a",
            "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
            "test_batch": "40351d587109b95175f43aff81a1287e",
        },
    ),
    (  # as MXNet's Gluon lists them
        "sha1",
        {
            "data_batch_1.bin": "aadd24acce27caa71bf4b10992e9e7b2d74c2540",
            "data_batch_2.bin": "c0ba65cce70568cd57b4e03e9ac8d2a5367c1795",
            "data_batch_3.bin": "1dd00a74ab1d17a6e7d73e185b69dbf31242f295",
            "data_batch_4.bin": "aab85764eb3584312d3c7f65fd2fd016e36a258e",
            "data_batch_5.bin": "26e2849e66a845b7f1e4614ae70f4889ae604628",
            "test_batch.bin": "67eb016db431130d61cd03c7ad570b013799c88c",
        },
    ),
    (  # as Hugging Face lists them for uoft-cs/cifar10
        "sha256",
        {
            "train-00000-of-00001.parquet": (
                "8428b53a88a11ac374111006708df51469e315a22ac6d66470afd9c78d2ae883"
            ),
            "test-00000-of-00001.parquet": (
                "841389e6f2d64f28bf17310e430aebac20ec3ba611a3c5e231dc93c645ce84de"
            ),
        },
    ),
)


def is_original(files: Files) -> bool:
    """Whether the archive itself, or every data file of one form, has its published checksum."""
    if isinstance(files, Archive):
        with open(files.path, "rb") as file:
            if hashlib.file_digest(file, "md5").hexdigest() in ARCHIVES_MD5.values():
                return True
    return any(_fits(files, function, published) for function, published in SETS)


def _fits(files: Files, function: str, published: dict[str, str]) -> bool:
    found = {name.rpartition("/")[2]: name for name in files.names}
    return published.keys() <= found.keys() and all(
        hashlib.new(function, files.read(found[name]), usedforsecurity=False).hexdigest() == checksum
        for name, checksum in published.items()
    )
