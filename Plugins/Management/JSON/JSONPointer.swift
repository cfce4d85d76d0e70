import LosslessJSON

/// A place in a JSON document (RFC 6901).
struct JSONPointer {
    /// As it is written.
    let text: String
    private let tokens: [String]

    private init(_ text: String, _ tokens: [String]) {
        self.text = text
        self.tokens = tokens
    }

    /// - Returns: nil for what is no pointer.
    init?(_ text: String) {
        guard !text.isEmpty else {
            self.init(text, [])
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var token = ""
            var rest = part.unicodeScalars[...]
            while let scalar = rest.popFirst() {
                guard scalar == "~" else {
                    token.unicodeScalars.append(scalar)
                    continue
                }
                switch rest.popFirst() {
                case "0": token += "~"
                case "1": token += "/"
                default: return nil
                }
            }
            tokens.append(token)
        }
        self.init(text, tokens)
    }

    /// How many levels below the document's own it leads.
    var depth: Int { tokens.count }

    func isInside(_ other: JSONPointer) -> Bool {
        tokens.count > other.tokens.count && tokens.starts(with: other.tokens)
    }

    func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for token in tokens {
            switch value {
            case .object(let fields):
                guard let next = fields[token] else { return nil }
                value = next
            case .array(let elements):
                guard let index = Self.index(token, below: elements.count) else { return nil }
                value = elements[index]
            default: return nil
            }
        }
        return value
    }

    // Each is nil if the place is not there.

    func adding(_ value: JSONValue, to document: JSONValue) -> JSONValue? {
        guard !tokens.isEmpty else { return value }
        return change(document, tokens[...]) { parent, token in
            switch parent {
            case .object(var fields):
                fields[token] = value
                return .object(fields)
            case .array(var elements):
                let index = token == "-" ? elements.count : Self.index(token, below: elements.count + 1)
                guard let index else { return nil }
                elements.insert(value, at: index)
                return .array(elements)
            default: return nil
            }
        }
    }

    func removing(from document: JSONValue) -> JSONValue? {
        change(document, tokens[...]) { parent, token in
            switch parent {
            case .object(var fields):
                guard fields.removeValue(forKey: token) != nil else { return nil }
                return .object(fields)
            case .array(var elements):
                guard let index = Self.index(token, below: elements.count) else { return nil }
                elements.remove(at: index)
                return .array(elements)
            default: return nil
            }
        }
    }

    func replacing(_ value: JSONValue, in document: JSONValue) -> JSONValue? {
        guard !tokens.isEmpty else { return value }
        return change(document, tokens[...]) { parent, token in
            switch parent {
            case .object(var fields):
                guard fields.updateValue(value, forKey: token) != nil else { return nil }
                return .object(fields)
            case .array(var elements):
                guard let index = Self.index(token, below: elements.count) else { return nil }
                elements[index] = value
                return .array(elements)
            default: return nil
            }
        }
    }

    /// Changes what the last but one token leads to. As deep as the document, which parser and patch have bounded.
    private func change(
        _ value: JSONValue, _ tokens: ArraySlice<String>, _ body: (JSONValue, String) -> JSONValue?
    ) -> JSONValue? {
        guard let token = tokens.first else { return nil }
        guard tokens.count > 1 else { return body(value, token) }
        switch value {
        case .object(var fields):
            guard let child = fields[token], let changed = change(child, tokens.dropFirst(), body) else { return nil }
            fields[token] = changed
            return .object(fields)
        case .array(var elements):
            guard let index = Self.index(token, below: elements.count),
                let changed = change(elements[index], tokens.dropFirst(), body)
            else { return nil }
            elements[index] = changed
            return .array(elements)
        default: return nil
        }
    }

    /// Without leading zeros or signs.
    private static func index(_ token: String, below count: Int) -> Int? {
        guard let index = Int(token), "\(index)" == token, index >= 0, index < count else { return nil }
        return index
    }
}
