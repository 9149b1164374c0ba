"""The channel curriculum: which components are open, when the next one opens, and what never sees a kick."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rcmvae.choices import Choices
from rcmvae.config_training import Training
from rcmvae.model.routing import RoutingContext, routing_of, routing_weights, training_context
from rcmvae.training import curriculum
from rcmvae.training.fit import Fit
from rcmvae.training.predictor import ModelPredictor
from rcmvae.training.record import RunRecord
from rcmvae.training.state import TrainState
from tests.support.small_rcmvae import equal_states, small_data, started

GROWING: dict[str, Any] = {
    "curriculum_enabled": True, "curriculum_start": 2, "curriculum_patience": 1, "curriculum_cooldown": 0, "curriculum_min_delta": 10.0,
    "curriculum_kick_epochs": 2, "decoder_conditioning": "film",
}  # fmt: skip
"""An improvement of 1000 % never comes: a component opens after every epoch but the first."""


def opened(state: TrainState) -> list[int]:
    return np.flatnonzero(np.asarray(state.curriculum.active)).tolist()


def counted(losses: list[float], **settings: Any) -> list[int | None]:
    """Which component opens after each epoch with these validation losses."""
    _, state = started(**{**GROWING, **settings})
    config, found = Training(**{name: value for name, value in {**GROWING, **settings}.items() if name in Training.model_fields}), []
    for loss in losses:
        state, component = curriculum.advance(replace(state, life_epoch=state.life_epoch + 1), loss, config)
        found.append(component)
    return found


def test_it_starts_with_the_first_few_components() -> None:
    engine, state = started(**GROWING)
    assert opened(state) == [0, 1]
    np.testing.assert_allclose(state.usage, [0.5, 0.5, 0, 0])
    assert engine.recipe.open_components == 2


def test_a_component_opens_when_the_loss_has_stalled_for_the_patience() -> None:
    settings = {"curriculum_patience": 2, "curriculum_min_delta": 0.1}
    assert counted([10, 8, 7.9, 7.9, 7.9], **settings) == [None, None, None, 2, None]
    # an improvement of more than a tenth starts the count anew
    assert counted([10, 9.5, 8, 7.9, 7.9], **settings) == [None, None, None, None, 2]


def test_after_one_opened_the_cooldown_passes_and_the_best_value_starts_anew() -> None:
    # the first epoch after an unlock sets the new best, then two stalled ones would do, but for the cooldown
    assert counted([5, 5, 9, 9, 9, 9, 9], curriculum_cooldown=3) == [None, None, None, 2, None, None, None]
    assert counted([5, 5, 9, 9, 9], curriculum_cooldown=0) == [None, 2, None, 3, None]


def test_claimed_components_open_first() -> None:
    _, state = started(**GROWING)
    state = replace(state, claims=jnp.array([0, 1, -1, 2]))
    for _ in range(2):
        state, component = curriculum.advance(state, 5.0, Training(**{k: v for k, v in GROWING.items() if k in Training.model_fields}))
    assert component == 3


def test_usage_makes_room_for_the_new_component() -> None:
    _, state = started(**GROWING)
    config = Training(**{k: v for k, v in GROWING.items() if k in Training.model_fields})
    state = replace(state, usage=jnp.array([0.7, 0.3, 0.0, 0.0]))
    for _ in range(2):
        state, _ = curriculum.advance(state, 5.0, config)
    np.testing.assert_allclose(state.usage, [0.7 * 2 / 3, 0.3 * 2 / 3, 1 / 3, 0], rtol=1e-6)


def trained(epochs: int, **changes: Any) -> tuple[Fit, list[Any], list[list[int]]]:
    engine, state = started(small_data(), **{**GROWING, **changes}, max_epochs=epochs)
    fit = Fit(engine, state, RunRecord())
    reports, sets = [], []
    for report in fit.epochs():
        reports.append(report)
        sets.append(opened(fit.state))
    return fit, reports, sets


def test_training_opens_components_and_never_closes_one() -> None:
    fit, reports, sets = trained(6)
    assert sets == [[0, 1], [0, 1, 2], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]
    assert [r.mixture.unlocked for r in reports] == [None, 2, None, 3, None, None]
    assert [r.mixture.k_active for r in reports] == [2, 3, 3, 4, 4, 4]
    assert reports[1].mixture.kick_active
    assert fit.record.active[0] == [1, 1, 0, 0]


def test_the_best_epoch_starts_anew_when_a_component_opens() -> None:
    fit, reports, _ = trained(3, monitor_metric="loss")
    assert reports[2].improved
    assert fit.record.best_epoch == 3


@pytest.mark.parametrize("layout", ["shared", "decentralized"])
def test_closed_components_have_no_responsibility_anywhere_and_are_not_decoded(layout: str) -> None:
    engine, state = started(**{**GROWING, "latent_layout": layout, "curriculum_patience": 50}, max_epochs=2)
    fit = Fit(engine, state, RunRecord())
    mixture = list(fit.epochs())[-1].mixture
    assert mixture is not None
    usage = np.array(mixture.usage)
    assert (usage[2:] == 0).all()
    assert mixture.k_eff <= 2 + 1e-6
    assert not np.asarray(fit.state.counts)[2:].any()
    assert set(np.flatnonzero(np.asarray(fit.state.claims) >= 0)) <= {0, 1}
    np.testing.assert_allclose(np.array(mixture.pi)[2:], 0, atol=1e-12)
    data = small_data()
    found = ModelPredictor(engine.recipe, fit.state, batch_size=16).classify(data.images[:16])
    assert (found.responsibilities[:, 2:] == 0).all()
    held = arrays(engine, fit.state)
    text = str(jax.make_jaxpr(lambda s: engine.functions.chunk.func(engine.recipe.numbers, s, *held))(fit.state))  # pyright: ignore[reportFunctionMemberAccess]
    assert "f32[16,2,64]" in text
    assert "f32[16,4,64]" not in text


def arrays(engine: Any, state: TrainState) -> tuple[Any, ...]:
    order = engine.functions.order(state.key, state.life_epoch)
    held, start = engine._chunk_arrays(order, engine._labelled_order(state, 0), 0, engine.recipe.steps)
    return held, jnp.int32(start), jnp.int32(start + 1)


def context(choices: Choices, opened_at: list[int], epoch: int, engine: Any) -> RoutingContext:
    return training_context(
        choices, engine.recipe.numbers, engine.recipe.plan, rows=8, decoded=8, augmented=False, life_epoch=jnp.int32(epoch),
        key=jax.random.key(0), opened=jnp.asarray(opened_at),
    )  # fmt: skip


def test_a_kick_pushes_the_new_component_in_decoding_alone_and_ends() -> None:
    engine, _ = started(**{**GROWING, "curriculum_kick_temperature": 5.0, "curriculum_kick_logit_bias": 4.0, "routing_warmup_epochs": 0})
    choices, plan = engine.recipe.choices, engine.recipe.plan
    log_r = jax.nn.log_softmax(jnp.array([[2.0, 1.0, -3.0, -1e9]]))
    routing = routing_of(choices, plan)

    def weights(epoch: int) -> np.ndarray:
        return np.asarray(routing_weights(log_r, context(choices, [-1, -1, 7, -1], epoch, engine), routing)[0])[0]

    plain = np.exp(np.asarray(log_r))[0]
    kicked = np.array([2.0, 1.0, -3.0 + 4.0]) / 5.0
    expected = np.append(np.exp(kicked) / np.exp(kicked).sum(), 0.0)
    np.testing.assert_allclose(weights(7), expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(weights(8), expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(weights(9), plain, rtol=1e-5, atol=1e-7)


def test_switching_the_curriculum_off_opens_everything() -> None:
    fit, _, _ = trained(1)
    engine, _ = started(small_data(), decoder_conditioning="film")
    state = engine.begin(fit.state)
    assert opened(state) == [0, 1, 2, 3]


def test_a_curriculum_never_closes_what_a_run_without_one_has_trained() -> None:
    plain, state = started(small_data(), decoder_conditioning="film", max_epochs=1)
    fit = Fit(plain, state, RunRecord())
    list(fit.epochs())
    engine, _ = started(small_data(), **GROWING)
    again = engine.begin(fit.state)
    assert opened(again) == [0, 1, 2, 3]
    assert engine.recipe.open_components == 0
    assert np.array_equal(again.claims, fit.state.claims)
    assert "has no effect: all 4 components are open" in (curriculum.idle_words(again, engine.recipe) or "")
    assert curriculum.idle_words(fit.state, plain.recipe) is None


def test_on_off_on_opens_all_and_closes_none() -> None:
    first, _, _ = trained(2)
    engine, fresh = started(small_data(), **GROWING)
    assert curriculum.idle_words(fresh, engine.recipe) is None
    # on again at once: it goes on with what is open
    same = engine.begin(first.state)
    assert opened(same) == [0, 1, 2]
    assert curriculum.idle_words(same, engine.recipe) is None
    plain, _ = started(small_data(), decoder_conditioning="film")
    off = plain.begin(first.state)
    assert opened(off) == [0, 1, 2, 3]
    back = engine.begin(off)
    assert opened(back) == [0, 1, 2, 3]
    assert curriculum.idle_words(back, engine.recipe)


def test_every_class_ends_with_as_many_claims_as_without_a_curriculum() -> None:
    fit, _, sets = trained(10, num_components=7)
    assert sets[-1] == list(range(7))
    claims = np.asarray(fit.state.claims)
    assert [int((claims == label).sum()) for label in range(3)] == [2, 2, 2]
    assert claims[-1] == -1
    first = np.asarray(started(small_data(), **{**GROWING, "num_components": 7})[1].claims)
    assert (claims[first >= 0] == first[first >= 0]).all()


def test_what_opens_when_the_curriculum_is_switched_off_is_claimed_too() -> None:
    _, state = started(small_data(), **{**GROWING, "num_components": 7})
    engine, _ = started(small_data(), decoder_conditioning="film", num_components=7)
    claims = np.asarray(engine.begin(state).claims)
    assert [int((claims == label).sum()) for label in range(3)] == [2, 2, 2]


def test_two_runs_are_bit_identical_and_a_resumed_one_too() -> None:
    whole, _, _ = trained(5)
    again, _, _ = trained(5)
    assert equal_states(whole.state, again.state)
    engine, state = started(small_data(), **GROWING, max_epochs=5)
    part = Fit(engine, state, RunRecord(), should_stop=iter([False, False, True]).__next__)
    list(part.epochs())
    assert part.outcome == "stopped"
    resumed, _ = started(small_data(), **GROWING, max_epochs=5)
    rest = Fit(resumed, resumed.adopt(part.completed), RunRecord.of(part.record.plain()))
    list(rest.epochs())
    assert equal_states(whole.state, rest.state)
