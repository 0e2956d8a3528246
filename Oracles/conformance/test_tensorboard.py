"""TensorBoard's own readers read what `runs export --tensorboard` writes of a stored run."""

import json
import math
import sqlite3

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.histogram import metadata as histograms
from tensorboard.util import tensor_util

from harness import ROOT, lowrank, run

FIXTURES = ROOT / "Tests/LowRankRunsTests/Fixtures"


@pytest.fixture
def store(tmp_path):
    """Run 2 resumes run 1 after step 4."""
    path = tmp_path / "runs.sqlite"
    with sqlite3.connect(path) as database:
        database.executescript((FIXTURES / "store.sql").read_text())
    database.close()
    return path


def accumulated(folder):
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def test_scalars(store, tmp_path):
    run("runs", "export", 1, "--tensorboard", tmp_path / "logs", "--store", store)
    events = accumulated(tmp_path / "logs/run-1")
    assert events.Tags()["scalars"] == ["loss", "valid_loss"]
    assert [(e.step, e.value) for e in events.Scalars("loss")] == [
        (1, 3.5), (2, 3.25), (3, math.inf), (4, 2.75)]
    assert [(e.wall_time, e.step, e.value) for e in events.Scalars("valid_loss")] == [
        (1700000040.5, 4, 3.0)]


def test_configuration(store, tmp_path):
    run("runs", "export", 1, "--tensorboard", tmp_path, "--store", store)
    events = accumulated(tmp_path / "run-1")
    assert events.SummaryMetadata("configuration").plugin_data.plugin_name == "text"
    [text] = tensor_util.make_ndarray(events.Tensors("configuration")[0].tensor_proto)
    configuration = json.loads(text.decode().strip("`").removeprefix("json"))
    shown = lowrank("runs", "show", 1, "--store", store)
    assert configuration == shown["configuration"]


def test_resumed_run_in_one_folder(store, tmp_path):
    """What a resumed run does again takes the place of what was done before it."""
    with sqlite3.connect(store) as database:
        database.execute("INSERT INTO point VALUES (1, 6, 1, 5, 99, 1700000050.0)")
        database.execute("UPDATE run SET points = 6 WHERE id = 1")
    database.close()
    run("runs", "export", 1, 2, "--tensorboard", tmp_path, "--store", store)
    for file in (tmp_path / "run-2").iterdir():
        file.rename(tmp_path / "run-1" / file.name)
    losses = accumulated(tmp_path / "run-1").Scalars("loss")
    assert [(e.step, e.value) for e in losses][:-1] == [
        (1, 3.5), (2, 3.25), (3, math.inf), (4, 2.75), (5, 2.5)]
    assert losses[-1].step == 6 and math.isnan(losses[-1].value)


def test_histograms():
    """The committed events equal those of our writer, byte for byte (EventFileTests.swift)."""
    values = [
        value
        for event in EventFileLoader(str(FIXTURES / "events.tfevents")).Load()
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == histograms.PLUGIN_NAME]
    assert [value.tag for value in values] == ["singular_values/model.layers.0.self_attn.q_proj"]
    buckets = tensor_util.make_ndarray(values[0].tensor)
    assert buckets.shape == (30, 3)
    assert buckets[0].tolist() == [0, 0.5, 1] and buckets[1].tolist() == [0.5, 1, 2]
    assert buckets[-1].tolist() == [14.5, 15, 1]
    assert buckets[:, 2].sum() == 5
