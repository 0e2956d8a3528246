/// Whether a module comes before another: by the parts of their paths, numbers by value, so that layer 2 precedes 10.
public func modulePath(_ path: String, precedes other: String) -> Bool {
  let (parts, others) = (path.split(separator: "."), other.split(separator: "."))
  for (part, other) in zip(parts, others) where !part.utf8.elementsEqual(other.utf8) {
    switch (Int(part), Int(other)) {
    case (let number?, let otherNumber?) where number != otherNumber: return number < otherNumber
    default: return part.utf8.lexicographicallyPrecedes(other.utf8)
    }
  }
  return parts.count < others.count
}
