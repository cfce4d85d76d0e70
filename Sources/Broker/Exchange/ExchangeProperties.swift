import AMQPProtocol

/// What a declare says of an exchange, besides its name.
public struct ExchangeProperties: Sendable {
    public var type: String
    public var isDurable: Bool
    public var isAutoDelete: Bool
    public var isInternal: Bool
    public var arguments: FieldTable

    public init(
        type: String,
        isDurable: Bool,
        isAutoDelete: Bool = false,
        isInternal: Bool = false,
        arguments: FieldTable = [:]
    ) {
        self.type = type
        self.isDurable = isDurable
        self.isAutoDelete = isAutoDelete
        self.isInternal = isInternal
        self.arguments = arguments
    }
}
