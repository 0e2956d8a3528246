import LowRankCheckpoints
import LowRankTraining
import Testing

@Suite struct `A report of classes` {
  private func report(_ labels: LabelMap, _ pairs: [(Int, Int)]) -> ClassificationReport {
    var matrix = ConfusionMatrix(classes: labels.count)
    for (truth, predicted) in pairs { matrix.add(truth: truth, predicted: predicted) }
    return ClassificationReport(matrix, labels: labels)
  }

  @Test func `is a table of labels above a confusion matrix`() {
    let report = report(LabelMap(["bad", "excellent"]), [(0, 0), (0, 1), (1, 1), (1, 1)])
    #expect(
      report.text == """
        label       precision  recall      f1  rows
        bad            1.0000  0.5000  0.6667     2
        excellent      0.6667  1.0000  0.8000     2
        (macro)        0.8333  0.7500  0.7333     4
        (weighted)     0.8333  0.7500  0.7333     4

        Columns are what rows of a class were taken for.
        class      bad  excellent
        bad          1          1
        excellent    0          2

        """)
  }

  @Test func `of many classes names the most frequent confusions`() {
    let labels = LabelMap((0..<13).map { "c\($0)" })
    let report = report(
      labels, [(1, 2), (3, 4), (3, 4), (0, 0), (12, 1)] + (5..<13).map { ($0, 0) })
    #expect(
      report.text.hasSuffix(
        """
        The most frequent confusions:
        class  taken for  rows
        c3            c4     2
        c1            c2     1
        c5            c0     1
        c6            c0     1
        c7            c0     1
        c8            c0     1
        c9            c0     1
        c10           c0     1
        c11           c0     1
        c12           c0     1

        """))
    #expect(report.confusions(atMost: 100).count == 11)
  }

  @Test func `is JSON as well`() {
    let json = report(LabelMap(["a", "b"]), [(0, 0), (1, 0)]).json
    let none: JSONObject = [
      "label": "b", "precision": 0.0, "recall": 0.0, "f1": 0.0, "support": 1,
    ]
    #expect(json["labels"]?.array?.last?.object == none)
    #expect(json["confusion"] == [[1, 0], [1, 0]])
    #expect(json["accuracy"] == 0.5)
    #expect(json["rows"] == 2)
    let macro: JSONValue = ["precision": 0.25, "recall": 0.5, "f1": .double(1.0 / 3)]
    #expect(json["averages"]?.object?["macro"] == macro)
  }

  @Test func `of label sets has a micro average and no confusion matrix`() {
    var counts = LabelSetCounts(labels: 2)
    counts.add(truth: [0], predicted: [0, 1])
    counts.add(truth: [], predicted: [])
    let report = ClassificationReport(counts, labels: LabelMap(["a", "b"]))
    #expect(report.json["confusion"] == .null)
    #expect(report.accuracy == 0.5)
    #expect(
      report.text == """
        label       precision  recall      f1  rows
        a              1.0000  1.0000  1.0000     1
        b              0.0000  0.0000  0.0000     0
        (micro)        0.5000  1.0000  0.6667     2
        (macro)        0.5000  0.5000  0.5000     2
        (weighted)     1.0000  1.0000  1.0000     2

        """)
  }
}
