import HarrierClient
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes messages to standard output, each as soon as it is there.
struct DeliveryPrinter {
    private let output: ConsumeCommand.Output
    private var hasPrinted = false

    init(output: ConsumeCommand.Output) {
        self.output = output
    }

    /// What stands in front of the first message. This and the others are false if nobody reads the output any more.
    func begin() -> Bool {
        output == .json ? Self.emit(Array("[".utf8)) : true
    }

    mutating func print(_ delivery: Delivery) -> Bool {
        switch output {
        case .text: return Self.emit(Array(delivery.body.readableBytesView) + Array("\n".utf8))
        case .ndjson: return Self.emit(Array((DeliveryJSON.text(delivery) + "\n").utf8))
        case .json:
            let separator = hasPrinted ? ",\n" : "\n"
            hasPrinted = true
            return Self.emit(Array((separator + DeliveryJSON.text(delivery)).utf8))
        }
    }

    /// What stands behind the last message.
    func end() -> Bool {
        output == .json ? Self.emit(Array("\n]\n".utf8)) : true
    }

    private static func emit(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 || errno == EINTR else { return false }
            rest = rest.dropFirst(max(written, 0))
        }
        return true
    }
}
