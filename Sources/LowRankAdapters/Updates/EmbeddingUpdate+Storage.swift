import LowRankTensors

extension EmbeddingUpdate {
  /// What a checkpoint holds of the update.
  func stored(_ values: ParameterStore, _ engine: any Engine) -> [FactorTensor] {
    let rest = [up] + (magnitude.map { [$0] } ?? [])
    return [FactorTensor(down.path, storedShape, engine.floats(engine.transposed(values[down])))]
      + rest.map { FactorTensor($0.path, $0.shape, engine.floats(values[$0])) }
  }

  /// The values of the update's parameters, from what a checkpoint holds.
  func restored(
    on engine: any Engine, _ read: (_ name: String, _ shape: Shape) throws -> [Float]
  ) throws -> [(parameter: Parameter, values: [Float])] {
    let transposed = engine.tensor(try read(down.path, storedShape), storedShape, type: .float32)
    let rest = [up] + (magnitude.map { [$0] } ?? [])
    return [(down, engine.floats(engine.transposed(transposed)))]
      + (try rest.map { ($0, try read($0.path, $0.shape)) })
  }

  private var storedShape: Shape { [down.shape[1], down.shape[0]] }
}
