import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// `lowrank embed`: texts as vectors.
struct Embed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn texts into vectors, as sentence encoders do.",
    discussion: """
      Writes one JSON object for each text, {"embedding": [...]}. Vectors have length one, so their dot product is their \
      cosine; --raw keeps their own length. On standard output, each text has a line of its own, with and without --json; with \
      --output and --json, one object says how many texts were written to which file.

      EXAMPLES:
        lowrank embed --model models/minilm --text "a fine film" "a good movie"
        lowrank embed --model models/minilm --data texts.jsonl --output vectors.jsonl
      """)

  @OptionGroup var options: ModelOptions<AdapterIfGiven>
  @OptionGroup var dataOptions: DataOptions<DataOrText>
  @OptionGroup var splitOption: SplitOption

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Texts, instead of --data.", valueName: "text"))
  var text: [String] = []

  @Flag(help: "Keep the length of the vectors instead of scaling them to one.")
  var raw = false

  @Option(
    help: ArgumentHelp(
      "mean: the mean of the hidden states. first: that of the first token. (default: as 1_Pooling/config.json of the model says, else mean)",
      valueName: "how"),
    completion: .list(["mean", "first"]))
  var pooling: String?

  @OptionGroup var lineOptions: LineOptions

  func run() throws {
    guard (dataOptions.data == nil) != text.isEmpty else {
      throw UsageError("give either --data FILE or --text")
    }
    guard dataOptions.labelColumn == nil else {
      throw UsageError("--label-column has no effect: embed reads no labels")
    }
    let given = try pooling.map { name in
      guard let pooling = Self.poolings[name] else {
        throw UsageError.value(name, of: "--pooling", expected: ["mean", "first"])
      }
      return pooling
    }
    let place = try lineOptions.place(
      sparing: [dataOptions.data, options.model, options.adapter])
    let adapted = try options.loadAdapted()
    try adapted.checkReadsTexts("embed")
    let encoder = try dataOptions.settings.labelledEncoder(for: adapted.model)
    let sequences = try sequences(encoder)
    let pooling = try given ?? chosenPooling(of: adapted.model)
    try lineOptions.write(to: place, noun: "texts", json: options.results.json) { write in
      let work = Work("embedding \(dataOptions.data ?? "--text")", of: sequences.count, .texts)
      defer { work.end() }
      for start in stride(from: 0, to: sequences.count, by: lineOptions.batchSize) {
        let part = sequences[start..<min(start + lineOptions.batchSize, sequences.count)]
        let vectors = adapted.model.embeddings(
          of: part.map { ($0.ids, $0.typeIDs) }, pooling: pooling, adapters: adapted.selection)
        for vector in vectors {
          let numbers = JSONValue.array(try scaled(vector, adapted).map { .double($0) })
          try write(JSONValue.object(["embedding": numbers]).text())
        }
        work.advance(by: part.count)
      }
      return sequences.count
    }
  }

  private static let poolings = ["mean": Pooling.mean, "first": .first]

  /// The pooling that the model's folder asks for, as sentence-transformers keeps it, else the mean; says which it is.
  ///
  /// - Throws: `UsageError` for a pooling that is not built, `JSONError` for a broken file.
  private func chosenPooling(of model: Model) throws -> Pooling {
    let name = "1_Pooling/config.json"
    guard let file = model.folder?.url.appending(path: name),
      FileManager.default.fileExists(atPath: file.path)
    else {
      Console.write(
        "note: a vector is the mean over the tokens of its text; --pooling first takes the first token"
      )
      return .mean
    }
    let config = try JSONFile(at: file)
    func isOn(_ mode: String) -> Bool { config["pooling_mode_" + mode]?.bool == true }
    let modes = [
      "cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens",
      "lasttoken",
    ]
    switch modes.filter(isOn) {
    case ["cls_token"]:
      Console.write("note: a vector is that of the first token, as \(name) says")
      return .first
    case ["mean_tokens"]:
      Console.write("note: a vector is the mean over the tokens of its text, as \(name) says")
      return .mean
    case let others:
      throw UsageError(
        "\(name) of the model asks for \(others.isEmpty ? "no known pooling" : others.joined(separator: " and ")), expected cls_token or mean_tokens; choose with --pooling"
      )
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
    var (truncated, lost) = (0, LostCharacters())
    let work = Work("encoding \(dataOptions.data ?? "--text")", of: texts.count, .texts)
    defer { work.end() }
    let sequences = try texts.map { text, place in
      defer { work.advance() }
      let sequence = try encoder.sequence([text])
      guard !sequence.ids.isEmpty else { throw DataError(place, "the text has no token") }
      truncated += sequence.isTruncated ? 1 : 0
      lost.add(sequence.lost, of: text)
      return sequence
    }
    LostText.warn(lost, in: dataOptions.data ?? "--text")
    var counts = LabelledCounts()
    (counts.rows, counts.truncated) = (texts.count, truncated)
    if let warning = counts.truncationWarning(at: encoder.maxLength) {
      Console.write("warning: \(dataOptions.data ?? "--text"): \(warning)".printable)
    }
    return sequences
  }

  private func scaled(_ vector: [Float], _ adapted: AdaptedModel) throws -> [Double] {
    let numbers = vector.map(Double.init)
    let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length.isFinite else {
      throw options.nonFinite("a hidden state is not finite", of: adapted)
    }
    return raw || length == 0 ? numbers : numbers.map { $0 / length }
  }
}
