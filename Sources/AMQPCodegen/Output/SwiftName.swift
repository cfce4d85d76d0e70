/// Swift names from the wire's names.
enum SwiftName {
    /// `no-wait` and `NOT_FOUND` become `noWait` and `notFound`; `message-id` becomes `messageID`.
    static func lowerCamel(_ wireName: String) -> String {
        let words = words(wireName)
        return words[0] + words.dropFirst().map(capitalized).joined()
    }

    /// `queue.declare-ok` becomes `QueueDeclareOk`.
    static func type(of method: Specification.Method, in amqpClass: Specification.Class) -> String {
        (words(amqpClass.name) + words(method.name)).map(capitalized).joined()
    }

    /// `queue.declare-ok` becomes `queueDeclareOk`.
    static func enumCase(of method: Specification.Method, in amqpClass: Specification.Class) -> String {
        lowerCamel("\(amqpClass.name)-\(method.name)")
    }

    /// The name where a keyword would not do.
    static func escaped(_ name: String) -> String {
        keywords.contains(name) ? "`\(name)`" : name
    }

    private static let keywords: Set<String> = [
        "class", "default", "extension", "func", "import", "in", "init", "internal", "is", "operator", "private",
        "protocol", "public", "repeat", "return", "self", "static", "struct", "switch", "var", "where",
    ]

    private static func words(_ wireName: String) -> [String] {
        wireName.lowercased().split { $0 == "-" || $0 == "_" }.map(String.init)
    }

    private static func capitalized(_ word: String) -> String {
        word == "id" ? "ID" : word.prefix(1).uppercased() + word.dropFirst()
    }
}
