import Foundation

/// The machine's own name.
///
/// Foundation's would ask a name service, which may be slow or change its mind.
let hostName: String = {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}()
