import Foundation
import LowRankCheckpoints
import LowRankImages
import LowRankTensors
import LowRankTraining
import LowRankTransformers
import Testing

/// A data set that `datasets` wrote, with what it reads there; Oracles/images_fixture.py made it.
@Suite struct `Images in Parquet files` {
  private let folder: URL

  init() throws {
    folder = try #require(Bundle.module.resourceURL)
      .appending(path: "Fixtures/images/parquet")
  }

  private var forms: DataSplit { DataSplit(folder.appending(path: "forms.parquet")) }

  private func encoder() throws -> LabelledEncoder {
    let input = ImageInput(width: 6, height: 6, patchWidth: 3, patchHeight: 3, specials: 1)
    return LabelledEncoder(
      try ImageEncoder(
        ImageProcessor(size: .init(width: 6, height: 6)), for: input, of: "model"),
      maxLength: 5, vocabularySize: 5)
  }

  /// The patches of an image of so many pixels, as the encoder's processor makes them.
  private func patches(_ image: some JSONFields) throws -> [Float] {
    let text = Array(try image.string("pixels").utf8)
    let bytes = stride(from: 0, to: text.count, by: 2).compactMap {
      UInt8(String(decoding: text[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
    let size = (try image.integer("width"), try image.integer("height"))
    let encoder = try #require(try encoder().images)
    return encoder.input.rows(
      of: encoder.processor.pixels(of: RGBImage(width: size.0, height: size.1, pixels: bytes)))
  }

  @Test(arguments: [SplitRole.train, .test])
  func `are the rows that datasets reads, with the names of their classes`(_ role: SplitRole)
    throws
  {
    let files = try DataFiles(imagesAt: folder)
    #expect(files.train.files.count == 2 && files.valid == nil)
    #expect(!files.unused.contains { $0.contains("data/") }, "\(files.unused)")
    let split = try #require(files.roles[role])
    let rows = try LabelledRows(images: split)
    #expect(rows.columns == ColumnChoice(texts: ["img"], label: "label"))
    let labels = try #require(try rows.collectedLabels())
    #expect(labels.names == ["night", "noon", "dusk"])
    let expected = try JSONFile(at: folder.appending(path: "expected.json")).objects(role.rawValue)
    #expect(rows.rows.count == expected.count)
    let set = try LabelledSet(rows, labels: labels, encoder: encoder())
    // Not in the order of the file, and some twice.
    let order = Array(expected.indices.reversed()) + Array(expected.indices)
    let found = try #require(set.batch(at: order).rows.patches)
    let wanted = try order.flatMap { try patches(expected[$0]) }
    #expect(found.count == wanted.count)
    #expect(zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-6 })
    try set.checkRead()
    for (row, expected) in zip(rows.rows, expected) {
      guard case .name(let label)? = row.label else {
        Issue.record("\(row.place) has no label")
        continue
      }
      #expect(try label == expected.string("label"))
    }
    #expect(rows.rows.last?.place.hasSuffix("parquet, row \(role == .train ? 3 : 2)") == true)
  }

  @Test func `are found in a file alone, and in the folder of a split`() throws {
    let file = folder.appending(path: "data/train-00000-of-00002.parquet")
    #expect(try LabelledRows(images: DataFiles(imagesAt: file).train).rows.count == 4)
    let copy = try TemporaryFolder()
    let place = copy.url.appending(path: "train")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for (number, name) in ["0000.parquet", "0001.parquet"].enumerated() {
      try FileManager.default.copyItem(
        at: folder.appending(path: "data/train-0000\(number)-of-00002.parquet"),
        to: place.appending(path: name))
    }
    #expect(try LabelledRows(images: DataFiles(imagesAt: copy.url).train).rows.count == 7)
    #expect(try LabelledRows(images: DataFiles(imagesAt: place).train).rows.count == 7)
  }

  @Test(arguments: ["nested", "plain", "compressed", "lengths"])
  func `are the same in every form of column`(_ name: String) throws {
    let rows = try LabelledRows(
      images: forms, columns: ColumnChoice(texts: [name], label: "label"))
    let check = try FileCheck(
      rows, labels: rows.collectedLabels(), encoder: encoder(),
      names: TokenNames(special: []) { _ in nil })
    #expect(check.rowCount == 18 && check.kept == 15 && check.refused == 3)
    // Images that occur again are known by their bytes.
    #expect(check.duplicates.map(\.row) == [10, 11, 12, 13, 14, 15])
    #expect(check.duplicates.map(\.first) == [1, 2, 3, 4, 5, 6])
    let lacking = "column \"\(name)\": there is no image: the row has neither bytes nor a path"
    #expect(check.refusals.contains { $0.contains("forms.parquet, row 7, \(lacking)") })
    guard name == "nested" else { return }
    #expect(
      check.refusals.contains {
        $0.contains("forms.parquet, row 9, column \"nested\": ")
          && $0.contains("/0.png: there is no such image")
      }, "\(check.refusals)")
  }

  @Test func `are refused by row and column where they are none, before anything is trained`()
    throws
  {
    let rows = try LabelledRows(
      images: forms, columns: ColumnChoice(texts: ["plain"], label: "label"))
    #expect(
      message { try LabelledSet(rows, encoder: self.encoder()) }.hasSuffix(
        "forms.parquet, row 7, column \"plain\": there is no image: the row has neither bytes nor a path"
      ))
    let texts = DataSplit(
      folder.appending(path: "../../parquet/images.parquet").standardizedFileURL)
    let broken = try LabelledRows(images: texts, requiresLabels: false)
    #expect(broken.columns.texts == ["image"])
    #expect(
      message { try LabelledSet(broken, encoder: self.encoder()) }.contains(
        "images.parquet, row 1, column \"image\": the value is neither a PNG nor a JPEG image"))
  }

  @Test func `are named where several columns may be meant, or none`() throws {
    #expect(
      message { try LabelledRows(images: self.forms) }.hasSuffix(
        "forms.parquet: \"nested\", \"plain\", \"compressed\", \"lengths\" may be the images; name the column with text_column"
      ))
    let text = message {
      try LabelledRows(images: self.forms, columns: ColumnChoice(texts: ["label"], label: "label"))
    }
    #expect(text.contains("\"label\" is given twice"))
    let other = message {
      try LabelledRows(images: self.forms, columns: ColumnChoice(texts: ["image"]))
    }
    #expect(other.contains("there is no column \"image\"; the columns are"))
    let mixed = DataSplit([
      forms.files[0], folder.appending(path: "data/test-00000-of-00001.parquet"),
    ])
    #expect(
      message {
        try LabelledRows(images: mixed, columns: ColumnChoice(texts: ["nested"], label: "label"))
      }.contains(
        "test-00000-of-00001.parquet: there is no column \"nested\" of images, which "))
  }

  @Test func `are found though an adapter recorded other columns`() throws {
    let recorded = ColumnChoice().filled(
      from: ColumnChoice(texts: ["file_name"], label: "kind"))
    let files = try DataFiles(imagesAt: folder)
    let rows = try LabelledRows(images: files.train, columns: recorded)
    #expect(rows.columns.texts == ["img"] && rows.columns.label == "label")
  }
}
