/// One step on the way from the root of a file to a value.
enum PathStep {
    case key(String)
    case index(Int)

    /// The way in one text, for example `queues[2].arguments.x-message-ttl`.
    static func render(_ steps: [PathStep]) -> String {
        var path = ""
        for step in steps {
            switch step {
            case .index(let index):
                path += "[\(index)]"
            case .key(let key):
                if !path.isEmpty { path += "." }
                let isPlain = !key.isEmpty && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
                path += isPlain && key.utf8.count <= 64 ? key : quoted(key)
            }
        }
        return path
    }
}
