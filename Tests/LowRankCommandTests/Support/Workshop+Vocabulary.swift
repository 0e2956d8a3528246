import Foundation
import LowRank
import LowRankCheckpoints

extension Workshop {
  /// Gives the model more tokens, whose embeddings are zeros that take no space on the disk; the head is left out.
  func enlargeVocabulary(to count: Int) throws {
    let (url, table) = (
      model.appending(path: "model.safetensors"), TensorName("model.embed_tokens.weight")
    )
    let file = try SafetensorsFile(at: url)
    let small = file.tensors.filter { $0.name != table && $0.name != "lm_head.weight" }
    var header = JSONObject()
    var bytes: [UInt8] = []
    func add(_ tensor: StoredTensor, _ shape: [Int], _ size: Int) {
      header[tensor.name.text] = [
        "dtype": "F32", "shape": .array(shape.map { .integer($0) }),
        "data_offsets": [.integer(bytes.count), .integer(bytes.count + size)],
      ]
      bytes += tensor.borrowedBytes
    }
    for tensor in small { add(tensor, tensor.shape.extents, tensor.byteCount) }
    guard let rows = file[table] else { throw CocoaError(.fileReadCorruptFile) }
    let size = 4 * count * rows.shape[1]
    let end = bytes.count + size
    add(rows, [count, rows.shape[1]], size)
    var text = JSONValue.object(header).bytes()
    text += repeatElement(UInt8(ascii: " "), count: 63 - (text.count + 8 + 63) % 64)
    let start = withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
    try FileManager.default.removeItem(at: url)
    try Data(start + bytes).write(to: url)
    let handle = try FileHandle(forWritingTo: url)
    try handle.truncate(atOffset: UInt64(start.count + end))
    try handle.close()
    let config = model.appending(path: "config.json")
    var object = try JSONFile(at: config).object
    object["vocab_size"] = .integer(count)
    object["architectures"] = ["LlamaForSequenceClassification"]
    try JSONValue.object(object).write(to: config)
  }
}
