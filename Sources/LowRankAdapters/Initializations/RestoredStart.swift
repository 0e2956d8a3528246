/// Zeros in the place of a start, for an adapter whose values a saved state restores: nothing is decomposed again.
public struct RestoredStart: Initialization {
  public let configurationValue: InitializationName
  public let isOffset: Bool
  public let changesModel: Bool
  public let fitsTables: Bool

  /// The form of a start, without its values.
  public init(like start: any Initialization) {
    configurationValue = start.configurationValue
    (isOffset, changesModel) = (start.isOffset, start.changesModel)
    fitsTables = start.fitsTables
  }

  public func factors(for request: StartRequest) -> StartingFactors {
    StartingFactors(
      down: [Float](repeating: 0, count: request.rank * request.inputs),
      up: [Float](repeating: 0, count: request.outputs * request.rank))
  }
}
