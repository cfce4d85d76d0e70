import AMQPProtocol

/// The topic exchange: a message goes where a bound key matches its routing key word for word, words being what
/// stands between dots; `*` in a bound key is any one word, `#` any number of words or none.
public final class TopicRouter: Router {
    // Unchecked, since nothing that is called during an access comes back to this router.
    @exclusivity(unchecked)
    private var trie = TopicTrie()

    public override func bind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, to destination: DestinationID
    ) throws(AMQPException) {
        trie.insert(routingKey, destination: destination.rawValue)
    }

    public override func unbind(
        routingKey: UnsafeRawBufferPointer, arguments: FieldTable, from destination: DestinationID
    ) {
        trie.remove(routingKey, destination: destination.rawValue)
    }

    public override var routesByKeyAlone: Bool { true }

    public override func route(
        routingKey: UnsafeRawBufferPointer, properties: PropertiesView, into collector: inout RouteCollector
    ) {
        trie.match(routingKey, into: &collector)
    }
}
