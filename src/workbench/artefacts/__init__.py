"""Artefacts: files below one root, written whole or not at all, never unpickled, never outside the root.

The root is a folder or an address of object storage (`root_of`); whoever uses it need not know which.
"""

from workbench.artefacts.arrays import pack_arrays, unpack_arrays
from workbench.artefacts.errors import ArtefactError, ArtefactsAway, DiskFull, UnsafePath
from workbench.artefacts.folder import FolderRoot, ordinary_files
from workbench.artefacts.names import is_temporary, resolve_below
from workbench.artefacts.opening import root_at, root_of
from workbench.artefacts.root import Artefact, ArtefactRoot, Look, Working
from workbench.artefacts.writing import sha256_of, write_atomic, writing

__all__ = [
    "Artefact",
    "ArtefactError",
    "ArtefactRoot",
    "ArtefactsAway",
    "DiskFull",
    "FolderRoot",
    "Look",
    "UnsafePath",
    "Working",
    "is_temporary",
    "ordinary_files",
    "pack_arrays",
    "resolve_below",
    "root_at",
    "root_of",
    "sha256_of",
    "unpack_arrays",
    "write_atomic",
    "writing",
]
