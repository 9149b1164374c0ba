"""Where data of recommenders comes from, described without loading it."""

from __future__ import annotations

from recsys.data.describing import UNKNOWN
from recsys.data.facts import TableFacts
from recsys.data.movielens import ID_1M, ID_100K
from recsys.data.shops import BUILT_IN, SIMULATOR, RetailParams
from workbench.families import DataSource, ImportString

LICENCE = "For research; its licence forbids passing it on (GroupLens, University of Minnesota)."

SOURCES: tuple[DataSource, ...] = (
    DataSource(
        id=BUILT_IN,
        name="Simulated shop",
        description="60,000 sales of 500 products to 1,000 customers, whose true chances are known.",
        loader=ImportString("recsys.data.shops:load"),
        facts=TableFacts(columns=(), rows=60_000, users=1_000, items=500),
    ),
    DataSource(
        id=ID_100K,
        name="MovieLens-100K",
        description=f"100,000 ratings of 1,682 movies by 943 people, 1997 and 1998. {LICENCE}",
        loader=ImportString("recsys.data.movielens:load_100k"),
        files=ImportString("recsys.data.movielens:files_100k"),
        facts=TableFacts(columns=(), rows=100_000, users=943, items=1_682),
        needs_download=True,
        download="About 2.2 MB",
    ),
    DataSource(
        id=ID_1M,
        name="MovieLens-1M",
        description=f"1,000,209 ratings of 3,706 movies by 6,040 people, 2000 to 2003. {LICENCE}",
        loader=ImportString("recsys.data.movielens:load_1m"),
        files=ImportString("recsys.data.movielens:files_1m"),
        facts=TableFacts(columns=(), rows=1_000_209, users=6_040, items=3_706),
        needs_download=True,
        download="About 5.9 MB",
    ),
    DataSource(
        id=SIMULATOR,
        name="Simulated shop of your own",
        description="Sales of a shop whose size, seed and effects are yours to choose.",
        loader=ImportString("recsys.data.shops:simulated"),
        facts=UNKNOWN,
        params=RetailParams,
    ),
)
