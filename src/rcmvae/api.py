"""The Python API: a model to create, fit, ask, save and load, with numpy arrays in and out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from rcmvae.active.choosing import choose
from rcmvae.active.fitted import pool_of_images
from rcmvae.config import Architecture, Training, resolve
from rcmvae.family import RCMVAE as MODEL_TYPE
from rcmvae.fitting import check_tau, data_of, settings_for, unknown_facts
from rcmvae.images import check_images, check_labels, in_batches
from rcmvae.model.plan import plan_of
from rcmvae.novelty import blended, check_blend, percentile, reference_positions
from rcmvae.progress import progress_bar
from rcmvae.results import FitResult, Latents, Prediction, Samples, Score, Suggested
from rcmvae.training.arrays import RunData
from rcmvae.training.checkpoint import Identity, load, save
from rcmvae.training.codec import read
from rcmvae.training.compiling import check_precision
from rcmvae.training.curriculum import idle_words
from rcmvae.training.density import DensityEstimator
from rcmvae.training.engine import Engine
from rcmvae.training.errors import TrainingError
from rcmvae.training.fit import Fit, MixtureEpochReport
from rcmvae.training.predictor import ModelPredictor
from rcmvae.training.recipe import Recipe, recipe_of
from rcmvae.training.record import RunRecord
from rcmvae.training.state import TrainState, begin_run, fresh_state, with_classes
from rcmvae.training.step import metric_names
from workbench.fields import fingerprint
from workbench.values import validate

Callback = Callable[[MixtureEpochReport], bool | None]
"""Called after every epoch; True stops the fit."""


class RCMVAE:
    """A model: a locked architecture, training settings that stay tunable, and weights once it was fitted.

    Make one with `create` or `load`.
    """

    def __init__(self, architecture: Architecture, training: Training, *, class_names: tuple[str, ...]) -> None:
        self.architecture = architecture
        self.training = training
        self.class_names = class_names
        self._state: TrainState | None = None
        self._labelled = False
        self._reference = np.zeros(0, np.float32)
        self._predictor: ModelPredictor | None = None
        self._tau: np.ndarray | None = None

    @classmethod
    def create(
        cls,
        architecture: Mapping[str, Any] | None = None,
        *,
        input_shape: tuple[int, int, int],
        num_classes: int,
        seed: int = 0,
        training: Mapping[str, Any] | None = None,
    ) -> RCMVAE:
        """A new, untrained model.

        Args:
            architecture: structural fields by name; others take their defaults. input_shape: (H, W, C) of the images.
            num_classes: 0 for data without labels. seed: draws the initial parameters. training: modifiable fields.

        Raises:
            ConfigError: naming every field that is wrong, and what to do.
        """
        given = {**(architecture or {}), "input_shape": tuple(input_shape), "num_classes": num_classes, "init_seed": seed}
        names = tuple(str(label) for label in range(num_classes))
        checked = validate(MODEL_TYPE, {"architecture": given, "training": dict(training or {})}, unknown_facts(tuple(input_shape), names))
        built, settings = checked.configs()
        assert isinstance(built, Architecture)
        assert isinstance(settings, Training)
        return cls(built, settings, class_names=names)

    @property
    def fitted(self) -> bool:
        """Whether the model has trained weights."""
        return self._state is not None

    @property
    def life_epoch(self) -> int:
        """Epochs trained so far, over all fits."""
        return 0 if self._state is None else int(self._state.life_epoch)

    def fit(
        self,
        images: np.ndarray,
        labels: np.ndarray | None = None,
        *,
        training: Mapping[str, Any] | None = None,
        validation_images: np.ndarray | None = None,
        validation_labels: np.ndarray | None = None,
        callbacks: Iterable[Callback] = (),
        progress: bool = False,
        reset_optimizer: bool = False,
    ) -> FitResult:
        """Train, from where the last fit ended.

        Args:
            images: (N, H, W, C), or (N, H, W) for one channel; uint8, or float in [0, 1].
            labels: int (N,), -1 for unlabelled; all unlabelled if not given.
            training: modifiable fields to change from now on.
            validation_images, validation_labels: choose the best epoch and allow to stop early.
            callbacks: called with each epoch's report; one that returns True stops the fit.
            progress: show a progress bar. reset_optimizer: forget Adam's moments of earlier fits.

        What the settings and the data make worth knowing, and refuses nothing, is a Python warning.

        Raises:
            ConfigError: a field is wrong, or does not go together with the data; the model stays as it was.
            ValueError: arrays that do not fit the model. TrainingError: this machine cannot train so.
            NonFiniteError: a loss term became NaN or infinite; the weights of the last good epoch are kept.
        """
        shape, classes = self.architecture.input_shape, len(self.class_names)
        data = data_of(images, labels, validation_images, validation_labels, shape=shape, classes=classes)
        settings = settings_for(data, self.architecture, self.training, training or {}, self.class_names)
        check_precision(settings)
        self.training, self._predictor = settings, None
        recipe = self._recipe(data)
        engine = Engine(recipe, data)
        metrics = len(metric_names(recipe))
        seed = recipe.settings.random_seed
        if self._state is None:
            state = fresh_state(recipe, init_seed=self.architecture.init_seed, random_seed=seed, metrics=metrics)
        else:
            state = begin_run(self._state, recipe, random_seed=seed, metrics=metrics, reset_optimizer=reset_optimizer)
        state = engine.begin(state)
        idle = idle_words(state, engine.recipe)
        if idle is not None:
            warnings.warn(idle, stacklevel=2)
        record = RunRecord()
        wish = _Wish()
        run = Fit(engine, state, record, should_stop=lambda: wish.stop)
        try:
            self._follow(run, tuple(callbacks), progress, wish)
        finally:
            if record.epochs:
                self._keep(run.best or run.completed, recipe, data)
        return FitResult(run.outcome, len(record.epochs), record.best_epoch if run.monitor else None, tuple(record.metrics), record.seconds)

    def predict(self, images: np.ndarray) -> Prediction:
        """Classes, certainty and novelty of `images` (N, H, W, C). Raises ValueError, TrainingError if never fitted."""
        predictor = self._asked()
        parts = [predictor.classify(batch) for batch in in_batches(self._checked(images), predictor.batch_size)]
        count = len(images)
        probabilities = _join([p.probabilities for p in parts], count)
        certainty = _join([p.certainty for p in parts], count)
        responsibilities = (
            _join([p.responsibilities for p in parts], count) if predictor.recipe.mixture else np.zeros((count, 0), np.float32)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            entropy = -np.where(responsibilities > 0, responsibilities * np.log(responsibilities), 0.0).sum(axis=1)
        classes = probabilities.argmax(axis=1) if predictor.recipe.labelled and probabilities.shape[1] else np.full(count, -1)
        return Prediction(classes.astype(np.int32), probabilities, certainty, 1 - certainty, responsibilities, entropy.astype(np.float32))

    def classify_by(self, tau: np.ndarray, class_names: Sequence[str]) -> None:
        """Classify by another `tau` (K, Y), of these classes, until the next fit: as labels tell that were given since the last.

        Raises ValueError for a tau that does not fit the model, or one that a head classifies; TrainingError if it was never fitted.
        """
        recipe = self._asked().recipe
        if not self._resolved()["use_tau_classifier"]:
            raise ValueError("this model is classified by its head, which counts nothing; fit it with the new labels")
        self._tau = check_tau(tau, recipe.plan.components, len(class_names))
        assert self._state is not None
        self._state, self._predictor = with_classes(self._state, len(class_names)), None
        self.class_names = tuple(class_names)

    def ood_score(self, images: np.ndarray, *, blend: float = 0.0) -> np.ndarray:
        """How new each image is, float32 (N,) in [0, 1], higher is newer.

        It is (1 - blend) (1 - certainty) + blend * the percentile of the image's reconstruction loss among the validation
        images of the last fit (without any, a fixed part of its training images).
        """
        check_blend(blend)
        certainty = self.predict(images).certainty
        return blended(certainty, self._percentiles(self._checked(images)) if blend else np.zeros(len(certainty)), blend)

    def suggest(
        self,
        images: np.ndarray,
        strategy: str = "margin",
        n: int = 20,
        *,
        labels: np.ndarray | None = None,
        seed: int = 0,
        diverse: bool = True,
        blend: float = 0.0,
    ) -> Suggested:
        """Which `n` of `images` (N, H, W, C) to label next.

        Args:
            strategy: `random`, `least_confidence`, `margin`, `entropy`, `responsibility_entropy`, `ood`, `bald` or `k_center`.
            labels: int (N,), -1 where none is known; known ones are not suggested. Nothing is known if not given.
            seed: of what is drawn at random. diverse: spread the batch over the latent space instead of taking the best n scores.
            blend: share of the reconstruction in the score of `ood` (see `ood_score`).

        Raises:
            SuggestionError: an unknown strategy, one that can say nothing about this model, or n out of range; it says which.
            ValueError: arrays that do not fit the model. TrainingError: the model was never fitted.
        """
        check_blend(blend)
        predictor, pictures = self._asked(), self._checked(images)
        known = check_labels(labels, len(pictures), len(self.class_names)) >= 0
        pool = pool_of_images(predictor, pictures, known, self._percentiles, blend=blend)
        chosen = choose(pool, strategy, n, seed=seed, diverse=diverse)
        return Suggested(pool.index[chosen.positions], chosen.scores)

    def encode(self, images: np.ndarray) -> Latents:
        """Posteriors and responsibilities of `images` (N, H, W, C)."""
        predictor = self._asked()
        parts = [predictor.classify(batch) for batch in in_batches(self._checked(images), predictor.batch_size)]
        count = len(images)
        responsibilities = (
            _join([p.responsibilities for p in parts], count) if predictor.recipe.mixture else np.zeros((count, 0), np.float32)
        )
        return Latents(
            _join([p.mean for p in parts], count),
            _join([p.log_var for p in parts], count),
            _join([p.mean_latent for p in parts], count),
            responsibilities,
        )

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Reconstructions float32 (N, H, W, C) in [0, 1], from posterior means by each image's most responsible component."""
        found = self.encode(images)
        chosen = found.responsibilities.argmax(axis=1) if found.responsibilities.shape[1] else np.zeros(len(found.mean), np.int64)
        place = chosen if found.mean.shape[1] > 1 else np.zeros_like(chosen)
        return self._decode(found.mean[np.arange(len(chosen)), place], chosen.astype(np.int32))

    def decode(self, z: np.ndarray, component: int | np.ndarray | None = None) -> np.ndarray:
        """Decode latents `z` (N, D) into images float32 (N, H, W, C) in [0, 1].

        `component`: one index or (N,) of them; the one with the largest prior weight if not given.
        """
        predictor = self._asked()
        latents = np.asarray(z, np.float32)
        if latents.ndim != 2 or latents.shape[1] != predictor.recipe.plan.latent or not len(latents):
            raise ValueError(f"z must have shape (N, {predictor.recipe.plan.latent}) with N at least 1 (got {latents.shape})")
        if component is None:
            component = int(predictor.pi.argmax()) if len(predictor.pi) else 0
        components = np.broadcast_to(np.asarray(component, np.int32), (len(latents),))
        limit = predictor.recipe.plan.components
        if components.min() < 0 or components.max() >= limit:
            raise ValueError(f"component must be within 0 and {limit - 1} (got {component})")
        return self._decode(latents, components)

    def sample(self, n: int, key: int | jax.Array = 0) -> Samples:
        """`n` images drawn from the model: component by its weight, latent from the prior. `key`: a seed or a JAX key."""
        if n < 1:
            raise ValueError(f"n must be at least 1 (got {n})")
        predictor = self._asked()
        latents, components = predictor.sample(jax.random.key(key) if isinstance(key, int) else key, n)
        return Samples(self._decode(latents, components), latents, components)

    def score(self, images: np.ndarray, labels: np.ndarray | None = None) -> Score:
        """Mean accuracy on labelled images and mean loss terms on all `images` (N, H, W, C).

        Without labels, and of a model that saw none, accuracy is NaN and the score says why.
        """
        checked = self._checked(images)
        known = check_labels(labels, len(checked), len(self.class_names))
        losses = self._losses(checked)
        elbo, reconstruction, kl = (float(losses[name].mean()) for name in ("elbo", "reconstruction_loss", "kl_z"))
        why = "" if (known >= 0).any() else "no label was given to compare with"
        if not self._asked().recipe.labelled:
            why = "the model saw no label, so it knows no class; fit it with labels first"
        if why:
            return Score(float("nan"), elbo, reconstruction, kl, why=why)
        right = self.predict(images).classes == known
        return Score(float(right[known >= 0].mean()), elbo, reconstruction, kl)

    def log_likelihood(
        self, images: np.ndarray, samples: int = 5000, seed: int = 0, *, on_progress: Callable[[int], None] | None = None
    ) -> np.ndarray:
        """log p(x) of `images` (N, H, W, C) in nats, float32 (N,), by importance sampling with `samples` draws from the posterior.

        A lower bound on average, tight as `samples` grows (Burda et al. 2016). With binary cross-entropy it is a likelihood of black
        and white images only: see `rcmvae.data.binarisation`. The same `seed` gives the same numbers. Memory stays bounded.
        `on_progress` is told how many images are done.

        Raises ValueError, TrainingError if never fitted.
        """
        predictor = self._asked()
        estimator = DensityEstimator(predictor.recipe, predictor.parameters, predictor.active)
        return estimator.log_likelihood(self._checked(images), samples=samples, seed=seed, on_progress=on_progress)

    def save(self, path: str | Path) -> None:
        """Save the model to one file, whole or not at all. Raises TrainingError if it was never fitted, CheckpointError."""
        if self._state is None:
            raise TrainingError("this model was never fitted; there are no weights to save")
        record = {"reference": self._reference.astype(float).tolist()}
        save(Path(path), self._state, self._identity(), record, labelled=self._labelled)

    @classmethod
    def load(cls, path: str | Path) -> RCMVAE:
        """The model of a file written by `save`. Raises CheckpointError for a missing, damaged or foreign file."""
        header = read(Path(path)).header
        architecture = Architecture.model_validate(_tuples(header["architecture"]))
        training = Training.model_validate(_tuples(header["training"]))
        model = cls(architecture, training, class_names=tuple(header["class_names"]))
        restored = load(Path(path), plan_of(model._resolved()), model._identity())
        model._state = restored.state
        model._labelled = restored.labelled
        model._reference = np.asarray(restored.record.get("reference", ()), np.float32)
        return model

    def _resolved(self) -> dict[str, Any]:
        return resolve(self.architecture.model_dump() | self.training.model_dump())

    def _identity(self) -> Identity:
        resolved = self._resolved()
        identity = fingerprint(MODEL_TYPE.name, self.architecture, resolved)
        return Identity(self.architecture, self.training, resolved, identity, "", self.class_names)

    def _recipe(self, data: RunData) -> Recipe:
        return recipe_of(
            self._resolved(),
            self.training,
            classes=len(self.class_names),
            n_train=len(data.images),
            n_validation=len(data.validation_images),
            labelled=bool(len(data.labelled)),
            validation_labelled=bool((data.validation_labels >= 0).any()),
        )

    def _follow(self, run: Fit, callbacks: tuple[Callback, ...], progress: bool, wish: _Wish) -> None:
        with progress_bar(progress, run.engine.recipe.settings.max_epochs) as advance:
            for report in run.epochs():
                advance(report)
                wishes = [callback(report) for callback in callbacks]
                wish.stop = any(answer is True for answer in wishes)

    def _keep(self, state: TrainState, recipe: Recipe, data: RunData) -> None:
        self._state = state
        self._labelled = recipe.labelled
        self._tau = None
        self._predictor = ModelPredictor(recipe, state)
        held = data.validation_images if len(data.validation_images) else data.images
        part = reference_positions(np.arange(len(data.validation_images)), np.arange(len(data.images)))
        self._reference = np.sort(self._losses(held[part])["reconstruction_loss"])

    def _asked(self) -> ModelPredictor:
        if self._state is None:
            raise TrainingError("this model was never fitted; call fit first")
        if self._predictor is None:
            recipe = recipe_of(
                self._resolved(), self.training, classes=len(self.class_names),
                n_train=1, n_validation=0, labelled=self._labelled or self._tau is not None, validation_labelled=True,
            )  # fmt: skip
            self._predictor = ModelPredictor(recipe, self._state, tau=self._tau)
        return self._predictor

    def _checked(self, images: np.ndarray) -> np.ndarray:
        return check_images(images, self.architecture.input_shape)

    def _decode(self, latents: np.ndarray, components: np.ndarray) -> np.ndarray:
        predictor = self._asked()
        size = predictor.batch_size
        pairs = zip(in_batches(latents, size), in_batches(components, size), strict=True)
        return _join([predictor.decode(z, c) for z, c in pairs], len(latents))

    def _percentiles(self, images: np.ndarray) -> np.ndarray:
        return percentile(self._losses(images)["reconstruction_loss"], self._reference)

    def _losses(self, images: np.ndarray) -> dict[str, np.ndarray]:
        predictor = self._asked()
        size = predictor.batch_size
        rows = np.arange(len(images), dtype=np.int32)
        parts = [
            predictor.evaluate(batch, index, np.full(size, -1, np.int32)).losses
            for batch, index in zip(in_batches(images, size), in_batches(rows, size), strict=True)
        ]
        return {name: _join([part[name] for part in parts], len(images)) for name in ("reconstruction_loss", "kl_z", "elbo")}


class _Wish:
    """Whether a callback asked to stop."""

    stop: bool = False


def _join(parts: Sequence[Any], count: int) -> np.ndarray:
    return np.concatenate([np.asarray(part) for part in parts])[:count]


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
