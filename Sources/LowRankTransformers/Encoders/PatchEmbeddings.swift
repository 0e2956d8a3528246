import LowRankTensors

/// Patches as rows of the model's width, behind tokens of their own, with their places added.
///
/// `x = P Wᵀ + b + e` for a patch and `x = t + e` for a token, with `P` the numbers of the patches, `W` the filters of
/// transformers' convolution as a matrix, and `e` the table of places.
struct PatchEmbeddings: Sendable {
  private let path: String
  private let input: ImageInput
  /// The filters, `[width, 3, patch height, patch width]`, and their bias.
  private let weight, bias: Parameter
  /// The tokens before the patches, each `[1, 1, width]`.
  private let tokens: [Parameter]
  private(set) var places: PlaceTable

  /// Embeddings under `path`, with tokens of the given names.
  init(
    _ path: String, _ c: VisionConfiguration, tokens names: [String],
    _ builder: inout ModelBuilder<some WeightSource>
  ) throws {
    let projection = path + ".patch_embeddings.projection"
    self.path = path
    input = ImageInput(
      width: c.imageWidth, height: c.imageHeight, patchWidth: c.patchWidth,
      patchHeight: c.patchHeight, specials: names.count)
    tokens = try names.map {
      try builder.parameter($0, [1, 1, c.width], .embedding, of: path)
    }
    places = PlaceTable(
      weight: try builder.parameter(
        "position_embeddings", [1, input.places, c.width], .embedding, of: path))
    weight = try builder.parameter(
      "weight", [c.width, 3, c.patchHeight, c.patchWidth], .weight, of: projection)
    bias = try builder.parameter("bias", [c.width], .bias, of: projection)
  }

  var imageInput: ImageInput { input }

  func apply(_ ids: Tensor, _ dropout: Float, _ pass: Pass) -> Tensor {
    guard let patches = pass.rows.patches, patches.count == pass.rows.count * input.patchCount
    else {
      preconditionFailure("\(path) reads patches of images, and the pass has none")
    }
    let compute = pass.compute
    let width = weight.shape[0]
    let filters = compute.reshaped(pass.value(weight), to: [width, input.patchCount])
    let rows = compute.engine.tensor(
      patches, [pass.rows.count, input.patchCount], type: compute.type)
    var x = compute.converted(compute.linear(rows, LinearWeight(filters)), to: .float32)
    // What is added to some rows is the product of a column, one where it is added and zero elsewhere, with it.
    for (index, token) in tokens.enumerated() {
      x = compute.sum(x, added(token, pass) { $0 == index })
    }
    x = compute.sum(x, added(bias, pass) { [input] in $0 >= input.specials })
    x = compute.sum(x, places.rows(at: ids, pass))
    return pass.dropout(x, dropout, site: path + ".dropout")
  }

  private func added(
    _ parameter: Parameter, _ pass: Pass, _ isMeant: (Int32) -> Bool
  ) -> Tensor {
    let compute = pass.compute
    let column = pass.rows.positions.map { isMeant($0) ? Float(1) : 0 }
    let value = compute.reshaped(pass.value(parameter), to: [parameter.shape.columns, 1])
    return compute.converted(
      compute.linear(
        compute.engine.tensor(column, [column.count, 1], type: compute.type), LinearWeight(value)),
      to: .float32)
  }

  func walk(_ visit: (Site, inout ModuleSlot) throws -> Void) rethrows {
    var own = ModuleSlot.plain(tokens + [places.weight])
    try visit(Site(path, .loose), &own)
    var projection = ModuleSlot.plain([weight, bias])
    try visit(Site(weight.module, .loose), &projection)
  }
}

/// The table of places, `[1, places, width]`.
struct PlaceTable: EmbeddingMap {
  let weight: Parameter
  var path: String { weight.path }
  var parameters: [Parameter] { [weight] }

  func rows(at ids: Tensor, _ pass: Pass) -> Tensor {
    let table = pass.compute.reshaped(
      pass.value(weight), to: [weight.shape.rows, weight.shape.columns])
    return pass.compute.rows(of: table, at: ids, type: .float32)
  }
}
