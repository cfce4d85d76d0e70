import AMQPProtocol

extension FieldTable {
    /// Calls `body` with the table as it is encoded, so that bindings' arguments and messages' headers are read by
    /// the same code.
    func withView<Result>(_ body: (FieldTableView) -> Result) -> Result {
        let lengthOctets = 4
        var buffer = WireBuffer()
        encode(into: &buffer)
        return body(FieldTableView(unchecked: UnsafeRawBufferPointer(rebasing: buffer.bytes[lengthOctets...])))
    }
}
