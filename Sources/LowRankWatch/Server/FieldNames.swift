import HTTPTypes

/// Fields that the standard's list of names lacks.
extension HTTPField.Name {
  static let lastEventID = named("Last-Event-ID")
  static let secFetchSite = named("Sec-Fetch-Site")
  static let referrerPolicy = named("Referrer-Policy")
  static let resourcePolicy = named("Cross-Origin-Resource-Policy")
  static let openerPolicy = named("Cross-Origin-Opener-Policy")
  static let frameOptions = named("X-Frame-Options")

  private static func named(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("'\(text)' is no field name") }
    return name
  }
}
