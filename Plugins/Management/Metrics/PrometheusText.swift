/// Metrics in Prometheus's text format, version 0.0.4.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge
    }

    private(set) var text = ""

    /// One metric with all its samples; nothing for none of them.
    ///
    /// - Parameters:
    ///   - name: with its unit, and `_total` behind it for a counter.
    ///   - help: one line.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
            text += labels.isEmpty ? "\(name) \(sample.value)\n" : "\(name){\(labels)} \(sample.value)\n"
        }
    }

    struct Sample {
        let labels: [(name: String, value: String)]
        let value: String

        init(_ labels: [(name: String, value: String)], _ value: some BinaryInteger) {
            self.labels = labels
            self.value = "\(value)"
        }

        /// - Parameter milliseconds: given in seconds.
        init(_ labels: [(name: String, value: String)], milliseconds: UInt64) {
            self.labels = labels
            value = "\(Double(milliseconds) / 1000)"
        }
    }

    /// A label's value: backslash, quote and line feed have a backslash in front. By scalars: with an accent behind it, a quote is another
    /// character, and still a quote.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
