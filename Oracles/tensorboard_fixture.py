"""Writes Tests/LowRankRunsTests/Fixtures/events.tfevents: the events of EventFileTests.swift, by
TensorBoard's own messages and record writer. Run from the package's root."""

from pathlib import Path

import numpy
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

OUTPUT = Path("Tests/LowRankRunsTests/Fixtures/events.tfevents")
TIME = 1_700_000_000.25
VALUES = [0.0, 0.5, 0.5, 3.75, 15.0]

counts, edges = numpy.histogram(VALUES, bins=30)
SHAPE = tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)])
TEXT = summary_pb2.SummaryMetadata(
    plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))


def summary(step, **value):
    return dict(
        step=step, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)]))


EVENTS = [
    dict(file_version="brain.Event:2"),
    dict(step=8, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
    summary(8, tag="loss", simple_value=2.5),
    summary(9, tag="loss", simple_value=float("inf")),
    summary(9, tag="singular_values/model.layers.0.self_attn.q_proj", histo=summary_pb2.HistogramProto(
        min=min(VALUES), max=max(VALUES), num=len(VALUES), sum=sum(VALUES),
        sum_squares=sum(value * value for value in VALUES),
        bucket_limit=edges[1:], bucket=counts)),
    summary(0, tag="configuration", metadata=TEXT, tensor=tensor_pb2.TensorProto(
        dtype="DT_STRING", tensor_shape=SHAPE, string_val=["größer".encode()])),
]

with OUTPUT.open("wb") as file:
    writer = RecordWriter(file)
    for event in EVENTS:
        writer.write(event_pb2.Event(wall_time=TIME, **event).SerializeToString(deterministic=True))
