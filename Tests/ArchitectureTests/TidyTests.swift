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
    func formatting() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.currentDirectoryURL = Checkout.root
        process.arguments =
            ["swift", "format", "lint", "--strict", "--recursive", "--parallel"] + Self.folders + [
                "Package.swift"
            ]
        let pipe = Pipe()
        process.standardError = pipe
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        ended.wait()
        #expect(process.terminationStatus == 0, "\(String(decoding: output.prefix(4000), as: UTF8.self))")
    }
}
