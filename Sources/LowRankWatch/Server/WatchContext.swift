import Hummingbird
import NIOCore

/// A request's surroundings, with its connection, so that one that takes nothing can be closed.
struct WatchContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }
}
