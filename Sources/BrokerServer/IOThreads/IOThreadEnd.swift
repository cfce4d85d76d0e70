import NIOCore

/// The core's end of an I/O thread: what comes from its sockets goes to their drivers, and what the turn has for them goes out
/// at its end. On the core's loop only.
final class IOThreadEnd {
    private struct Client {
        let driver: ConnectionDriver
        let socket: RemoteSocket
    }

    private let thread: IOThread
    private unowned let core: CoreLoop
    private var clients: [UInt64: Client] = [:]
    private var outbox: [IOThread.Note<SocketCommand>] = []

    init(_ thread: IOThread, core: CoreLoop) {
        self.thread = thread
        self.core = core
        thread.events.connect { [unowned self] notes in self.deliver(notes) }
    }

    /// In the turn that is under way, or one of their own.
    private func deliver(_ notes: [IOThread.Note<SocketEvent>]) {
        core.beginTurn()
        for note in notes { deliver(note.content, to: note.socket) }
    }

    private func deliver(_ event: SocketEvent, to id: UInt64) {
        if case .connected = event { return connected(id) }
        guard let client = clients[id] else { return }
        switch event {
        case .connected: break
        case .opened(let peer): client.driver.opened(peer)
        case .received(let buffer):
            client.driver.received(buffer)
            client.socket.consumed(byteCount: buffer.readableBytes)
        case .inputClosed: client.driver.inputClosed()
        case .sent(let byteCount): client.socket.sent(byteCount: byteCount)
        case .closed:
            clients[id] = nil
            client.driver.closed()
        }
    }

    private func connected(_ id: UInt64) {
        let driver = ConnectionDriver(core: core)
        let socket = RemoteSocket(id: id, end: self, driver: driver)
        guard driver.connected(through: socket) else { return ask(id, .cutOff) }
        clients[id] = Client(driver: driver, socket: socket)
    }

    func ask(_ id: UInt64, _ command: SocketCommand) {
        outbox.append((id, command))
        core.ensureTurnEnds()
    }

    /// The turn is over: one word to the thread.
    func flush() { thread.commands.put(contentsOf: &outbox) }

    /// Nothing more is delivered.
    func close() { thread.events.connect { _ in } }
}
