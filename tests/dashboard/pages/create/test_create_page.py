from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.context import AppContext
from dashboard.pages.create import layout, view
from dashboard.pages.create.diagram import diagram
from dashboard.pages.create.start import CLONE, find_start, moved, offers
from dashboard.pages.create.summary import checks, costs, create_label, summary
from dashboard.pages.create.verdict import judge
from recsys.data.facts import TableFacts
from recsys.data.schema import ColumnInfo, ColumnStats
from tests.support.trees import having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.families import Stage, all_families

FAMILIES = all_families()


def start(**query: Any) -> Any:
    return find_start(FAMILIES, query)


def verdict(
    where: Any = None,
    *,
    sample: dict[str, Any] | None = None,
    name: str = "",
    taken: dict[str, str] | None = None,
    rate: float | None = None,
    **raw: Any,
) -> Any:
    where = where or start(preset="mixture_10")
    return judge(where, where.raw() | raw, where.sample_raw() | (sample or {}), name, taken or {}, rate)


def test_the_page_starts_from_the_first_preset_on_offer() -> None:
    assert start().choice == FAMILIES[0].models[0].presets[0].name


@pytest.mark.parametrize("query", [{"preset": "nonsense"}, {"family": "nonsense"}, {"dataset": "nonsense"}])
def test_what_an_address_asks_for_in_vain_falls_back_to_something_that_works(query: dict) -> None:
    assert verdict(start(**query)).missing is None


AVAILABLE = [p.name for p in FAMILIES[0].models[0].presets if p.unavailable is None]


@pytest.mark.parametrize("dataset", [d.id for d in FAMILIES[0].datasets])
@pytest.mark.parametrize("preset", AVAILABLE)
def test_every_available_preset_fills_a_form_that_can_be_created_at_once(preset: str, dataset: str) -> None:
    found = verdict(start(preset=preset, dataset=dataset))
    assert found.missing is None
    assert all(look.was is None for look in found.looks.values())
    assert found.parameters is not None
    assert found.parameters > 0


def test_presets_that_cannot_be_chosen_say_why() -> None:
    plain = start(preset="standard_baseline")
    letters = replace(
        plain, source=replace(plain.source, facts=replace(plain.source.facts, class_names=tuple("abcdefghijklmnopqrstuvwxyz")))
    )
    found = {offer.choice: offer.refused for offer in offers(letters)}
    assert "26 classes, 10 components" in str(found["mixture_10"])
    assert found["standard_baseline"] is None
    options = {option["value"]: option for option in layout.preset_options(offers(letters))}
    assert options["mixture_10"]["disabled"]
    assert "26 classes, 10 components" in text_of(options["mixture_10"]["label"])


def test_more_labelled_than_total_is_refused_at_its_control_and_the_button_leads_there() -> None:
    found = verdict(sample={"num_samples": "100", "num_labeled": "200"})
    assert found.sample_looks["num_labeled"].error
    assert found.missing is not None
    assert found.missing.target == "create-sample/num_labeled"
    assert create_label(found) == "Fix Labelled samples"


def test_more_samples_than_there_are_is_refused_at_its_control() -> None:
    assert verdict(sample={"num_samples": "999999"}).sample_looks["num_samples"].error


def test_a_taken_name_is_the_first_thing_to_fix() -> None:
    found = verdict(name=" FIRST ", taken={"first": "First"}, latent_dim="x")
    assert found.missing is not None
    assert found.missing.target == "create-name"


@pytest.mark.parametrize("name", ["x" * 150, "a\x07b", " FIRST ", "STRASSE"])
def test_the_form_refuses_every_name_that_the_command_refuses(bench: Any, digits_model: Any, name: str) -> None:
    other = {"family": "rcmvae", "model_type": "rcmvae", "dataset_id": "digits", "values": {}}
    bench.models.create(actor="me", **other, name="straße")
    found = verdict(name=name, taken=view.names_in_use(AppContext(lambda: bench, bench.settings)))
    assert found.missing is not None
    assert found.missing.target == "create-name"
    assert "Everything fits" not in text_of(checks(found))
    with pytest.raises(CommandError):
        bench.models.create(actor="me", **other, name=name)


def test_a_preset_on_another_dataset_than_its_own_says_so_and_can_still_be_created() -> None:
    found = verdict(start(preset="semi_supervised_mnist", dataset="digits"))
    assert found.missing is None
    assert "made for MNIST" in text_of(checks(found))
    assert "made for" not in text_of(checks(verdict(start(preset="semi_supervised_mnist", dataset="mnist"))))
    assert "made for" not in text_of(checks(verdict(start(preset="mixture_10", dataset="mnist"))))


def test_no_name_is_no_fault() -> None:
    assert verdict(name="   ").missing is None


def test_the_first_thing_wrong_in_page_order_is_named() -> None:
    found = verdict(latent_dim="0", batch_size="0")
    assert found.missing is not None
    assert found.missing.target == "create/latent_dim"
    assert "Latent dimension" in text_of(checks(found)) or "1 to 512" in text_of(checks(found))
    assert len(having(checks(found), className="check-link")) == 2


def test_the_time_of_an_epoch_follows_from_operations_and_the_measured_rate() -> None:
    where = start(preset="mixture_10")
    slow, fast = verdict(where, rate=1e9), verdict(where, rate=2e9)
    operations = where.model_type.operations_per_epoch(slow.judged.resolved, slow.n_train)
    assert slow.seconds_per_epoch == pytest.approx(operations / 1e9)
    assert fast.seconds_per_epoch == pytest.approx(slow.seconds_per_epoch / 2)
    assert verdict(where).seconds_per_epoch is None
    assert "not measured yet" in text_of(costs(where, verdict(where)))


def test_both_kinds_of_network_are_compared_and_one_click_switches() -> None:
    found = verdict(rate=1e9)
    assert [a.value for a in found.alternatives] == ["dense", "conv"]
    assert [a.chosen for a in found.alternatives] == [True, False]
    shown = having(costs(start(), found), data_act="alternative")
    assert [b.to_plotly_json()["props"]["data-id"] for b in shown] == ["dense", "conv"]


def test_the_number_of_training_images_follows_the_sample() -> None:
    where = start(preset="mixture_10")
    holds = where.model_type.holds
    for sample, items in (({"num_samples": "auto", "val_split": 0.0}, 1437), ({"num_samples": 1000, "val_split": 0.1}, 900)):
        assert holds.items(holds.expected(where.facts, sample), None) == items


def test_the_summary_says_the_architecture_in_words_even_while_something_is_wrong() -> None:
    found = verdict(num_components="5")
    assert "Mixture (5 components)" in text_of(summary(start(preset="mixture_10"), found))


def test_a_preset_that_is_for_a_dataset_comes_with_it_and_says_so_beside_others() -> None:
    assert start(preset="semi_supervised_mnist").source.id == "mnist"
    assert start(preset="semi_supervised_mnist", dataset="digits").source.id == "digits"
    made_for = {offer.choice: offer.made_for for offer in offers(start(dataset="digits"))}
    assert (made_for["clustering_mnist"], made_for["semi_supervised_digits"], made_for["mixture_10"]) == ("MNIST", None, None)


def test_the_summary_says_how_much_of_the_data_is_trained_on() -> None:
    part = start(preset="custom", dataset="mnist")
    assert "922 of 60,000" in text_of(costs(part, verdict(part, sample={"num_samples": "1024", "val_split": "0.1"})))
    assert " of " not in text_of(costs(start(), verdict()))


def test_a_dataset_change_keeps_what_a_person_changed() -> None:
    digits, mnist = start(preset="semi_supervised"), start(preset="semi_supervised", dataset="mnist")
    changed = digits.raw() | {"latent_dim": "7"}
    after = moved(changed, digits.raw(), mnist.raw())
    assert after["latent_dim"] == "7"
    assert (changed["augment_shift"], after["augment_shift"]) == ("1", "3")


def test_values_that_follow_from_the_sample_move_with_it() -> None:
    all_of_it, few = start(preset="semi_supervised"), start(preset="semi_supervised", sample={"num_samples": "300", "num_labeled": "50"})
    assert int(few.raw()["max_epochs"]) > 3 * int(all_of_it.raw()["max_epochs"])
    assert few.raw()["tau_claim_strength"] == "5"
    refused = start(preset="semi_supervised", sample={"num_samples": "no number", "num_labeled": "10 000"})
    assert refused.raw() == all_of_it.raw()


def test_the_page_has_every_section_in_order_and_ends_with_its_three_buttons() -> None:
    where = start()
    page = layout.page(where, verdict(where))
    titles = [text_of(part).split(" ", 1)[1] for part in of_class(page, "section-title")]
    assert titles == ["Start from", "Name", "Dataset", "Architecture", "Training"]
    assert with_id(page, "create-train").children == "Create and train"
    assert having(page, href="/")


def test_an_invalid_form_turns_its_buttons_into_pointers() -> None:
    where = start()
    (main,) = having(layout.buttons(verdict(where, latent_dim="0")), id="create-train")
    assert main.to_plotly_json()["props"]["data-jump"] == "create/latent_dim"
    (main,) = having(layout.buttons(verdict(where)), id="create-train")
    assert main.to_plotly_json()["props"]["data-jump"] == ""


def test_a_clone_keeps_data_and_labels_and_starts_from_the_models_own_values(bench: Any, digits_model: Any) -> None:
    where = find_start(FAMILIES, {}, digits_model)
    assert where.choice == CLONE
    assert where.raw()["latent_dim"] == "3"
    assert offers(where)[0].title == "First"
    page = layout.page(where, judge(where, where.raw(), where.sample_raw(), "", {}, None))
    assert "Shared with First" in text_of(page)
    assert not of_class(page, "strip-place")


def test_cloning_a_model_that_is_gone_is_not_found(bench: Any) -> None:
    from workbench.commands.base import CommandError

    with pytest.raises(CommandError) as refused:
        view.render(AppContext(lambda: bench, bench.settings), {"from": "model_0000000000000"})
    assert refused.value.code == "not_found"


@pytest.mark.parametrize("name", ["family", "model_type", "preset", "dataset", "from"])
def test_an_address_that_names_what_is_not_there_is_not_found(bench: Any, name: str) -> None:
    from workbench.commands.base import CommandError

    context = AppContext(lambda: bench, bench.settings)
    with pytest.raises(CommandError) as refused:
        view.find(context, {name: "nonsense"})
    assert refused.value.code == "not_found"
    view.find(context, {"dataset": "digits", "preset": "mixture_10", "family": FAMILIES[0].name})
    view.find(context, {})


def test_the_page_offers_existing_models_to_start_from(bench: Any, digits_model: Any) -> None:
    page = view.render(AppContext(lambda: bench, bench.settings), {})
    assert {"label": "First", "value": digits_model.id} in with_id(page, "create-from").options


def test_the_strip_shows_labelled_images_of_every_class_and_the_balance(bench: Any) -> None:
    context = AppContext(lambda: bench, bench.settings)
    where = start(preset="mixture_10")
    shown = view.strip(context, where, where.sample_raw(), fetch=False)
    pictures = having(shown, height=34)
    assert len(pictures) == 20
    assert all(p.src.startswith("data:image/png;base64,") for p in pictures)
    assert {p.alt[-1] for p in pictures} == set("0123456789")
    counts = [int(text_of(part)) for part in of_class(shown, "balance-count")]
    assert sum(counts) == 128
    assert max(counts) - min(counts) <= 1


def test_the_strip_waits_for_settings_that_fit(bench: Any) -> None:
    where = start(preset="mixture_10")
    shown = view.strip(AppContext(lambda: bench, bench.settings), where, where.sample_raw() | {"num_labeled": "x"}, fetch=False)
    assert "once these settings fit" in text_of(shown)


def test_data_that_would_have_to_be_downloaded_is_not_fetched_unasked(bench: Any) -> None:
    where = start(preset="mixture_10", dataset="mnist")
    shown = view.strip(AppContext(lambda: bench, bench.settings), where, where.sample_raw(), fetch=False)
    assert having(shown, id="create-fetch")


def test_the_drawing_is_told_in_words_and_holds_as_many_dots_as_components() -> None:
    drawn = diagram(
        (Stage("data", "Image", "8 x 8"), Stage("network", "Encoder", bars=(0.9, 0.4)), Stage("latent", "Latent", "2-D", dots=7))
    )
    props = drawn.to_plotly_json()["props"]
    assert props["aria-label"] == "Network: Image (8 x 8), then Encoder, then Latent (2-D)"
    assert len(of_class(drawn, "diagram-dots")[0].children) == 7
    many = diagram((Stage("latent", "Latent", dots=1000),))
    assert len(of_class(many, "diagram-dots")[0].children) <= 24


@pytest.fixture
def context(bench: Any) -> AppContext:
    return AppContext(lambda: bench, bench.settings)


@pytest.fixture
def own_data(context: AppContext, tmp_path: Any) -> str:
    """An import of 60 images without labels."""
    np.savez_compressed(tmp_path / "mine.npz", images=np.zeros((60, 8, 8), np.uint8))
    return context.workbench.datasets.import_data(actor="me", path=tmp_path / "mine.npz", name="Mine").record.id


def test_imported_datasets_are_offered_with_a_sample_they_can_give(context: AppContext, own_data: str) -> None:
    found = view.start_of(context, {"dataset": own_data, "preset": "mixture_10"})
    assert (found.source.id, found.facts.shape, found.facts.has_labels) == (own_data, (8, 8, 1), False)
    assert found.sample_baseline["num_labeled"] == 0
    assert verdict(found).sample_settings is not None
    assert layout.dataset_options(found)[-1] == {"label": "Mine", "value": own_data}
    context.workbench.datasets.delete(actor="me", dataset_id=own_data)
    gone = view.start_of(context, {"dataset": own_data})
    assert gone.source.id == "digits"
    assert own_data not in [option["value"] for option in layout.dataset_options(gone)]


def test_an_upload_becomes_a_dataset_named_after_its_file(context: AppContext, tmp_path: Any) -> None:
    np.savez_compressed(tmp_path / "x.npz", images=np.zeros((60, 8, 8), np.uint8))
    contents = "data:application/octet-stream;base64," + base64.b64encode((tmp_path / "x.npz").read_bytes()).decode()
    names = [view.import_upload(context, "me", {}, contents, "C:\\bugs\\Small bugs.npz").name for _ in range(2)]
    assert names == ["Small bugs", "Small bugs (2)"]
    record = context.workbench.state().datasets["small_bugs"]
    assert record.manifest is not None
    assert record.manifest.about["original"] == "Small bugs.npz"


@pytest.mark.parametrize("contents", ["", "data:;base64,%%%", "data:,x"])
def test_an_upload_that_did_not_arrive_whole_is_refused(context: AppContext, contents: str) -> None:
    with pytest.raises(CommandError, match="did not arrive whole"):
        view.import_upload(context, "me", {}, contents, "x.npz")


def test_a_family_without_any_dataset_yet_says_where_to_make_one() -> None:
    with pytest.raises(CommandError, match="no dataset yet") as raised:
        find_start(FAMILIES, {}, sources_of=lambda _: ())
    assert raised.value.code == "not_found"
    assert "Datasets page" in str(raised.value.hint)


def test_an_address_with_a_dataset_alone_starts_with_the_family_that_it_is_of() -> None:
    other = next(f for f in FAMILIES[1:] if f.datasets)
    found = start(dataset=other.datasets[0].id)
    assert (found.family.name, found.source.id) == (other.name, other.datasets[0].id)


def _ratings(**columns: str) -> Any:
    """A recommender's starting point on a table with those columns, by role."""
    types = {"user_id": "text", "item_id": "text", "outcome": "numeric", "ignore": "text"}
    infos = tuple(ColumnInfo(name, "String", types[role], role, ColumnStats(9, 0.0)) for name, role in columns.items())  # type: ignore[arg-type]
    plain = start(dataset="retail")
    return replace(plain, source=replace(plain.source, facts=TableFacts(infos, rows=500, users=9, items=9)))


def test_data_that_the_family_would_refuse_is_told_before_anybody_creates() -> None:
    found = verdict(_ratings(name="ignore", film="item_id"))
    assert found.missing is not None
    assert (found.missing.target, create_label(found)) == ("create-dataset", "Fix Dataset")
    assert "user id" in text_of(checks(found))


def test_a_setting_that_the_family_would_refuse_is_told_at_its_control() -> None:
    found = verdict(
        _ratings(who="user_id", film="item_id", stars="outcome"),
        model_type="ranking",
        rating_head_layers='[{"type": "dense", "units": 1, "activation": null}]',
    )
    assert found.missing is not None
    assert found.missing.target == "create-sample/rating_column"
    assert verdict(_ratings(who="user_id", film="item_id", stars="outcome")).missing is None
