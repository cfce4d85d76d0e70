import ArgumentParser

/// A filter, as it is given on a command line. An empty one, as of a shell's variable that is not set, is refused: it would mean all
/// messages, which nobody has said.
struct MessageFilterText: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard !argument.allSatisfy(\.isWhitespace) else { return nil }
        text = argument
    }
}
