import Foundation
import FoundationNetworking
import LowRank
import LowRankWorkshop
import Testing

@Suite struct `serve and chat` {
  /// Starts the server and returns its address, the first line on standard output.
  private func started(
    _ arguments: [String], _ body: (URL, Lowrank.Running) async throws -> Void
  ) async throws -> Lowrank {
    let output = FileManager.default.temporaryDirectory.appending(path: "serve-\(UUID())")
    defer { try? FileManager.default.removeItem(at: output) }
    let running = try Lowrank.Running(
      ["serve", "--port", "0", "--precision", "f32"] + arguments,
      shell: "exec > \(output.path)")
    var line: Substring?
    while line == nil, running.process.isRunning {
      try await Task.sleep(for: .milliseconds(20))
      let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
      if text.contains("\n") { line = text.split(separator: "\n").first }
    }
    let first = try JSONValue(parsing: String(try #require(line))).object
    let url = try #require(first?["url"]?.string.flatMap { URL(string: $0) })
    try await body(url, running)
    running.process.terminate()
    return try running.finish()
  }

  private func post(_ url: URL, _ body: JSONValue) async throws -> (Int, JSONObject) {
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.httpBody = Data(body.bytes())
    let (data, response) = try await URLSession.shared.data(for: request)
    let object = try JSONValue(parsing: data).object
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, try #require(object))
  }

  @Test func `tells the address, answers for an adapter, and ends at SIGTERM`() async throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "a", "--iters", "3"))
    let alone = try Lowrank(
      "generate", "--model", workshop.model.path, "--adapter", workshop.place("a").path,
      "--precision", "f32", "--prompt", "hello", "--max-tokens", "6", "--json"
    ).json()["completions"]?.array?.first?.object?["completion"]?.string
    let ended = try await started([
      "--model", workshop.model.path, "--adapter", "mine=\(workshop.place("a").path)",
    ]) { url, _ in
      let (status, answer) = try await post(
        url.appending(path: "v1/completions"),
        ["model": "mine", "prompt": "hello", "max_tokens": 6, "temperature": 0])
      #expect(status == 200)
      #expect(answer["choices"]?.array?.first?.object?["text"]?.string == alone)
      #expect(alone != nil)
    }
    #expect(ended.status == 0, "\(ended.errors)")
    #expect(ended.errors.contains("POST /v1/completions 200"))
    #expect(!ended.errors.contains("hello"))
  }

  /// The helper's SIGTERM is the second signal.
  @Test(arguments: [SIGINT, SIGTERM])
  func `ends at once at a second signal, while an answer is in progress`(_ number: Int32)
    async throws
  {
    let workshop = try Workshop()
    _ = try endless(workshop)
    let ended = try await started([
      "--model", workshop.model.path, "--max-length", "100000",
    ]) { url, running in
      let answer = Task {
        try await post(
          url.appending(path: "v1/completions"),
          ["prompt": "hello", "max_tokens": 90_000, "ignore_eos": true])
      }
      defer { answer.cancel() }
      let metrics = url.appending(path: "metrics")
      func counts() async throws -> String {
        String(decoding: try await URLSession.shared.data(from: metrics).0, as: UTF8.self)
      }
      while try await !counts().contains("lowrank_requests_running 1\n") {
        try await Task.sleep(for: .milliseconds(5))
      }
      kill(running.process.processIdentifier, number)
      while (try? await counts()) != nil { try await Task.sleep(for: .milliseconds(5)) }
      #expect(running.process.isRunning)
    }
    #expect(ended.status == 130, "\(ended.errors)")
    #expect(!ended.errors.contains("stopped"), "\(ended.errors)")
  }

  @Test(arguments: [
    (["--adapter", "=x"], "--adapter is =x, expected an adapter, or NAME=ADAPTER"),
    (["--adapter", "x="], "--adapter is x=, expected an adapter, or NAME=ADAPTER"),
    (["--adapter", "/"], "--adapter is \"/\", expected an adapter, or NAME=ADAPTER"),
    (
      ["--adapter", "a/x", "--adapter", "x=b"],
      "gives one name to two adapters; give another as NAME="
    ),
    (["--adapter", "a/model"], "gives model, the name of the base, to an adapter"),
    (["--adapter", "model=a"], "gives model, the name of the base, to an adapter"),
    (["--adapters", "/nowhere"], "--adapters is /nowhere, expected a folder"),
    (["--adapters", ""], "--adapters is \"\", expected a folder"),
    (["--name", ""], "--name is empty, expected a name"),
    (["--cache-memory", "much"], "--cache-memory is much, expected a size"),
    (["--max-length", "33"], "--max-length is 33, expected at most the model's 32"),
    (["--task", "songs"], "--task is songs, expected embeddings or classification"),
    (["--port", "70000"], "--port is 70000"),
    (["--allow", "rank"], "--allow has no effect without --adapter or --adapters"),
  ])
  func `refuses flags that make no sense`(flags: [String], sentence: String) throws {
    let workshop = try Workshop()
    let refused = try Lowrank(["serve", "--model", workshop.model.path] + flags)
    #expect(refused.status == 2)
    #expect(refused.errors.contains(sentence), "\(refused.errors)")
    #expect(refused.output.isEmpty)
  }

  @Test func `refuses a port that is taken`() async throws {
    let workshop = try Workshop()
    _ = try await started(["--model", workshop.model.path]) { url, _ in
      let refused = try Lowrank(
        "serve", "--model", workshop.model.path, "--port", "\(url.port ?? 0)")
      #expect(refused.status == 1)
      #expect(refused.errors.contains("is in use; choose another with --port"))
    }
  }

  @Test func `talk, and change the adapter while talking`() throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "a", "--iters", "3"))
    let lines = workshop.place("lines.txt")
    try "/adapters\nab\n/adapter mine\ncd\n/adapter none\n/clear\n/nothing\n/quit\nef\n".write(
      to: lines, atomically: true, encoding: .utf8)
    let template = workshop.place("template.jinja")
    try "{% for m in messages %}{{ m['content'] }}{% endfor %}:".write(
      to: template, atomically: true, encoding: .utf8)
    let talked = try Lowrank(
      [
        "chat", "--model", workshop.model.path, "--adapters", workshop.root.path,
        "--adapter", "mine=\(workshop.place("a").path)", "--chat-template", template.path,
        "--max-tokens", "3", "--precision", "f32",
      ], shell: "exec < \(lines.path)")
    #expect(talked.status == 0, "\(talked.errors)")
    #expect(talked.output.hasPrefix("  model\n* mine\n"), "\(talked.output)")
    // The list of three names, and two answers.
    #expect(talked.output.split(separator: "\n", omittingEmptySubsequences: false).count == 6)
    #expect(talked.errors.contains("mine answers from now on"))
    #expect(
      talked.errors.contains("warning: there is no adapter none; /adapters lists those there are"))
    #expect(talked.errors.contains("there is no command /nothing"))
  }

  @Test(arguments: ["", "/", "/."])
  func `call an adapter by the last part of its path`(end: String) throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "a", "--iters", "3"))
    let lines = workshop.place("lines.txt")
    try "/adapter\n/quit\n".write(to: lines, atomically: true, encoding: .utf8)
    let talked = try Lowrank(
      [
        "chat", "--model", workshop.model.path, "--adapter", workshop.place("a").path + end,
        "--chat-template", "chatml", "--precision", "f32",
      ], shell: "exec < \(lines.path)")
    #expect(talked.status == 0, "\(talked.errors)")
    #expect(talked.output == "  model\n* a\n", "\(talked.output)")
  }

  /// A conversation whose lines are typed while it goes on.
  private func chatting(
    _ workshop: Workshop, _ flags: [String],
    _ body: (Lowrank.Running, FileHandle, () throws -> String) throws -> Void
  ) throws -> Lowrank {
    let (input, output) = (workshop.place("typed").path, workshop.place("shown").path)
    #expect(mkfifo(input, 0o600) == 0)
    let running = try Lowrank.Running(
      ["chat", "--model", workshop.model.path, "--precision", "f32"] + flags,
      shell: "exec < \(input) > \(output)")
    let typed = try #require(FileHandle(forWritingAtPath: input))
    // The shell makes the file when it has opened the other.
    try body(running, typed) { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
    try typed.close()
    return try running.finish()
  }

  /// Waits until a condition holds, as long as the program runs.
  private func wait(_ running: Lowrank.Running, until isTrue: () throws -> Bool) throws {
    while try !isTrue(), running.process.isRunning { usleep(5000) }
    let (holds, errors) = (try isTrue(), try running.errors())
    #expect(holds, "\(errors)")
  }

  /// A model that goes on for a hundred thousand tokens, so that answers are still in progress when they are stopped.
  private func endless(_ workshop: Workshop) throws -> [String] {
    let place = workshop.model.appending(path: "config.json")
    var config = try JSONFile(at: place).object
    config["max_position_embeddings"] = 100_000
    try JSONValue.object(config).write(to: place)
    try workshop.write(
      "{% for m in messages %}{{ m['content'] }}{% endfor %}", to: workshop.model,
      "chat_template.jinja")
    return ["--max-length", "100000", "--max-tokens", "90000", "--max-sequences", "1"]
  }

  @Test func `end an answer by Ctrl-C, and the conversation by another one`() throws {
    let workshop = try Workshop()
    let flags = try endless(workshop)
    let talked = try chatting(workshop, flags) { running, typed, shown in
      try typed.write(contentsOf: Data("hello\n".utf8))
      try wait(running) { try shown().utf8.count > 100 }
      kill(running.process.processIdentifier, SIGINT)
      try wait(running) { try running.errors().contains("stopped; Ctrl-C again ends") }
      #expect(running.process.isRunning)
      try typed.write(contentsOf: Data("/adapter\n".utf8))
      try wait(running) { try shown().hasSuffix("* model\n") }
      // The next answer can be ended, too.
      let before = try shown().utf8.count
      try typed.write(contentsOf: Data("again\n".utf8))
      try wait(running) { try shown().utf8.count > before + 100 }
      kill(running.process.processIdentifier, SIGINT)
      try wait(running) {
        try running.errors().components(separatedBy: "stopped; Ctrl-C again").count == 3
      }
      kill(running.process.processIdentifier, SIGINT)
      running.process.waitUntilExit()
    }
    #expect(talked.status == SIGINT, "\(talked.errors)")
    // No file was being written, and no answer.
    #expect(talked.errors.hasSuffix("Ctrl-C again ends the conversation\n"), "\(talked.errors)")
  }

  @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGHUP, "the end of the terminal (SIGHUP)")])
  func `end a conversation by another signal in an answer`(number: Int32, name: String) throws {
    let workshop = try Workshop()
    let flags = try endless(workshop)
    let talked = try chatting(workshop, flags) { running, typed, shown in
      try typed.write(contentsOf: Data("hello\n".utf8))
      try wait(running) { try shown().utf8.count > 100 }
      kill(running.process.processIdentifier, number)
      running.process.waitUntilExit()
      // The signal itself ends it, which a shell reports as 128 and its number.
      #expect(running.process.terminationReason == .uncaughtSignal)
      #expect(running.process.terminationStatus == number)
    }
    #expect(!talked.errors.contains("Ctrl-C again"), "\(talked.errors)")
    #expect(talked.errors.contains("stopped by \(name)\n"), "\(talked.errors)")
  }

  @Test func `explain commands, and what cannot be answered, in words for a terminal`() throws {
    let workshop = try Workshop()
    for name in ["adapters/a", "adapters/b"] {
      _ = try Lowrank(workshop.training(into: name, "--iters", "1"))
    }
    // One adapter that has a template is enough to begin with.
    let template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    try workshop.write(template, to: workshop.place("adapters/b"), "chat_template.jinja")
    let lines = workshop.place("lines.txt")
    let message = String(repeating: "ab", count: 20)
    try "/adapter\n/adapter a\n/adapter\n/help\n/clear all\n\(message)\n".write(
      to: lines, atomically: true, encoding: .utf8)
    func chat(_ flags: String...) throws -> Lowrank {
      try Lowrank(
        [
          "chat", "--model", workshop.model.path, "--adapters", workshop.place("adapters").path,
          "--precision", "f32",
        ] + flags, shell: "exec < \(lines.path)")
    }
    let bare = try chat()
    #expect(
      bare.status == 0 && bare.output == "* model\n  a\n  b\n  model\n* a\n  b\n", "\(bare.output)")
    #expect(bare.errors.contains("/adapter       lists them, with a star before the one that"))
    #expect(bare.errors.contains("warning: /clear stands alone, without all"))
    #expect(
      bare.errors.contains(
        "warning: neither the adapter nor the model has a chat template; start chat with --chat-template"
      ), "\(bare.errors)")
    try workshop.write(template, to: workshop.model, "chat_template.jinja")
    let long = try chat()
    #expect(
      long.errors.contains(
        "warning: what was said and an answer need 41 tokens, and there is room for 32 (--max-length); /clear forgets"
      ), "\(long.errors)")
  }

  @Test(arguments: [[], ["--adapters", "adapters"], ["--adapter", "adapters/a"]])
  func `talk to nobody without a chat template`(flags: [String]) throws {
    let workshop = try Workshop()
    _ = try Lowrank(workshop.training(into: "adapters/a", "--iters", "1"))
    let places = flags.map { $0.hasPrefix("--") ? $0 : workshop.place($0).path }
    let refused = try Lowrank(
      ["chat", "--model", workshop.model.path] + places, shell: "exec < /dev/null")
    #expect(refused.status == 2)
    #expect(
      refused.errors.contains("chat template; give one with --chat-template"), "\(refused.errors)")
  }

  /// The flags of the examples are flags of `serve`, and their ports and times go together.
  @Test func `are called by the examples as they are`() throws {
    var folder = URL(filePath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    func text(_ name: String) throws -> String {
      try String(
        contentsOf: folder.appending(path: "Examples/serve/\(name)"), encoding: .utf8)
    }
    let help = try Lowrank("help", "serve").output
    let (image, unit) = (try text("Dockerfile"), try text("lowrank-serve.service"))
    // The flags behind the name of the image, those of its entry, and those of the unit.
    let calls = [
      try #require(image.firstMatch(of: /lowrank-serve (--[^\n]+)/)).1,
      try #require(image.firstMatch(of: /ENTRYPOINT \["lowrank", "serve", ([^\]]+)\]/)).1,
      try #require(unit.firstMatch(of: /ExecStart=\S+\/lowrank serve ((?:.*\\\n)*.*)\n/)).1,
    ]
    for call in calls {
      let flags = call.matches(of: /--[a-z-]+/).map { String($0.output) }
      #expect(!flags.isEmpty)
      for flag in flags { #expect(help.contains(flag + " "), "\(flag)") }
    }
    let port = try #require(image.firstMatch(of: /EXPOSE (\d+)/)).1
    #expect(calls[1].contains("\"--port\", \"\(port)\"") && calls[2].contains("--port \(port)"))
    #expect(image.contains("http://127.0.0.1:\(port)/health"))
    // Answers in progress may take 30 seconds, and there are at most 16384 connections.
    let stop = try #require(unit.firstMatch(of: /TimeoutStopSec=(\d+)/)).1
    let files = try #require(unit.firstMatch(of: /LimitNOFILE=(\d+)/)).1
    #expect((Int(stop) ?? 0) > 30 && (Int(files) ?? 0) > 16_384)
  }
}
