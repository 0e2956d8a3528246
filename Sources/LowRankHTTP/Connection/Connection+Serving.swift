import Synchronization

extension Connection {
  /// Answers requests until the client or the server ends the connection.
  func serve(_ handler: HTTPServer.Handler) async {
    do {
      while try await exchange(handler) { enter(.idle(since: .now)) }
    } catch {
      // The client has left or reads nothing, or the body was too short, so no response can report the error.
    }
    close()
  }

  /// Answers one request.
  ///
  /// - Returns: Whether another request may follow.
  private func exchange(_ handler: HTTPServer.Handler) async throws -> Bool {
    let head: RequestHead
    do {
      guard let bytes = try await readHead() else { return false }
      head = try RequestHead(bytes, configuration.limits)
      if case .length(let count) = head.framing, count > configuration.limits.bodyBytes {
        throw BodyReader.tooLarge(configuration.limits.bodyBytes)
      }
    } catch let failure as HTTPFailure {
      return try await refuse(failure, isHead: false)
    }
    let reader = BodyReader(head, on: self)
    let request = HTTPRequest(
      method: head.method, target: head.target, host: head.host, fields: head.fields,
      body: RequestBody(reader: reader))
    let response: HTTPResponse
    do {
      response = try await handler(request)
    } catch let failure as HTTPFailure {
      return try await refuse(failure, isHead: head.method == "HEAD")
    } catch let error as Socket.Failure {
      throw error
    } catch let error as CancellationError {
      throw error
    } catch {
      let failure = HTTPFailure(.internalServerError, "The request could not be answered.")
      return try await refuse(failure, isHead: head.method == "HEAD")
    }
    let hasRest = !reader.skip()
    var outgoing = OutgoingResponse(response, to: head)
    if hasRest || isFinishing { outgoing.isLast = true }
    try await send(outgoing, watching: !hasRest)
    if outgoing.isLast { await endGently() }
    return !outgoing.isLast
  }

  /// Waits for a request and reads its header.
  ///
  /// - Returns: The header, or nil if no request arrives.
  private func readHead() async throws -> ArraySlice<UInt8>? {
    let end = ContinuousClock.now + configuration.times.idle
    while input.withLock({ $0.isEmptyButForLineEnds() }) {
      guard !isFinishing, ContinuousClock.now < end else { return nil }
      do {
        guard try await read(until: end) else { return nil }
      } catch Socket.Failure.timedOut {
        return nil
      }
    }
    enter(.answering)
    let deadline = ContinuousClock.now + configuration.times.header
    let limits = configuration.limits
    while true {
      let (isRequest, head, count, line) = input.withLock { input in
        (input.beginsWithMethod, input.takeHead(), input.count, input.firstLineCount)
      }
      // Input that is no request, such as TLS, would never complete a header.
      guard isRequest else { throw RequestHead.malformed("The first line is not a request.") }
      if let head, head.count <= limits.headerBytes { return head }
      if head != nil || count > limits.headerBytes + 4 {
        guard head != nil || line <= limits.targetBytes + 64 else {
          throw HTTPFailure(
            .targetTooLong, "The address is longer than \(limits.targetBytes) bytes.")
        }
        throw HTTPFailure(
          .headerTooLarge, "The header is longer than \(limits.headerBytes) bytes.")
      }
      do {
        guard try await read(until: deadline) else { return nil }
      } catch Socket.Failure.timedOut {
        throw HTTPFailure(.requestTimeout, "The header did not arrive in time.")
      }
    }
  }

  private func refuse(_ failure: HTTPFailure, isHead: Bool) async throws -> Bool {
    var outgoing = OutgoingResponse(configuration.refusal(failure), isHead: isHead)
    outgoing.isLast = true
    try await send(outgoing, watching: false)
    await endGently()
    return false
  }
}
