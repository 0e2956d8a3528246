/// The bytes of a safetensors file: the length of the header, the header, the tensors.
func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
  safetensors(Array(header.utf8), data: data)
}

func safetensors(_ header: [UInt8], data: Int = 0) -> [UInt8] {
  littleEndian(UInt64(header.count)) + header + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
}

func littleEndian(_ value: UInt64) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// The header of one tensor, its parts spelled as given.
func header(dtype: String = "\"F32\"", shape: String = "[2]", offsets: String = "[0,8]") -> String {
  "{\"a\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
}
