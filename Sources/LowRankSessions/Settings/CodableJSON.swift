import LowRank

/// A value of JSON for Swift's encoders and decoders.
struct CodableJSON: Codable {
  let value: JSONValue

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(value: JSONValue) { self.value = value }

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Key.self) {
      var object = JSONObject()
      for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) {
        object[key.stringValue] = try container.decode(CodableJSON.self, forKey: key).value
      }
      value = .object(object)
    } else if var container = try? decoder.unkeyedContainer() {
      var items: [JSONValue] = []
      while !container.isAtEnd { items.append(try container.decode(CodableJSON.self).value) }
      value = .array(items)
    } else {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        value = .null
      } else if let flag = try? container.decode(Bool.self) {
        value = .bool(flag)
      } else if let number = try? container.decode(Int.self) {
        value = .integer(number)
      } else if let number = try? container.decode(Double.self) {
        value = .double(number)
      } else {
        value = .string(try container.decode(String.self))
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    switch value {
    case .object(let object):
      var container = encoder.container(keyedBy: Key.self)
      for (key, value) in object.entries {
        try container.encode(CodableJSON(value: value), forKey: Key(stringValue: key))
      }
    case .array(let items):
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(CodableJSON(value: item)) }
    default:
      var container = encoder.singleValueContainer()
      if let flag = value.bool {
        try container.encode(flag)
      } else if let number = value.integer {
        try container.encode(number)
      } else if let number = value.double {
        try container.encode(number)
      } else if let text = value.string {
        try container.encode(text)
      } else {
        try container.encodeNil()
      }
    }
  }
}
