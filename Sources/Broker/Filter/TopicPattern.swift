/// A binding key of a topic exchange, matched against one key: words between dots, `*` is any word, `#` any number of them.
struct TopicPattern: Sendable {
    private enum Word: Equatable {
        case text([UInt8])
        case any
        case anyNumber
    }

    /// Longer texts are no keys.
    static let keyBytesMax = 255

    private let words: [Word]

    init(_ pattern: [UInt8]) {
        let parts = pattern.isEmpty ? [] : pattern.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        words = parts.map { word in
            switch Array(word) {
            case [UInt8(ascii: "*")]: .any
            case [UInt8(ascii: "#")]: .anyNumber
            case let text: .text(text)
            }
        }
    }

    /// A key has 128 words at the most.
    func matches(_ key: UnsafeRawBufferPointer) -> Bool {
        guard key.count <= Self.keyBytesMax else { return false }
        var stepsLeft = Int.max
        let parts = key.isEmpty ? [] : key.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return StarMatch.matches(
            patternCount: words.count, textCount: parts.count, stepsLeft: &stepsLeft,
            isStar: { words[$0] == .anyNumber },
            fits: { fits(words[$0], parts[$1]) }) ?? false
    }

    private func fits(_ word: Word, _ part: Slice<UnsafeRawBufferPointer>) -> Bool {
        switch word {
        case .text(let text): text.count == part.count && part.elementsEqual(text)
        case .any: true
        case .anyNumber: false
        }
    }
}
