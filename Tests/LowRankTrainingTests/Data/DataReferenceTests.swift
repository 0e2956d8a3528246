import Foundation
import LowRankCheckpoints
import LowRankTraining
import Testing

/// Oracles/data_fixture.py wrote the cases with pandas, Python's json and transformers.
@Suite struct `As the references do it` {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func cases(_ name: String) throws -> [JSONObject] {
    let folder = try #require(Bundle.module.resourceURL)
    let url = folder.appending(path: "Fixtures/data/\(name).json")
    return try DataTable(at: url).rows.map(\.fields)
  }

  @Test func `comma-separated values are read, or refused where fields are missing or too many`()
    throws
  {
    var read = 0
    let cases = try cases("csv")
    for one in cases {
      let text = try #require(one["text"]?.string)
      let url = try folder.file("a.csv", text)
      let reference = one["table"]?.object
      do {
        let table = try DataTable(at: url)
        let columns = table.rows[0].fields.keys
        // Another separator is found here, not by pandas.
        guard table.remarks.isEmpty else { continue }
        // Where pandas refuses a file, or cuts rows, nothing is compared.
        guard let reference else {
          Issue.record("pandas refuses \(text.debugDescription)")
          continue
        }
        read += 1
        let rows = table.rows.map { row in JSONValue.array(columns.map { row.fields[$0] ?? .null })
        }
        #expect(
          reference["columns"] == .array(columns.map { .string($0) }), "\(text.debugDescription)")
        #expect(reference["rows"] == .array(rows), "\(text.debugDescription)")
      } catch let error as DataError {
        let isRagged = error.problem.hasPrefix("expected ") && error.problem.contains(" field")
        let isEmpty = error.problem == "the file has no rows" && reference?["rows"]?.array == []
        #expect(reference == nil || isRagged || isEmpty, "\(text.debugDescription): \(error)")
      }
    }
    #expect(cases.count > 250 && read > cases.count / 3, "\(read) of \(cases.count)")
  }

  @Test func `lines of JSON are read, numbers that are not finite among them`() throws {
    let cases = try cases("json")
    #expect(cases.count > 15)
    for one in cases {
      let line = try #require(one["line"]?.string)
      let table = try? DataTable(at: folder.file("a.jsonl", line))
      #expect(table?.rows[0].fields["text"]?.string == one["text"]?.string, "\(line)")
    }
  }

  @Test func `rows are shared out to steps, the last of an epoch being short`() throws {
    let cases = try cases("steps")
    #expect(cases.count == 21)
    for one in cases {
      let (rows, batch) = (try #require(one["rows"]?.integer), try #require(one["batch"]?.integer))
      let accumulation = try #require(one["accumulation"]?.integer)
      let steps = try #require(one["steps"]?.array)
      let set = ExampleSet(
        (0..<rows).map { Example(ids: [Int32($0), 1], trained: [1..<2]) }, source: "rows")
      var loader = try Loader(set, batchSize: batch, seed: nil)
      let found = steps.map { _ in
        JSONValue.array(
          loader.nextStep(of: accumulation).map { .array($0.map { .integer($0) }) })
      }
      #expect(found == steps, "\(one)")
      // As many steps as the flags say; see `StepOptions.count`.
      let perEpoch = loader.stepsPerEpoch(accumulation: accumulation)
      let count =
        one["iters"]?.integer
        ?? Int(((one["epochs"]?.double ?? 0) * Double(perEpoch)).rounded(.up))
      #expect(count == steps.count, "\(one)")
    }
  }
}
