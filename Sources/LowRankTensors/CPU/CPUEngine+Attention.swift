import CKernels

extension CPUEngine {
  /// Softmax attention by one fused kernel; memory grows with the length, not its square.
  public func attention(_ problem: AttentionProblem, saving: Bool)
    -> (output: Tensor, logSumExp: Tensor?)
  {
    let rows = problem.queries.tensor.shape.rows
    let width = problem.heads * problem.headSize
    let type = problem.queries.tensor.type
    let covered = problem.live.reduce(0) { $0 + $1.queries.count } == rows
    func room(_ shape: Shape, _ type: ElementType) -> Tensor {
      covered ? empty(shape, type) : zeros(shape, type: type)
    }
    let output = room([rows, width], type)
    let logSumExp = saving ? room([problem.heads, rows], .float32) : nil
    withKernelProblem(problem) {
      lr_attention_forward(
        $0, memory(output), Int64(width), logSumExp.map(singles), Int64(rows))
    }
    return (output, logSumExp)
  }

  /// The gradients of attention, weights worked out again from the log-sum-exp.
  public func attentionGradient(
    _ problem: AttentionProblem, output: Tensor, logSumExp: Tensor, outputGradient: Tensor
  ) -> AttentionGradient {
    precondition(
      output.shape == outputGradient.shape && output.type == outputGradient.type,
      "the gradient \(outputGradient) of \(output)")
    precondition(
      problem.segments.allSatisfy { $0.pages == nil }, "keys on pages have no gradients")
    let inputs = problem.inputs
    let gradients = inputs.map { gradient(of: $0, in: problem) }
    func part(_ columns: AttentionProblem.Columns) -> lr_view {
      for (input, gradient) in zip(inputs, gradients) where input.id == columns.tensor.id {
        return view(gradient, column: columns.range.lowerBound)
      }
      preconditionFailure("\(columns.tensor) is no input of its own problem")
    }
    let (dq, dk, dv) = (part(problem.queries), part(problem.keys), part(problem.values))
    let ofQueries = gradient(ofTable: problem.relative?.contentToPosition, in: problem, \.queries)
    let ofKeys = gradient(ofTable: problem.relative?.positionToContent, in: problem, \.keys)
    let width = Int64(output.shape.columns)
    withKernelProblem(problem) {
      lr_attention_backward(
        $0, memory(output), width, memory(outputGradient), width, singles(logSumExp),
        output.kernelRows, dq.data, dq.stride, dk.data, dk.stride, dv.data, dv.stride,
        ofQueries.map(singles), ofKeys.map(singles))
    }
    return AttentionGradient(
      inputs: gradients, contentToPosition: ofQueries, positionToContent: ofKeys)
  }

  /// Room for the gradient of a relative table, cleared where no segment covers all of its rows.
  private func gradient(
    ofTable table: Tensor?, in problem: AttentionProblem, _ rows: (Segment) -> Range<Int>
  ) -> Tensor? {
    guard let table else { return nil }
    let covered = problem.live.reduce(0) { $0 + rows($1).count }
    return covered == table.shape.rows
      ? empty(table.shape, .float32) : zeros(table.shape, type: .float32)
  }

  /// Room for the gradient of one input, cleared where the kernel will not write all of it.
  private func gradient(of input: Tensor, in problem: AttentionProblem) -> Tensor {
    var columns = 0
    var rows = input.shape.rows
    func count(_ part: AttentionProblem.Columns, _ segmentRows: (Segment) -> Int) {
      guard part.tensor.id == input.id else { return }
      columns += part.range.count
      rows = min(rows, problem.live.reduce(0) { $0 + segmentRows($1) })
    }
    count(problem.queries) { $0.queries.count }
    count(problem.keys) { $0.keys.count }
    count(problem.values) { $0.keys.count }
    let isWhole = columns == input.shape.columns && rows == input.shape.rows
    return isWhole ? empty(input.shape, input.type) : zeros(input.shape, type: input.type)
  }

  private func withKernelProblem(
    _ problem: AttentionProblem, _ body: (UnsafePointer<lr_attention>) -> Void
  ) {
    let (q, k, v) = (problem.queries, problem.keys, problem.values)
    precondition(
      q.tensor.type == k.tensor.type && k.tensor.type == v.tensor.type,
      "attention over \(q.tensor), \(k.tensor), \(v.tensor)")
    let live = problem.live
    guard !live.isEmpty else { return }
    let keyRows = min(k.tensor.shape.rows, v.tensor.shape.rows)
    for segment in live {
      let end =
        segment.pages.map { (Int($0.max() ?? 0) + 1) * Segment.pageRows } ?? segment.keys.upperBound
      precondition(
        segment.queries.upperBound <= q.tensor.shape.rows && end <= keyRows
          && segment.pages?.contains { $0 < 0 } != true,
        "\(segment) lies outside \(q.tensor), \(k.tensor), \(v.tensor)")
      precondition(
        segment.pages == nil || problem.relative == nil && problem.dropout == nil,
        "keys on pages have no relative terms and no dropout")
    }
    var kernel = lr_attention()
    kernel.type = q.tensor.type.kernelType
    kernel.q = UnsafeRawPointer(view(q.tensor, column: q.range.lowerBound).data)
    kernel.k = UnsafeRawPointer(view(k.tensor, column: k.range.lowerBound).data)
    kernel.v = UnsafeRawPointer(view(v.tensor, column: v.range.lowerBound).data)
    kernel.q_stride = q.tensor.kernelColumns
    kernel.k_stride = k.tensor.kernelColumns
    kernel.v_stride = v.tensor.kernelColumns
    kernel.heads = Int32(problem.heads)
    kernel.kv_heads = Int32(problem.keyHeads)
    kernel.head_size = Int32(problem.headSize)
    kernel.scale = problem.scale
    switch problem.mask {
    case .bidirectional: break
    case .causal: kernel.causal = 1
    case .slidingWindow(let size): (kernel.causal, kernel.window) = (1, Int64(size))
    case .neighbourhood(let radius):
      precondition(radius >= 0, "a neighbourhood of radius \(radius)")
      kernel.window = Int64(radius) + 1
    }
    if let dropout = problem.dropout {
      kernel.dropout = dropout.probability
      kernel.random_key = dropout.key
      kernel.first_query = Int64(dropout.firstQuery)
      kernel.first_key = Int64(dropout.firstKey)
    }
    kernel.segment_count = Int64(live.count)
    withExtendedLifetime(problem) {
      live.withKernelSegments {
        kernel.segments = $0
        withRelativeScores(problem) {
          kernel.relative = $0
          body(&kernel)
        }
      }
    }
  }
}

extension CPUEngine {
  /// The relative terms as the kernel reads them, maps with their margins.
  private func withRelativeScores(_ problem: AttentionProblem, _ body: (lr_relative) -> Void) {
    var terms = lr_relative()
    terms.columns = Int64(problem.relativeColumns)
    guard let relative = problem.relative, terms.columns > 0 else { return body(terms) }
    func padded(_ map: [Int32]) -> [Int32] {
      let margin = [Int32](repeating: 0, count: Int(LR_MAP_MARGIN))
      return margin + map + margin
    }
    terms.of_queries = relative.contentToPosition.map { UnsafePointer(singles($0)) }
    terms.of_keys = relative.positionToContent.map { UnsafePointer(singles($0)) }
    padded(relative.columnsOfQueries).withUnsafeBufferPointer { ofQueries in
      padded(relative.columnsOfKeys).withUnsafeBufferPointer { ofKeys in
        // The middle is the distance 0.
        terms.query_columns = ofQueries.baseAddress.map { $0 + ofQueries.count / 2 }
        terms.key_columns = ofKeys.baseAddress.map { $0 + ofKeys.count / 2 }
        body(terms)
      }
    }
  }
}

extension [Segment] {
  /// The segments as the kernel reads them.
  fileprivate func withKernelSegments(_ body: (UnsafePointer<lr_segment>?) -> Void) {
    flatMap { $0.pages ?? [] }.withUnsafeBufferPointer { pages in
      var next = 0
      let segments = map { segment in
        let start = next
        next += segment.pages?.count ?? 0
        return lr_segment(
          query_start: Int64(segment.queries.lowerBound),
          query_count: Int64(segment.queries.count),
          key_start: Int64(segment.keys.lowerBound), key_count: Int64(segment.keys.count),
          pages: segment.pages == nil ? nil : pages.baseAddress.map { $0 + start })
      }
      segments.withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }
}

extension AttentionProblem {
  /// The segments that ask anything.
  fileprivate var live: [Segment] { segments.filter { !$0.queries.isEmpty } }
}
