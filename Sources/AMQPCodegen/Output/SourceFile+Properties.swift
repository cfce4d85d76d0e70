extension SourceFile {
    /// The set of flags in front of the property list.
    static func propertyFlags(of amqpClass: Specification.Class) -> SourceFile {
        let name = SwiftName.lowerCamel(amqpClass.name).uppercasedFirst
        return SourceFile("\(name)PropertyFlags.swift") { source in
            source.doc("Which properties a content header of class \(amqpClass.name) holds. They follow in this order.")
            source.block("public struct \(name)PropertyFlags: OptionSet, Sendable") { source in
                source.line("public let rawValue: UInt16")
                source.blank()
                source.line("@inlinable")
                source.block("public init(rawValue: UInt16)") { $0.line("self.rawValue = rawValue") }
                source.blank()
                for (index, property) in amqpClass.properties.enumerated() {
                    let value = "\(name)PropertyFlags(rawValue: 1 << \(15 - index))"
                    source.line("@inlinable public static var \(property.swiftName): \(name)PropertyFlags { \(value) }")
                }
                source.blank()
                let all = UInt16(truncatingIfNeeded: 0xFFFF << (16 - amqpClass.properties.count))
                source.doc("Every property that there is.")
                let value = "\(name)PropertyFlags(rawValue: 0x\(String(all, radix: 16, uppercase: true)))"
                source.line("@inlinable public static var all: \(name)PropertyFlags { \(value) }")
            }
        }
    }

    /// The struct of all properties.
    static func properties(of amqpClass: Specification.Class) -> SourceFile {
        let name = SwiftName.lowerCamel(amqpClass.name).uppercasedFirst
        return SourceFile("\(name)Properties.swift") { source in
            source.doc(
                """
                The properties of a message (AMQP 0-9-1, section 1.8). For what is not on the path of messages: it \
                owns what it holds.
                """)
            source.block("public struct \(name)Properties: Equatable, Sendable") { source in
                for property in amqpClass.properties {
                    source.doc(property.doc)
                    source.line("public var \(property.swiftName): \(property.type.swiftType)?")
                }
                source.blank()
                let parameters = amqpClass.properties.map { "\($0.swiftLabel): \($0.type.swiftType)? = nil" }
                source.function("public init", parameters) { source in
                    for property in amqpClass.properties {
                        source.line("self.\(property.swiftLabel) = \(property.swiftName)")
                    }
                }
                source.blank()
                writeDecoder(of: amqpClass, into: &source)
                source.blank()
                writeEncoder(of: amqpClass, into: &source)
            }
        }
    }

    private static func writeDecoder(of amqpClass: Specification.Class, into source: inout SourceText) {
        source.doc(
            """
            Reads property flags and property list: what stands in a content header behind the body size. Takes \
            exactly what ``PropertiesView`` takes; text that is not UTF-8 is repaired.
            """)
        source.block("public init(decoding bytes: UnsafeRawBufferPointer) throws(WireError)") { source in
            source.line("self.init()")
            source.line("var reader = WireReader(bytes)")
            source.line("let flags = try reader.readPropertyFlags()")
            for property in amqpClass.properties {
                let condition = "if flags.contains(.\(property.swiftLabel))"
                let isText = property.type == .shortstr
                let expression = isText ? "try reader.readRepairedShortString()" : property.type.readExpression
                source.line("\(condition) { \(property.swiftName) = \(expression) }")
            }
            source.line("guard reader.isAtEnd else { throw .trailingBytes }")
        }
    }

    private static func writeEncoder(of amqpClass: Specification.Class, into source: inout SourceText) {
        let name = SwiftName.lowerCamel(amqpClass.name).uppercasedFirst
        source.doc("Writes property flags and property list.")
        source.block("public func encode(into buffer: inout WireBuffer)") { source in
            source.line("var flags: \(name)PropertyFlags = []")
            for property in amqpClass.properties {
                source.line("if \(property.swiftName) != nil { flags.insert(.\(property.swiftLabel)) }")
            }
            source.line("buffer.append(flags.rawValue)")
            for property in amqpClass.properties {
                source.line("if let \(property.swiftName) { \(property.type.writeStatement(property.swiftName)) }")
            }
        }
    }
}
