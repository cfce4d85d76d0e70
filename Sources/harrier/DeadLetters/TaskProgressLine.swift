import HarrierManagement

/// How far a task has come: on one line of a terminal that is written over, or, where there is no terminal, on a line every ten
/// seconds.
final class TaskProgressLine {
    private static let barWidth = 30
    private static let lineInterval = Duration.seconds(10)

    private let isTerminal: Bool
    private let clock = ContinuousClock()
    private let begin: ContinuousClock.Instant
    private var lastLine: ContinuousClock.Instant

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
        begin = clock.now
        lastLine = begin
    }

    func show(_ task: JSONObject) {
        let now = clock.now
        let text = Self.text(task, seconds: (now - begin) / .seconds(1))
        if isTerminal {
            StandardStream.error.writeText("\r\(text)\u{1B}[K")
        } else if now - lastLine >= Self.lineInterval {
            lastLine = now
            StandardStream.error.writeLine(text)
        }
    }

    func clear() {
        if isTerminal { StandardStream.error.writeText("\r\u{1B}[K") }
    }

    /// - Parameter seconds: since it is looked at.
    static func text(_ task: JSONObject, seconds: Double) -> String {
        let done = (task.integer("moved") ?? 0) + TaskReport.stays(task).reduce(0) { $0 + $1.count }
        let planned = max(1, task.integer("planned_messages") ?? 1)
        let part = min(1, Double(done) / Double(planned))
        let filled = Int(part * Double(barWidth))
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled)
        var text = "[\(bar)] \(Int(part * 100)) %  \(done) of \(planned)"
        if done > 0, done < planned, seconds > 0 {
            let rate = Double(done) / seconds
            text += "  \(Int(rate))/s  \(ListDeadLettersCommand.age(Int(Double(planned - done) / rate * 1000))) left"
        }
        return text
    }
}
