/// Bytes that do not follow the protocol's grammar. "Not all here yet" is never an error: readers of frames say it
/// with `nil`.
public enum WireError: Error, Equatable, Sendable {
    /// A field ends behind the end of its frame or table.
    case truncated
    /// A field table holds a type octet that AMQP 0-9-1 (with RabbitMQ's extensions) does not define.
    case unknownFieldType(UInt8)
    /// Tables and arrays are nested deeper than `FieldTable.nestingMax`.
    case nestedTooDeep
    /// A short string that has to be text is not UTF-8.
    case invalidUTF8
    /// No such class and method id.
    case unknownMethod(MethodID)
    /// Property flags name a property that class basic does not have.
    case unknownProperty
    /// Bytes are left over where the grammar says that nothing follows.
    case trailingBytes
}
