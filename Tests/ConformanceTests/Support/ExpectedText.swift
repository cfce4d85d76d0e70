/// What a reply text must be: a literal is the whole text. `starting` is for texts that go on with an Erlang term in
/// RabbitMQ and with plain words here.
struct ExpectedText: ExpressibleByStringInterpolation, CustomStringConvertible {
    private let text: String
    private let isPrefix: Bool

    init(stringLiteral text: String) {
        self.text = text
        isPrefix = false
    }

    private init(prefix: String) {
        text = prefix
        isPrefix = true
    }

    static func starting(_ prefix: String) -> ExpectedText { ExpectedText(prefix: prefix) }

    func matches(_ received: String) -> Bool {
        isPrefix ? received.hasPrefix(text) : received == text
    }

    var description: String { isPrefix ? "\(text)…" : text }
}
