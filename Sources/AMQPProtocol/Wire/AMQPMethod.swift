/// The arguments of one method. The conforming types are generated.
public protocol AMQPMethod: Equatable, Sendable {
    static var id: MethodID { get }

    /// Reads the arguments, without the ids, and leaves the reader behind them.
    init(from reader: inout WireReader) throws(WireError)

    /// Writes the arguments, without the ids.
    func encode(into buffer: inout WireBuffer)
}
