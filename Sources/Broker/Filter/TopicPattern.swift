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
        var (at, wordAt) = (0, 0)
        var hash: (word: Int, part: Int)?
        while at < parts.count {
            if wordAt < words.count, words[wordAt] == .anyNumber {
                hash = (wordAt, at)
                wordAt += 1
            } else if wordAt < words.count, fits(words[wordAt], parts[at]) {
                wordAt += 1
                at += 1
            } else if let last = hash {
                wordAt = last.word + 1
                at = last.part + 1
                hash = (last.word, at)
            } else {
                return false
            }
        }
        return words[wordAt...].allSatisfy { $0 == .anyNumber }
    }

    private func fits(_ word: Word, _ part: Slice<UnsafeRawBufferPointer>) -> Bool {
        switch word {
        case .text(let text): text.count == part.count && part.elementsEqual(text)
        case .any: true
        case .anyNumber: false
        }
    }
}
