import ArgumentParser

/// What `--overwrite` of a verb replaces, as its help says it.
protocol OverwriteWording {
  static var help: String { get }
}

/// A single file is written.
enum OneFile: OverwriteWording { static let help = "Replace an existing file." }
/// A folder of results is written.
enum ResultFolder: OverwriteWording {
  static let help = "Replace earlier results in the folder; other files in it stay."
}
/// A folder of results and a report are written.
enum ResultFolderAndReport: OverwriteWording {
  static let help = "Replace earlier results in the folder, and the report; other files stay."
}
/// The folder of a run is written.
enum AdapterOfRun: OverwriteWording {
  static let help = "Replace the adapter and the run in the folder; other files in it stay."
}
/// The folder of a run is written, which trains a whole model.
enum ModelOfRun: OverwriteWording {
  static let help = "Replace the model and the run in the folder; other files in it stay."
}
/// A model's folder or a GGUF file is written.
enum MergedModel: OverwriteWording {
  static let help =
    "Replace earlier results in the folder, whose other files stay, or the GGUF file."
}
/// A file or folders of events are written.
enum ExportedRuns: OverwriteWording {
  static let help =
    "Replace an existing file, and earlier events in folders; other files stay."
}
/// An adapter is written, as a folder or a file.
enum ConvertedAdapter: OverwriteWording {
  static let help = "Replace an existing adapter; other files in its folder stay."
}

/// The flag that lets a verb replace what is there.
struct OverwriteOption<Wording: OverwriteWording>: ParsableArguments {
  @Flag(help: ArgumentHelp("\(Wording.help)"))
  var overwrite = false
}
