"""A worker process whose only family is the fake one and which imports no framework. `python -m tests.crash.fake_worker`."""

from __future__ import annotations

import sys

from workbench.runs import process

if __name__ == "__main__":
    # As in the real worker, the fork comes before anything heavy is imported.
    if "--detach" in sys.argv:
        sys.argv.remove("--detach")
        process.detach()
    from tests.support import fake_family
    from workbench.runs import frameworks, worker

    fake_family.register()
    frameworks.FRAMEWORKS = {"jax": frameworks.FrameworkFacts((), {}, ("numpy",))}
    sys.exit(worker.main())
