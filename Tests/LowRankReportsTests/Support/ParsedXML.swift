import Foundation
import FoundationXML

/// What a strict XML parser makes of a text.
final class ParsedXML: NSObject, XMLParserDelegate {
  /// Elements with their attributes, in order.
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  /// All text between them.
  private(set) var text = ""
  /// What is wrong; nil if nothing is.
  private(set) var fault: String?

  init(_ xml: String) {
    super.init()
    let parser = XMLParser(data: Data(xml.utf8))
    parser.delegate = self
    if !parser.parse() {
      fault = "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "")"
    }
  }

  var ids: [String] { elements.compactMap { $0.attributes["id"] } }

  func count(_ name: String) -> Int { elements.count { $0.name == name } }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append((name, attributes))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    text += string
  }
}
