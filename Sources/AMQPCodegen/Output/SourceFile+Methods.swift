extension SourceFile {
    /// A struct for each method of the class.
    static func methods(of amqpClass: Specification.Class) -> SourceFile {
        SourceFile("\(SwiftName.lowerCamel(amqpClass.name).uppercasedFirst)Methods.swift") { source in
            for (index, method) in amqpClass.methods.enumerated() {
                if index > 0 { source.blank() }
                write(method, of: amqpClass, into: &source)
            }
        }
    }

    private static func write(
        _ method: Specification.Method, of amqpClass: Specification.Class, into source: inout SourceText
    ) {
        let fields = method.fields.filter { !$0.isReserved }
        source.doc(summary(of: method, in: amqpClass))
        source.block("public struct \(SwiftName.type(of: method, in: amqpClass)): AMQPMethod") { source in
            source.line(
                "@inlinable public static var id: MethodID { .\(SwiftName.enumCase(of: method, in: amqpClass)) }")
            source.blank()
            for field in fields {
                source.doc(field.doc)
                source.line("public var \(field.swiftName): \(field.type.swiftType)")
            }
            if !fields.isEmpty { source.blank() }
            let parameters = fields.map { field in
                let start = "\(field.swiftLabel): \(field.type.swiftType)"
                return field.defaultValue.map { "\(start) = \($0)" } ?? start
            }
            if fields.isEmpty {
                source.line("public init() {}")
            } else {
                source.function("public init", parameters) { source in
                    for field in fields { source.line("self.\(field.swiftLabel) = \(field.swiftName)") }
                }
            }
            source.blank()
            writeDecoder(of: method, into: &source)
            source.blank()
            writeEncoder(of: method, into: &source)
        }
    }

    private static func summary(of method: Specification.Method, in amqpClass: Specification.Class) -> String {
        var sentence = "`\(amqpClass.name).\(method.name)`, "
        switch method.sender {
        case .client: sentence += "sent by the client"
        case .server: sentence += "sent by the server"
        case .both: sentence += "sent by either side"
        }
        let replies = amqpClass.methods.filter { method.replies.contains($0.name) }
        if !replies.isEmpty {
            let names = replies.map { "``\(SwiftName.type(of: $0, in: amqpClass))``" }
            sentence += ", answered by \(names.joined(separator: " or "))"
        }
        if method.hasContent { sentence += ", followed by content" }
        return "\(sentence). \(method.doc)"
    }

    private static func writeDecoder(of method: Specification.Method, into source: inout SourceText) {
        let head = "public init(from reader: inout WireReader) throws(WireError)"
        guard !method.fields.isEmpty else { return source.line("\(head) {}") }
        source.block(head) { source in
            for part in method.wireParts {
                switch part {
                case .field(let field) where field.isReserved:
                    source.line(field.type.skipStatement)
                case .field(let field):
                    source.line("\(field.swiftName) = \(field.type.readExpression)")
                case .bits(let bits, _) where bits.allSatisfy(\.isReserved):
                    source.line("try reader.skip(1)")
                case .bits(let bits, let name):
                    source.line("let \(name) = try reader.readUInt8()")
                    for (position, bit) in bits.enumerated() where !bit.isReserved {
                        source.line("\(bit.swiftName) = \(name) & 1 << \(position) != 0")
                    }
                }
            }
        }
    }

    private static func writeEncoder(of method: Specification.Method, into source: inout SourceText) {
        let head = "public func encode(into buffer: inout WireBuffer)"
        guard !method.fields.isEmpty else { return source.line("\(head) {}") }
        source.block(head) { source in
            for part in method.wireParts {
                switch part {
                case .field(let field) where field.isReserved:
                    source.line(field.type.writeZeroStatement)
                case .field(let field):
                    source.line(field.type.writeStatement(field.swiftName))
                case .bits(let bits, _) where bits.allSatisfy(\.isReserved):
                    source.line("buffer.append(0 as UInt8)")
                case .bits(let bits, let name):
                    source.line("var \(name): UInt8 = 0")
                    for (position, bit) in bits.enumerated() where !bit.isReserved {
                        source.line("if \(bit.swiftName) { \(name) |= 1 << \(position) }")
                    }
                    source.line("buffer.append(\(name))")
                }
            }
        }
    }
}
