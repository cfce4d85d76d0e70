import AMQPProtocol
import ArgumentParser

/// A header on the command line: `name=text`, or with the type that the value is to have, `name:int=5`.
struct HeaderArgument: ExpressibleByArgument {
    let name: String
    let value: FieldValue

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        let text = String(argument[argument.index(after: equals)...])
        let key = argument[..<equals]
        guard let colon = key.lastIndex(of: ":") else {
            name = String(key)
            value = .string(text)
            return
        }
        guard let value = Self.value(text, type: key[key.index(after: colon)...]) else { return nil }
        name = String(key[..<colon])
        self.value = value
    }

    private static func value(_ text: String, type: Substring) -> FieldValue? {
        switch type {
        case "string": .string(text)
        case "int": Int64(text).map { .int64($0) }
        case "double": Double(text).map { .double($0) }
        case "bool": Bool(text).map { .boolean($0) }
        default: nil
        }
    }
}
