import Definitions
import Testing

@Suite("Files")
struct DefinitionFileTests {
    private func errors(_ paths: [String], under folder: String) -> [String] {
        do {
            _ = try DefinitionLoader.load(paths: paths)
            return []
        } catch {
            return error.errors.map { "\($0)".replacing(folder, with: "") }
        }
    }

    @Test("Files and folders are merged in the order given, the files of a folder by name")
    func merging() throws {
        try withTemporaryFolder { folder in
            try withTemporaryFolder { other in
                try write("queues: [{name: second}]", to: folder + "/b.yml")
                try write("{\"queues\": [{\"name\": \"first\"}]}", to: folder + "/a.JSON")
                try write("queues: [{name: third}]", to: folder + "/c.yaml")
                try write("not definitions", to: folder + "/README.md")
                try write("queues: [{name: hidden}]", to: folder + "/.d.yaml")
                try write("queues: [{name: zeroth}]", to: other + "/z.yaml")
                let set = try DefinitionLoader.load(paths: [other + "/z.yaml", folder])
                #expect(set.queues.map(\.name) == ["zeroth", "first", "second", "third"])
                #expect(
                    set.queues[2].location == Definitions.SourceLocation(file: folder + "/b.yml", line: 1, column: 10))
            }
        }
    }

    @Test("All errors of all files are told in one run, and duplicates over files with both places")
    func errorsOfAllFiles() throws {
        try withTemporaryFolder { folder in
            try write("queues: [{name: q}, {name: r}]", to: folder + "/1.yaml")
            try write("queues: [", to: folder + "/2.yaml")
            try write("{\"queues\": [{\"name\": \"r\"}, {\"nam\": \"s\"}]}", to: folder + "/3.json")
            #expect(
                errors([folder, folder + "/missing.json"], under: folder) == [
                    "/2.yaml:2:1: did not find expected node content, "
                        + "while parsing a flow node that begins in line 2",
                    "/3.json:1:13: queues[0]: queue \"r\" in vhost \"/\" is defined a second time; "
                        + "the first time is at /1.yaml:1:21",
                    "/3.json:1:28: queues[1]: \"name\" is missing",
                    "/3.json:1:29: queues[1]: unknown key \"nam\"; did you mean \"name\"?",
                    "/missing.json: no such file or folder",
                ])
        }
    }

    @Test("What cannot be read is told")
    func unreadable() throws {
        try withTemporaryFolder { folder in
            #expect(
                errors([folder], under: folder) == [": the folder has no files whose names end in .json, .yaml or .yml"]
            )
            try write("", to: folder + "/a.txt")
            #expect(
                errors([folder + "/a.txt"], under: folder) == [
                    "/a.txt: the name of a definition file ends in .json, .yaml or .yml"
                ])
            try write(bytes: [0x61, 0x3A, 0xFF], to: folder + "/b.yaml")
            #expect(errors([folder + "/b.yaml"], under: folder) == ["/b.yaml: not UTF-8"])
            try write(bytes: [UInt8](repeating: 0x20, count: (16 << 20) + 1), to: folder + "/c.yaml")
            #expect(
                errors([folder + "/c.yaml"], under: folder) == [
                    "/c.yaml: larger than 16 MiB, the most that is read of this format"
                ])
        }
    }

    @Test("A list of errors prints one a line")
    func printed() {
        let location = Definitions.SourceLocation(file: "a.yaml", line: 3, column: 7)
        let errors = DefinitionErrors([
            DefinitionError(location: location, keyPath: "queues[2].durable", message: "expected true or false"),
            DefinitionError(location: .wholeFile("b.json"), keyPath: "", message: "no such file or folder"),
        ])
        #expect(
            "\(errors)" == "a.yaml:3:7: queues[2].durable: expected true or false\nb.json: no such file or folder")
    }
}
