import Foundation

/// Starts the program again, the same process with the same arguments, under other variables.
package enum Restart {
  /// Returns only where the program cannot be started again; the variables are then as they were.
  package static func with(_ variables: [String: String]) {
    let before = variables.keys.map { name in (name, getenv(name).map { String(cString: $0) }) }
    for (name, value) in variables { setenv(name, value, 1) }
    execv("/proc/self/exe", CommandLine.unsafeArgv)
    // Where /proc is not mounted, as the shell found it.
    if let name = CommandLine.unsafeArgv[0] { execvp(name, CommandLine.unsafeArgv) }
    for (name, value) in before {
      if let value { setenv(name, value, 1) } else { unsetenv(name) }
    }
  }
}
