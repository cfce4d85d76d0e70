import AMQPProtocol

/// The property `expiration`: a message's time to live, as a text.
enum Expiration {
    /// Ten years, RabbitMQ's limit.
    static let millisecondsMax: UInt64 = 315_360_000_000

    /// Decimal digits, with a plus sign in front or without, as RabbitMQ takes them.
    ///
    /// - Throws: 406 in RabbitMQ's words, and with what would be right.
    static func milliseconds(_ bytes: UnsafeRawBufferPointer) throws(AMQPException) -> UInt64 {
        let digits = bytes.first == UInt8(ascii: "+") ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst()) : bytes
        var value: UInt64 = 0
        var isNumber = !digits.isEmpty
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), value <= millisecondsMax else {
                isNumber = false
                break
            }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        guard isNumber, value <= millisecondsMax else {
            let text = String(decoding: bytes, as: UTF8.self)
            throw .channel(
                .preconditionFailed,
                "invalid expiration '\(text)': \(fault(text)): expected milliseconds from 0 to \(millisecondsMax)")
        }
        return value
    }

    /// RabbitMQ's name for what is wrong with it.
    private static func fault(_ text: String) -> String {
        let sign = text.first.flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
        let unsigned = sign == nil ? text[...] : text.dropFirst()
        let digits = unsigned.prefix { $0.isASCII && $0.isNumber }
        if digits.isEmpty { return "no_integer" }
        guard digits.endIndex == unsigned.endIndex else {
            return "{leftover_string,\"\(unsigned[digits.endIndex...])\"}"
        }
        return sign == "-" ? "{value_negative,-\(digits)}" : "{value_too_large,\(digits)}"
    }
}
