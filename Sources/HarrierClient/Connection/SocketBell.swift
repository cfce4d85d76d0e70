import NIOCore
import Synchronization

/// Wakes the event loop, from any thread, to look at what is to be done with the socket. Rung many times before the
/// event loop comes to it, it costs the event loop one turn.
final class SocketBell: Sendable {
    private let eventLoop: any EventLoop
    private let isRinging = Atomic(false)
    private let handler: NIOLoopBoundBox<ConnectionHandler?>

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        handler = .makeEmptyBox(valueType: ConnectionHandler.self, eventLoop: eventLoop)
    }

    /// Who answers, from now on; `nil` when the socket is gone. On the event loop only.
    func listen(_ listener: ConnectionHandler?) {
        handler.value = listener
    }

    func ring() {
        guard !isRinging.exchange(true, ordering: .acquiringAndReleasing) else { return }
        eventLoop.execute {
            // Before looking at the work: what is added from here on rings anew.
            _ = self.isRinging.exchange(false, ordering: .acquiringAndReleasing)
            self.handler.value?.serveSocket()
        }
    }
}
