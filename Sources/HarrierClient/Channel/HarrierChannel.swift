import AMQPProtocol

/// One line of work on a connection: what is declared, published and consumed on a channel is handled in its order, and
/// an error closes this channel alone.
///
/// It may be used from any number of tasks. When the broker closes the channel, everybody who waits on it is told why,
/// and so is everybody who tries to use it later. It closes when the last reference to it goes, and the broker then puts
/// back into their queues the deliveries that were not acknowledged.
public final class HarrierChannel: Sendable {
    /// Keeps the connection open.
    public let connection: HarrierConnection
    let id: ChannelID

    var core: ConnectionCore { connection.core }

    init(connection: HarrierConnection, id: ChannelID) {
        self.connection = connection
        self.id = id
    }

    deinit {
        let id = id
        core.setOnReturn(id, nil)
        try? core.perform { $0.release(id) }
    }

    /// Closes the channel in order, and waits until that is done. Publishes that await their confirm until then may
    /// fail with the code `channelClosed`; consumers end. Returns at once if it has ended already.
    public func close() async {
        let id = id
        // Also a task that has been cancelled closes what it has opened; it just does not wait.
        try? core.perform { $0.closeChannel(id) }
        _ = try? await core.wait(on: id) { $0.waitForClose(id, call: $1) }
    }

    /// Sends a method and waits for the answer.
    func request(_ method: Method) async throws(AMQPClientError) -> Method {
        let id = id
        let reply = try await core.wait(on: id) { state, call throws(AMQPClientError) in
            try state.request(id, method, call: call)
        }
        guard case .method(let answer) = reply else { preconditionFailure("\(method.id) was answered with no method") }
        return answer
    }

    /// Sends a method that has no answer.
    func send(_ method: Method) throws(AMQPClientError) {
        let id = id
        try core.perform { state throws(AMQPClientError) in try state.send(id, method) }
    }
}
