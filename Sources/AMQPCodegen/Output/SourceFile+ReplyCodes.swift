extension SourceFile {
    static func replyCodes(of specification: Specification) -> SourceFile {
        SourceFile("ReplyCode.swift") { source in
            source.doc(
                """
                Why something was refused, returned or closed (AMQP 0-9-1, section 1.1, with RabbitMQ's additions). \
                Codes that are not listed are kept as they came.
                """)
            source.block("public struct ReplyCode: RawRepresentable, Hashable, Sendable") { source in
                source.line("public let rawValue: UInt16")
                source.blank()
                source.block("public init(rawValue: UInt16)") { $0.line("self.rawValue = rawValue") }
                for code in specification.replyCodes {
                    source.blank()
                    source.doc("\(code.value): \(code.doc)\(code.closes.map { " Closes the \($0)." } ?? "")")
                    let name = SwiftName.lowerCamel(code.name)
                    source.line("public static let \(name) = ReplyCode(rawValue: \(code.value))")
                }
                source.blank()
                source.doc("The protocol's name of the code, for example `NOT_FOUND`; its digits if there is none.")
                source.block("public var name: String") { source in
                    source.line("switch rawValue {")
                    for code in specification.replyCodes {
                        source.line("case \(code.value): \"\(code.name)\"")
                    }
                    source.line("default: \"\\(rawValue)\"")
                    source.line("}")
                }
            }
        }
    }
}
