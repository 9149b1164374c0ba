"""Everything that pages, REST and the command line do with recommenders, in one object.

service = RecommenderService(workbench)
features = service.features.create(actor="me", dataset_id="retail", name="First", document=document)
model = service.models.create(actor="me", name="Small", document={"epochs": 3})
test = service.tests.start(actor="me", feature_config=features.id, model_config=model.number)
"""

from __future__ import annotations

from recsys.services.estimates import Estimates
from recsys.services.feature_configs import FeatureConfigs
from recsys.services.generated_code import GeneratedCode
from recsys.services.model_configs import ModelConfigs
from recsys.services.quick_tests import QuickTests
from recsys.services.tables import Tables
from workbench.workbench import Workbench


class RecommenderService:
    """Feature configurations, model configurations, quick tests, generated code, estimates and tables of one workbench."""

    def __init__(self, workbench: Workbench) -> None:
        self.features = FeatureConfigs(workbench)
        self.models = ModelConfigs(workbench)
        self.tests = QuickTests(workbench)
        self.code = GeneratedCode(workbench)
        self.estimates = Estimates(workbench)
        self.tables = Tables(workbench)
