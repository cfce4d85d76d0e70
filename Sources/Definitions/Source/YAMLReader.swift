import AMQPProtocol
import Yams

/// Reads YAML: one document, plain text by the core schema of YAML 1.2 (``PlainScalar``), anchors, aliases and merge
/// keys (`<<`), no tags beyond `!!str`.
///
/// Aliases are not left to Yams: it hashes keys, and an alias as a key to a list of aliases to lists of aliases (and so
/// on) keeps that busy for ever. So Yams gets every `*` replaced by a private-use character, which makes an alias a
/// plain text that begins with it; they are resolved here, under a limit, and the asterisks put back.
struct YAMLReader {
    /// Stands for `*` while the text is with Yams. Has to be printable for YAML, and of no meaning to it.
    private static let asteriskStandIn: Unicode.Scalar = "\u{F8A7}"

    /// A value, and how large it is with its aliases expanded: known from below, so that nothing is expanded to find
    /// out.
    private struct Subtree {
        var node: SourceNode
        var nodeCount: Int
        var height: Int
    }

    private let nestingMax: Int
    private let nodesMax: Int
    private var anchored: [String: Subtree] = [:]

    private init(nestingMax: Int, nodesMax: Int) {
        self.nestingMax = nestingMax
        self.nodesMax = nodesMax
    }

    /// Reads the one document that the text consists of; nothing but comments is `null`. Lists and tables may be nested
    /// `nestingMax` deep. With aliases expanded there may be `nodesMax` values.
    static func read(_ text: String, nestingMax: Int, nodesMax: Int) throws(SyntaxError) -> SourceNode {
        guard !text.unicodeScalars.contains(asteriskStandIn) else {
            throw SyntaxError(
                position: SourcePosition(line: 1, column: 1),
                message: "the private-use character U+F8A7 must not occur in a definition file"
            )
        }
        let masked = String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "*" ? asteriskStandIn : $0 }))
        do {
            // Nodes refer to their anchors weakly; the parser is what keeps them.
            let parser = try Parser(yaml: masked, resolver: .basic, encoding: .utf8)
            defer { withExtendedLifetime(parser) {} }
            guard let root = try parser.singleRoot() else {
                return SourceNode(content: .null, position: SourcePosition(line: 1, column: 1))
            }
            var reader = YAMLReader(nestingMax: nestingMax, nodesMax: nodesMax)
            return try reader.convert(root, depth: 0).node
        } catch let error as SyntaxError {
            throw error
        } catch let error as YamlError {
            throw SyntaxError(error, in: masked)
        } catch {
            throw SyntaxError(position: SourcePosition(line: 1, column: 1), message: "not YAML")
        }
    }

    private mutating func convert(_ node: Node, depth: Int) throws(SyntaxError) -> Subtree {
        let position = SourcePosition(node.mark)
        if case .scalar(let scalar) = node, let name = try aliasName(scalar, at: position) {
            return try expandAlias(name, at: position, depth: depth)
        }
        var subtree = Subtree(node: SourceNode(content: .null, position: position), nodeCount: 1, height: 0)
        try checkSize(of: subtree, at: depth)
        switch node {
        case .scalar(let scalar):
            subtree.node.content = try convert(scalar, at: position)
        case .sequence(let sequence):
            try checkTag(sequence.tag, allowed: .seq, at: position)
            try convert(sequence, into: &subtree, depth: depth)
        case .mapping(let mapping):
            try checkTag(mapping.tag, allowed: .map, at: position)
            try convert(mapping, into: &subtree, depth: depth)
        case .alias:
            preconditionFailure("Yams makes alias nodes only for writing.")
        }
        if let anchor = node.anchor { anchored[anchor.rawValue] = subtree }
        return subtree
    }

    private mutating func convert(
        _ sequence: Node.Sequence, into subtree: inout Subtree, depth: Int
    ) throws(SyntaxError) {
        var items: [SourceNode] = []
        items.reserveCapacity(sequence.count)
        for item in sequence {
            let converted = try convert(item, depth: depth + 1)
            try add(converted, to: &subtree, at: depth)
            items.append(converted.node)
        }
        subtree.node.content = .list(items)
    }

    private func add(_ child: Subtree, to parent: inout Subtree, at depth: Int) throws(SyntaxError) {
        parent.nodeCount += child.nodeCount
        parent.height = max(parent.height, child.height + 1)
        try checkSize(of: parent, at: depth)
    }

    private func checkSize(of subtree: Subtree, at depth: Int) throws(SyntaxError) {
        let position = subtree.node.position
        guard depth + subtree.height <= nestingMax else {
            throw SyntaxError(position: position, message: "nested deeper than \(nestingMax) levels")
        }
        guard subtree.nodeCount <= nodesMax else {
            throw SyntaxError(position: position, message: "more than \(nodesMax) values, with aliases expanded")
        }
    }
}

// MARK: - Scalars and aliases

extension YAMLReader {
    private func convert(
        _ scalar: Node.Scalar, at position: SourcePosition
    ) throws(SyntaxError) -> SourceNode.Content {
        let text = Self.restoreAsterisks(scalar.string)
        if scalar.tag.rawValue == Tag.Name.implicit.rawValue, scalar.style == .plain {
            return PlainScalar.content(of: text)
        }
        try checkTag(scalar.tag, allowed: .str, at: position)
        return .text(text)
    }

    private func checkTag(_ tag: Tag, allowed: Tag.Name, at position: SourcePosition) throws(SyntaxError) {
        guard tag.rawValue == Tag.Name.implicit.rawValue || tag.rawValue == allowed.rawValue else {
            throw SyntaxError(position: position, message: "the only tag that is known here is !!str")
        }
    }

    /// The name behind the asterisk, if this is an alias.
    private func aliasName(_ scalar: Node.Scalar, at position: SourcePosition) throws(SyntaxError) -> String? {
        guard scalar.style == .plain, scalar.string.unicodeScalars.first == Self.asteriskStandIn else { return nil }
        let name = scalar.string.unicodeScalars.dropFirst()
        guard !name.isEmpty, name.allSatisfy(Self.isNameCharacter) else {
            throw SyntaxError(position: position, message: "text that begins with * must stand in quotes")
        }
        return String(name)
    }

    private static func isNameCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }

    /// The error does not name the alias: it may be a password that begins with an asterisk.
    private func expandAlias(
        _ name: String, at position: SourcePosition, depth: Int
    ) throws(SyntaxError) -> Subtree {
        guard let target = anchored[name] else {
            throw SyntaxError(
                position: position,
                message: "no anchor of this name stands above (text that begins with * must stand in quotes)"
            )
        }
        try checkSize(of: target, at: depth)
        return target
    }

    private static func restoreAsterisks(_ text: String) -> String {
        guard text.unicodeScalars.contains(asteriskStandIn) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == asteriskStandIn ? "*" : $0 }))
    }
}

// MARK: - Tables

extension YAMLReader {
    private mutating func convert(
        _ mapping: Node.Mapping, into subtree: inout Subtree, depth: Int
    ) throws(SyntaxError) {
        var members: [SourceNode.Member] = []
        members.reserveCapacity(mapping.count)
        var merged: [SourceNode.Member] = []
        for (key, value) in mapping {
            let keyPosition = SourcePosition(key.mark)
            guard case .scalar(let scalar) = key, try aliasName(scalar, at: keyPosition) == nil else {
                throw SyntaxError(position: keyPosition, message: "a key must be text")
            }
            let converted = try convert(value, depth: depth + 1)
            try add(converted, to: &subtree, at: depth)
            if scalar.style == .plain, scalar.string == "<<" {
                merged = try mergedMembers(of: converted.node)
            } else {
                let text = Self.restoreAsterisks(scalar.string)
                members.append(SourceNode.Member(key: text, keyPosition: keyPosition, value: converted.node))
            }
        }
        if !merged.isEmpty {
            // What stands in the table itself wins over what is merged into it.
            let own = Set(members.map(\.key))
            members += merged.filter { !own.contains($0.key) }
        }
        subtree.node.content = .table(members)
    }

    /// What a merge key stands for: the members of a table, or of several, of which the first wins.
    private func mergedMembers(of node: SourceNode) throws(SyntaxError) -> [SourceNode.Member] {
        var sources = [node]
        if case .list(let items) = node.content { sources = items }
        var members: [SourceNode.Member] = []
        var keys: Set<WireName> = []
        for source in sources {
            guard case .table(let sourceMembers) = source.content else {
                throw SyntaxError(
                    position: source.position, message: "the merge key << takes a table, or a list of tables")
            }
            members += sourceMembers.filter { keys.insert(WireName($0.key)).inserted }
        }
        return members
    }
}

extension SourcePosition {
    fileprivate init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}

extension SyntaxError {
    /// Yams' own texts quote the file, so only the fixed part of them is taken.
    fileprivate init(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            var message = problem
            if problem.contains("cannot start any token") {
                message += ": tabs cannot indent, and text that begins with % @ or ` must stand in quotes"
            }
            if let context { message += ", \(context.text) that begins in line \(context.mark.line)" }
            self.init(position: SourcePosition(mark), message: message)
        case .reader(let problem, let offset, _, _):
            let lines = text.prefix(offset ?? 0).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let column = (lines.last?.unicodeScalars.count ?? 0) + 1
            self.init(position: SourcePosition(line: lines.count, column: column), message: problem)
        case .duplicatedKeysInMapping(_, let context):
            self.init(position: SourcePosition(context.mark), message: "this key stands twice in one table")
        default:
            self.init(position: SourcePosition(line: 1, column: 1), message: "not YAML")
        }
    }
}
