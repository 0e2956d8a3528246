import Foundation

/// Replaces the process with a new start of the program, with the same arguments and additional environment
/// variables.
package enum Restart {
  /// Returns only if the restart fails; the variables then have their previous values.
  package static func with(_ variables: [String: String]) {
    let before = variables.keys.map { name in (name, getenv(name).map { String(cString: $0) }) }
    for (name, value) in variables { setenv(name, value, 1) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    // If /proc is not mounted, finds the program as the shell did.
    if let name = CommandLine.unsafeArgv[0] { execvp(name, CommandLine.unsafeArgv) }
    for (name, value) in before {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
  }
}
