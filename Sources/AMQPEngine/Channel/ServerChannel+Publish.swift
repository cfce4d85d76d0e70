import AMQPProtocol
import Broker

extension ServerChannel {
    func beginPublish(_ publish: PublishView) throws(AMQPException) {
        guard !publish.immediate else { throw .connection(.notImplemented, "immediate=true") }
        assembly.begin(publish)
    }

    func receiveContentHeader(_ payload: UnsafeRawBufferPointer) throws(AMQPException) {
        let bodyCount = try assembly.receiveHeader(payload, bodyBytesMax: core.messageBytesMax)
        if let reason = core.resourceAlarm { connection.block(reason: reason) }
        if bodyCount == 0 { try completePublish(body: UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    func receiveBody(_ payload: UnsafeRawBufferPointer) throws(AMQPException) {
        guard try assembly.receiveBody(payload) else { return }
        let assembled = assembly.assembledBody
        try completePublish(body: assembled.isEmpty ? payload : assembled)
    }

    /// The whole message is here.
    private func completePublish(body: UnsafeRawBufferPointer) throws(AMQPException) {
        assembly.finish()
        connection.currentMethod = .basicPublish
        let properties = try validated(assembly.propertyBytes)
        let exchange = try writableExchange(assembly.exchange, routingKey: assembly.routingKey)
        try checkUser(properties)
        let publication = Publication(
            exchange: assembly.exchange,
            routingKey: assembly.routingKey,
            properties: properties,
            propertyBytes: assembly.propertyBytes,
            body: body,
            expirationMilliseconds: try expiration(properties)
        )
        if let replyTo = properties.replyTo, replyTo.elementsEqual(ReplyConsumer.queueName.utf8) {
            try publishRequest(publication, replyTo: replyTo, to: exchange)
        } else {
            try publish(publication, to: exchange)
        }
    }

    private func validated(_ bytes: UnsafeRawBufferPointer) throws(AMQPException) -> PropertiesView {
        do {
            return try PropertiesView(validating: bytes)
        } catch {
            throw AMQPException(malformed: error)
        }
    }

    private func publish(_ publication: Publication, to exchange: Exchange) throws(AMQPException) {
        if mode == .transactional {
            // What is wrong with it is said now, since a commit must not fail half way.
            try publication.checkHeaders(nowMilliseconds: core.nowMilliseconds)
            return try transaction.add(BufferedPublish(publication, to: exchange, isMandatory: assembly.isMandatory))
        }
        let outcome = try deliverOrPublish(publication, to: exchange)
        if outcome == .unroutable, assembly.isMandatory { returnMessage(publication) }
        if mode == .confirming { confirm(outcome) }
        // Whoever says something else each time need not have it remembered.
        if assembly.isRepeated, publication.properties.isPlain { remember(publication, to: exchange) }
    }

    private func remember(_ publication: Publication, to exchange: Exchange) {
        // Topic permissions are asked for each key.
        guard !session.hasTopicPermission(for: exchange) else { return }
        memo.remember(
            publication, to: exchange, isMandatory: assembly.isMandatory, channel: number,
            permissionGeneration: session.permissionGeneration)
    }

    // MARK: Rows of publishes

    /// Takes messages that are published as the last one was, as long as they come one behind the other and are there whole.
    ///
    /// - Returns: how many bytes were taken; what begins there has to be read frame by frame.
    func receiveRow(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !memo.isEmpty, assembly.expecting == .method, !isClosing, mode != .transactional,
            memo.permissionGeneration == session.permissionGeneration, core.resourceAlarm == nil
        else { return 0 }
        let (core, virtualHost) = (core, virtualHost)
        let limits = (frame: connection.frameBytesMax, body: core.messageBytesMax)
        var offset = 0
        var row = PublisherConfirms.Row()
        while !core.isTurnSpent {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard let found = memo.recognize(rest, bytesMax: limits) else { break }
            guard let outcome = virtualHost.publish(memo.publication(found, in: rest), along: memo.route) else {
                memo.forget()
                break
            }
            row.add(outcome)
            offset += found.byteCount
        }
        if mode == .confirming, row.count > 0 { confirm(row) }
        return offset
    }

    /// A publish to a direct reply-to address goes straight to the channel that waits for it.
    func deliverOrPublish(
        _ publication: Publication, to exchange: Exchange
    ) throws(AMQPException) -> PublishOutcome {
        if publication.exchange.isEmpty, publication.routingKey.starts(with: ReplyConsumer.addressPrefix.utf8) {
            let token = publication.routingKey.dropFirst(ReplyConsumer.addressPrefix.utf8.count)
            guard let channel = core.replyChannel(String(decoding: token, as: UTF8.self)) else { return .unroutable }
            return channel.deliverReply(publication) ? .enqueued(mustBeDurable: false) : .unroutable
        }
        return try virtualHost.publish(publication, to: exchange)
    }

    /// A request that wants its replies directly: the address of this channel takes the place of the pseudo-queue.
    private func publishRequest(
        _ publication: Publication, replyTo: UnsafeRawBufferPointer, to exchange: Exchange
    ) throws(AMQPException) {
        guard let replyConsumer else {
            throw .channel(.preconditionFailed, "fast reply consumer does not exist")
        }
        let bytes = publication.propertyBytes
        guard let start = bytes.baseAddress, let place = replyTo.baseAddress else {
            preconditionFailure("properties with a reply-to are not empty")
        }
        let offset = place - start
        var buffer = WireBuffer(capacity: bytes.count + 64)
        // The octet in front is the short string's length.
        buffer.append(UnsafeRawBufferPointer(rebasing: bytes[..<(offset - 1)]))
        buffer.appendShortString(replyConsumer.address)
        buffer.append(UnsafeRawBufferPointer(rebasing: bytes[(offset + replyTo.count)...]))
        var publication = publication
        publication.propertyBytes = buffer.bytes
        publication.properties = try validated(buffer.bytes)
        try publish(publication, to: exchange)
    }

    // MARK: Checks

    /// The exchange, if it is there, may be published to, and the user may write to it.
    private func writableExchange(
        _ name: UnsafeRawBufferPointer, routingKey: UnsafeRawBufferPointer
    ) throws(AMQPException) -> Exchange {
        guard let exchange = virtualHost.exchange(named: name) else {
            let name = String(decoding: name, as: UTF8.self)
            // Who may not write does not learn what is there.
            try session.require(.write, .exchange, name)
            throw .channel(.notFound, "no \(ResourceName(.exchange, name, in: virtualHost.name).text)")
        }
        if writableExchange !== exchange || writableGeneration != session.permissionGeneration {
            try session.require(.write, .exchange, exchange.name)
            guard !exchange.isInternal else {
                throw .channel(
                    .accessRefused,
                    "cannot publish to internal exchange '\(exchange.name)' in vhost '\(virtualHost.name)'")
            }
            writableExchange = exchange
            writableGeneration = session.permissionGeneration
        }
        if session.hasTopicPermission(for: exchange) {
            try session.requireTopic(.write, exchange, routingKey: String(decoding: routingKey, as: UTF8.self))
        }
        return exchange
    }

    private func checkUser(_ properties: PropertiesView) throws(AMQPException) {
        guard let userID = properties.userID, !userID.elementsEqual(session.user.name.utf8),
            !session.user.mayImpersonate
        else { return }
        throw .channel(
            .preconditionFailed,
            "user_id property set to '\(String(decoding: userID, as: UTF8.self))' but authenticated user was "
                + "'\(session.user.name)'")
    }

    private func expiration(_ properties: PropertiesView) throws(AMQPException) -> UInt64? {
        guard let bytes = properties.expiration else { return nil }
        return try Expiration.milliseconds(bytes)
    }

    // MARK: Returns

    func returnMessage(_ publication: Publication) {
        connection.output.appendReturn(
            channel: number, replyCode: .noRoute, replyText: "NO_ROUTE", exchange: publication.exchange,
            routingKey: publication.routingKey, properties: publication.propertyBytes, body: publication.body,
            frameMax: connection.frameBytesMax)
        connection.markForFlush()
    }
}
