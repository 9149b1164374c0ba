"""From rows to windows: splits, scaling, imputation and time features, in index arithmetic."""
