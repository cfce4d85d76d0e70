import AMQPProtocol

/// The headers exchange: a message goes where its headers fit the binding's arguments, whatever the keys. `x-match`
/// among the arguments says whether all of them have to fit (the default) or any one; names that begin with `x-`
/// count only with `all-with-x` and `any-with-x`. A void argument asks only that the header is there.
///
/// Values compare as ``FieldValueView/equals(_:)`` says, except that arrays and tables have to be the same bytes.
public final class HeadersRouter: Router {
    // Unchecked, since nothing that is called during an access comes back to this router.
    @exclusivity(unchecked)
    private var index = HeadersIndex()

    public override func validate(arguments: FieldTable) throws(AMQPException) {
        _ = try HeadersMatch(arguments)
    }

    public override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        let match = try HeadersMatch(arguments)
        arguments.withView { index.insert($0, match: match, destination: destination.rawValue) }
    }

    public override func unbind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
    ) {
        guard let match = try? HeadersMatch(arguments) else { preconditionFailure("unbound what was not bound") }
        arguments.withView { index.remove($0, match: match, destination: destination.rawValue) }
    }

    public override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        index.match(properties.headers, into: &collector)
    }
}
