import AMQPProtocol
import ArgumentParser

/// An argument of a queue on the command line: `x-max-length=1000`. Whole numbers and true and false are taken for what
/// they look like, since queues' arguments are seldom texts of digits; a type can be given as for headers:
/// `x-name:string=5`.
struct QueueArgument: ExpressibleByArgument {
    let name: String
    let value: FieldValue

    init?(argument: String) {
        guard let header = HeaderArgument(argument: argument), let equals = argument.firstIndex(of: "=") else {
            return nil
        }
        name = header.name
        let text = String(argument[argument.index(after: equals)...])
        guard !argument[..<equals].contains(":") else {
            value = header.value
            return
        }
        value = Int64(text).map { .int64($0) } ?? Bool(text).map { .boolean($0) } ?? header.value
    }
}
