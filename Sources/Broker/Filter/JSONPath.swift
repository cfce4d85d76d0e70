/// A path into a JSON body: `$.order.items[0].sku`, `$.items[*].sku`, `$['a name']`. Of JSONPath (RFC 9535) it has names,
/// numbers from 0 and the star, which stands for all elements or members.
struct JSONPath: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case name([UInt8])
        case index(Int)
        case all
    }

    let steps: [Step]

    /// - Throws: `Failure`, with the place in bytes from the text's start.
    init(_ text: [UInt8]) throws(Failure) {
        var reader = StepReader(text: text)
        steps = try reader.read()
    }

    struct Failure: Error {
        let message: String
        let offset: Int
    }

    private struct StepReader {
        let text: [UInt8]
        var offset = 1

        mutating func read() throws(Failure) -> [Step] {
            guard text.first == UInt8(ascii: "$") else { throw Failure(message: "a path begins with $", offset: 0) }
            var steps: [Step] = []
            while offset < text.count {
                guard steps.count < FilterLimits.jsonNestingMax else {
                    throw Failure(message: "a path has at most \(FilterLimits.jsonNestingMax) steps", offset: offset)
                }
                switch text[offset] {
                case UInt8(ascii: "."): steps.append(try readName())
                case UInt8(ascii: "["): steps.append(try readBrackets())
                default: throw Failure(message: "expected .name, [number], ['name'] or [*]", offset: offset)
                }
            }
            return steps
        }

        private mutating func readName() throws(Failure) -> Step {
            let begin = offset + 1
            offset = begin
            while offset < text.count, text[offset] != UInt8(ascii: "."), text[offset] != UInt8(ascii: "[") {
                offset += 1
            }
            guard offset > begin else { throw Failure(message: "expected a name behind the dot", offset: begin) }
            let name = Array(text[begin..<offset])
            return name == [UInt8(ascii: "*")] ? .all : .name(name)
        }

        private mutating func readBrackets() throws(Failure) -> Step {
            let begin = offset + 1
            if begin < text.count, text[begin] == UInt8(ascii: "'") || text[begin] == UInt8(ascii: "\"") {
                guard let end = text[(begin + 1)...].firstIndex(of: text[begin]), end + 1 < text.count,
                    text[end + 1] == UInt8(ascii: "]")
                else { throw Failure(message: "expected a name in quotes and ]", offset: begin) }
                offset = end + 2
                return .name(Array(text[(begin + 1)..<end]))
            }
            guard let end = text[begin...].firstIndex(of: UInt8(ascii: "]")) else {
                throw Failure(message: "the bracket has no end", offset: offset)
            }
            offset = end + 1
            let inside = Array(text[begin..<end])
            if inside == [UInt8(ascii: "*")] { return .all }
            guard let index = inside.withUnsafeBytes({ DecimalText.integer($0) }), index >= 0, index < 1 << 32 else {
                throw Failure(message: "expected a number from 0, a name in quotes or *", offset: begin)
            }
            return .index(Int(index))
        }
    }
}
