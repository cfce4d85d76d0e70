import AMQPProtocol
import Foundation
import SeededRandom
import TestSeeds
import Testing

@testable import Definitions

@Suite("Schema")
struct SchemaTests {
    /// The folder with the definition files that Harrier comes with.
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Definitions").path

    private func text(_ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: Self.folder + "/" + name), encoding: .utf8)
    }

    private func schema() throws -> JSONSchema {
        try JSONSchema(try text("definitions.schema.json"))
    }

    @Test("The schema has the keys that the loader knows, section by section")
    func keys() throws {
        let schema = try schema()
        let topLevel = Set(Section.allCases.map(\.rawValue) + Section.informationalKeys)
        #expect(schema.properties(of: nil) == topLevel)
        for section in Section.allCases {
            #expect(schema.properties(of: section.rawValue) == Set(section.keys + section.ignoredKeys))
        }
    }

    @Test(
        "The files that Harrier comes with load, and conform to the schema",
        arguments: ["default.yaml", "examples/orders.yaml", "examples/logs.yaml", "examples/shop.yaml"])
    func shippedFiles(name: String) throws {
        let text = try text(name)
        _ = try DefinitionLoader.load(paths: [Self.folder + "/" + name])
        #expect(try schema().accepts(try SourceNode(text, format: .yaml)))
        let schemaPath = String(repeating: "../", count: name.count { $0 == "/" }) + "definitions.schema.json"
        #expect(text.hasPrefix("# yaml-language-server: $schema=\(schemaPath)\n"))
    }

    @Test("The default file has the virtual host /, and guest, who may do everything there")
    func defaultFile() throws {
        let set = try DefinitionLoader.load(paths: [Self.folder + "/default.yaml"])
        #expect(set.vhosts.map(\.name) == ["/"])
        #expect(set.users.map(\.name) == ["guest"])
        #expect(set.users.map(\.password) == ["guest"])
        #expect(set.users.map(\.tags) == [["administrator"]])
        #expect(
            set.permissions.map { [$0.user, $0.vhost, $0.configure, $0.write, $0.read] } == [
                ["guest", "/", ".*", ".*", ".*"]
            ])
        var rest = set
        (rest.vhosts, rest.users, rest.permissions) = ([], [], [])
        #expect(rest == DefinitionSet())
    }

    @Test("The examples load together with the default file, and every name in them leads somewhere")
    func examples() throws {
        let set = try DefinitionLoader.load(paths: [Self.folder + "/default.yaml", Self.folder + "/examples"])
        let exchanges = Set(set.exchanges.map(\.name)).union([""])
        let queues = Set(set.queues.map(\.name))
        for binding in set.bindings {
            #expect(exchanges.contains(binding.source))
            #expect((binding.destinationType == .queue ? queues : exchanges).contains(binding.destination))
        }
        for arguments in set.queues.map(\.arguments) + set.exchanges.map(\.arguments) {
            for key in ["x-dead-letter-exchange", "alternate-exchange"] {
                if let name = arguments[key]?.stringValue { #expect(exchanges.contains(name)) }
            }
            if let name = arguments["x-dead-letter-routing-key"]?.stringValue { #expect(queues.contains(name)) }
        }
    }

    @Test("Whatever is changed in a file, the schema and the loader agree on whether it is right")
    func agreement() throws {
        var generator = SeededGenerator()
        let schema = try schema()
        // Arguments are for the broker to check: the schema knows some, the loader none. So the sample has others.
        let sample = DefinitionLoaderTests.everythingInJSON.replacing("x-message-ttl", with: "x-other")
            .replacing("alternate-exchange", with: "x-other")
        let original = try JSONReader.read(sample, nestingMax: 64)
        let placeCount = original.nodeCount
        var acceptedCount = 0
        for _ in 0..<800 {
            var changed = original
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                let place = Int.random(in: 0..<placeCount, using: &generator)
                changed.mutate(at: place) { $0.change(using: &generator) }
            }
            let problems = errors(in: changed.json, file: "t.json")
                // What a schema cannot say.
                .filter { !$0.contains("a second time") && !$0.contains("expected base64") }
            acceptedCount += problems.isEmpty ? 1 : 0
            #expect(
                schema.accepts(changed) == problems.isEmpty,
                "seed \(generator.seed): \(problems) in \(changed.json)")
        }
        #expect(acceptedCount > 40 && acceptedCount < 760)
    }
}

extension SourceNode {
    /// Replaces the value, or takes away, renames or adds a key. Never by null and never by an empty list: in places the
    /// loader takes those for empty tables, which the schema does not advise.
    fileprivate mutating func change(using generator: inout SeededGenerator) {
        let values: [Content] = [
            .boolean(true), .integer(7), .integer(-1), .double(1.5), .text("text"), .text(""), .text("queue"),
            .text(String(repeating: "k", count: 256)), .list([self]), .table([]),
            .list([SourceNode(content: .text("tag"), position: position)]),
        ]
        guard case .table(var members) = content, !members.isEmpty, Bool.random(using: &generator) else {
            content = values.randomElement(using: &generator) ?? .null
            return
        }
        let index = Int.random(in: members.indices, using: &generator)
        let keys = Section.allCases.flatMap(\.keys) + ["durabel", "x"]
        let key = keys.randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: members.remove(at: index)
        case 1 where !members.contains { $0.key == key }: members[index].key = key
        default: members[index].value.content = values.randomElement(using: &generator) ?? .null
        }
        content = .table(members)
    }
}
