import AMQPProtocol
import Foundation

/// A blocking AMQP client for one thread, which knows at every moment what it has handed to the socket and what has
/// come back. Nothing is sent before `next`, `request` or `flush`.
final class WireClient {
    enum Failure: Error {
        /// The connection is gone, as it is when the broker was killed.
        case ended
        /// Nothing came for `receiveTimeoutSeconds`.
        case timedOut
        /// The broker closed the connection or the channel, or said something that has no place here.
        case unexpected(String)
    }

    private static let receiveTimeoutSeconds = 60
    private static let frameMax = 131_072

    private let socket: Int32
    private let trigger: KillTrigger?
    private var outbox = WireBuffer()
    private var inbox = FrameInbox()

    /// Connects as guest and opens the connection.
    init(port: Int, trigger: KillTrigger? = nil) throws(Failure) {
        self.trigger = trigger
        socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw .unexpected("socket: errno \(errno)") }
        try connect(port: port)
        outbox.appendProtocolHeader()
        guard case .connectionStart = try nextMethod() else { throw .unexpected("no connection.start") }
        send(ConnectionStartOk(mechanism: "PLAIN", response: Array("\0guest\0guest".utf8)), channel: 0)
        guard case .connectionTune(let tune) = try nextMethod() else { throw .unexpected("no connection.tune") }
        send(
            ConnectionTuneOk(channelMax: tune.channelMax, frameMax: UInt32(Self.frameMax), heartbeat: 0), channel: 0)
        guard case .connectionOpenOk = try request(ConnectionOpen(virtualHost: "/"), channel: 0) else {
            throw .unexpected("no connection.open-ok")
        }
    }

    deinit {
        if socket >= 0 { Foundation.close(socket) }
    }

    private func connect(port: Int) throws(Failure) {
        var timeout = timeval(tv_sec: Self.receiveTimeoutSeconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw .ended }
    }

    // MARK: Sending

    func send(_ method: some AMQPMethod, channel: UInt16 = 1) {
        outbox.appendMethodFrame(channel: channel, method)
    }

    func publish(
        _ body: [UInt8], to exchange: String, key: String, mandatory: Bool = false, persistent: Bool = true,
        headers: FieldTable? = nil, channel: UInt16 = 1
    ) {
        send(BasicPublish(exchange: exchange, routingKey: key, mandatory: mandatory), channel: channel)
        var properties = WireBuffer()
        BasicProperties(headers: headers, deliveryMode: persistent ? 2 : 1).encode(into: &properties)
        outbox.appendContentHeader(channel: channel, bodySize: UInt64(body.count), properties: properties.bytes)
        body.withUnsafeBytes { outbox.appendBody(channel: channel, $0, frameMax: Self.frameMax) }
    }

    /// Bytes that are not with the socket yet.
    var pendingByteCount: Int { outbox.count }

    func flush() throws(Failure) {
        var sent = 0
        while sent < outbox.count {
            let wanted = trigger?.bytesAllowed(outbox.count - sent) ?? outbox.count - sent
            let count = Foundation.send(
                socket, outbox.bytes.baseAddress.map { $0 + sent }, wanted, Int32(MSG_NOSIGNAL))
            if count == -1, errno == EINTR { continue }
            guard count > 0 else { throw .ended }
            sent += count
            trigger?.note(.bytesSent, count)
        }
        outbox.clear()
    }

    // MARK: Receiving

    /// Sends what is pending and waits for the next that comes.
    ///
    /// What the broker had sent before it was killed is still handed out; only then follows `.ended`.
    func next() throws(Failure) -> ClientEvent {
        if let event = try nextReceived() { return event }
        // What came in before a failed write is still to be read.
        let sending = Result { () throws(Failure) in try flush() }
        while true {
            try receive()
            if let event = try nextReceived() { return event }
            if case .failure(let failure) = sending { throw failure }
        }
    }

    /// The next that has come already; sends nothing and waits for nothing.
    func nextIfThere() throws(Failure) -> ClientEvent? {
        while true {
            if let event = try nextReceived() { return event }
            var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, 0) == 1 else { return nil }
            try receive()
        }
    }

    private func nextReceived() throws(Failure) -> ClientEvent? {
        let event: ClientEvent?
        do {
            event = try inbox.next()
        } catch {
            throw .unexpected("bytes from the broker: \(error)")
        }
        guard case .method(let method, let channel) = event else { return event }
        switch method {
        case .connectionClose(let close): throw .unexpected("connection.close: \(close.replyText)")
        case .channelClose(let close):
            send(ChannelCloseOk(), channel: channel)
            return .channelClosed(channel, code: close.replyCode, text: close.replyText)
        default: return event
        }
    }

    private func receive() throws(Failure) {
        let count = inbox.fill { Foundation.recv(socket, $0, $1, 0) }
        if count == -1, errno == EINTR { return }
        if count == -1, errno == EAGAIN { throw .timedOut }
        guard count > 0 else { throw .ended }
    }

    // MARK: Asking

    /// Sends a method and returns its answer; nothing else may come before it.
    func request(_ method: some AMQPMethod, channel: UInt16 = 1) throws(Failure) -> AMQPProtocol.Method {
        send(method, channel: channel)
        return try nextMethod()
    }

    private func nextMethod() throws(Failure) -> AMQPProtocol.Method {
        let event = try next()
        guard case .method(let method, _) = event else { throw .unexpected("\(event)") }
        return method
    }

    func openChannel(_ channel: UInt16 = 1) throws(Failure) {
        guard case .channelOpenOk = try request(ChannelOpen(), channel: channel) else {
            throw .unexpected("no channel.open-ok")
        }
    }

    func selectConfirms(channel: UInt16 = 1) throws(Failure) {
        guard case .confirmSelectOk = try request(ConfirmSelect(), channel: channel) else {
            throw .unexpected("no confirm.select-ok")
        }
    }

    func selectTransactions(channel: UInt16 = 1) throws(Failure) {
        guard case .txSelectOk = try request(TxSelect(), channel: channel) else {
            throw .unexpected("no tx.select-ok")
        }
    }

    /// Closes the connection in order. What was delivered and not settled goes back to its queue.
    func close() throws(Failure) {
        send(ConnectionClose(replyCode: .replySuccess), channel: 0)
        while true {
            if case .method(.connectionCloseOk, _) = try next() { return }
        }
    }
}
