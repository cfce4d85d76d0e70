import CommandRuns
import Foundation
import Testing

/// What keeps the code readable, as far as a program can tell.
@Suite struct TidyTests {
    private static let folders = ["Sources", "Plugins", "Tests"]

    private static func files() throws -> [Checkout.File] {
        try folders.flatMap { try Checkout.swiftFiles(in: $0) }.filter { !$0.path.contains("/Generated/") }
    }

    @Test("no file is over 500 lines")
    func fileLength() throws {
        for file in try Self.files() {
            #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test("unsafe concurrency is explained where it stands")
    func unsafeConcurrency() throws {
        for file in try Self.files() where !file.path.contains("/ArchitectureTests/") {
            for (index, line) in file.lines.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                let above = file.lines[max(0, index - 4)..<index]
                #expect(above.contains { $0.contains("//") }, "\(file.path):\(index + 1) lacks its proof")
            }
        }
    }

    @Test("swift format finds nothing")
    func formatting() async throws {
        let run = try await CommandRun.run(
            "/usr/bin/env",
            ["swift", "format", "lint", "--strict", "--recursive", "--parallel"] + Self.folders + ["Package.swift"],
            directory: Checkout.root.path)
        #expect(run.exitCode == 0, "\(run.errorOutput.prefix(4000))")
    }
}
