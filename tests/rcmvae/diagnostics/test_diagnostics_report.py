from pathlib import Path

from rcmvae.diagnostics.report import write_report
from rcmvae.figures.registry import FIGURES
from tests.rcmvae.diagnostics import toy
from tests.support.records import knowing

RESOLVED = {
    "prior_type": "mixture", "use_tau_classifier": True, "latent_dim": 2, "decoder_conditioning": "film",
}  # fmt: skip


def test_a_report_shows_every_figure_and_metric_of_a_mixture(tmp_path: Path) -> None:
    _, text = write_report(tmp_path, toy.make(), RESOLVED, title="Digits", facts=[("Epochs", "30")])
    markdown = text.read_text()
    rows = [line for line in markdown.splitlines() if "| shown |" in line]
    assert len(rows) == sum(figure.applies(RESOLVED, knowing(10)) is None for figure in FIGURES) > 20
    assert "failed" not in markdown
    assert "| Accuracy | 91.7 % | test, n = 120 |" in markdown


def test_figures_that_do_not_apply_are_listed_with_their_reason(tmp_path: Path) -> None:
    resolved = RESOLVED | {"prior_type": "standard", "use_tau_classifier": False, "decoder_conditioning": "none"}
    html, text = write_report(tmp_path, toy.make(prior="standard"), resolved)
    assert "not applicable: the standard prior has no components" in text.read_text()
    assert "not applicable: the standard prior has no components" in html.read_text()
