/// Writes JSON piece by piece, in the order in which it is told.
struct JSONWriter {
    private(set) var text = ""
    private var needsComma = false

    mutating func object(_ fields: (inout JSONWriter) -> Void) {
        enclose("{", "}", fields)
    }

    mutating func array(_ elements: (inout JSONWriter) -> Void) {
        enclose("[", "]", elements)
    }

    private mutating func enclose(_ begin: String, _ end: String, _ content: (inout JSONWriter) -> Void) {
        beginValue()
        text += begin
        needsComma = false
        content(&self)
        text += end
        needsComma = true
    }

    /// The name of the field whose value comes next.
    mutating func name(_ name: String) {
        string(name)
        text += ":"
        needsComma = false
    }

    mutating func integer(_ value: some BinaryInteger) {
        beginValue()
        text += "\(value)"
    }

    mutating func boolean(_ value: Bool) {
        beginValue()
        text += value ? "true" : "false"
    }

    mutating func null() {
        beginValue()
        text += "null"
    }

    /// JSON has no infinities, and nothing that is not a number: they become null.
    mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        beginValue()
        text += "\(value)"
    }

    mutating func string(_ value: String) {
        beginValue()
        text += "\""
        for character in value.unicodeScalars {
            switch character {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\0"..<" ":
                let digits = String(character.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(character)
            }
        }
        text += "\""
    }

    private mutating func beginValue() {
        if needsComma { text += "," }
        needsComma = true
    }
}
