import ArgumentParser

/// Bodies' sizes on the command line: `1024`, `16KiB`, or several that are used in turn, `16,1KiB,64KiB`.
struct BodySizes: ExpressibleByArgument, Equatable {
    let bytes: [Int]

    init(bytes: [Int]) {
        self.bytes = bytes
    }

    init?(argument: String) {
        let sizes = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            ByteSize(argument: String($0))
        }
        let bytes = sizes.compactMap { $0?.bytes }
        guard bytes.count == sizes.count else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String { bytes.map(String.init).joined(separator: ",") }
}
