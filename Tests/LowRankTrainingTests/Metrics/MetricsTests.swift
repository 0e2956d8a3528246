import Foundation
import LowRankCheckpoints
import LowRankTraining
import Testing

/// Cases of metrics.json, whose values are those of scikit-learn and scipy.
private func cases(_ key: String) throws -> [JSONSection] {
  let cases = try fixture("metrics.json").objects(key)
  #expect(cases.count >= 5)
  return cases
}

private func isClose(_ value: Double, _ expected: Double?) -> Bool {
  guard let expected else { return value.isNaN }
  return abs(value - expected) <= 1e-12 * max(1, abs(expected))
}

extension JSONSection {
  fileprivate func integers(_ key: String) throws -> [Int] {
    try #require(try optionalIntegers(key))
  }

  fileprivate func labelSets(_ key: String) throws -> [LabelTarget] {
    try array(key).map { .classes(try #require($0.array).compactMap(\.integer)) }
  }

  fileprivate func doubles(_ key: String) throws -> [Double] {
    try #require(try optionalDoubles(key))
  }

  /// The scores of each label: a list of all precisions, recalls, F1 scores and supports.
  fileprivate func each() throws -> [[Double]] {
    try array("each").map { try #require($0.array).compactMap(\.double) }
  }
}

private func expectEqual(_ average: ScoreAverage, _ expected: [Double]) {
  #expect(isClose(average.precision, expected[0]))
  #expect(isClose(average.recall, expected[1]))
  #expect(isClose(average.f1, expected[2]))
}

private func expectEqual(_ scores: [LabelScores], _ expected: [[Double]]) {
  #expect(zip(scores, expected[0]).allSatisfy { isClose($0.precision, $1) })
  #expect(zip(scores, expected[1]).allSatisfy { isClose($0.recall, $1) })
  #expect(zip(scores, expected[2]).allSatisfy { isClose($0.f1, $1) })
  #expect(scores.map { Double($0.support) } == expected[3])
}

@Suite struct `Metrics` {
  @Test func `of two classes say which one F1 is of`() {
    let labels = LabelMap(["bad", "good"])
    #expect(Metric.f1.words(labels) == "f1 of \"good\"" && Metric.f1.classOf(labels) == "good")
    #expect(Metric.f1Micro.words(labels) == "f1 micro" && Metric.f1.words(nil) == "f1")
    let three = LabelMap(["a", "b", "c"])
    #expect(Metric.f1.words(three) == "f1" && Metric.f1.classOf(three) == nil)
  }

  @Test func `of several labels say that labels without rows count as wrong`() {
    var metrics = TaskMetrics(.multilabel, labels: 3)
    metrics.add(.classes([0]), truth: .classes([0]))
    #expect(metrics.value(.f1Macro) == 1.0 / 3)
    #expect(
      metrics.remarks == ["2 of 3 labels have no row here, so their F1 is 0, which lowers f1_macro"]
    )
    metrics.add(.classes([]), truth: .classes([1, 2]))
    #expect(metrics.remarks == [])
  }

  @Test func `of classes are scikit-learn's`() throws {
    for example in try cases("classes") {
      let count = try example.integer("labels")
      var metrics = TaskMetrics(.classification, labels: count)
      for (truth, said) in zip(try example.integers("truth"), try example.integers("said")) {
        metrics.add(.classIndex(said), truth: .classIndex(truth))
      }
      for (metric, value) in metrics.values {
        #expect(isClose(value, try example.double(metric.rawValue)), "\(metric), \(example.object)")
      }
      let labels = LabelMap(unnamed: count)
      let report = try #require(metrics.report(labels))
      let confusion = try example.array("confusion").map { $0.array?.compactMap(\.integer) }
      #expect(report.confusion?.counts == confusion)
      expectEqual(report.scores, try example.each())
      for (name, average) in report.averages {
        expectEqual(average, try example.doubles(name))
      }
      #expect(report.averages.map(\.name) == ["macro", "weighted"])
    }
  }

  @Test func `of sets of labels are scikit-learn's`() throws {
    for example in try cases("label sets") {
      let count = try example.integer("labels")
      var metrics = TaskMetrics(.multilabel, labels: count)
      for (truth, said) in zip(try example.labelSets("truth"), try example.labelSets("said")) {
        metrics.add(said, truth: truth)
      }
      for (metric, value) in metrics.values {
        #expect(isClose(value, try example.double(metric.rawValue)), "\(metric), \(example.object)")
      }
      let report = try #require(metrics.report(LabelMap(unnamed: count)))
      expectEqual(report.scores, try example.each())
      #expect(report.averages.map(\.name) == ["micro", "macro", "weighted"])
      for (name, average) in report.averages {
        expectEqual(average, try example.doubles(name))
      }
      #expect(report.confusion == nil)
    }
  }

  @Test func `of numbers are scipy's, undefined for constants`() throws {
    for example in try cases("numbers") {
      var metrics = TaskMetrics(.regression, labels: 1)
      metrics.add(
        try example.doubles("said").map { [$0] }, try example.doubles("truth").map { .number($0) })
      for (metric, value) in metrics.values {
        let expected = try example.optionalDouble(metric.rawValue)
        #expect(isClose(value, expected), "\(metric), \(example.object)")
      }
    }
  }

  @Test func `that are not defined are null, with a sentence`() {
    var metrics = TaskMetrics(.regression, labels: 1)
    metrics.add([[0.5], [0.5]], [.number(1), .number(2)])
    let expected: JSONObject = [
      "pearson": .null, "spearman": .null, "mse": .double(1.25), "mae": .double(1),
    ]
    #expect(metrics.json == expected)
    #expect(metrics.remarks.count == 2)
    #expect(metrics.remarks.first?.hasPrefix("pearson is not defined: ") == true)
    metrics.add([[0.25]], [.number(0)])
    #expect(metrics.remarks.isEmpty)
    #expect(pearson([1, .nan, 2], [1, 2, 3]).isNaN)
    #expect(spearman([1, .infinity, 2], [1, 2, 3]).isNaN)
    #expect(spearman([], []).isNaN)
  }

  @Test func `decide from logits`() {
    #expect(LabelTarget(deciding: .classification, from: [-3, 2, 2]) == .classIndex(1))
    #expect(LabelTarget(deciding: .classification, from: [-1]) == .classIndex(0))
    #expect(LabelTarget(deciding: .classification, from: [.nan, .nan]) == .classIndex(0))
    #expect(LabelTarget(deciding: .multilabel, from: [0.1, 0, -2, 3]) == .classes([0, 3]))
    #expect(LabelTarget(deciding: .multilabel, from: [-1, -1]) == .classes([]))
    #expect(LabelTarget(deciding: .regression, from: [-1.5]) == .number(-1.5))
  }

  @Test func `have one that each task is judged by, and a better direction`() {
    #expect(
      TrainingTask.allCases.map(\.defaultMetric) == [
        .loss, .accuracy, .pearson, .f1Micro, .accuracy,
      ])
    #expect(Metric.allCases.filter { !$0.isBetterHigher } == [.loss, .mse, .mae])
    #expect(Metric.accuracy.isBetter(0.6, than: 0.5))
    #expect(!Metric.accuracy.isBetter(0.5, than: 0.5))
    #expect(Metric.mse.isBetter(0.5, than: 0.6))
    #expect(Metric.pearson.isBetter(-1, than: .nan))
    #expect(!Metric.pearson.isBetter(.nan, than: .nan))
    #expect(!Metric.pearson.isBetter(.nan, than: -1))
  }
}
