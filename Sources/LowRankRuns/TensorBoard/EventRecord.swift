import Foundation

/// The framing of TensorFlow's record files: length, checksum of the length, data, checksum of the data, all little-endian.
enum EventRecord {
  static func framing(_ data: Data) -> Data {
    let length = bytes(of: UInt64(data.count))
    return length + bytes(of: masked(checksum(length))) + data + bytes(of: masked(checksum(data)))
  }

  /// CRC-32C of Castagnoli, reflected.
  static func checksum(_ data: Data) -> UInt32 {
    ~data.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }

  /// The format rotates checksums and adds a constant, so that data which holds checksums is not checked by itself.
  private static func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(byte) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
  }

  private static func bytes<Number: FixedWidthInteger>(of number: Number) -> Data {
    withUnsafeBytes(of: number.littleEndian) { Data($0) }
  }
}
