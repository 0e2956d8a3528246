import LowRankTensors

extension ParameterFactory {
  /// A matrix that all modules share and nobody trains, under PEFT's name beside the model.
  mutating func sharedBank(_ name: String, _ shape: Shape, _ values: [Float]) -> Parameter {
    parameter(name, shape, role: .bank, of: AdapterFolder.sharedModule, startingAt: values)
  }
}
