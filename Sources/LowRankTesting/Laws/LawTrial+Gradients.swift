import LowRankAdapters
import LowRankTensors
import LowRankTransformers

extension LawTrial {
  /// At most so many numbers of each parameter are moved, at equal distances.
  private static let sampled = 8

  /// Dropout is active, with one key for all passes, and what a method holds constant stays the same.
  mutating func checkGradients() {
    let constants = StopGradientCache()
    let engine = moved.base.engine
    var model = moved.model
    let tape = Tape(on: engine)
    for parameter in moved.trainable { tape.watch(model.store[parameter], as: parameter) }
    let losses = losses(model, constants, tape)
    let gradients = tape.gradients(from: [(losses, engine.filled(1, losses.shape))])
    for parameter in moved.trainable {
      let value = model.store[parameter]
      let numbers = engine.doubles(value)
      let gradient =
        gradients[parameter].map(engine.doubles) ?? [Double](repeating: 0, count: numbers.count)
      let count = min(numbers.count, Self.sampled)
      let chosen = (0..<count).map { $0 * numbers.count / count }
      let differences = centralDifferences(
        of: { point in
          var moved = numbers
          for (index, number) in zip(chosen, point) { moved[index] = number }
          model.store[parameter] = engine.tensor(moved, parameter.shape)
          return engine.doubles(self.losses(model, constants)).reduce(0, +)
        }, at: chosen.map { numbers[$0] }, step: 1e-4)
      model.store[parameter] = value
      expect(
        .gradientIsDifference, chosen.map { gradient[$0] }, differences,
        "the gradients of \(parameter)")
    }
  }

  private func losses(_ model: Model, _ constants: StopGradientCache, _ tape: Tape? = nil) -> Tensor
  {
    let ids = Self.ids
    var pass = model.pass(
      PackedRows(lengths: [ids.count]), tape: tape, adapters: moved.selection,
      random: RandomKey(seed: seed, step: 0))
    pass.constants = constants
    return model.causal.losses(
      model.engine.tensor(ids, [ids.count]), rows: Array(0..<Int32(ids.count - 1)),
      labels: Array(ids.dropFirst()), pass)
  }
}
