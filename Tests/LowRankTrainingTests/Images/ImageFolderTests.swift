import Foundation
import LowRankCheckpoints
import LowRankTraining
import LowRankTransformers
import Testing

@Suite struct `A folder of images` {
  private let folder: TemporaryFolder
  private let image: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    let fixtures = try #require(Bundle.module.resourceURL).appending(path: "Fixtures/images")
    image = Array(try Data(contentsOf: fixtures.appending(path: "image.png")))
  }

  private func put(_ paths: String..., text: String? = nil) throws {
    for path in paths {
      let file = folder.url.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.map { Array($0.utf8) } ?? image + Array(path.utf8)).write(to: file)
    }
  }

  private func rows(_ split: DataSplit, labels: Bool = true) throws -> LabelledRows {
    try LabelledRows(images: split, requiresLabels: labels)
  }

  private func files(_ choice: SplitChoice = SplitChoice()) throws -> DataFiles {
    try DataFiles(imagesAt: folder.url, choice: choice)
  }

  private func names(_ rows: LabelledRows) -> [String] {
    rows.rows.map { row in
      let path = row.texts[0].dropFirst(folder.url.relativePath.count)
      guard case .name(let label)? = row.label else { return String(path) }
      return "\(path.drop { $0 == "/" }) \(label)"
    }
  }

  @Test func `has a class for each folder, in the order of their names`() throws {
    try put("9/b.png", "10/x/a.JPG", "10/a.jpeg", "Cat/1.png", ".hidden/1.png", "beside.png")
    try put("Cat/notes.txt", text: "of no interest")
    let files = try files()
    #expect(files.valid == nil && files.test == nil)
    let found = try rows(files.train)
    #expect(names(found) == ["10/a.jpeg 10", "10/x/a.JPG 10", "9/b.png 9", "Cat/1.png Cat"])
    #expect(try found.collectedLabels()?.names == ["10", "9", "Cat"])
    #expect(
      found.remarks == [
        "1 file is no PNG or JPEG by its name",
        "1 image lies beside the folders of classes and is not read",
      ])
    #expect(found.rows[0].place.hasSuffix("10/a.jpeg"))
  }

  @Test func `has splits of the usual names`() throws {
    try put("train/a/1.png", "train/b/1.png", "validation/a/2.png", "test/b/3.png")
    let files = try files()
    #expect(try names(rows(files.train)) == ["train/a/1.png a", "train/b/1.png b"])
    #expect(try names(rows(#require(files.valid))) == ["validation/a/2.png a"])
    #expect(try names(rows(#require(files.test))) == ["test/b/3.png b"])
    var choice = SplitChoice()
    (choice.needsTraining, choice.readsTraining) = (false, false)
    #expect(try self.files(choice).roles[.train] == nil)
    choice.splits[.valid] = "test"
    #expect(try names(rows(#require(self.files(choice).valid))) == ["test/b/3.png b"])
    choice.splits[.valid] = "tset"
    #expect(
      message { try self.files(choice) }.hasSuffix(
        "there is no split \"tset\"; there are test, train, validation"))
  }

  @Test func `takes classes called as splits for classes where there is nothing to train on`()
    throws
  {
    try put("test/1.png", "valid/1.png")
    #expect(try names(rows(files().train)) == ["test/1.png test", "valid/1.png valid"])
  }

  /// As texts may, with `--data` and `--valid-file`.
  @Test func `may stand beside a file to evaluate on`() throws {
    try put("x.png", "y.png", "z.png")
    try put("train.csv", text: "file_name,label\nx.png,0\ny.png,1\n")
    try put("other.csv", text: "file_name,label\nz.png,1\n")
    var choice = SplitChoice()
    choice.files[.valid] = folder.url.appending(path: "other.csv").path
    let table = folder.url.appending(path: "train.csv")
    let found = try DataFiles(imagesAt: table, choice: choice)
    #expect(try names(rows(found.train)) == ["x.png 0", "y.png 1"])
    #expect(try names(rows(#require(found.valid))) == ["z.png 1"])
    choice.readsTraining = false
    choice.needsTraining = false
    let judged = try DataFiles(imagesAt: table, choice: choice)
    #expect(judged.roles[.train] == nil && judged.valid != nil)
  }

  @Test func `may name images and labels in a table`() throws {
    try put("train/x.png", "train/sub/y.png", "train/z.png")
    try put(
      "train/metadata.csv", text: "file_name,label\nx.png,0\nsub/y.png,1\nz.png,1\n")
    try put("own.csv", text: "path,kind\ntrain/x.png,left\ntrain/z.png,right\n")
    let found = try rows(files().train)
    #expect(names(found) == ["train/x.png 0", "train/sub/y.png 1", "train/z.png 1"])
    try #require(found.rows.count == 3)
    #expect(found.rows[1].place.hasSuffix("metadata.csv, line 3"))
    #expect(try found.collectedLabels()?.names == ["0", "1"])
    let table = DataSplit(folder.url.appending(path: "own.csv"))
    let own = try LabelledRows(
      images: table, columns: ColumnChoice(texts: ["path"], label: "kind"))
    #expect(names(own) == ["train/x.png left", "train/z.png right"])
    #expect(
      message { try self.rows(table) }.contains(
        "there is no column \"file_name\"; the columns are \"path\", \"kind\""))
  }

  @Test(arguments: [
    (
      "own.csv", "x.png,left\ny.png,right\n", nil,
      "own.csv: the first line holds \"x.png\", an image, where the names of columns are expected; the columns are \"x.png\", \"left\"; write a line with file_name and label above it, or give the columns by numbers from 1 with text_column and label_column"
    ),
    (
      "own.jsonl", "{\"image\": {\"path\": \"x.png\"}, \"label\": \"left\"}\n", nil,
      "own.jsonl, line 1: the key \"image\" holds structures with \"path\" and without \"bytes\", expected paths as strings; the keys are \"image\", \"label\"; write the paths into a key \"file_name\""
    ),
    (
      "own.jsonl", "{\"image\": {\"path\": \"x.png\"}, \"label\": \"left\"}\n", "image",
      "own.jsonl, line 1: the key \"image\" holds structures with \"path\" and without \"bytes\", expected paths as strings; the keys are \"image\", \"label\"; write the paths into a key \"file_name\""
    ),
  ])
  func `is told which columns a table should have`(
    name: String, text: String, column: String?, sentence: String
  ) throws {
    try put("x.png", "y.png")
    try put(name, text: text)
    let table = DataSplit(folder.url.appending(path: name))
    let columns = ColumnChoice(texts: column.map { [$0] } ?? [])
    #expect(message { try LabelledRows(images: table, columns: columns) }.hasSuffix(sentence))
    guard name == "own.csv" else { return }
    let numbered = try LabelledRows(
      images: table, columns: ColumnChoice(texts: ["1"], label: "2"))
    #expect(names(numbered) == ["x.png left", "y.png right"])
  }

  @Test func `that was downloaded names no image outside of it`() throws {
    try put("set/data/x.png", "set/y.png", "set.png")
    let outside = folder.url.appending(path: "set.png").path
    try put(
      "set/data/train.csv",
      text: "file_name,label\nx.png,0\n./../y.png,1\n../../set.png,0\n\(outside),1\n")
    let root = folder.url.appending(path: "set", directoryHint: .isDirectory)
    let file = URL(filePath: "data/train.csv", relativeTo: root)
    let own = DataSplit(root.appending(path: "data/train.csv"))
    #expect(try rows(own).rows.count == 4)
    func refusals(_ split: DataSplit) throws -> [String] {
      let found = try rows(split)
      return try FileCheck(
        found, labels: found.collectedLabels(), encoder: encoder(),
        names: TokenNames(special: []) { _ in nil }
      ).refusals
    }
    #expect(try refusals(own).isEmpty)
    let found = try refusals(DataSplit(file).confined(to: root))
    #expect(found.count == 2, "\(found)")
    for (line, path) in [(4, "../../set.png"), (5, outside)] {
      #expect(
        found.contains {
          $0.contains(
            "train.csv, line \(line), column \"file_name\": \(path): the image lies outside of the downloaded data set"
          )
        }, "\(found)")
    }
    // A file of the user's own beside it names what it wants.
    #expect(try refusals(own.confined(to: folder.url.appending(path: "other"))).isEmpty)
  }

  @Test func `is refused where a class has no image, or there is no class`() throws {
    try put("a/1.png", "b/1.png")
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "c"), withIntermediateDirectories: true)
    #expect(
      message { try self.rows(self.files().train) }.hasSuffix(
        "/c: the class has no image; put PNG or JPEG files into its folder, or remove it"))
    for name in ["a", "b", "c"] {
      try FileManager.default.removeItem(at: folder.url.appending(path: name))
    }
    try put("1.png")
    #expect(
      message { try self.rows(self.files().train) }.hasSuffix(
        "there are no folders of images in it, one for each class, and no metadata.csv with file_name and label"
      ))
    #expect(try names(rows(files().train, labels: false)) == ["/1.png"])
  }

  private func encoder() throws -> LabelledEncoder {
    let input = ImageInput(width: 8, height: 8, patchWidth: 4, patchHeight: 4, specials: 1)
    let encoder = try ImageEncoder(
      ImageProcessor(size: .init(width: 8, height: 8)), for: input, of: "model")
    return LabelledEncoder(encoder, maxLength: 5, vocabularySize: 5)
  }

  @Test func `gives batches of patches, and tells changed images`() throws {
    try put("a/1.png", "b/2.png", "b/3.png")
    let set = try LabelledSet(rows(files().train), encoder: encoder())
    #expect(set.count == 3 && set.inputTokens(of: 1) == 5)
    #expect(set.examples.map(\.target) == [.classIndex(0), .classIndex(1), .classIndex(1)])
    let batch = set.batch(at: [2, 0])
    #expect(batch.ids == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
    let patches = try #require(batch.rows.patches)
    #expect(patches.count == 2 * 5 * 48)
    #expect(patches[..<48].allSatisfy { $0 == 0 } && patches[48..<240].contains { $0 != 0 })
    // The bytes behind the end make no other pixels, but another file.
    #expect(patches[..<240].elementsEqual(patches[240...]))
    try set.checkRead()
    let before = set.fingerprint
    try put("b/3.png", text: "no image")
    #expect(set.fingerprint == before)
    _ = set.batch(at: [0])
    try set.checkRead()
    _ = set.batch(at: [2])
    #expect(message { try set.checkRead() }.contains("b/3.png: the file is neither a PNG nor"))
  }

  @Test func `is another set where an image changes`() throws {
    try put("a/1.png", "b/2.png")
    let set = try LabelledSet(rows(files().train), encoder: encoder())
    let file = folder.url.appending(path: "b/2.png")
    try Data(image + [0]).write(to: file)
    #expect(try LabelledSet(rows(files().train), encoder: encoder()).fingerprint != set.fingerprint)
    _ = set.batch(at: [1])
    #expect(
      message { try set.checkRead() }.hasSuffix("the image has changed since it was first read"))
  }

  @Test func `names an image that does not decode before anything is trained`() throws {
    try put("a/1.png", "b/2.png")
    try put("b/3.png", text: "no image")
    #expect(
      message { try LabelledSet(self.rows(self.files().train), encoder: self.encoder()) }.hasSuffix(
        "b/3.png: the file is neither a PNG nor a JPEG image"))
    try put("b/metadata.csv", text: "file_name,label\n3.png,x\n4.png,y\n")
    let table = try rows(DataSplit(folder.url.appending(path: "b/metadata.csv")))
    try FileManager.default.removeItem(at: folder.url.appending(path: "b/3.png"))
    #expect(
      message { try LabelledSet(table, encoder: self.encoder()) }.hasSuffix(
        "b/3.png: there is no such image"))
  }
}
