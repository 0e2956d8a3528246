import ArgumentParser
import Foundation
import LowRank
import LowRankConsole
import LowRankHub
import LowRankSessions

/// `lowrank pull`: fetches a model or an adapter from the hub into the cache.
struct Pull: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch a model, an adapter or a dataset from the Hugging Face hub.",
    discussion: """
      Fetches only the files that LowRank reads: configuration, tokenizer, templates, and weights in safetensors. If there \
      are no others, pytorch_model.bin or adapter_model.bin is fetched; it is read as data and runs nothing. Files are stored \
      in the cache that Python uses (HF_HOME, HF_HUB_CACHE) and checked by their hashes; an interrupted download continues. \
      HF_TOKEN opens private and gated repositories, HF_ENDPOINT names another hub, HF_HUB_OFFLINE=1 forbids requests.

      EXAMPLES:
        lowrank pull Qwen/Qwen2.5-0.5B-Instruct
        lowrank pull owner/adapter@v2 --adapter
        lowrank pull owner/name/model-q4_k_m.gguf
        lowrank pull openai/gsm8k:main --dataset
        lowrank generate --model Qwen/Qwen2.5-0.5B-Instruct --prompt 'Hello'
      """)

  @Argument(
    help: ArgumentHelp(
      "The name on the hub: owner/name, owner/name@revision, a GGUF file owner/name/file.gguf, or of a dataset owner/name:config. (required)",
      valueName: "name"))
  var name: String?

  @Flag(help: "Fetch an adapter instead of a model.")
  var adapter = false

  @Flag(
    help: "Fetch a dataset: its splits to train on, to evaluate on and for the test.")
  var dataset = false

  @OptionGroup var results: ResultOptions

  func run() throws {
    guard let name else { throw UsageError("give a name as owner/name") }
    guard !adapter || !dataset else { throw UsageError("--adapter contradicts --dataset") }
    let snapshot: HubSnapshot
    var place: URL?
    if dataset {
      snapshot = try LocatedData.snapshot(name)
    } else {
      let wish = try wish(name)
      snapshot = try Fetching.snapshot(of: wish.name, wish.content, HubSettings())
      if case .gguf = wish.content { place = wish.place(in: snapshot.folder) }
    }
    guard results.json else { return try Console.result((place ?? snapshot.folder).path) }
    var result: JSONObject = [
      "name": .string(snapshot.name.id), "revision": .string(snapshot.name.revision),
      "commit": .string(snapshot.commit), "folder": .string(snapshot.folder.path),
      "files": .array(snapshot.files.map { .string($0) }),
      "bytes_downloaded": .integer(snapshot.bytesReceived),
    ]
    if let place { result["file"] = .string(place.path) }
    try Console.result(result)
  }

  /// What a name means: a repository, or a GGUF file in one.
  private func wish(_ name: String) throws(UsageError) -> HubWish {
    do {
      guard let file = try HubFile(name) else {
        return HubWish(name: try HubName(name), content: adapter ? .adapter : .model)
      }
      guard !adapter else {
        throw UsageError("--adapter is for a repository; a GGUF file is fetched whatever it holds")
      }
      return HubWish(name: file.repository, content: .gguf(file.path))
    } catch let error as UsageError {
      throw error
    } catch {
      throw UsageError("\(error)")
    }
  }
}
