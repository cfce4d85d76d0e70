extension SourceFile {
    /// The enum of all methods.
    static func method(of specification: Specification) -> SourceFile {
        let cases = specification.methods.map { amqpClass, method in
            (name: SwiftName.enumCase(of: method, in: amqpClass), type: SwiftName.type(of: method, in: amqpClass))
        }
        return SourceFile("Method.swift") { source in
            source.doc("Any method with its arguments. For what is not on the path of messages: it owns what it holds.")
            source.block("public enum Method: Equatable, Sendable") { source in
                for (name, type) in cases { source.line("case \(name)(\(type))") }
                source.blank()
                source.block("public var id: MethodID") { source in
                    source.line("switch self {")
                    for (name, _) in cases { source.line("case .\(name): .\(name)") }
                    source.line("}")
                }
                source.blank()
                source.doc("Writes the arguments without the ids.")
                source.block("func encodeArguments(into buffer: inout WireBuffer)") { source in
                    source.line("switch self {")
                    for (name, _) in cases { source.line("case .\(name)(let method): method.encode(into: &buffer)") }
                    source.line("}")
                }
            }
            source.blank()
            decoding(specification, into: &source)
        }
    }

    private static func decoding(_ specification: Specification, into source: inout SourceText) {
        source.block("extension Method") { source in
            source.doc("Reads the arguments of the method with that id and leaves the reader behind them.")
            source.block("public init(id: MethodID, arguments reader: inout WireReader) throws(WireError)") { source in
                source.line("switch id.classID {")
                for amqpClass in specification.classes {
                    let name = SwiftName.lowerCamel(amqpClass.name)
                    source.line("case \(amqpClass.id): self = try .\(name)Method(id, &reader)")
                }
                source.line("default: throw .unknownMethod(id)")
                source.line("}")
            }
            for amqpClass in specification.classes {
                source.blank()
                let head = "private static func \(SwiftName.lowerCamel(amqpClass.name))Method"
                source.line("\(head)(_ id: MethodID, _ reader: inout WireReader) throws(WireError) -> Method {")
                source.indented { source in
                    source.line("switch id.methodID {")
                    for method in amqpClass.methods {
                        let name = SwiftName.enumCase(of: method, in: amqpClass)
                        let type = SwiftName.type(of: method, in: amqpClass)
                        source.line("case \(method.id): .\(name)(try \(type)(from: &reader))")
                    }
                    source.line("default: throw .unknownMethod(id)")
                    source.line("}")
                }
                source.line("}")
            }
        }
    }
}
