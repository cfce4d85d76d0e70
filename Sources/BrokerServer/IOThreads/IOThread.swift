import Logging
import NIOCore

/// One of the loops that carry clients' sockets, with TLS, where they are not on the core's own loop. It reads and writes, and
/// hands whole bursts to the core and back: a wake-up for each, whatever is in them.
///
/// Sendable: its mailboxes are, and what belongs to its loop is bound to it.
final class IOThread: Sendable {
    typealias Note<Content: Sendable> = (socket: UInt64, content: Content)

    let loop: any EventLoop
    /// To the core.
    let events: Mailbox<Note<SocketEvent>>
    /// From the core.
    let commands: Mailbox<Note<SocketCommand>>
    private let sockets: NIOLoopBoundBox<Sockets>

    /// What is the loop's own.
    private final class Sockets {
        var relays: [UInt64: SocketRelay] = [:]
        var lastID: UInt64 = 0
    }

    init(loop: any EventLoop, coreLoop: any EventLoop) {
        self.loop = loop
        events = Mailbox(loop: coreLoop)
        commands = Mailbox(loop: loop)
        sockets = .makeBoxSendingValue(Sockets(), eventLoop: loop)
    }

    /// On its loop, before the first client.
    func begin() {
        commands.connect { [sockets] notes in
            for note in notes { sockets.value.relays[note.socket]?.carryOut(note.content) }
        }
    }

    /// On its loop: for a client that has just been accepted.
    func makeRelay() -> SocketRelay {
        let own = sockets.value
        own.lastID += 1
        let relay = SocketRelay(id: own.lastID, thread: self)
        own.relays[own.lastID] = relay
        return relay
    }

    /// On its loop.
    func forget(_ relay: SocketRelay) {
        sockets.value.relays[relay.id] = nil
    }
}
