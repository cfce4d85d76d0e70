import CommandRuns
import Foundation
import Testing

/// Runs the generator as its users do: the executable that the build has put beside the tests.
@Suite struct CodegenTests {
    private static let package = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let generated = package.appending(path: "Sources/AMQPProtocol/Generated")
    private static let specification = package.appending(path: "Sources/AMQPCodegen/amqp-0-9-1.xml")

    @Test func theGeneratedFilesAreUpToDate() async throws {
        let run = try await Codegen.run(check: true, specification: Self.specification, output: Self.generated)
        #expect(run.status == 0, "\(run.errors)")
    }

    @Test func generatesIntoAnEmptyFolder() async throws {
        try await withTemporaryFolder { folder in
            let output = folder.appending(path: "Generated")
            #expect(try await Codegen.run(specification: Self.specification, output: output).status == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: output.path).sorted()
            #expect(names == (try FileManager.default.contentsOfDirectory(atPath: Self.generated.path).sorted()))
            for name in names {
                let written = try Data(contentsOf: output.appending(path: name))
                #expect(written == (try Data(contentsOf: Self.generated.appending(path: name))), "\(name)")
            }
        }
    }

    @Test func checkNamesWhatIsStaleAndTouchesNothing() async throws {
        try await withTemporaryFolder { folder in
            let output = folder.appending(path: "Generated")
            try FileManager.default.copyItem(at: Self.generated, to: output)
            try Data("// by hand\n".utf8).write(to: output.appending(path: "Method.swift"))
            try FileManager.default.removeItem(at: output.appending(path: "TxMethods.swift"))
            try Data().write(to: output.appending(path: "Extra.swift"))

            let check = try await Codegen.run(check: true, specification: Self.specification, output: output)
            #expect(check.status == 1)
            let named = check.errors.split(separator: "\n").dropFirst().map {
                URL(filePath: String($0)).lastPathComponent
            }
            #expect(named == ["Extra.swift", "Method.swift", "TxMethods.swift"])
            #expect(try String(contentsOf: output.appending(path: "Method.swift"), encoding: .utf8) == "// by hand\n")

            #expect(try await Codegen.run(specification: Self.specification, output: output).status == 0)
            #expect(try await Codegen.run(check: true, specification: Self.specification, output: output).status == 0)
        }
    }

    @Test(arguments: [
        ("<amqp>\n  <class id='1' name='a'>\n</amqp>", 3, "not well-formed XML"),
        ("<amqp>\n\n<class id='x' name='a'/></amqp>", 3, "'id' is not a number of 16 bits: 'x'"),
        ("<amqp>\n<klass/></amqp>", 2, "<klass> does not belong here"),
        ("<amqp>\n<class id='1'/></amqp>", 2, "<class> lacks 'name'"),
        ("<amqp>\n<class id='1' name=''/></amqp>", 2, "'' is no name"),
        ("<amqp>\n<class id='1' name='a' b='c'/></amqp>", 2, "<class> has no attribute 'b'"),
        ("<amqp><class id='1' name='a'/>\n<class id='1' name='b'/></amqp>", 2, "class 1 stands twice"),
        ("<amqp><class id='1' name='a'>\n<property name='p' type='bit'/></class></amqp>", 2, "a property is neither"),
        (method("<field name='f' type='shrt'/>"), 3, "unknown type 'shrt'"),
        (method("<field name='f' type='octet' default='256'/>"), 3, "'256' is no value of type 'octet'"),
        (method("<field name='f' type='bit'/>\n<field name='f' type='bit'/>"), 4, "field 'f' stands twice"),
        (method("", attributes: "reply='c'"), 2, "no method 'c' in class 'a'"),
        (method("", attributes: "content='no'"), 2, "'content' is 'yes' or left out, not 'no'"),
    ])
    func mistakesInTheDescriptionAreToldWithTheirLine(document: String, line: Int, message: String) async throws {
        try await withTemporaryFolder { folder in
            let specification = folder.appending(path: "amqp.xml")
            try Data(document.utf8).write(to: specification)
            let run = try await Codegen.run(specification: specification, output: folder.appending(path: "Generated"))
            #expect(run.status == 1)
            #expect(run.errors.contains("amqp.xml:\(line): \(message)"), "\(run.errors)")
        }
    }

    private static func method(_ fields: String, attributes: String = "") -> String {
        """
        <amqp><class id='1' name='a'>
        <method id='1' name='b' from='client' \(attributes)>
        \(fields)</method></class></amqp>
        """
    }

    private func withTemporaryFolder(_ use: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "harrier-codegen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await use(folder)
    }
}

private enum Codegen {
    static func run(
        check: Bool = false, specification: URL, output: URL
    ) async throws -> (status: Int32, errors: String) {
        let run = try await CommandRun.run(
            ChildProcess.builtProgram("AMQPCodegen"),
            ["--specification", specification.path, "--output", output.path] + (check ? ["--check"] : []))
        return (run.exitCode, run.errorOutput)
    }
}
