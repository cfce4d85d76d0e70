import ArgumentParser
import HarrierManagement

/// `harrier dlq import`.
struct ImportMessagesCommand: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Put exported messages into a queue, from standard input; those that are in it already are left.",
        discussion: """
            Each line is a message as `harrier dlq export` writes it. Its export_id becomes the header x-import-id, so that \
            the same file can be imported again after an interruption: what is in the queue still is not put in twice. \
            Ends with 3 if the queue was full, or a line is without its body.

            harrier dlq import orders.dead < dead.ndjson
            """
    )

    @OptionGroup
    var broker: ManagementURLOption

    @Argument(help: "The queue.")
    var queue: String

    func run(_ client: ManagementClient) async throws {
        var batch = ImportBatch(client, path: ["dlq", broker.vhost, queue, "import"])
        do {
            try await sendAll(in: &batch)
        } catch {
            StandardStream.error.writeLine(batch.text)
            throw error
        }
        StandardStream.error.writeLine(batch.text)
        if batch.refused + batch.withoutBody > 0 { throw ExitCode(3) }
    }

    private func sendAll(in batch: inout ImportBatch) async throws {
        var input = InputLines()
        var lineNumber = 0
        while let lines = try input.next() {
            for line in lines {
                lineNumber += 1
                if line.allSatisfy({ $0 == 0x20 || $0 == 0x0d }) { continue }
                do {
                    try batch.add(line)
                } catch {
                    try await batch.send()
                    StandardStream.error.writeLine("harrier: line \(lineNumber) of the input is no message: \(error)")
                    throw ExitCode.failure
                }
                if batch.isFull { try await batch.send() }
            }
        }
        try await batch.send()
    }
}
