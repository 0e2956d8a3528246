import LowRankTensors
import LowRankTransformers

extension LoRA {
  /// On a table A starts at zero and B ~ N(0, 1), the other way round than on linear maps, as loralib and PEFT have it.
  public func update(for table: AdaptedTable, _ factory: inout ParameterFactory) throws
    -> EmbeddingUpdate?
  {
    guard start.fitsTables else {
      throw AdapterError.cannotAdapt(
        method: "the start \(start.configurationValue.text)", path: table.path,
        kind: "a table of embeddings")
    }
    let (count, width) = (table.table.weight.shape[0], table.table.weight.shape[1])
    var random = factory.random(for: table.path)
    let update = EmbeddingUpdate(
      down: factory.parameter(
        "lora_embedding_A", [count, table.rank], role: .down, of: table.path,
        startingAt: [Float](repeating: 0, count: count * table.rank)),
      up: factory.parameter(
        "lora_embedding_B", [width, table.rank], role: .up, of: table.path,
        startingAt: (0..<width * table.rank).map { _ in Float(random.normal()) }),
      scale: table.scale)
    return hasMagnitude ? magnitude(on: update, at: table, &factory) : update
  }

  /// m starts at the norms of the table's columns, so that a fresh adapter changes nothing.
  private func magnitude(
    on update: EmbeddingUpdate, at table: AdaptedTable, _ factory: inout ParameterFactory
  ) -> EmbeddingUpdate {
    let engine = factory.engine
    let weight = engine.tensor(
      factory.weight(of: table.table), table.table.weight.shape, type: .float32)
    let norms = update.norms(weight, factory.pass)
    return EmbeddingUpdate(
      down: update.down, up: update.up, scale: update.scale,
      magnitude: factory.parameter(
        "lora_magnitude_vector", [weight.shape[1]], role: .magnitude, of: table.path,
        startingAt: engine.floats(norms)))
  }
}
