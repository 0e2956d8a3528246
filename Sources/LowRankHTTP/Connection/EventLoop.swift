import CEpoll
import Foundation
import Synchronization

/// Watches the sockets of a server on one thread, and wakes the tasks that wait for them.
///
/// Each socket is registered once, for both directions and edge-triggered (`EPOLLET`), so waiting takes no system
/// call. Deadlines are checked once per tick.
final class EventLoop: Sendable {
  private let epoll: Int32
  private let alarm: Int32
  private let tick: Duration
  private let sockets = Mutex<[Int32: Socket]>([:])
  private let isStopped = Mutex(false)

  /// Starts the thread.
  ///
  /// - Parameter tick: The longest delay in noticing a deadline.
  /// - Throws: ``SystemError`` if no descriptors are left.
  init(tick: Duration) throws {
    self.tick = tick
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { throw SystemError(number: errno) }
    alarm = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard alarm >= 0 else {
      defer { close(epoll) }
      throw SystemError(number: errno)
    }
    do { try register(alarm, for: EPOLLIN.rawValue) } catch {
      close(epoll)
      close(alarm)
      throw error
    }
    Thread.detachNewThread { self.run() }
  }

  /// Starts watching a socket.
  func add(_ socket: Socket) throws {
    sockets.withLock { $0[socket.descriptor] = socket }
    do {
      try register(
        socket.descriptor,
        for: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
    } catch {
      remove(socket)
      throw error
    }
  }

  /// Stops watching a socket that is about to be closed; closing it removes it from epoll.
  func remove(_ socket: Socket) { sockets.withLock { $0[socket.descriptor] = nil } }

  /// Ends the thread.
  func stop() {
    isStopped.withLock { $0 = true }
    eventfd_write(alarm, 1)
  }

  private func register(_ descriptor: Int32, for events: UInt32) throws {
    var event = epoll_event()
    event.events = events
    event.data.fd = descriptor
    guard epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
      throw SystemError(number: errno)
    }
  }

  private func run() {
    defer {
      close(epoll)
      close(alarm)
    }
    let milliseconds = Int32(tick / .milliseconds(1))
    var events = [epoll_event](repeating: epoll_event(), count: 256)
    var looked = ContinuousClock.now
    while !isStopped.withLock({ $0 }) {
      let count = epoll_wait(epoll, &events, Int32(events.count), milliseconds)
      if count > 0 {
        let woken = sockets.withLock { sockets in
          events[..<Int(count)].map { (sockets[$0.data.fd], $0.events) }
        }
        for case (let socket?, let events) in woken {
          // The next read or write reports an error or a closed connection.
          let isOver = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
          if isOver || events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 {
            socket.wake(.reading)
          }
          if isOver || events & EPOLLOUT.rawValue != 0 { socket.wake(.writing) }
        }
      }
      let now = ContinuousClock.now
      guard now - looked >= tick else { continue }
      looked = now
      for socket in sockets.withLock({ Array($0.values) }) { socket.expire(now) }
    }
  }
}

/// A system call that failed.
struct SystemError: Error {
  let number: Int32

  var reason: String { String(cString: strerror(number)) }
}
