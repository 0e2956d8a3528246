import CCurl
import Foundation

/// One request and its response, run on one thread.
final class Transfer {
  let request: HTTPRequest
  let settings: HubSettings
  let proxy: Proxy?
  private let pipe: ResponsePipe

  private let start = ContinuousClock.now
  /// The time at which bytes were last sent or received.
  private var lastMove: ContinuousClock.Instant?
  private var head = HTTPResponse.Head()
  private var upload: Upload?
  /// The reason why this type stopped the transfer, which libcurl does not know.
  private var failure: (any Error)?

  init(_ request: HTTPRequest, _ settings: HubSettings, _ pipe: ResponsePipe) {
    (self.request, self.settings, self.pipe) = (request, settings, pipe)
    proxy = settings.proxies.proxy(for: request.url)
    upload = request.body.map { Upload($0) }
  }

  /// Runs the transfer to its end.
  func run(_ session: CurlSession) -> Result<Void, any Error> {
    guard let easy = CurlEasy() else {
      return .failure(HubError.cut(request.url.hostText))
    }
    do { try easy.set(self) } catch { return .failure(error) }
    let code = session.move(easy.handle) { secondsLeft(easy) }
    if let failure { return .failure(failure) }
    guard let code else { return .failure(CancellationError()) }
    guard code == CURLE_OK else {
      return .failure(TransferFailure(code, easy, of: self).hubError)
    }
    guard pipe.hasHead else { return .failure(HubError.cut(request.url.hostText)) }
    return .success(())
  }

  /// The seconds until a time-out; nil after a time-out, or if the transfer was cancelled.
  private func secondsLeft(_ easy: CurlEasy) -> Double? {
    guard !pipe.isEnded else { return nil }
    let now = ContinuousClock.now
    // libcurl times out connecting itself.
    if lastMove == nil, easy.isConnected { lastMove = now }
    var left = Double.infinity
    if let lastMove {
      left = Double(settings.downloadTimeout) - (now - lastMove) / .seconds(1)
      if left <= 0 {
        failure = HubError.stalled(
          request.url.hostText, seconds: settings.downloadTimeout,
          variable: "HF_HUB_DOWNLOAD_TIMEOUT")
        return nil
      }
    }
    if let timeout = request.answerTimeout, !pipe.hasHead {
      let leftForAnswer = Double(timeout) - (now - start) / .seconds(1)
      if leftForAnswer <= 0 {
        failure =
          easy.isConnected
          ? HubError.stalled(
            request.url.hostText, seconds: timeout, variable: "HF_HUB_ETAG_TIMEOUT")
          : HubError.unreachable(request.url, .time(timeout), proxy)
        return nil
      }
      left = min(left, leftForAnswer)
    }
    return left
  }
}

// MARK: Callbacks of libcurl

extension Transfer {
  /// Receives a line of the response's header.
  ///
  /// - Returns: Whether to continue the transfer.
  func receive(line: UnsafeRawBufferPointer) -> Bool {
    lastMove = .now
    let text = String(decoding: line, as: UTF8.self)
    let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if text.hasPrefix("HTTP/") {
      head = HTTPResponse.Head()
      head.status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    } else if line.isEmpty {
      // An informational response (1xx) precedes the final one.
      guard !(100..<200).contains(head.status), !pipe.hasHead else { return true }
      if let proxy, head.status == 407 {
        failure = HubError.refused(by: proxy, request.url, status: 407)
        return false
      }
      pipe.receive(head)
    } else if text.hasPrefix(" ") || text.hasPrefix("\t") {
      head.headers.continueLast(line)
    } else if let colon = line.firstIndex(of: ":") {
      head.headers.add(
        String(line[..<colon]),
        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    return true
  }

  /// Receives bytes of the response's body.
  ///
  /// - Returns: Whether to continue the transfer.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let isWanted = pipe.receive(bytes)
    // The server is not responsible for the time that the reader took.
    lastMove = .now
    return isWanted
  }

  /// Copies the next bytes of the request's body.
  ///
  /// - Returns: The number of bytes; nil if reading them failed.
  func send(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    lastMove = .now
    do { return try upload?.read(into: buffer) ?? 0 } catch {
      failure = error
      return nil
    }
  }

  /// Restarts the request's body.
  func rewind() -> Bool {
    guard let body = request.body else { return false }
    upload = Upload(body)
    return true
  }
}

/// The unsent part of a request's body.
private struct Upload {
  private let body: RequestBody
  private var next: (() throws -> [UInt8]?)?
  private var rest: ArraySlice<UInt8> = []

  init(_ body: RequestBody) { self.body = body }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let next = try self.next ?? body.open()
    self.next = next
    while rest.isEmpty {
      guard let piece = try next() else { return 0 }
      rest = piece[...]
    }
    let count = min(buffer.count, rest.count)
    rest.prefix(count).withUnsafeBytes { buffer.copyMemory(from: $0) }
    rest = rest.dropFirst(count)
    return count
  }
}
