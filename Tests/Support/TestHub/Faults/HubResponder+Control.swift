import Foundation

/// The addresses by which tests that are no Swift command the hub.
extension HubResponder {
  func control(_ asked: Asked) throws -> Answer {
    switch (asked.method, asked.target.parts.dropFirst().first) {
    case ("POST", "faults"):
      do {
        let fault = try JSONDecoder().decode(Fault.self, from: asked.body)
        store.with { $0.faults.add(fault) }
        return try .json(["faults": 1])
      } catch {
        return .text("not a fault: \(error)", status: 400)
      }
    case ("DELETE", "faults"):
      store.with { $0.faults.clear() }
      return try .json(["faults": 0])
    case ("GET", "log"):
      let log = try JSONEncoder().encode(store.with { $0.log })
      return Answer(200, [("Content-Type", "application/json")], body: log)
    case ("DELETE", "log"):
      store.with { $0.log = [] }
      return try .json(["log": 0])
    default:
      return .text("POST or DELETE /_test/faults, GET or DELETE /_test/log", status: 404)
    }
  }
}
