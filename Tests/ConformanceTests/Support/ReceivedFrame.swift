import AMQPProtocol

/// A frame as it came.
struct ReceivedFrame: CustomStringConvertible {
    let type: FrameType?
    let channel: UInt16
    let payload: [UInt8]

    /// The method in it; `nil` if it is not a method frame that can be read.
    var method: Method? {
        guard type == .method else { return nil }
        return payload.withUnsafeBytes { try? Method(decoding: $0) }
    }

    var description: String {
        "\(method.map { "\($0)" } ?? "\(type.map { "\($0)" } ?? "unknown") frame \(payload)") on channel \(channel)"
    }
}

extension Method {
    /// The arguments, if it is a method of that type.
    func arguments<Arguments: AMQPMethod>(as type: Arguments.Type) -> Arguments? {
        guard id == Arguments.id else { return nil }
        var buffer = WireBuffer()
        encode(into: &buffer)
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: buffer.bytes.dropFirst(4)))
        return try? Arguments(from: &reader)
    }
}
