import AMQPProtocol
import Logging
import Routing

extension Queue {
    /// Messages of one import.
    public static let importMax = 1000

    /// Puts messages into the queue that are not in it yet: each gets the header `x-import-id`, by which another import of it
    /// finds it there. The queue is looked through first, in any state of its messages, as `browse` does.
    ///
    /// - Parameters:
    ///   - messages: `importMax` at the most; what is behind them is left.
    ///   - user: who has them imported, for the log.
    ///   - then: is called exactly once, on the core's loop, when what came of it is durable.
    public func importMessages(
        _ messages: [ImportedMessage], by user: String, then: @escaping (Result<ImportOutcome, WalkError>) -> Void
    ) {
        let messages = Array(messages.prefix(Self.importMax))
        let finder = IdentityFinder(messages.map(\.identity), in: self)
        let walk = QueueWalk(self, .all, from: nil, scannedMax: .max, tellsUndeliverable: false, visitor: finder) {
            [self] result in
            switch result {
            case .failure(let error): then(.failure(error))
            case .success:
                let outcome = add(messages, known: finder.found)
                core.logger.notice(
                    "messages have been imported",
                    metadata: [
                        "queue": "\(name)", "vhost": "\(virtualHost.name)", "user": "\(user)",
                        "imported": "\(outcome.imported)", "known": "\(outcome.known)", "refused": "\(outcome.refused)",
                    ])
                core.whenDurable(core.logTail) { then(.success(outcome)) }
            }
        }
        core.walks.begin(walk)
    }

    private func add(_ messages: [ImportedMessage], known: Set<[UInt8]>) -> ImportOutcome {
        var outcome = ImportOutcome()
        var known = known
        for message in messages {
            guard known.insert(Array(message.identity.utf8)).inserted else {
                outcome.known += 1
                continue
            }
            // Nor shall it drive others out.
            guard hasRoomBehindConsumers(forBytes: message.body.count) else {
                outcome.refused += 1
                continue
            }
            add(message)
            outcome.imported += 1
        }
        return outcome
    }

    private func add(_ message: ImportedMessage) {
        var properties = message.properties
        var headers = properties.headers ?? FieldTable()
        headers["\(IdentityFinder.header)"] = .string(message.identity)
        properties.headers = headers
        var buffer = WireBuffer()
        properties.encode(into: &buffer)
        let bytes = Array(buffer.bytes)
        Array(message.exchange.utf8).withUnsafeBytes { exchange in
            Array(message.routingKey.utf8).withUnsafeBytes { key in
                bytes.withUnsafeBytes { bytes in
                    message.body.withUnsafeBytes { body in
                        guard let view = try? PropertiesView(validating: bytes) else {
                            preconditionFailure("properties of our own encoding can't be read")
                        }
                        virtualHost.collector.clear()
                        virtualHost.collector.insert(destination)
                        _ = virtualHost.enqueue(
                            Publication(
                                exchange: exchange, routingKey: key, properties: view, propertyBytes: bytes, body: body,
                                expirationMilliseconds: properties.expiration.flatMap { UInt64($0) }),
                            asking: .none)
                    }
                }
            }
        }
    }
}
