import AMQPProtocol

/// Turns files into one set of definitions, and collects all that is wrong with them. Whatever cannot be read is
/// replaced by something harmless and reported, so that reading goes on; the set is of use only if `errors` stays empty.
struct DefinitionReader {
    /// Reported are the first so many errors; a file that has more is not one for people to repair by hand.
    static let errorsMax = 10_000

    var definitions = DefinitionSet()
    private(set) var errors: [DefinitionError] = []
    /// Where each entry of all files so far was found first.
    private var seen: [Identity: SourceLocation] = [:]

    // The rest is about the file that is being read.
    private var file = ""
    private(set) var format = DefinitionFormat.yaml
    /// A broker wrote it. Then all of its entries name their virtual host, or it is of no use.
    var isExport = false
    var hasReportedSingleVirtualHost = false
    /// Values may be quoted in errors: not before it is known what they are, and not where secrets may stand.
    var quotesValues = false
    /// The way to the value that is being read.
    var path: [PathStep] = []

    init() {}

    /// Reads one file and adds what it defines.
    mutating func read(_ text: String, file: String, format: DefinitionFormat) {
        self.file = file
        self.format = format
        isExport = false
        hasReportedSingleVirtualHost = false
        let earlierErrorCount = errors.count
        do throws(SyntaxError) {
            readRoot(try SourceNode(text, format: format))
        } catch {
            report(at: error.position, error.message)
        }
        errors[earlierErrorCount...].sort {
            ($0.location.line, $0.location.column) < ($1.location.line, $1.location.column)
        }
    }

    private mutating func readRoot(_ root: SourceNode) {
        if case .null = root.content { return }
        guard let members = table(root) else { return }
        isExport = members.contains { Section.brokerStamps.contains($0.key) }
        let root = SectionEntry(members: members, position: root.position, isExport: isExport)
        if let format = root["rabbitmq_definition_format"], case .text("single_virtual_host") = format.content {
            reportSingleVirtualHost(at: format.position)
            return
        }
        checkKeys(of: root, known: Section.allCases.map(\.rawValue), ignored: Section.informationalKeys)
        for section in Section.allCases {
            guard let list = root[section.rawValue] else { continue }
            path.append(.key(section.rawValue))
            quotesValues = !section.holdsSecrets
            readEntries(of: section, in: list)
            quotesValues = false
            path.removeLast()
        }
    }

    private mutating func readEntries(of section: Section, in list: SourceNode) {
        guard let items = self.list(list) else { return }
        for (index, item) in items.enumerated() {
            path.append(.index(index))
            if let entry = entry(item) {
                checkKeys(of: entry, known: section.keys, ignored: section.ignoredKeys)
                read(entry, of: section)
            }
            path.removeLast()
        }
    }

    /// Reports the keys that nobody knows: a slip that RabbitMQ would pass over in silence.
    mutating func checkKeys(of entry: SectionEntry, known: [String], ignored: [String] = []) {
        for member in entry.members where !known.contains(member.key) && !ignored.contains(member.key) {
            let key = quotedKey(member.key)
            if let nearest = Suggestion.nearest(to: member.key, among: known) {
                report(at: member.keyPosition, "unknown \(key); did you mean \(quoted(nearest))?")
            } else {
                report(at: member.keyPosition, "unknown \(key); the keys here are \(known.joined(separator: ", "))")
            }
        }
    }

    /// The key for an error message. Where a blank was forgotten, as in `password:secret`, it may hold a password.
    func quotedKey(_ key: String) -> String {
        let isWord = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return quotesValues || isWord ? "key \(quoted(key))" : "key"
    }

    /// Reports the entry if there has been one of that identity, in this file or in one before.
    mutating func checkUnique(_ identity: Identity, at location: SourceLocation) {
        // An empty name is one that could not be read, and has been reported.
        guard !identity.name.text.isEmpty else { return }
        guard let first = seen.updateValue(location, forKey: identity) else { return }
        seen[identity] = first
        report(location, path, "\(identity) is defined a second time; the first time is at \(first)")
    }
}

// MARK: - Errors

extension DefinitionReader {
    func location(_ position: SourcePosition) -> SourceLocation {
        SourceLocation(file: file, line: Int(position.line), column: Int(position.column))
    }

    mutating func report(at position: SourcePosition, _ message: String) {
        report(location(position), path, message)
    }

    /// Reports an error with the value of that key in the table that is being read.
    mutating func report(at position: SourcePosition, key: String, _ message: String) {
        report(location(position), path + [.key(key)], message)
    }

    /// Reports a file that could not be read at all.
    mutating func report(file: String, _ message: String) {
        report(.wholeFile(file), [], message)
    }

    private mutating func report(_ location: SourceLocation, _ path: [PathStep], _ message: String) {
        guard errors.count < Self.errorsMax else { return }
        errors.append(DefinitionError(location: location, keyPath: PathStep.render(path), message: message))
    }

    /// RabbitMQ refuses such a file at boot, too: nothing in it says which virtual host it belongs to.
    mutating func reportSingleVirtualHost(at position: SourcePosition) {
        guard !hasReportedSingleVirtualHost else { return }
        hasReportedSingleVirtualHost = true
        report(
            at: position,
            "this is the export of a single virtual host, whose entries do not say which one they belong to; "
                + "export the definitions of the whole broker, or add \"vhost\" to each entry"
        )
    }
}
