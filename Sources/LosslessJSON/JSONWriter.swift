extension JSONValue {
    /// On one line, objects' names in order, so that the same value is the same text.
    public var text: String { String(decoding: utf8, as: UTF8.self) }

    /// The same as bytes.
    public var utf8: [UInt8] {
        var writer = JSONWriter(indent: nil)
        writer.write(self, depth: 0)
        return writer.bytes
    }

    /// For people: a line for each element and each name, two spaces in for each level.
    public var prettyText: String {
        var writer = JSONWriter(indent: 2)
        writer.write(self, depth: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

private struct JSONWriter {
    /// Spaces for each level; nil for all on one line.
    let indent: Int?
    private(set) var bytes: [UInt8] = []

    init(indent: Int?) { self.indent = indent }

    mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: write("null")
        case .boolean(let value): write(value ? "true" : "false")
        case .integer(let value): write("\(value)")
        case .unsigned(let value): write("\(value)")
        case .number(let text): write(text.utf8.allSatisfy(Self.isOfNumber) && !text.isEmpty ? text : "null")
        case .string(let text): writeString(text)
        case .array(let elements):
            enclose("[", "]", elements, depth) { writer, element in writer.write(element, depth: depth + 1) }
        case .object(let fields):
            enclose("{", "}", fields.sorted { $0.key < $1.key }, depth) { writer, field in
                writer.writeString(field.key)
                writer.write(writer.indent == nil ? ":" : ": ")
                writer.write(field.value, depth: depth + 1)
            }
        }
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func enclose<Element>(
        _ begin: String, _ end: String, _ elements: [Element], _ depth: Int, _ body: (inout JSONWriter, Element) -> Void
    ) {
        write(begin)
        for (index, element) in elements.enumerated() {
            if index > 0 { write(",") }
            beginLine(depth + 1)
            body(&self, element)
        }
        if !elements.isEmpty { beginLine(depth) }
        write(end)
    }

    private mutating func beginLine(_ depth: Int) {
        guard let indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * depth))
    }

    private mutating func writeString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: write("\\b")
            case 0x09: write("\\t")
            case 0x0a: write("\\n")
            case 0x0c: write("\\f")
            case 0x0d: write("\\r")
            case ..<0x20: write((byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
