extension Report {
  /// The page: HTML that is also XML, without scripts and without anything from elsewhere.
  ///
  /// It is laid out for phones, for desks and for paper, in light and in dark.
  public var html: String {
    var writer = PageWriter()
    writer.text = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      style-src 'unsafe-inline'"/>
      <title>\(escaped(title))</title>
      <style>
      \(StyleSheet.text)
      </style>
      </head>
      <body>
      <a class="skip" href="#main">To the content</a>
      <header>
      <h1>\(escaped(title))</h1>

      """
    if !lead.isEmpty { writer.text += "<p class=\"lead\">\(escaped(lead))</p>\n" }
    writer.write(facts)
    if let comparison {
      writer.text += "<div class=\"compared\">\n"
      writer.write(comparison, label: "What is compared")
      writer.text += "</div>\n"
    }
    writer.text += "</header>\n"
    if sections.count > 3 { writer.writeContents(sections) }
    writer.text += "<main id=\"main\">\n"
    for (index, section) in sections.enumerated() { writer.write(section, number: index + 1) }
    writer.text += "</main>\n</body>\n</html>\n"
    return writer.text
  }
}
