import ArgumentParser
import Foundation

/// Writes the protocol's generated half from its description. Developers run it after a change of the description;
/// the product never does.
@main
struct AMQPCodegen: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "AMQPCodegen",
        abstract: "Writes Sources/AMQPProtocol/Generated from Sources/AMQPCodegen/amqp-0-9-1.xml."
    )

    @Option(help: "The description of the protocol.")
    var specification = "Sources/AMQPCodegen/amqp-0-9-1.xml"

    @Option(help: "The folder of the generated files; it holds nothing else.")
    var output = "Sources/AMQPProtocol/Generated"

    @Flag(help: "Write nothing; name the files that are not up to date, and exit with 1 if there are any.")
    var check = false

    func run() throws {
        let document = try Data(contentsOf: URL(filePath: specification))
        let files: [SourceFile]
        do throws(SpecificationError) {
            files = SourceFile.all(of: try Specification(parsing: document))
        } catch {
            throw ValidationFailure(text: "\(specification):\(error.line): \(error.message)")
        }
        let folder = OutputFolder(URL(filePath: output, directoryHint: .isDirectory))
        let stale = try folder.stale(comparedWith: files)
        if check {
            guard stale.isEmpty else {
                let list = stale.map { "\(output)/\($0)" }.joined(separator: "\n")
                throw ValidationFailure(text: "not up to date, run `swift run AMQPCodegen`:\n\(list)")
            }
        } else {
            try folder.write(files)
            print("\(files.count) files, \(stale.count) changed")
        }
    }
}
