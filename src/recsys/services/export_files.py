"""The written files of an export: what it holds and how it is used, and the packages that it needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from recsys import histograms
from recsys.metrics import METRICS
from recsys.trial import TrialPayload
from workbench.families import Metrics
from workbench.state import RunRecord

_MEASURES = Metrics(METRICS)
_NEEDED = ("numpy", "tensorflow-cpu", "tf-keras", "tensorflow-recommenders")
_TRANSFORM = "tensorflow-transform==1.21.*"

_TEXT = """\
# {title}

{about}

{figures}

| file | holds |
|---|---|
{files}

{request}

Arguments are the columns' names as far as Python allows; `arguments` in `manifest.json` says which column each is.

The data itself is not part of this export.
"""


_HOLDS = {
    "saved_model/": "the trained model; it needs TensorFlow alone and answers raw columns",
    "embeddings.npz": "`item_ids` and `vectors` of every candidate; `numpy.load` reads it without pickle",
    "vocab/": "a JSON file a vocabulary: terms in the order of their rows, and their train rows",
    "trainer.py": "the code that was trained, unchanged",
    "preprocessing.py": "the same transforms for tensorflow-transform",
    "snapshot.json": "configurations, settings, the data's fingerprint, versions",
    "metrics.json": "every figure with how it was taken, beside baselines, with intervals",
    "report.html": "the run's report with its figures",
    "REPORT.md": "the same as text, without figures",
    histograms.FILE: "weights and gradients in bins, a line for each epoch that was looked at; the last line of an epoch counts",
    "requirements.txt": "the packages that it was trained with",
    "manifest.json": "which column each argument of the model is; size and SHA-256 of each file",
}


_REQUEST = """\
The model is asked like this, with the packages of `requirements.txt` or TensorFlow alone, where the archive is unpacked. Every
column is a tensor of as many rows as you ask for: texts are texts, whole numbers that are ids too; numbers are float64; times are
whole seconds since 1970-01-01 00:00 UTC as int64. The texts here are frequent ones of the data; numbers and times are made up.

```python
{code}
```
"""

_UNKNOWN_REQUEST = """\
`model = tf.saved_model.load("saved_model")` in Python loads the model; `model.signatures["serving_default"]` answers, and
`structured_input_signature[1]` of it names the columns to ask with.
"""


def readme(
    run: RunRecord, told: Mapping[str, Any], *, request: str | None = None, without: Collection[str] = ()
) -> str:
    """What the export is of, what came out, and how to use it.

    Args:
        request: Python code that asks the model. without: names of files that this test does not have.
    """
    payload = TrialPayload.model_validate(run.payload)
    model = "a model" if payload.model_of is None else _plain(payload.model_of.words())
    about = f"{_plain(payload.features_of.words())} with {model}, of quick test #{run.number}."
    suffix = "" if told["seen"] == "all" else "_unseen"
    own = {figure["name"]: figure for figure in told["metrics"]["model"]}
    lines = [
        f"- {_MEASURES.label(name)}: {_MEASURES.text(name, own[name]['value'])} ({own[name]['protocol']})"
        for name in (f"recall_at_10{suffix}", f"ndcg_at_10{suffix}", "rmse")
        if name in own
    ]
    title = _plain(payload.name) or f"Quick test #{run.number}"
    files = [f"| `{name}` | {words} |" for name, words in _HOLDS.items() if name not in without]
    figures = "\n".join(lines) or "Nothing was measured."
    asked = _UNKNOWN_REQUEST if request is None else _REQUEST.format(code=request)
    return _TEXT.format(
        title=title, about=about, figures=figures, files="\n".join(files), request=asked.rstrip()
    )


def _plain(name: str) -> str:
    """A name that can stand in a line of Markdown: one line, and nothing that is markup."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in " ".join(name.split()))


def requirements(environment: Mapping[str, Any]) -> str:
    """The packages that the code and the model need, in the versions that they had."""
    known = environment.get("packages") or {}
    pins = [f"{name}=={known[name]}" for name in _NEEDED if known.get(name)]
    note = f"# preprocessing.py needs {_TRANSFORM}, which goes into an environment of its own"
    return "\n".join([*pins, note]) + "\n"
