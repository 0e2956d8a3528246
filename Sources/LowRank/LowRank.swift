@_exported import LowRankAdapters
@_exported import LowRankCheckpoints
@_exported import LowRankCompression
@_exported import LowRankReports
@_exported import LowRankTensors
@_exported import LowRankTokenizers
@_exported import LowRankTraining
@_exported import LowRankTransformers
