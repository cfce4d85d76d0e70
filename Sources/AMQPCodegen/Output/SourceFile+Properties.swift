extension SourceFile {
    /// The set of flags in front of the property list.
    static func propertyFlags(of class: Specification.Class) -> SourceFile {
        let name = SwiftName.lowerCamel(`class`.name).uppercasedFirst
        return SourceFile("\(name)PropertyFlags.swift") { source in
            source.doc("Which properties a content header of class \(`class`.name) holds. They follow in this order.")
            source.block("public struct \(name)PropertyFlags: OptionSet, Sendable") { source in
                source.line("public let rawValue: UInt16")
                source.blank()
                source.line("@inlinable")
                source.block("public init(rawValue: UInt16)") { $0.line("self.rawValue = rawValue") }
                source.blank()
                for (index, property) in `class`.properties.enumerated() {
                    let value = "\(name)PropertyFlags(rawValue: 1 << \(15 - index))"
                    source.line("@inlinable public static var \(property.swiftName): \(name)PropertyFlags { \(value) }")
                }
                source.blank()
                let all = UInt16(truncatingIfNeeded: 0xFFFF << (16 - `class`.properties.count))
                source.doc("Every property that there is.")
                let value = "\(name)PropertyFlags(rawValue: 0x\(String(all, radix: 16, uppercase: true)))"
                source.line("@inlinable public static var all: \(name)PropertyFlags { \(value) }")
            }
        }
    }

    /// The struct of all properties.
    static func properties(of class: Specification.Class) -> SourceFile {
        let name = SwiftName.lowerCamel(`class`.name).uppercasedFirst
        return SourceFile("\(name)Properties.swift") { source in
            source.doc(
                """
                The properties of a message (AMQP 0-9-1, section 1.8). For what is not on the path of messages: it \
                owns what it holds.
                """)
            source.block("public struct \(name)Properties: Equatable, Sendable") { source in
                for property in `class`.properties {
                    source.doc(property.doc)
                    source.line("public var \(property.swiftName): \(property.type.swiftType)?")
                }
                source.blank()
                let parameters = `class`.properties.map { "\($0.swiftLabel): \($0.type.swiftType)? = nil" }
                source.function("public init", parameters) { source in
                    for property in `class`.properties {
                        source.line("self.\(property.swiftLabel) = \(property.swiftName)")
                    }
                }
                source.blank()
                writeDecoder(of: `class`, into: &source)
                source.blank()
                writeEncoder(of: `class`, into: &source)
            }
        }
    }

    private static func writeDecoder(of class: Specification.Class, into source: inout SourceText) {
        source.doc(
            """
            Reads property flags and property list: what stands in a content header behind the body size. Takes \
            exactly what ``PropertiesView`` takes; text that is not UTF-8 is repaired.
            """)
        source.block("public init(decoding bytes: UnsafeRawBufferPointer) throws(WireError)") { source in
            source.line("self.init()")
            source.line("var reader = WireReader(bytes)")
            source.line("let flags = try reader.readPropertyFlags()")
            for property in `class`.properties {
                let condition = "if flags.contains(.\(property.swiftLabel))"
                let isText = property.type == .shortstr
                let expression = isText ? "try reader.readRepairedShortString()" : property.type.readExpression
                source.line("\(condition) { \(property.swiftName) = \(expression) }")
            }
            source.line("guard reader.isAtEnd else { throw .trailingBytes }")
        }
    }

    private static func writeEncoder(of class: Specification.Class, into source: inout SourceText) {
        let name = SwiftName.lowerCamel(`class`.name).uppercasedFirst
        source.doc("Writes property flags and property list.")
        source.block("public func encode(into buffer: inout WireBuffer)") { source in
            source.line("var flags: \(name)PropertyFlags = []")
            for property in `class`.properties {
                source.line("if \(property.swiftName) != nil { flags.insert(.\(property.swiftLabel)) }")
            }
            source.line("buffer.append(flags.rawValue)")
            for property in `class`.properties {
                source.line("if let \(property.swiftName) { \(property.type.writeStatement(property.swiftName)) }")
            }
        }
    }
}
