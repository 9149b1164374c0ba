"""REST under `/api`: the same commands as the pages, described at `/openapi.json` and browsable at `/docs`."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI

from workbench.families import all_families
from workbench.workbench import Workbench


def install_api(app: FastAPI, workbench: Workbench) -> None:
    """Add all resources, the error shape and the docs to the server's app."""
    from dashboard.api import (
        datasets,
        endings,
        exports,
        families,
        health,
        history,
        metrics,
        models,
        people,
        runs,
        saved_views,
        sweeps,
        uploads,
    )
    from dashboard.api.dependencies import allowed
    from dashboard.api.docs import install_docs, summarise
    from dashboard.api.errors import install_error_handlers
    from dashboard.api.slashes import SlashlessMiddleware
    from dashboard.requests_seen import patterns_of

    app.state.workbench = workbench
    api = APIRouter(prefix="/api", dependencies=[Depends(allowed)])
    contributed = dict.fromkeys(route for family in all_families() for route in family.routes)
    routers = (
        datasets.sources,
        *(
            resource.router
            for resource in (
                health,
                metrics,
                families,
                datasets,
                uploads,
                models,
                exports,
                runs,
                sweeps,
                endings,
                saved_views,
                history,
                people,
            )
        ),
        *(route.load() for route in contributed),
    )
    app.state.patterns = patterns_of(api.prefix, routers)
    for router in routers:
        summarise(router)
        api.include_router(router)
    app.include_router(api)
    install_error_handlers(app)
    app.add_middleware(SlashlessMiddleware)
    install_docs(app)
