import CCurl
import Foundation

/// libcurl's easy handle for one transfer.
final class CurlEasy {
  let handle: UnsafeMutableRawPointer
  private let text = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var lists: [UnsafeMutablePointer<curl_slist>] = []

  /// Creates a handle without options; nil if there is no memory for one.
  init?() {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    text.initialize(repeating: 0)
  }

  deinit {
    curl_easy_cleanup(handle)
    lists.forEach { curl_slist_free_all($0) }
    text.deallocate()
  }

  /// Whether the connection is established and the request is being sent.
  var isConnected: Bool { lr_curl_size(handle, CURLINFO_PRETRANSFER_TIME_T) > 0 }

  /// libcurl's message about a failure, in one line.
  var failureText: String {
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
      .split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Sets the options for a transfer, which must outlive the handle's use.
  ///
  /// - Throws: `HubError` if libcurl and Foundation parse the URL to different servers.
  func set(_ transfer: Transfer) throws(HubError) {
    let (request, settings) = (transfer.request, transfer.settings)
    try setAddress(request.url)
    lr_curl_set_error_buffer(handle, text.baseAddress)
    set(CURLOPT_NOSIGNAL, 1)
    lr_curl_quit_at_once(handle)
    // Uses HTTP/2 if the server offers it.
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    set(CURLOPT_CONNECTTIMEOUT_MS, settings.metadataTimeout * 1000)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_BUFFERSIZE, 1 << 19)
    if request.needsFreshConnection { set(CURLOPT_FRESH_CONNECT, 1) }
    setMethod(request)
    setHeaders(request)
    set(transfer.proxy)
    set(settings.certificates)
    setFunctions(transfer)
  }

  private func set(_ option: CURLoption, _ value: Int) {
    lr_curl_set_long(handle, option, value)
  }

  private func set(_ option: CURLoption, _ value: String?) {
    lr_curl_set_text(handle, option, value)
  }

  /// Sets the URL, after checking that libcurl connects to the server for which the token was checked.
  private func setAddress(_ url: URL) throws(HubError) {
    lr_curl_allow_http_only(handle)
    let text = url.absoluteString
    guard CurlAddress(text) == CurlAddress(url) else {
      throw HubError(
        .malformed, "\(url.hostText) can be read as another server's address: write it in full")
    }
    set(CURLOPT_URL, text)
  }

  private func setMethod(_ request: HTTPRequest) {
    guard let body = request.body else {
      return set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
    set(CURLOPT_UPLOAD, 1)
    set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    set(CURLOPT_UPLOAD_BUFFERSIZE, 1 << 19)
    lr_curl_set_size(handle, CURLOPT_INFILESIZE_LARGE, Int64(body.count))
  }

  private func setHeaders(_ request: HTTPRequest) {
    var list: UnsafeMutablePointer<curl_slist>?
    func add(_ line: String) { list = curl_slist_append(list, line) ?? list }
    for field in request.headers.fields {
      // libcurl removes a field that is given as a name with a colon and no value.
      add(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
    }
    // Not every hub supports `Expect: 100-continue`.
    add("Expect:")
    if let list { lists.append(list) }
    lr_curl_set_list(handle, CURLOPT_HTTPHEADER, list)
    // An HTTP proxy that tunnels TLS must not see the request's fields.
    set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  /// Sets the chosen proxy, and keeps libcurl from reading the environment.
  private func set(_ proxy: Proxy?) {
    set(CURLOPT_PROXY, proxy?.address ?? "")
    set(CURLOPT_NOPROXY, "")
    set(CURLOPT_PROXYUSERNAME, proxy?.user)
    set(CURLOPT_PROXYPASSWORD, proxy?.password)
  }

  private func set(_ certificates: Certificates?) {
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    guard let certificates else { return }
    for (file, folders) in [
      (CURLOPT_CAINFO, CURLOPT_CAPATH), (CURLOPT_PROXY_CAINFO, CURLOPT_PROXY_CAPATH),
    ] {
      set(file, certificates.file)
      set(folders, certificates.folders)
    }
  }

  private func setFunctions(_ transfer: Transfer) {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    lr_curl_set_head_function(
      handle,
      { bytes, size, count, context in
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return Transfer.of(context)?.receive(line: line) == true ? line.count : 0
      }, context)
    lr_curl_set_body_function(
      handle,
      { bytes, size, count, context in
        let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return Transfer.of(context)?.receive(bytes) == true ? bytes.count : 0
      }, context)
    lr_curl_set_upload_functions(
      handle,
      { buffer, size, count, context in
        let buffer = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
        return Transfer.of(context)?.send(into: buffer) ?? Int(CURL_READFUNC_ABORT)
      },
      { context, offset, origin in
        let isStart = offset == 0 && origin == SEEK_SET
        return isStart && Transfer.of(context)?.rewind() == true
          ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
      }, context)
  }
}

extension Transfer {
  fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
