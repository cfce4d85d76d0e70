import LoadGenerator

/// Tells on standard error how a run goes: on a terminal in one line that is written over, otherwise in a line each
/// second.
struct BenchProgressLine: Sendable {
    let isTerminal: Bool

    func show(_ progress: LoadProgress, of title: String) {
        let text = title + Self.text(progress)
        if isTerminal {
            // Back to the line's begin, and away with what is left of a longer one.
            StandardStream.error.writeText("\r\(text)\u{1B}[K")
        } else {
            StandardStream.error.writeLine(text)
        }
    }

    /// Makes room for what comes next.
    func clear() {
        if isTerminal { StandardStream.error.writeText("\r\u{1B}[K") }
    }

    static func text(_ progress: LoadProgress) -> String {
        var parts = [
            progress.seconds < 0 ? "warm-up" : "\(BenchNumber.text(progress.seconds, decimals: 0)) s",
            "published \(rate(progress.publishRate))",
        ]
        if progress.confirmRate > 0 || progress.unconfirmed > 0 {
            parts.append("confirmed \(rate(progress.confirmRate)) (\(progress.unconfirmed) outstanding)")
        }
        parts.append("delivered \(rate(progress.deliveryRate))")
        if let latency = progress.latency { parts.append("p99 \(milliseconds(latency.p99))") }
        if let latency = progress.confirmLatency { parts.append("confirm p99 \(milliseconds(latency.p99))") }
        if progress.blocked > 0 { parts.append("blocked \(progress.blocked) times") }
        return parts.joined(separator: "  ")
    }

    private static func rate(_ perSecond: Double) -> String { "\(BenchNumber.text(perSecond, decimals: 0))/s" }

    private static func milliseconds(_ microseconds: Double) -> String {
        "\(BenchNumber.text(microseconds / 1000, decimals: 2)) ms"
    }
}
