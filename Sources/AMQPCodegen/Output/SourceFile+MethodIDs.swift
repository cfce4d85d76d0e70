extension SourceFile {
    static func methodIDs(of specification: Specification) -> SourceFile {
        SourceFile("MethodID+Methods.swift") { source in
            source.block("extension MethodID") { source in
                for (amqpClass, method) in specification.methods {
                    let name = SwiftName.enumCase(of: method, in: amqpClass)
                    let value = "MethodID(classID: \(amqpClass.id), methodID: \(method.id))"
                    source.line("@inlinable public static var \(name): MethodID { \(value) }")
                }
                source.blank()
                source.doc("Whether a content header and body frames follow the method.")
                source.block("@inlinable public var carriesContent: Bool") { source in
                    let carriers = specification.methods.filter { $0.method.hasContent }
                    let tests = carriers.map { "self == .\(SwiftName.enumCase(of: $0.method, in: $0.amqpClass))" }
                    source.line(tests.joined(separator: " || "))
                }
            }
            source.blank()
            source.block("extension MethodID: CustomStringConvertible") { source in
                source.doc("The protocol's name, for example `queue.declare`; the two ids if there is none.")
                source.block("public var description: String") { source in
                    source.line("name ?? \"\\(classID).\\(methodID)\"")
                }
                source.blank()
                source.block("private var name: String?") { source in
                    source.line("switch classID {")
                    for amqpClass in specification.classes {
                        source.line("case \(amqpClass.id): \(SwiftName.lowerCamel(amqpClass.name))MethodName")
                    }
                    source.line("default: nil")
                    source.line("}")
                }
                for amqpClass in specification.classes {
                    source.blank()
                    source.block("private var \(SwiftName.lowerCamel(amqpClass.name))MethodName: String?") { source in
                        source.line("switch methodID {")
                        for method in amqpClass.methods {
                            source.line("case \(method.id): \"\(amqpClass.name).\(method.name)\"")
                        }
                        source.line("default: nil")
                        source.line("}")
                    }
                }
            }
        }
    }
}

extension Specification {
    /// Every method with its class, in the order of the description.
    var methods: [(amqpClass: Class, method: Method)] {
        classes.flatMap { amqpClass in amqpClass.methods.map { (amqpClass, $0) } }
    }
}
