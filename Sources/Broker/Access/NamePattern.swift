/// A permission's regular expression, compiled. Matches anywhere in the name, as RabbitMQ's do; an empty one matches
/// nothing but the empty name.
struct NamePattern {
    private enum Matcher {
        case everything
        case emptyOnly
        case expression(BytePattern)
        /// Not a regular expression: grants nothing.
        case nothing
    }

    private let matcher: Matcher

    init(_ pattern: String) {
        switch pattern {
        case ".*", "^.*", ".*$": matcher = .everything
        case "", "^$": matcher = .emptyOnly
        default: matcher = (try? BytePattern(pattern)).map { .expression($0) } ?? .nothing
        }
    }

    /// What is wrong with the text as a regular expression; nil if it can be used.
    static func mistake(in pattern: String) -> String? {
        do {
            _ = try BytePattern(pattern)
            return nil
        } catch {
            return "\(error)"
        }
    }

    func matches(_ name: String) -> Bool {
        switch matcher {
        case .everything: true
        case .emptyOnly: name.isEmpty
        case .nothing: false
        case .expression(let expression): expression.matches(name.utf8)
        }
    }
}
