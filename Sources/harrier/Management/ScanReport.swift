/// How much of a queue was looked at, so that nobody takes a part for the whole.
struct ScanReport {
    let shown: String
    let scanned: Int
    let undecided: Int
    /// Where it goes on; nil if it is complete.
    let cursor: String?

    /// "1 message", "2 messages".
    static func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

    var text: String {
        var text = "\(shown), \(scanned) looked at"
        if undecided > 0 { text += ", \(undecided) too large to decide on" }
        return text + (cursor.map { "; incomplete: go on with --cursor \($0)" } ?? "; complete")
    }
}
