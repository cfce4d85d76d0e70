/// How far a task has come, on one line of a terminal that is written over; nothing where there is no terminal.
struct TaskProgressLine {
    private static let barWidth = 30

    let isTerminal: Bool
    private let clock = ContinuousClock()
    private let begin: ContinuousClock.Instant

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
        begin = clock.now
    }

    func show(_ task: ManagementObject) {
        guard isTerminal else { return }
        let passed = begin.duration(to: clock.now)
        let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
        StandardStream.error.writeText("\r\(Self.text(task, seconds: seconds))\u{1B}[K")
    }

    func clear() {
        if isTerminal { StandardStream.error.writeText("\r\u{1B}[K") }
    }

    /// - Parameter seconds: since it is looked at.
    static func text(_ task: ManagementObject, seconds: Double) -> String {
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
