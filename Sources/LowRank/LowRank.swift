@_exported import LowRankAdapters
@_exported import LowRankAnalysis
@_exported import LowRankCheckpoints
@_exported import LowRankCompression
@_exported import LowRankTensors
@_exported import LowRankTokenizers
@_exported import LowRankTraining
@_exported import LowRankTransformers
