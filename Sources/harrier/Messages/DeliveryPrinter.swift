import HarrierClient
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Writes messages to standard output, each as soon as it is there.
struct DeliveryPrinter {
    private let output: ConsumeCommand.Output
    private let encoder = JSONEncoder()
    private var hasPrinted = false

    init(output: ConsumeCommand.Output) {
        self.output = output
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    /// What stands in front of the first message. This and the others are false if nobody reads the output any more.
    func begin() -> Bool {
        output == .json ? Self.write(Array("[".utf8)) : true
    }

    mutating func print(_ delivery: Delivery) throws -> Bool {
        switch output {
        case .text: return Self.write(Array(delivery.body.readableBytesView) + Array("\n".utf8))
        case .ndjson: return Self.write(try Array(encoder.encode(DeliveryJSON(delivery))) + Array("\n".utf8))
        case .json:
            let separator = hasPrinted ? ",\n" : "\n"
            hasPrinted = true
            return Self.write(Array(separator.utf8) + (try Array(encoder.encode(DeliveryJSON(delivery)))))
        }
    }

    /// What stands behind the last message.
    func end() -> Bool {
        output == .json ? Self.write(Array("\n]\n".utf8)) : true
    }

    private static func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite($0) }
            guard written > 0 || errno == EINTR else { return false }
            rest = rest.dropFirst(max(written, 0))
        }
        return true
    }

    private static func systemWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        #endif
    }
}
