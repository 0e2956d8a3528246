import LowRankTensors
import LowRankTransformers

extension Training {
  /// Returns the memory that lies idle between two steps to the system; the next step takes it again.
  public func returnIdleMemory() {
    (trainable.model.engine as? CPUEngine)?.pool.trim()
    Heap.trim()
  }

  /// Keeps tensors to what the rest of the process leaves of so many bytes, and returns idle memory if more is held.
  ///
  /// What libraries keep grows with the number of steps, by an amount that no plan knows exactly.
  ///
  /// - Parameter held: what the process holds between two steps.
  package func keepMemory(within room: Int, held: Int) {
    guard let pool = (trainable.model.engine as? CPUEngine)?.pool else { return }
    let others = held - pool.usage.held
    pool.limit = max(pool.usage.inUse, room - others)
    if held > room { returnIdleMemory() }
  }

  /// The bytes of the optimizer's state for what it changes at one of two steps in turn.
  var optimizerStateSize: Int {
    let optimizer = optimization.optimizer
    return optimizer.stateSize(
      of: trainable.groups.flatMap { group in
        let two = Set((0...1).flatMap { optimizer.trained(of: group, at: $0) })
        return group.parameters.filter(two.contains)
      })
  }

  /// Measures what the run will take by computing its largest batches, and keeps to a limit from then on.
  ///
  /// With a limit, as many examples are computed at once as fit, which ``examplesAtOnce`` and ``evaluatedAtOnce`` say then:
  /// the sums of a step are the same. What is trained is not changed.
  /// - Parameters:
  ///   - limit: the most bytes that the process may hold.
  ///   - validation: what the run is evaluated on; nil where it is not.
  ///   - batchSize: the examples that are evaluated at once where there is room.
  ///   - keepsBest: whether the adapter of the best step is kept beside the last one.
  ///   - resident: what the process holds when it is asked.
  /// - Throws: `PlanError`.
  public mutating func plan(
    limit: Int? = nil, evaluating validation: (any TrainingSet)? = nil, batchSize: Int = 8,
    keepsBest: Bool = false, resident: @escaping () -> ResidentMemory
  ) throws(PlanError) -> RunPlan {
    guard let engine = trainable.model.engine as? CPUEngine else { throw .unmeasurable }
    let planner = Planner(
      self, engine, validation: validation, batchSize: batchSize, keepsBest: keepsBest,
      resident: resident)
    let measured: Planner.Measured
    if let limit {
      measured = try planner.fitting(limit)
      examplesAtOnce = measured.count < planner.most ? measured.count : nil
      evaluatedAtOnce = measured.evaluated < batchSize ? measured.evaluated : nil
    } else {
      measured = planner.measured(
        examplesAtOnce ?? planner.most, evaluatedAtOnce ?? batchSize, isLasting: true)
    }
    let perStep =
      planner.meanTokens * loader.meanExamples(ofSteps: steps, accumulation: accumulation)
    return RunPlan(
      memory: measured.memory, examplesAtOnce: examplesAtOnce, evaluatedAtOnce: evaluatedAtOnce,
      tokensPerStep: perStep,
      secondsPerStep: planner.secondsPerToken(measured.count) * perStep / Double(reducer.world))
  }
}
