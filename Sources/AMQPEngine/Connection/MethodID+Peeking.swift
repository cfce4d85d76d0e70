import AMQPProtocol

extension MethodID {
    /// The first four octets of a method frame's payload; `nil` if there are fewer.
    init?(peeking payload: UnsafeRawBufferPointer) {
        guard payload.count >= MemoryLayout<UInt32>.size else { return nil }
        self.init(rawValue: UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self)))
    }
}
