import AMQPProtocol
import Routing

/// Sends each message to whatever is bound. The broker keeps the last ones for it: as many as `x-recent-history-length` says,
/// which is 20 if it is left out, and without those whose header `x-recent-history-no-store` is true.
///
/// Persistent messages of a durable exchange are kept across restarts. A message whose time to live is over is no longer
/// kept.
final class RecentHistoryRouter: Router {
    static let lengthArgument = "x-recent-history-length"
    static let lengthDefault: Int64 = 20
    /// All of them are handed out in one turn of the core: some ten milliseconds.
    static let lengthMax: Int64 = 10_000

    private let fanout = FanoutRouter()
    private let length: Int

    /// - Throws: 406 for a length that is no number from 1 to 10,000.
    init(_ arguments: FieldTable) throws(AMQPException) {
        length = Int(try Self.length(arguments[Self.lengthArgument]))
        super.init()
    }

    private static func length(_ value: FieldValue?) throws(AMQPException) -> Int64 {
        guard let value else { return lengthDefault }
        let text = value.integerValue.map { "\($0)" } ?? value.stringValue ?? value.typeName
        guard let length = value.integerValue, length > 0 else {
            throw .channel(
                .preconditionFailed, "Invalid argument \(text), '\(lengthArgument)' must be a positive integer")
        }
        guard length <= lengthMax else {
            throw .channel(
                .preconditionFailed, "Invalid argument \(text), '\(lengthArgument)' must be at most \(lengthMax)")
        }
        return length
    }

    override var historyLength: Int { length }

    override func keepsInHistory(_ properties: PropertiesView) -> Bool {
        guard let value = properties.headers?.find("x-recent-history-no-store") else { return true }
        return value.decoded().booleanValue != true
    }

    override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        try fanout.bind(routingKey: routingKey, arguments: arguments, to: destination)
    }

    override func unbind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
    ) {
        fanout.unbind(routingKey: routingKey, arguments: arguments, from: destination)
    }

    override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        fanout.route(routingKey: routingKey, properties: properties, into: &collector)
    }
}
