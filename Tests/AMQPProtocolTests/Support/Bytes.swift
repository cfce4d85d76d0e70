import AMQPProtocol

/// What an encoder writes.
func encoded(_ encode: (inout WireBuffer) -> Void) -> [UInt8] {
    var buffer = WireBuffer(capacity: 16)
    encode(&buffer)
    return [UInt8](buffer.bytes)
}

extension [UInt8] {
    /// From hexadecimal digits; spaces do not count.
    init(hex: String) {
        let digits = hex.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue ?? 0) }
        precondition(digits.count.isMultiple(of: 2))
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// A decoder's verdict on these bytes and no byte more.
    func decode<Value>(
        _ decoder: (UnsafeRawBufferPointer) throws(WireError) -> Value
    ) -> Result<Value, WireError> {
        withUnsafeBytes { bytes in
            Result { () throws(WireError) in try decoder(bytes) }
        }
    }
}

extension Result {
    var isSuccess: Bool {
        if case .success = self { true } else { false }
    }

    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
