import LowRankCheckpoints

extension LabelMap {
  /// The labels that `id2label` of a config.json names: `{"0": "negative", "1": "positive"}`.
  ///
  /// - Throws: `JSONError` where a number is missing or no number, or a label is no string or
  ///   occurs twice.
  public init(id2label: some JSONFields) throws(JSONError) {
    let count = id2label.object.count
    guard (1...Self.most).contains(count) else {
      throw JSONError(
        source: id2label.source,
        problem:
          "\"\(id2label.path.dropLast())\" must name 1 to \(Self.most) labels, found \(count)")
    }
    var names: [String] = []
    var seen: Set<ExactText> = []
    for index in 0..<count {
      let name = try id2label.string(String(index))
      guard seen.insert(ExactText(name)).inserted else {
        throw id2label.error(String(index), "is \"\(name)\", as another label is called already")
      }
      names.append(name)
    }
    self.init(names)
  }

  /// Labels without names, called `LABEL_0`, `LABEL_1` and so on, as transformers calls them.
  public init(unnamed count: Int) {
    self.init((0..<count).map { "LABEL_\($0)" })
  }

  /// The labels by their numbers, as `id2label` of a config.json has them.
  public var id2label: JSONObject {
    JSONObject(names.enumerated().map { (String($0.offset), .string($0.element)) })
  }

  /// The numbers by their labels, as `label2id` of a config.json has them.
  public var label2id: JSONObject {
    JSONObject(names.enumerated().map { ($0.element, .integer($0.offset)) })
  }
}
