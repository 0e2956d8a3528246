import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankSessions

/// The flags that write a report and its pictures.
struct ReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write a report as one self-contained HTML page.", valueName: "html"),
    completion: .file(extensions: ["html"]))
  var report: String?

  @Option(
    help: ArgumentHelp("Write the report's figures as PNG files into a folder.", valueName: "dir"),
    completion: .folder)
  var png: String?

  /// Whether anything is to be written.
  var isWanted: Bool { report != nil || png != nil }

  /// Refuses places that cannot be written, before any work.
  func check(overwrite: Bool, sparing inputs: [String?]) throws {
    if let report {
      let url = URL(filePath: report)
      guard [".html", ".htm"].contains(where: report.hasSuffix) else {
        throw UsageError("--report is \(report), expected a file that ends in .html")
      }
      try checkPublishable(file: url, overwrite: overwrite)
      try probeWritable(url)
    }
    if let png {
      _ = try OutputFolder(
        png, name: "--png", overwrite: overwrite, marker: Self.marker, sparing: inputs)
      // Says what is missing before anything is computed.
      _ = try Drawing(title: "", description: "", width: 8, height: 8, shapes: []).png()
    }
  }

  /// The file by which a folder of figures is known.
  private static let marker = "figures.json"

  func write(_ report: @autoclosure () -> Report, overwrite: Bool) throws {
    guard isWanted else { return }
    let report = report()
    if let path = self.report {
      try report.write(to: URL(filePath: path), overwrite: overwrite)
      Console.write("\(path): the report")
    }
    guard let png else { return }
    let figures = report.sections.flatMap(\.blocks).compactMap { block -> (any Figure)? in
      guard case .figure(let figure, _) = block else { return nil }
      return figure
    }
    try publishFolder(at: URL(filePath: png), overwrite: overwrite, replacing: .figures) { folder in
      var names: [JSONValue] = []
      for (index, figure) in figures.enumerated() {
        let name = String(format: "%02d-%@.png", index + 1, Self.slug(figure.title))
        let output = try OutputFile(at: folder.appending(path: name))
        try output.write(Array(figure.drawing.png()))
        try output.close()
        names.append(["file": .string(name), "title": .string(figure.title)])
      }
      try JSONValue.object(["figures": .array(names)])
        .write(to: folder.appending(path: Self.marker))
    }
    Console.write("\(png): \(counted(figures.count, "figure"))")
  }

  /// Letters and digits of a title as the name of a file.
  private static func slug(_ title: String) -> String {
    let words = title.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.prefix(8).joined(separator: "-")
  }
}
