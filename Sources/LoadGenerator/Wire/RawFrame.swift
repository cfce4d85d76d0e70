import AMQPProtocol

/// A whole frame where it lies: valid as long as the bytes it was found in.
struct RawFrame {
    let type: FrameType
    let payload: UnsafeRawBufferPointer

    /// Class and method of a method frame.
    @inline(__always)
    var method: MethodID {
        guard payload.count >= 4 else { return .none }
        return MethodID(rawValue: UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self)))
    }

    /// What stands behind the ids of a method frame.
    @inline(__always)
    var arguments: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: payload.dropFirst(4)) }

    /// The method as a value: for what is rare.
    func decodeMethod() throws(LoadError) -> Method {
        do {
            return try Method(decoding: payload)
        } catch {
            throw .protocolViolation("\(method): \(error)")
        }
    }
}
