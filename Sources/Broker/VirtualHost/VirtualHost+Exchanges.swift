import AMQPProtocol
import Routing

extension VirtualHost {
    static let nameBytesMax = 255

    /// exchange.declare: makes the exchange, or checks that the one there is the same.
    ///
    /// A new durable exchange is durable once the log is synced up to its present tail.
    ///
    /// - Returns: whether it was made now.
    /// - Throws: 403 for the default exchange and reserved names, 406 for a difference or a bad argument, 503 for an
    ///   unknown type.
    @discardableResult
    public func declareExchange(_ name: String, _ properties: ExchangeProperties) throws(AMQPException) -> Bool {
        try core.exchangeTypes.require(properties.type)
        try refuseDefaultExchange(name)
        if let existing = exchange(named: name) {
            try checkEquivalence(properties, with: existing)
            return false
        }
        try Self.refuseReserved(name, kind: .exchange)
        try checkAlternateExchange(of: name, properties.arguments)
        let router = try core.exchangeTypes.makeRouter(type: properties.type, arguments: properties.arguments)
        let unknown = properties.arguments.entries.map(\.name).filter {
            $0.hasPrefixBytes("x-") && !core.extensions.know($0)
        }
        try core.acceptUnknown(unknown, of: ResourceName(.exchange, name, in: self.name).text)
        let id = core.takeQueueID()
        let filter = try makeFilter(forExchange: name, properties, id: id)
        let exchange = insertExchange(name, properties, router: router, id: id)
        exchange.filter = filter
        if exchange.isDurable {
            core.journal.put(.exchange(virtualHost: self.name, name: name), properties.journalTable(id: id))
        }
        return true
    }

    private func checkEquivalence(
        _ properties: ExchangeProperties, with existing: Exchange
    ) throws(AMQPException) {
        let resource = existing.resourceName
        try ArgumentEquivalence.check(
            "type", received: properties.type, current: existing.type, of: resource)
        try ArgumentEquivalence.check(
            "durable", received: "\(properties.isDurable)", current: "\(existing.isDurable)", of: resource)
        try ArgumentEquivalence.check(
            "auto_delete", received: "\(properties.isAutoDelete)", current: "\(existing.isAutoDelete)", of: resource)
        try ArgumentEquivalence.check(
            "internal", received: "\(properties.isInternal)", current: "\(existing.isInternal)", of: resource)
        try ArgumentEquivalence.check(
            ["alternate-exchange"], received: properties.arguments, current: existing.arguments, of: resource)
    }

    private func checkAlternateExchange(of name: String, _ arguments: FieldTable) throws(AMQPException) {
        guard let value = arguments["alternate-exchange"], value.stringValue == nil else { return }
        let resource = ResourceName(.exchange, name, in: self.name)
        throw .channel(
            .preconditionFailed,
            "invalid type '\(value.typeName)' for arg 'alternate-exchange' in \(resource.text)")
    }

    @discardableResult
    func insertExchange(
        _ name: String, _ properties: ExchangeProperties, router: Router, id: UInt64 = 0
    ) -> Exchange {
        let destination = takeSlot()
        let exchange = Exchange(
            name: name,
            properties: properties,
            id: id,
            router: router,
            destination: destination,
            virtualHost: self
        )
        exchange.alternateExchange = alternateExchange(of: exchange)
        slots[Int(destination.rawValue)] = .exchange(.passUnretained(exchange))
        var key = name
        key.withUTF8 { _ = exchanges.insert(exchange, for: UnsafeRawBufferPointer($0)) }
        return exchange
    }

    /// exchange.delete. A missing exchange is fine, as in RabbitMQ.
    ///
    /// - Throws: 403 for a predeclared exchange, 406 if it is to be unused and is not.
    public func deleteExchange(_ name: String, ifUnused: Bool) throws(AMQPException) {
        try refuseDefaultExchange(name)
        guard let exchange = exchange(named: name) else { return }
        guard !exchange.isPredeclared else {
            throw .channel(
                .accessRefused, "deletion of system \(exchange.resourceName.text) not allowed")
        }
        if ifUnused, !exchange.outgoing.isEmpty {
            throw .channel(.preconditionFailed, "\(exchange.resourceName.text) in use")
        }
        delete(exchange)
    }

    func delete(_ exchange: Exchange) {
        guard case .exchange(let there) = slots[Int(exchange.destination.rawValue)],
            there.toOpaque() == Unmanaged.passUnretained(exchange).toOpaque()
        else { return }
        // Out of the tables first: deleting its bindings may come back here for an auto-delete exchange.
        freeSlot(exchange.destination)
        var key = exchange.name
        key.withUTF8 { _ = exchanges.remove(UnsafeRawBufferPointer($0)) }
        // Before the exchange: one without its history is none the worse for it, if a crash comes between.
        if let history = exchange.history { delete(history) }
        for binding in exchange.outgoing.values { remove(binding) }
        for binding in exchange.incoming.values { remove(binding) }
        if exchange.isDurable {
            core.journal.delete(.exchange(virtualHost: name, name: exchange.name))
            core.journal.forgetStates(ofOwner: exchange.id)
        }
    }

    // MARK: Bindings

    /// queue.bind and exchange.bind. Binding again what is bound is fine.
    ///
    /// - Throws: 403 for the default exchange, 406 for arguments that the exchange can't take.
    public func bind(
        _ source: Exchange, to target: BindingTarget, routingKey: String, arguments: FieldTable
    ) throws(AMQPException) {
        let binding = try insertBinding(source, to: target, routingKey: routingKey, arguments: arguments)
        guard let binding else { return }
        if binding.isPersistent { core.journal.put(binding.journalKey, [:]) }
        if source.historyLength > 0 { replayHistory(of: source, to: target) }
    }

    /// Binds without a word to the journal.
    ///
    /// - Returns: `nil` if it is bound already.
    @discardableResult
    func insertBinding(
        _ source: Exchange, to target: BindingTarget, routingKey: String, arguments: FieldTable
    ) throws(AMQPException) -> Binding? {
        let binding = Binding(source: source, target: target, routingKey: routingKey, arguments: arguments)
        let identity = binding.identity
        guard source.outgoing[identity] == nil else { return nil }
        let destination = destination(of: target)
        let key = Array(routingKey.utf8)
        let name = target.routingName
        try key.span.bytes.withUnsafeBytes { key throws(AMQPException) in
            try name.span.bytes.withUnsafeBytes { name throws(AMQPException) in
                try source.router.bind(routingKey: key, arguments: arguments, to: destination, named: name)
            }
        }
        source.outgoing[identity] = binding
        switch target {
        case .queue(let queue): queue.incoming[ObjectIdentifier(binding)] = binding
        case .exchange(let exchange): exchange.incoming[ObjectIdentifier(binding)] = binding
        }
        core.topologyChanged()
        return binding
    }

    /// queue.unbind and exchange.unbind. A binding that is not there is fine. The last binding to leave takes an
    /// auto-delete exchange along.
    public func unbind(_ source: Exchange, from target: BindingTarget, routingKey: String, arguments: FieldTable) {
        let identity = Binding(source: source, target: target, routingKey: routingKey, arguments: arguments).identity
        if let binding = source.outgoing[identity] { remove(binding) }
    }

    /// - Throws: 403 if the name is the default exchange's.
    public func refuseDefaultExchange(_ name: String) throws(AMQPException) {
        guard !name.isEmpty else {
            throw .channel(.accessRefused, "operation not permitted on the default exchange")
        }
    }

    func remove(_ binding: Binding) {
        let source = binding.source
        guard source.outgoing.removeValue(forKey: binding.identity) != nil else { return }
        core.topologyChanged()
        var key = binding.routingKey
        key.withUTF8 { bytes in
            source.router.unbind(
                routingKey: UnsafeRawBufferPointer(bytes),
                arguments: binding.arguments,
                from: destination(of: binding.target))
        }
        switch binding.target {
        case .queue(let queue): queue.incoming[ObjectIdentifier(binding)] = nil
        case .exchange(let exchange): exchange.incoming[ObjectIdentifier(binding)] = nil
        }
        if binding.isPersistent { core.journal.delete(binding.journalKey) }
        if source.isAutoDelete, source.outgoing.isEmpty { delete(source) }
    }

    private func destination(of target: BindingTarget) -> DestinationID {
        switch target {
        case .queue(let queue): queue.destination
        case .exchange(let exchange): exchange.destination
        }
    }

    static func refuseReserved(_ name: String, kind: ResourceName.Kind) throws(AMQPException) {
        guard !name.hasPrefixBytes("amq.") else {
            throw .channel(
                .accessRefused, "\(kind.rawValue) name '\(name)' contains reserved prefix 'amq.*'")
        }
    }
}
