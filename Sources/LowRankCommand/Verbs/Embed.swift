import ArgumentParser
import Foundation
import LowRank

/// `lowrank embed`: texts as vectors.
struct Embed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn texts into vectors: the mean of the hidden states of their tokens.",
    discussion: """
      Writes one JSON object a text, {"embedding": [...]}, as sentence encoders are used. Vectors of length one compare by \
      their products; --raw leaves them as they are.

      EXAMPLES:
        lowrank embed --model models/minilm --text "a fine film" "a good movie"
        lowrank embed --model models/minilm --data texts.jsonl --output vectors.jsonl
      """)

  @OptionGroup var options: ModelOptions
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var splitOption: SplitOption

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Texts, instead of --data.", valueName: "text"))
  var text: [String] = []

  @Flag(help: "Leave the vectors as they are, not of length one.")
  var raw = false

  @Option(
    help: ArgumentHelp("mean, or first: the hidden state of the first token.", valueName: "how"),
    completion: .list(["mean", "first"]))
  var pooling: String = "mean"

  @OptionGroup var lineOptions: LineOptions

  func run() throws {
    guard (dataOptions.data == nil) != text.isEmpty else {
      throw UsageError("give either --data FILE or --text")
    }
    guard dataOptions.labelColumn == nil else {
      throw UsageError("--label-column has no effect: embed reads no labels")
    }
    guard let pooling = ["mean": Pooling.mean, "first": .first][pooling] else {
      throw UsageError.value(pooling, of: "--pooling", expected: ["mean", "first"])
    }
    let place = try lineOptions.place(
      sparing: [dataOptions.data, options.model, options.adapter])
    let adapted = try options.loadAdapted()
    let encoder = try dataOptions.labelledEncoder(for: adapted.model)
    let sequences = try sequences(encoder)
    try lineOptions.write(to: place, noun: "texts", json: options.json) { write in
      let work = Work("embedding \(dataOptions.data ?? "--text")", of: sequences.count, .texts)
      defer { work.end() }
      for start in stride(from: 0, to: sequences.count, by: lineOptions.batchSize) {
        let part = sequences[start..<min(start + lineOptions.batchSize, sequences.count)]
        let vectors = adapted.model.embeddings(
          of: part.map { ($0.ids, $0.typeIDs) }, pooling: pooling, adapters: adapted.selection)
        for vector in vectors {
          let numbers = JSONValue.array(try scaled(vector).map { .double($0) })
          try write(JSONValue.object(["embedding": numbers]).text())
        }
        work.advance(by: part.count)
      }
      return sequences.count
    }
  }

  private func sequences(_ encoder: LabelledEncoder) throws -> [EncodedSequence] {
    let texts: [(text: String, place: String)]
    if let data = dataOptions.data {
      let columns = ColumnChoice(texts: dataOptions.textColumn)
      let rows = try LabelledRows(
        of: LocatedData.rows(data, split: splitOption.split), columns: columns, task: .regression,
        requiresLabels: false)
      guard rows.columns.texts.count == 1 else {
        throw UsageError(
          "a vector stands for one text, but the file has \(rows.columns.texts.joined(separator: ", ")); name one with --text-column"
        )
      }
      texts = rows.rows.map { ($0.texts[0], $0.place) }
    } else {
      texts = text.map { ($0, "--text") }
    }
    var truncated = 0
    let work = Work("encoding \(dataOptions.data ?? "--text")", of: texts.count, .texts)
    defer { work.end() }
    let sequences = try texts.map { text, place in
      defer { work.advance() }
      let sequence = try encoder.sequence([text])
      guard !sequence.ids.isEmpty else { throw DataError(place, "the text has no token") }
      truncated += sequence.isTruncated ? 1 : 0
      return sequence
    }
    if truncated > 0 { Console.write("note: \(truncated) of \(texts.count) texts are truncated") }
    return sequences
  }

  private func scaled(_ vector: [Float]) throws -> [Double] {
    let numbers = vector.map(Double.init)
    let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length.isFinite else {
      throw DataError(
        options.adapter ?? options.model ?? "",
        "a hidden state is not finite; the weights hold a number that is not, or one too large")
    }
    return raw || length == 0 ? numbers : numbers.map { $0 / length }
  }
}
