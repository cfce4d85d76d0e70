/// The words of a topic key: what stands between its dots, in place. `a..b` has an empty word in the middle and `.`
/// has two, but the empty key has none, as in RabbitMQ.
struct TopicWords: Sequence, IteratorProtocol {
    private var rest: UnsafeRawBufferPointer?

    init(_ key: UnsafeRawBufferPointer) {
        rest = key.isEmpty ? nil : key
    }

    mutating func next() -> UnsafeRawBufferPointer? {
        guard let bytes = rest else { return nil }
        var end = 0
        while end < bytes.count, bytes[end] != UInt8(ascii: ".") {
            end += 1
        }
        rest = end < bytes.count ? UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...]) : nil
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }
}
