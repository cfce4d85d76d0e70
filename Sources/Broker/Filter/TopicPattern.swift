/// A binding key of a topic exchange, matched against one key: words between dots, `*` is any word, `#` any number of them.
struct TopicPattern: Sendable {
    private enum Word: Equatable {
        case text([UInt8])
        case any
        case anyNumber
    }

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

    /// A key has at most 255 bytes: 128 words. Longer texts are no keys.
    func matches(_ key: UnsafeRawBufferPointer) -> Bool {
        guard key.count <= 255 else { return false }
        let parts = key.isEmpty ? [] : key.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return StarMatch.matches(
            patternCount: words.count, textCount: parts.count, isStar: { words[$0] == .anyNumber },
            fits: { fits(words[$0], parts[$1]) })
    }

    private func fits(_ word: Word, _ part: Slice<UnsafeRawBufferPointer>) -> Bool {
        switch word {
        case .text(let text): text.count == part.count && part.elementsEqual(text)
        case .any: true
        case .anyNumber: false
        }
    }
}
