import Foundation

/// Whether a folder published at a place would take away what is read: a file or folder, or a file that such a folder
/// holds or links to.
package func replaces(_ input: URL, publishingAt destination: URL) -> Bool {
  let place = resolvedPath(destination.path)
  let content = (try? FileManager.default.contentsOfDirectory(atPath: input.path)) ?? []
  let files = content.map { input.appending(path: $0) }.filter { !$0.isFolder }
  return ([input] + files).map(\.path).contains { isPath(resolvedPath($0), within: place) }
}

/// Whether a place lies in a folder, or is it, links followed.
package func lies(_ place: URL, in folder: URL) -> Bool {
  isPath(resolvedPath(place.path), within: resolvedPath(folder.path))
}

private func isPath(_ path: String, within folder: String) -> Bool {
  path == folder || folder == "/" || path.utf8.starts(with: (folder + "/").utf8)
}

/// The path without links and dots, of something that need not be there: what is missing counts as a folder.
///
/// So `missing/../model` is `model`, as it will be once `missing` is made.
package func resolvedPath(_ path: String) -> String {
  let absolute = URL(filePath: path).path
  return absolute.split(separator: "/").reduce("/") { parent, name in
    switch name {
    case ".": return parent
    case "..": return parentPath(parent)
    default:
      let child = parent == "/" ? "/" + name : parent + "/" + name
      return realPath(child) ?? child
    }
  }
}
