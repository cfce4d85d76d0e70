import CAllocationCount

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The way of a message through the broker without sockets, for callgrind, perf and the allocation counter:
///
///     HotPath WORKLOAD MESSAGES
///
/// prints the messages of the measured part and the allocations in it. `.ci/hotpath` counts instructions with it.
@main
enum HotPath {
    /// Messages before the measured part: all buffers have their sizes, all pages have been used.
    private static let warmUpMessages = 20_000

    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let count = Int(arguments[2]), count >= 0,
            let workload = Workload.all.first(where: { $0.name == arguments[1] })
        else {
            print("usage: HotPath WORKLOAD MESSAGES, where WORKLOAD is one of:")
            for workload in Workload.all { print("  \(workload.name)") }
            exit(2)
        }
        let directory = temporaryDirectory()
        defer { remove(directory) }
        let run = try Run(workload, directory: directory)
        _ = run.publish(atLeast: warmUpMessages)
        let before = allocation_count_of_thread()
        let published = run.publish(atLeast: count)
        let allocations = allocation_count_of_thread() - before
        run.end()
        print("messages=\(published) allocations=\(allocations)")
    }

    private static func temporaryDirectory() -> String {
        var template = Array("/tmp/harrier-hot-path-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no temporary directory: errno \(errno)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The folder and the files in it.
    private static func remove(_ directory: String) {
        if let stream = opendir(directory) {
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { unlink("\(directory)/\(name)") }
            }
            closedir(stream)
        }
        rmdir(directory)
    }
}
