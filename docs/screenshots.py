"""The pictures of README and docs: `python -m docs.screenshots [PART ...]` draws them anew from a server on an empty home.

A person's way is walked in headless Chromium: the first visit's model trains, then the Recommenders page's wizards are
filled in and a test is run on MovieLens-100K, which must lie below TRELLIS_DATA, and a freeway is forecast. Nothing is staged: what a picture shows
is what the server computed.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from bench.asking import Client
from bench.recsys_answers import until
from bench.recsys_speed import SPLIT
from bench.serving import browser, serving
from recsys.features.shipped import SHIPPED
from recsys.model.config import document_of
from recsys.model.recipes import RECIPES
from workbench.settings import Settings

IMAGES = Path(__file__).parent / "images"
WIDTH, HEIGHT = 1280, 800
HUB_HEIGHT = 1660
HUB_EPOCHS = 16
"""How many epochs the training hub's curves have when it is pictured."""
FORECAST_EPOCHS = 5
"""Of the model whose forecasts are pictured."""
COLOURS = 256
MOST_BYTES = 150_000
SETTLING_MS = 500
"""What a page may still do once it has asked for everything, such as drawing a curve."""
PATIENCE_MS = 300_000
FORECAST_SECONDS = 900.0
"""How long the training of that model may take."""
DATA = "movielens-100k"


@contextmanager
def tab(chromium: Any, address: str, *, dark: bool, height: int = HEIGHT) -> Iterator[Any]:
    """A page of a browser of its own, in one theme."""
    context = chromium.new_context(
        viewport={"width": WIDTH, "height": height}, color_scheme="dark" if dark else "light", reduced_motion="reduce", base_url=address
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def picture(page: Any, name: str, *, dark: bool = False) -> None:
    """Write what is in sight, once nothing is asked any more."""
    page.wait_for_load_state("networkidle")
    keep(page, f"{name}{'-dark' if dark else ''}.png")


def keep(page: Any, name: str) -> None:
    """Write what is in sight as a PNG with a palette. Raises ValueError for one that is too large to keep."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLING_MS)
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = IMAGES / name
    # colours that k-means has moved to where they are used leave no patches on the blurred bar
    shown.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"  {name}: {size / 1e3:.0f} kB", flush=True)
    if size > MOST_BYTES:
        raise ValueError(f"{name} has {size:,} bytes; at most {MOST_BYTES:,} are kept in the repository")


def hub(page: Any) -> None:
    """The training hub while the first visit's model learns; its run is stopped afterwards."""
    page.goto("/")
    page.locator("#models-try").click()
    points = "document.querySelector('#live-loss .js-plotly-plot')?.data?.[0]?.x?.length ?? 0"
    page.wait_for_function(f"() => ({points}) >= {HUB_EPOCHS}")
    keep(page, "hub.png")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="Resume").wait_for()


def model_wizard(page: Any, *, dark: bool) -> None:
    """The wizard's three steps, for a model that finds and rates."""
    page.goto("/recommenders/models/new")
    page.locator("#recsys-model-name").fill("Films for tonight")
    page.get_by_role("radio", name="Multitask").click()
    page.locator("#recsys-model-balance:not([hidden])").wait_for(state="attached")
    picture(page, "recommenders-basics", dark=dark)
    page.get_by_role("button", name="Towers").click()
    page.locator('[data-to="recsys-model-action"][data-act="add"][data-id="buyer"][data-value="batch_norm"]').evaluate(
        "menu => menu.click()"
    )
    page.locator('[data-drag-list="buyer"] .layer-batch_norm').wait_for()
    picture(page, "recommenders-towers", dark=dark)
    page.get_by_role("button", name="Training").click()
    picture(page, "recommenders-training", dark=dark)


def feature_wizard(page: Any, *, dark: bool) -> None:
    """The columns of MovieLens in both towers, as they are suggested."""
    page.goto(f"/recommenders/features/new?dataset={DATA}&start=smart&step=2")
    page.locator("#recsys-feature-sample table").wait_for()
    picture(page, "recommenders-features", dark=dark)


def tested(client: Client) -> str:
    """The id of a completed test of the best multitask recipe."""
    recipe = RECIPES["best_multitask"]
    columns = SHIPPED[recipe.features].config.model_dump(mode="json", exclude_none=True)
    features, _ = client.post("/api/feature-configs", {"dataset_id": DATA, "name": "Ids", **columns})
    model, _ = client.post("/api/model-configs", {"name": recipe.name, **document_of(recipe.config)})
    split = {"strategy" if name == "split" else name: value for name, value in SPLIT.items()}
    body = {"feature_config_id": features["id"], "model_config_id": model["id"], "split": split}
    test, _ = client.post("/api/quick-tests", body)
    ended = until(client, test["id"], "completed", "failed", "cancelled")
    if ended["status"] != "completed":
        raise RuntimeError(f"the test ended as {ended['status']}: {ended['error']}")
    return test["id"]


def result(page: Any, test: str, *, dark: bool) -> None:
    """What the test found."""
    page.goto(f"/recommenders/tests/{test}")
    page.locator(".headline-value").first.wait_for()
    page.locator("#result").evaluate("part => window.scrollTo(0, part.getBoundingClientRect().top + window.scrollY - 90)")
    picture(page, "recommenders-result", dark=dark)


def hub_pictures(chromium: Any, address: str) -> None:
    """The picture of the training hub."""
    with tab(chromium, address, dark=False, height=HUB_HEIGHT) as page:
        hub(page)


def explored(client: Client) -> str:
    """The id of a trained model of the digits."""
    model, _ = client.post("/api/models", {"name": "Handwritten digits", "preset": "semi_supervised_digits", "dataset_id": "digits"})
    run, _ = client.post("/api/runs", {"model_id": model["id"]})
    for _ in range(600):
        ended, _ = client.get(f"/api/runs/{run['id']}")
        if ended["state"] == "completed":
            return model["id"]
        time.sleep(0.5)
    raise RuntimeError(f"the run is {ended['state']}: {ended['error']}")


def explore(page: Any, model: str, *, dark: bool) -> None:
    """The latent space by prediction, with an image that is worth a label."""
    page.goto(f"/model/{model}/explore")
    page.get_by_role("button", name="No, thank you").click()
    page.get_by_label("Colour by").select_option("predicted")
    page.locator("#explore-cloud[data-colour=predicted]").wait_for()
    page.get_by_role("button", name="Label next").click()
    page.locator("#explore-sample .sample-decoded figure").nth(2).wait_for()
    picture(page, "explore", dark=dark)


def explore_pictures(chromium: Any, address: str) -> None:
    """The pictures of the Explore tab, in both themes."""
    client = Client(address)
    model = explored(client)
    client.close()
    for dark in (False, True):
        with tab(chromium, address, dark=dark) as page:
            explore(page, model, dark=dark)


def recommender_pictures(chromium: Any, address: str) -> None:
    """The pictures of the Recommenders page, in both themes."""
    for dark in (False, True):
        with tab(chromium, address, dark=dark) as page:
            model_wizard(page, dark=dark)
            feature_wizard(page, dark=dark)
    client = Client(address)
    test = tested(client)
    client.close()
    for dark in (False, True):
        with tab(chromium, address, dark=dark) as page:
            result(page, test, dark=dark)


def forecast(client: Client) -> str:
    """The id of a completed run of a small LSTM on the simulated freeway."""
    config = {"epochs": FORECAST_EPOCHS}
    model, _ = client.post(
        "/api/models",
        {"name": "Freeway", "family": "traffic", "model_type": "lstm", "dataset": "corridor", "preset": "lstm_small", "config": config},
    )
    run, _ = client.post("/api/runs", {"model_id": model["id"]})
    deadline, ended = time.monotonic() + FORECAST_SECONDS, run
    while time.monotonic() < deadline:
        ended, _ = client.get(f"/api/runs/{run['id']}")
        if ended["state"] in ("completed", "failed"):
            break
        time.sleep(0.5)
    if ended["state"] != "completed":
        raise RuntimeError(f"the run is {ended['state']}: {ended['error']}")
    return run["id"]


def forecasting(page: Any, run: str, *, dark: bool) -> None:
    """Files that make a configuration, what the model measured, and the forecast that was hardest."""
    page.goto("/forecasting?experiment=quick_smoke_test&overridden=1&set=training.epochs%3D5")
    beaten = page.locator(".merged-beaten").first
    beaten.wait_for()
    page.locator(".layered-body section").nth(1).evaluate(
        "part => window.scrollTo(0, part.getBoundingClientRect().top + window.scrollY - 70)"
    )
    beaten.evaluate("row => row.scrollIntoView({ block: 'center' })")
    picture(page, "forecasting-files", dark=dark)
    page.goto(f"/forecasting/results/{run}")
    for id in ("fan", "map", "road", "ahead"):
        page.locator(f"#forecast-{id} .js-plotly-plot .main-svg").first.wait_for()
    page.locator("#replay").evaluate("part => window.scrollTo(0, part.getBoundingClientRect().top + window.scrollY - 110)")
    picture(page, "forecasting-replay", dark=dark)


def forecasting_pictures(chromium: Any, address: str) -> None:
    """The pictures of the Forecasting page, in both themes."""
    client = Client(address)
    run = forecast(client)
    client.close()
    for dark in (False, True):
        with tab(chromium, address, dark=dark) as page:
            forecasting(page, run, dark=dark)


PARTS: dict[str, Callable[[Any, str], None]] = {
    "hub": hub_pictures,
    "explore": explore_pictures,
    "recommenders": recommender_pictures,
    "forecasting": forecasting_pictures,
}


def main(names: Sequence[str]) -> int:
    """Draw the pictures of the parts that are named, of all if none is; 2 for an unknown name, or where the real data is missing."""
    data = Settings.load().data
    unknown = [name for name in names if name not in PARTS]
    if unknown or data is None:
        why = (
            f"no pictures named {', '.join(unknown)}; known: {', '.join(PARTS)}"
            if unknown
            else "TRELLIS_DATA must name a folder with ml-100k/"
        )
        print(why, file=sys.stderr)
        return 2
    for name in names or PARTS:
        with browser() as page, tempfile.TemporaryDirectory(prefix="trellis-pictures-") as home, serving(Path(home), data=data) as server:
            PARTS[name](page.context.browser, server.address)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
