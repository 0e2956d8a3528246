/// The instructions of pickles that are followed, by their bytes.
enum PickleOpcode: UInt8 {
  case mark = 0x28  // (
  case stop = 0x2e  // .
  case binfloat = 0x47  // G
  case binint = 0x4a  // J
  case binint1 = 0x4b  // K
  case binint2 = 0x4d  // M
  case none = 0x4e  // N
  case binpersid = 0x51  // Q
  case reduce = 0x52  // R
  case shortBinstring = 0x55  // U
  case binunicode = 0x58  // X
  case emptyList = 0x5d  // ]
  case append = 0x61  // a
  case build = 0x62  // b
  case global = 0x63  // c
  case appends = 0x65  // e
  case binget = 0x68  // h
  case longBinget = 0x6a  // j
  case binput = 0x71  // q
  case longBinput = 0x72  // r
  case setitem = 0x73  // s
  case tuple = 0x74  // t
  case setitems = 0x75  // u
  case emptyTuple = 0x29  // )
  case emptyDict = 0x7d  // }
  case proto = 0x80
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case newtrue = 0x88
  case newfalse = 0x89
  case long1 = 0x8a

  /// What Python's `pickletools` calls an instruction that is not followed; none where it is none at all.
  static func refusedName(_ byte: UInt8) -> StaticString? {
    switch byte {
    case 0x30: "POP"
    case 0x31: "POP_MARK"
    case 0x32: "DUP"
    case 0x42: "BINBYTES"
    case 0x43: "SHORT_BINBYTES"
    case 0x46: "FLOAT"
    case 0x49: "INT"
    case 0x4c: "LONG"
    case 0x50: "PERSID"
    case 0x53: "STRING"
    case 0x54: "BINSTRING"
    case 0x56: "UNICODE"
    case 0x64: "DICT"
    case 0x67: "GET"
    case 0x69: "INST"
    case 0x6c: "LIST"
    case 0x6f: "OBJ"
    case 0x70: "PUT"
    case 0x81: "NEWOBJ"
    case 0x82: "EXT1"
    case 0x83: "EXT2"
    case 0x84: "EXT4"
    case 0x8b: "LONG4"
    case 0x8c: "SHORT_BINUNICODE"
    case 0x8d: "BINUNICODE8"
    case 0x8e: "BINBYTES8"
    case 0x8f: "EMPTY_SET"
    case 0x90: "ADDITEMS"
    case 0x91: "FROZENSET"
    case 0x92: "NEWOBJ_EX"
    case 0x93: "STACK_GLOBAL"
    case 0x94: "MEMOIZE"
    case 0x95: "FRAME"
    case 0x96: "BYTEARRAY8"
    case 0x97: "NEXT_BUFFER"
    case 0x98: "READONLY_BUFFER"
    default: nil
    }
  }
}
