import LowRankCheckpoints
import LowRankTensors

extension Model {
  /// The language model with rows for more tokens in its embeddings and its head; a tied head stays tied.
  ///
  /// Each new row is the mean of the existing rows. A packed table is unpacked to the model's type. The configuration's `vocab_size` follows. A model that has the
  /// rows already is returned as it is.
  public func extendingVocabulary(to count: Int) -> Model {
    guard let causal = architecture as? CausalModel, count > causal.vocabularySize else {
      return self
    }
    let table = causal.backbone.tokenTable.weight
    var values = store
    var extended: [Parameter: Parameter] = [:]
    func extend(_ weight: Parameter) -> Parameter {
      if let known = extended[weight] { return known }
      let new = Parameter(
        weight.path, [count, weight.shape[1]], role: weight.role, module: weight.module)
      values[new] = extendedRows(of: store[weight], to: count)
      values.remove(weight)
      extended[weight] = new
      return new
    }
    var model = self
    model.architecture.walk { site, place in
      switch place {
      case .embedding(let map) where map.weight == table:
        place = .embedding(EmbeddingTable(extend(map.weight)))
      case .linear(let map) where site.role == .head:
        place = .linear(
          Dense(
            path: map.path, weight: extend(map.weight), bias: map.bias,
            inputsFirst: map.storesInputsFirst))
      default: break
      }
    }
    model.store = values
    model.config = config.replacing(["vocab_size": .integer(count)])
    return model
  }

  /// The mean of the first rows of a matrix, f32.
  package func meanRow(of weight: Tensor, first count: Int) -> [Float] {
    let width = weight.shape[1]
    var sums = [Double](repeating: 0, count: width)
    for start in stride(from: 0, to: count, by: 4096) {
      let rows = weight.viewed(rows: start..<min(start + 4096, count))
      let numbers = engine.floats(engine.converted(rows, to: .float32))
      for (index, number) in numbers.enumerated() { sums[index % width] += Double(number) }
    }
    return sums.map { Float($0 / Double(max(count, 1))) }
  }

  private func extendedRows(of weight: Tensor, to count: Int) -> Tensor {
    let (rows, width) = (weight.shape[0], weight.shape[1])
    let sources = Array(0..<Int32(rows)) + [Int32](repeating: 0, count: count - rows)
    let type = weight.type.isPacked ? self.type : weight.type
    var result = engine.rows(of: weight, at: engine.tensor(sources, [count]), type: type)
    let mean = meanRow(of: weight, first: rows)
    let added = (rows..<count).flatMap { _ in mean }
    engine.write(
      engine.tensor(added, [count - rows, width], type: type), over: &result,
      at: engine.tensor(Array(Int32(rows)..<Int32(count)), [count - rows]))
    return result
  }
}
