import _StringProcessing

/// A permission's regular expression, compiled. Matches anywhere in the name, as RabbitMQ's do; an empty one matches
/// nothing but the empty name.
struct NamePattern {
    private enum Matcher {
        case everything
        case emptyOnly
        case expression(Regex<AnyRegexOutput>)
        /// Not a regular expression: grants nothing.
        case nothing
    }

    private let matcher: Matcher

    init(_ pattern: String) {
        switch pattern {
        case ".*", "^.*$", "^.*", ".*$": matcher = .everything
        case "", "^$": matcher = .emptyOnly
        default: matcher = (try? Regex(pattern)).map { .expression($0) } ?? .nothing
        }
    }

    /// Whether the text is a regular expression that can be used.
    static func isValid(_ pattern: String) -> Bool {
        (try? Regex(pattern)) != nil
    }

    func matches(_ name: String) -> Bool {
        switch matcher {
        case .everything: true
        case .emptyOnly: name.isEmpty
        case .nothing: false
        case .expression(let expression): (try? expression.firstMatch(in: name)) != nil
        }
    }
}
