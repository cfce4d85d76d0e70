/// All that is known of messages' returns, as a record: u64 queue id, then u64 sequence, u32 returns, u32 failures and u64
/// milliseconds since 1970 until which it waits (0 if it does not) for each. Stands for all that was said of them before.
struct ReturnStatement {
    private static let headBytes = 8
    static let returnBytes = 24

    let queueID: UInt64
    var returns: [(sequence: UInt64, count: ReturnCount)] = []

    init(queueID: UInt64) { self.queueID = queueID }

    var byteCount: Int { Self.headBytes + returns.count * Self.returnBytes }

    func fill(_ payload: UnsafeMutableRawBufferPointer) {
        payload.storeBytes(of: queueID.littleEndian, as: UInt64.self)
        var offset = Self.headBytes
        for (sequence, count) in returns {
            payload.storeBytes(of: sequence.littleEndian, toByteOffset: offset, as: UInt64.self)
            payload.storeBytes(of: count.acquired.littleEndian, toByteOffset: offset + 8, as: UInt32.self)
            payload.storeBytes(of: count.failed.littleEndian, toByteOffset: offset + 12, as: UInt32.self)
            payload.storeBytes(of: count.readyAtMilliseconds.littleEndian, toByteOffset: offset + 16, as: UInt64.self)
            offset += Self.returnBytes
        }
    }

    /// - Returns: nil if that is not such a payload.
    init?(decoding payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.headBytes, (payload.count - Self.headBytes).isMultiple(of: Self.returnBytes) else {
            return nil
        }
        func load<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type) -> Number {
            Number(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: Number.self))
        }
        queueID = load(0, as: UInt64.self)
        for offset in stride(from: Self.headBytes, to: payload.count, by: Self.returnBytes) {
            let count = ReturnCount(
                acquired: load(offset + 8, as: UInt32.self), failed: load(offset + 12, as: UInt32.self),
                readyAtMilliseconds: load(offset + 16, as: UInt64.self))
            returns.append((load(offset, as: UInt64.self), count))
        }
    }
}
