/// A piece of a filter's text.
struct FilterToken: Equatable {
    enum Kind: Equatable {
        /// Names, numbers, keywords: what stands without quotes.
        case word
        case quoted
        /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `!~`
        case comparison
        case open
        case close
        case comma
        case end
    }

    let kind: Kind
    let bytes: [UInt8]
    /// In bytes from the text's start.
    let offset: Int
    /// Nothing stands between it and the token before.
    let isAttached: Bool

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func isKeyword(_ keyword: String) -> Bool { kind == .word && text.lowercased() == keyword }

    /// As it is quoted in errors.
    var description: String { kind == .end ? "the end" : "'\(text.prefix(40))'" }
}
