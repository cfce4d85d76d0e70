import SeededRandom
import TestSeeds
import Testing

@testable import Definitions

@Suite("Hostile text")
struct HostileTextTests {
    /// Reads the text, and checks what errors promise: that they are there, and point into the text.
    private func read(_ text: String, file: String, seed: UInt64) {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline || $0 == "\u{85}" }
        do {
            _ = try DefinitionLoader.parse(text: text, file: file)
        } catch {
            #expect(!error.errors.isEmpty, "seed \(seed)")
            for problem in error.errors {
                #expect((0...lines.count + 1).contains(problem.location.line), "seed \(seed): \(problem) in \(text)")
                #expect(problem.description.utf8.count < 2_000, "seed \(seed): \(problem)")
            }
        }
    }

    @Test("Changed at random, files give errors or definitions, never a crash", arguments: ["t.json", "t.yaml"])
    func mutations(file: String) {
        var generator = SeededGenerator()
        let sample = file == "t.json" ? DefinitionLoaderTests.everythingInJSON : DefinitionLoaderTests.everything
        let bytes = Array(sample.utf8)
        let pieces = [
            "{", "}", "[", "]", "\"", "'", ":", ",", "&a", "*a", "<<: *a", "!!str", "|", ">", "? ", "- ", "#", "%", "@",
            "\\u", "\\ud800", "\u{0}", "\t", "\n", "\r\n", "\u{85}", "\u{FEFF}", "🐦", "~", "null", "1e999", "-",
            "---\n",
            "...\n", "9999999999999999999", "\u{F8A7}",
        ].map { Array($0.utf8) }
        for _ in 0..<300 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !changed.isEmpty {
                let place = Int.random(in: changed.indices, using: &generator)
                let end = min(changed.count, place + Int.random(in: 0..<40, using: &generator))
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: changed.removeSubrange(place..<end)
                case 1: changed[place] = UInt8.random(in: .min ... .max, using: &generator)
                case 2: changed.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: place)
                case 3:
                    changed.insert(
                        contentsOf: changed[place..<end], at: changed.indices.randomElement(using: &generator) ?? 0)
                default: changed.removeSubrange(max(place, 1)...)
                }
            }
            read(String(decoding: changed, as: UTF8.self), file: file, seed: generator.seed)
        }
    }

    @Test("Noise of the characters that mean something gives errors, never a crash", arguments: ["t.json", "t.yaml"])
    func noise(file: String) {
        var generator = SeededGenerator()
        let characters = Array("{}[]\"':,&*!|>?-#%@`<\\ \n\tabx019.eEtrufalsn~")
        for _ in 0..<1_000 {
            let length = Int.random(in: 0..<60, using: &generator)
            let text = String((0..<length).map { _ in characters.randomElement(using: &generator) ?? " " })
            read(text, file: file, seed: generator.seed)
        }
    }
}
