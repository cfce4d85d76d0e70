import AMQPProtocol
import Broker

extension ServerChannel {
    func declareExchange(_ method: ExchangeDeclare) throws(AMQPException) {
        if method.passive {
            try virtualHost.refuseDefaultExchange(method.exchange)
            _ = try virtualHost.existingExchange(method.exchange)
            if !method.noWait { reply(ExchangeDeclareOk()) }
            return
        }
        // As in RabbitMQ, before anybody asks for permissions.
        try core.exchangeTypes.require(method.type)
        try virtualHost.refuseDefaultExchange(method.exchange)
        try session.require(.configure, .exchange, method.exchange)
        if let alternate = method.arguments["alternate-exchange"]?.stringValue,
            virtualHost.exchange(named: method.exchange) == nil
        {
            try session.require(.read, .exchange, method.exchange)
            try session.require(.write, .exchange, alternate)
        }
        let properties = ExchangeProperties(
            type: method.type,
            isDurable: method.durable,
            isAutoDelete: method.autoDelete,
            isInternal: method.internal,
            arguments: method.arguments
        )
        try virtualHost.declareExchange(method.exchange, properties)
        guard !method.noWait else { return }
        if method.durable {
            connection.sendWhenDurable(.exchangeDeclareOk(ExchangeDeclareOk()), on: number)
        } else {
            reply(ExchangeDeclareOk())
        }
    }

    func deleteExchange(_ method: ExchangeDelete) throws(AMQPException) {
        try virtualHost.refuseDefaultExchange(method.exchange)
        try session.require(.configure, .exchange, method.exchange)
        try virtualHost.deleteExchange(method.exchange, ifUnused: method.ifUnused)
        if !method.noWait { connection.sendWhenDurable(.exchangeDeleteOk(ExchangeDeleteOk()), on: number) }
    }

    func bindExchange(_ method: ExchangeBind) throws(AMQPException) {
        try virtualHost.refuseDefaultExchange(method.destination)
        try requireBinding(.exchange, method.destination, exchange: method.source)
        let source = try virtualHost.existingExchange(method.source)
        let destination = try virtualHost.existingExchange(method.destination)
        try session.requireTopic(.read, source, routingKey: method.routingKey)
        try virtualHost.bind(
            source, to: .exchange(destination), routingKey: method.routingKey, arguments: method.arguments)
        if !method.noWait {
            replyToBinding(.exchangeBindOk(ExchangeBindOk()), source, isDurable: destination.isDurable)
        }
    }

    func unbindExchange(_ method: ExchangeUnbind) throws(AMQPException) {
        try virtualHost.refuseDefaultExchange(method.destination)
        try requireBinding(.exchange, method.destination, exchange: method.source)
        if let source = virtualHost.exchange(named: method.source),
            let destination = virtualHost.exchange(named: method.destination)
        {
            virtualHost.unbind(
                source, from: .exchange(destination), routingKey: method.routingKey, arguments: method.arguments)
        }
        if !method.noWait { connection.sendWhenDurable(.exchangeUnbindOk(ExchangeUnbindOk()), on: number) }
    }
}
