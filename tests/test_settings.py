from __future__ import annotations

import inspect

import pytest
import sklearn.ensemble
import sklearn.linear_model
import yaml

from analysis import model_settings, settings
from analysis.errors import UserError


def test_the_documented_file_is_generated_from_the_schema(root):
    text = (root / "config/study.yaml").read_text(encoding="utf-8")
    assert text == settings.documented(text), "run make settings"
    plain = settings.documented()
    assert settings.load(yaml.safe_load(plain)) == settings.Study()


def test_further_models_and_conditions_stay_in_the_documented_file(tmp_path):
    """So that they are rows of the settings and no code."""
    file = tmp_path / "study.yaml"
    plain = settings.documented()
    model = "hist: {estimator: sklearn.ensemble.HistGradientBoostingClassifier, name: histogram boosting}"
    rows = [{"model": "hist"}, {"split": "by_file", "duplicates": ["keep", "drop"]}]
    file.write_text(plain.replace("models:", f"models:\n  {model}", 1).replace("conditions: []", f"conditions: {rows}"))
    given = settings.load(yaml.safe_load(file.read_text()))
    assert given.conditions == rows
    for _ in range(2):
        settings.step(file)
        assert settings.load(yaml.safe_load(file.read_text())) == given
    assert [line for line in file.read_text().splitlines() if line not in plain.splitlines()] == [
        '  hist: {"estimator": "sklearn.ensemble.HistGradientBoostingClassifier", "name": "histogram boosting", '
        '"parameters": {}}',
        'conditions: [{"model": "hist"}, {"split": "by_file", "duplicates": ["keep", "drop"]}]  '
        "# beside the source study's, such as - {split: by_file, duplicates: [keep, drop], model: adaboost}",
    ]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"sed": 1}, "sed: unknown setting; did you mean seed?"),
        ({"split": {"fraction": 0.1}}, "split.fraction: unknown setting; did you mean test_fraction?"),
        ({"split": {"test_fraction": 2}}, "split.test_fraction: input should be less than 1 (it is 2)"),
        ({"twin": {"rows": 10}}, "twin.rows: input should be greater than or equal to 1000"),
        (
            {"models": {"adaboost": {"n_estimators": "many"}}},
            "models.adaboost.n_estimators: input should be a valid integer",
        ),
        ({"build": "../up"}, "build: a build name is made of"),
        ({"seeds": 1}, "seeds: one repetition has no spread"),
        (
            {"models": {"logistic_regression": {"l1_ratio": 0.5}}},
            "models.logistic_regression: an l1_ratio above 0 needs",
        ),
        (
            {"models": {"random_forest": {"bootstrap": False, "max_samples": 0.5}}},
            "models.random_forest: max_samples is",
        ),
        ({"s\x1b[2Jed": 1}, "s\\x1b[2Jed: unknown setting"),
        ({"build": "a\x1b[2J"}, r"(it is 'a\x1b[2J')"),
        ({"twin": 5}, "twin: input should be a valid dictionary"),
        ({"renderer": "word"}, "renderer: input should be 'auto', 'quarto' or 'pandoc'"),
    ],
)
def test_a_wrong_setting_is_named(config, message):
    with pytest.raises(UserError) as error:
        settings.load(config)
    assert message in str(error.value)


def test_numbers_from_a_command_line_may_be_names():
    assert settings.load({"build": 2017}).build == "2017"


@pytest.mark.parametrize(
    ("group", "estimator"),
    [
        (model_settings.RandomForest, sklearn.ensemble.RandomForestClassifier),
        (model_settings.GradientBoosting, sklearn.ensemble.GradientBoostingClassifier),
        (model_settings.AdaBoost, sklearn.ensemble.AdaBoostClassifier),
        (model_settings.LogisticRegression, sklearn.linear_model.LogisticRegression),
    ],
)
def test_defaults_are_the_library_s_own_but_for_those_stated(group, estimator):
    stated = {"n_estimators": 100, "max_iter": 1000}
    defaults = {name: p.default for name, p in inspect.signature(estimator).parameters.items()}
    for name, value in group().model_dump().items():
        assert value == stated.get(name, defaults[name]), name
